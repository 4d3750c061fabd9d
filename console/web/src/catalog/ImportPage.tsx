import { Alert, Button, Group, Progress, Stack, Stepper, Text, Title } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { useChange } from '../api/change.ts'
import { useConnection } from '../api/connection.ts'
import { cantBeReached, type Trouble } from '../api/trouble.ts'
import { useStands } from '../shell/trail.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { AdministratorsOnly } from '../ui/AdministratorsOnly.tsx'
import { ButtonLink } from '../ui/Link.tsx'
import { Standing } from '../ui/Standing.tsx'
import { Failure, Loading } from '../ui/state.tsx'
import { Time } from '../ui/Time.tsx'
import { useTitle } from '../ui/title.ts'
import { count, grouped } from '../ui/words.ts'
import { useViewer } from '../viewer.ts'
import classes from './catalog.module.css'
import { FileStep } from './FileStep.tsx'
import { readImport, StartImport, StopImport, type ImportShown } from './importing.ts'
import { PastImports } from './PastImports.tsx'
import { RowsTable } from './RowsTable.tsx'
import { itemErrors } from './rules.ts'
import { readImportSearch, type ImportSearch } from './search.ts'

const route = getRouteApi('/catalog/import')

/** Brings a file into the catalog in three steps; the address says which file and how far. */
export function ImportPage() {
  return (
    <AdministratorsOnly what="Import a catalog">
      <Page />
    </AdministratorsOnly>
  )
}

function Page() {
  const raw = route.useSearch()
  const search = useMemo(() => readImportSearch(raw), [raw])
  const go = route.useNavigate()
  const to = (next: ImportSearch, replace = false) => void go({ search: next, replace, resetScroll: false })
  const { live } = useConnection()
  useTitle('Import a catalog')
  useStands({ above: [{ label: 'Catalog', to: '/catalog' }], here: 'Import' })
  const { found, wrong, look, set } = useImport(search.import)
  const step = search.import === undefined ? 0 : found && found.status !== 'CHECKED' ? (found.status === 'RUNNING' ? 2 : 3) : 1
  return (
    <Stack gap="lg" maw={960}>
      <Title order={1}>Import a catalog</Title>
      <Stepper active={step} allowNextStepsSelect={false} size="sm" iconSize={32} aria-label="Steps of the import">
        <Stepper.Step label="File" allowStepClick={false} />
        <Stepper.Step label="Check" allowStepClick={false} />
        <Stepper.Step label="Import" allowStepClick={false} loading={found?.status === 'RUNNING'} />
      </Stepper>
      {search.import === undefined ? (
        <>
          <FileStep live={live} onChecked={(id) => to({ import: id })} />
          <PastImports />
        </>
      ) : found === undefined ? (
        wrong ? (
          <Failure what="The import could not be read" trouble={wrong} again={() => void look()} />
        ) : (
          <Loading rows={4} />
        )
      ) : found === null ? (
        <Stack gap="sm" align="flex-start">
          <Text>What was checked is kept for a day, and this is not there any more. Check the file again.</Text>
          <Button onClick={() => to({})}>Choose a file</Button>
        </Stack>
      ) : (
        <>
          {wrong && <Failure what="It could not be read how far the import is" trouble={wrong} again={() => void look()} />}
          {found.status === 'CHECKED' ? <CheckStep found={found} search={search} to={to} set={set} /> : <RunStep found={found} set={set} to={to} />}
        </>
      )}
    </Stack>
  )
}

/** Reads an import, again and again while it runs; null where there is none. */
function useImport(id: string | undefined) {
  const [found, set] = useState<ImportShown | null | undefined>(undefined)
  const [wrong, setWrong] = useState<Trouble | null>(null)
  const look = useCallback(async () => {
    if (id === undefined) return
    const is = await readImport(id)
    if (is && 'kind' in is) setWrong(is)
    else {
      setWrong(null)
      set(is)
    }
  }, [id])
  useEffect(() => {
    set(undefined)
    setWrong(null)
    void look()
  }, [look])
  const running = found?.status === 'RUNNING'
  useEffect(() => {
    if (!running) return
    const timer = setInterval(() => void look(), 1000)
    return () => clearInterval(timer)
  }, [running, look])
  return { found: found?.id === id || found === null ? found : undefined, wrong, look, set }
}

type StepProps = { found: ImportShown; set: (is: ImportShown) => void; to: (next: ImportSearch, replace?: boolean) => void }

/** The second step: what the file would do, row by row, and what is wrong in it. */
function CheckStep({ found, search, set, to }: StepProps & { search: ImportSearch }) {
  const viewer = useViewer()
  const { live } = useConnection()
  const { counts: c } = found
  const total = c.new + c.changed
  const change = useChange(StartImport, {
    holds: async () => {
      const is = await readImport(found.id)
      if (!is || 'kind' in is) return undefined
      if (is.status !== 'CHECKED') set(is)
      return is.status !== 'CHECKED'
    },
    notDone: 'This did not arrive, and nothing was written. Try again.',
    at: itemErrors,
  })
  const off =
    c.wrong > 0
      ? `${count(c.wrong, 'row')} ${c.wrong === 1 ? 'is' : 'are'} wrong: mend ${c.wrong === 1 ? 'it' : 'them'} in the file, and check it again.`
      : total === 0
        ? 'The catalog has all of it already.'
        : found.actor.userId !== viewer.id
          ? `${found.actor.name} checked this file: check it yourself to import it.`
          : live
            ? null
            : cantBeReached
  const start = async () => {
    const outcome = await change.send({ importId: found.id })
    if (outcome?.is === 'done' && outcome.result?.catalogImport) set(outcome.result.catalogImport)
  }
  const which = search.rows ?? (c.wrong > 0 ? 'wrong' : 'changed')
  return (
    <Stack gap="lg">
      <section className="card" aria-labelledby="found">
        <Stack p="md" gap="md">
          <Title order={2} id="found">
            <bdi>{found.fileName ?? 'What was pasted'}</bdi>
          </Title>
          <div className={classes['numbers']}>
            <Figure n={c.new} of="new" />
            <Figure n={c.changed} of="changed" />
            <Figure n={c.same} of="the same" />
            <Figure n={c.wrong} of="wrong" bad={c.wrong > 0} />
          </div>
          <Text size="sm" c="dimmed">
            Checked <Time at={found.checkedAt} />. Nothing is written yet. What is in the catalog and not in the file stays.
          </Text>
          <Standing of={change} />
          <Group gap="sm">
            <Button variant="default" onClick={() => to({})}>
              Go back
            </Button>
            <ActButton busy={change.busy} off={off !== null} onClick={() => void start()} aria-describedby={off ? 'import-off' : undefined}>
              Import {grouped(total)}
            </ActButton>
            {off && (
              <Text size="sm" id="import-off">
                {off}
              </Text>
            )}
          </Group>
        </Stack>
      </section>
      {(c.wrong > 0 || total > 0) && (
        <>
          <Group gap="sm" role="group" aria-label="Which rows">
            {c.wrong > 0 && (
              <Button variant={which === 'wrong' ? 'light' : 'subtle'} aria-pressed={which === 'wrong'} onClick={() => to({ ...search, rows: 'wrong' }, true)}>
                Wrong rows
              </Button>
            )}
            {total > 0 && (
              <Button variant={which === 'changed' ? 'light' : 'subtle'} aria-pressed={which === 'changed'} onClick={() => to({ ...search, rows: 'changed' }, true)}>
                What changes
              </Button>
            )}
          </Group>
          <RowsTable key={which} id={found.id} which={which} />
        </>
      )}
    </Stack>
  )
}

const Figure = ({ n, of, bad = false }: { n: number; of: string; bad?: boolean }) => (
  <div>
    <Text component="div" className={classes['number']} c={bad ? 'bad' : undefined}>
      {grouped(n)}
    </Text>
    <Text size="sm" c="dimmed">
      {of}
    </Text>
  </div>
)

/** The third step: how far it is, and what came of it. */
function RunStep({ found, set, to }: StepProps) {
  const { live } = useConnection()
  const total = found.counts.new + found.counts.changed
  const done = found.appliedCount + found.refusedCount
  const running = found.status === 'RUNNING'
  const change = useChange(StopImport, {
    holds: async () => {
      const is = await readImport(found.id)
      return !is || 'kind' in is ? undefined : is.status !== 'RUNNING'
    },
    notDone: 'This did not arrive, and it goes on. Try again.',
    at: itemErrors,
  })
  const stop = async () => {
    const outcome = await change.send({ importId: found.id })
    if (outcome?.is === 'done' && outcome.result?.catalogImport) set(outcome.result.catalogImport)
  }
  return (
    <Stack gap="lg">
      <section className="card" aria-labelledby="run">
        <Stack p="md" gap="md">
          <Title order={2} id="run">
            <bdi>{found.fileName ?? 'What was pasted'}</bdi>
          </Title>
          <Progress value={total === 0 ? 100 : (done / total) * 100} aria-label="How far the import is" />
          <Text role="status">
            {running ? `${grouped(done)} of ${count(total, 'row')}` : found.status === 'DONE' ? `Done: ${count(found.appliedCount, 'row')} imported, ${grouped(found.refusedCount)} refused.` : `Stopped: ${count(found.appliedCount, 'row')} imported, ${grouped(found.refusedCount)} refused, ${grouped(total - done)} left.`}
          </Text>
          {found.stopReason && <Alert color="wait" variant="light">{found.stopReason}</Alert>}
          {running && (
            <Text size="sm" c="dimmed">
              You can leave this page: the import goes on by itself, and this address shows it again.
            </Text>
          )}
          <Standing of={change} />
          <Group gap="sm">
            {running ? (
              <ActButton variant="default" busy={change.busy} off={!live} onClick={() => void stop()}>
                Stop
              </ActButton>
            ) : (
              <>
                <ButtonLink to="/catalog">To the catalog</ButtonLink>
                <Button variant="default" onClick={() => to({})}>
                  Import another file
                </Button>
              </>
            )}
          </Group>
        </Stack>
      </section>
      {found.refusedCount > 0 && found.rowsKept && !running && <RowsTable id={found.id} which="refused" />}
    </Stack>
  )
}
