import { Badge, Button, Group, NumberInput, Stack, Text, Title } from '@mantine/core'
import { useCallback, useEffect, useState } from 'react'
import { keepDraft, readDraft } from '../api/draft.ts'
import type { Trouble } from '../api/trouble.ts'
import { through, whoOf } from '../audit/entries.ts'
import { Link } from '../ui/Link.tsx'
import { usePaged } from '../ui/paged.ts'
import { ShowMore } from '../ui/ShowMore.tsx'
import { Empty, Failure, Loading } from '../ui/state.tsx'
import { Time } from '../ui/Time.tsx'
import { count } from '../ui/words.ts'
import { useViewer } from '../viewer.ts'
import { readOldPolicies } from './operations.ts'
import classes from './policies.module.css'
import type { PoliciesSearch } from './search.ts'
import { readVersion, readVersions, type Change, type Compared, type VersionInList } from './versions.ts'

type To = (next: PoliciesSearch, replace?: boolean) => void

/** All versions of the policies, newest first, or one of them and what differs from another. */
export function Versions({ search, to }: { search: PoliciesSearch; to: To }) {
  return search.version === undefined ? <List /> : <One key={search.version} version={search.version} other={search.with} to={to} />
}

function List() {
  const list = usePaged('', readVersions)
  const { rows, wrong } = list
  return (
    <Stack gap="md">
      {wrong && <Failure what="The versions could not be read" trouble={wrong} again={list.retry} />}
      {!rows && !wrong && <Loading rows={4} height={72} />}
      {rows && (
        <section className="card" aria-label="Versions" aria-busy={list.reading}>
          {rows.length === 0 ? (
            <Empty>Nobody has changed any policy yet.</Empty>
          ) : (
            <ul className={classes['list']}>
              {rows.map((v, i) => (
                <li key={v.id} className={classes['rule']}>
                  <Row v={v} inForce={i === 0} />
                </li>
              ))}
            </ul>
          )}
          <ShowMore of={list} />
        </section>
      )}
    </Stack>
  )
}

function Row({ v, inForce }: { v: VersionInList; inForce: boolean }) {
  return (
    <Stack gap={4}>
      <Group gap="sm">
        <Link to="/policies" search={{ tab: 'versions', version: v.version }} fw={600}>
          Version {v.version}
        </Link>
        {inForce && <InForceBadge />}
      </Group>
      <Made v={v} />
      <ul className={classes['changes']}>
        {v.changes.map((c, i) => (
          <li key={i}>{c.words}</li>
        ))}
        {v.changeCount > v.changes.length && <li>And {count(v.changeCount - v.changes.length, 'change')} more.</li>}
        {v.changeCount === 0 && <li>Nothing that differs.</li>}
      </ul>
    </Stack>
  )
}

const InForceBadge = () => (
  <Badge tt="none" color="good" variant="light">
    In force
  </Badge>
)

/** Who made a version, when, and through what. */
function Made({ v }: { v: Pick<VersionInList, 'at' | 'actor'> }) {
  const way = through(v)
  return (
    <Text c="dimmed">
      <bdi>{whoOf(v)}</bdi>
      {way && ` ${way}`}, <Time at={v.at} />
    </Text>
  )
}

function One({ version, other, to }: { version: number; other: number | undefined; to: To }) {
  const [is, setIs] = useState<{ compared: Compared | null; inForce: number } | null>(null)
  const [wrong, setWrong] = useState<Trouble | null>(null)
  const look = useCallback(async () => {
    setWrong(null)
    const read = await readVersion(version, other)
    if ('kind' in read) setWrong(read)
    else setIs(read)
  }, [version, other])
  useEffect(() => void look(), [look])
  const back = (
    <Link to="/policies" search={{ tab: 'versions' }}>
      All versions
    </Link>
  )
  if (!is)
    return (
      <Stack gap="md">
        {back}
        {wrong ? <Failure what="This version could not be read" trouble={wrong} again={() => void look()} /> : <Loading rows={4} />}
      </Stack>
    )
  const v = is.compared
  if (!v)
    return (
      <Stack gap="md">
        {back}
        <Text>There is no version {version} of the policies.</Text>
      </Stack>
    )
  return (
    <Stack gap="md">
      {back}
      {wrong && <Failure what="These versions could not be compared" trouble={wrong} again={() => void look()} />}
      <section className="card" aria-labelledby="version">
        <Stack p="md" gap="sm">
          <Group gap="sm">
            <Title order={2} id="version">
              Version {v.version}
            </Title>
            {v.version === is.inForce && <InForceBadge />}
          </Group>
          <Made v={v} />
          <Compare version={v.version} other={v.comparedWith} most={is.inForce} onChange={(n) => to({ tab: 'versions', version, ...(n === version - 1 ? {} : { with: n }) }, true)} />
          {v.version !== is.inForce && <Restore version={v.version} inForce={is.inForce} onDone={() => to({})} />}
        </Stack>
        <div role="status">
          <Text px="md" pb="sm" fw={600}>
            {v.changeCount === 0 ? 'Nothing differs.' : `${count(v.changeCount, 'change')} from ${versionWords(v.comparedWith)} to version ${v.version}`}
          </Text>
        </div>
        <ul className={classes['list']}>
          {v.changes.map((c, i) => (
            <li key={i} className={classes['rule']}>
              <ChangeShown change={c} />
            </li>
          ))}
        </ul>
        {v.changeCount > v.changes.length && (
          <Text p="md" c="dimmed">
            And {count(v.changeCount - v.changes.length, 'change')} more: compare with a version that is nearer.
          </Text>
        )}
      </section>
    </Stack>
  )
}

const versionWords = (n: number): string => (n === 0 ? 'what held before anybody changed any' : `version ${n}`)

/** Chooses with which version it is compared. */
function Compare({ version, other, most, onChange }: { version: number; other: number; most: number; onChange: (n: number) => void }) {
  const [typed, setTyped] = useState<number | string>(other)
  useEffect(() => setTyped(other), [other])
  const wrong = typeof typed !== 'number' || !Number.isInteger(typed) || typed < 0 || typed > most || typed === version
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault()
        if (!wrong) onChange(typed)
      }}
    >
      <Group gap="sm" align="flex-end">
        <NumberInput w={208} label="Compared with version" min={0} max={most} allowDecimal={false} value={typed} onChange={setTyped} />
        <Button type="submit" variant="default" disabled={wrong || typed === other}>
          Compare
        </Button>
      </Group>
    </form>
  )
}

/** Begins a draft with what a version said, to be saved in the place of what is in force. */
function Restore({ version, inForce, onDone }: { version: number; inForce: number; onDone: () => void }) {
  const viewer = useViewer()
  const [has] = useState(() => readDraft<{ draft: unknown }>(viewer.id, 'policies')?.draft != null)
  const [busy, setBusy] = useState(false)
  const [wrong, setWrong] = useState<Trouble | null>(null)
  async function begin() {
    setBusy(true)
    const is = await readOldPolicies(version)
    setBusy(false)
    if ('kind' in is) {
      setWrong(is)
      return
    }
    keepDraft(viewer.id, 'policies', { draft: { ...is, version: inForce } })
    onDone()
  }
  return (
    <div>
      <Button variant="default" loading={busy} onClick={() => void begin()}>
        {has ? 'Replace your draft by this version' : 'Start a draft from this version'}
      </Button>
      <Text size="sm" c="dimmed" mt={4}>
        Nothing is in force until you save it{has ? '; what you have in your draft now is lost' : ''}.
      </Text>
      {wrong && <Failure what="This version could not be read" trouble={wrong} />}
    </div>
  )
}

/** What was done with one policy or guardrail: a sentence, and each part before and after. */
export function ChangeShown({ change: c }: { change: Change }) {
  const edited = c.kind === 'EDITED'
  const title = edited ? `Edited the ${c.part === 'POLICY' ? 'policy' : 'guardrail'} ${c.name}` : c.words
  return (
    <Stack gap="xs">
      <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
        {title}
      </Text>
      {c.edits.length > 0 && (
        <Text component="dl" className={classes['edits']}>
          {c.edits.map((e) => (
            <div key={e.field}>
              <dt>{e.label}</dt>
              {e.before !== null && <dd>{edited ? <><span className={classes['when']}>Was:</span> {e.before}</> : e.before}</dd>}
              {e.after !== null && <dd>{edited ? <><span className={classes['when']}>Now:</span> {e.after}</> : e.after}</dd>}
            </div>
          ))}
        </Text>
      )}
    </Stack>
  )
}
