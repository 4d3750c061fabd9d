import { Badge, Group, Text, Title } from '@mantine/core'
import { Link } from '../ui/Link.tsx'
import { usePaged } from '../ui/paged.ts'
import { ShowMore } from '../ui/ShowMore.tsx'
import { Empty, Failure, Loading } from '../ui/state.tsx'
import { Time } from '../ui/Time.tsx'
import { count, grouped, type Tone } from '../ui/words.ts'
import classes from './catalog.module.css'
import { readImports, type ImportShown } from './importing.ts'

/** How far an import is, in a word. */
const states: Record<ImportShown['status'], { word: string; tone: Tone }> = {
  CHECKED: { word: 'Checked', tone: 'over' },
  RUNNING: { word: 'Running', tone: 'wait' },
  DONE: { word: 'Done', tone: 'good' },
  STOPPED: { word: 'Stopped', tone: 'bad' },
}

/** The imports that were started, the newest first: each leads to what came of it. */
export function PastImports() {
  const list = usePaged('imports', readImports)
  return (
    <section className="card" aria-labelledby="past" aria-busy={list.reading}>
      <Title order={2} id="past" p="md">
        Imports so far
      </Title>
      {list.wrong && <Failure what="The imports could not be read" trouble={list.wrong} again={list.retry} />}
      {!list.rows && !list.wrong && <Loading inset rows={2} height={56} />}
      {list.rows?.length === 0 && <Empty>Nothing was imported yet.</Empty>}
      <ul className={classes['imports']} aria-label="Imports so far">
        {list.rows?.map((i) => (
          <li key={i.id} className={classes['import']}>
            <div style={{ minWidth: 0, flex: '1 1 240px' }}>
              <Link to="/catalog/import" search={{ import: i.id }} fw={600} c="inherit" style={{ overflowWrap: 'anywhere' }}>
                <bdi>{i.fileName ?? 'What was pasted'}</bdi>
              </Link>
              <Text size="sm" c="dimmed">
                <bdi>{i.actor.name}</bdi>, <Time at={i.startedAt ?? i.checkedAt} />
              </Text>
            </div>
            <Group gap="sm" wrap="nowrap">
              <Text size="sm" span>
                {came(i)}
              </Text>
              <Badge variant="light" color={states[i.status].tone} tt="none" size="lg" radius="xl" fw={600} fz="xs" style={{ flex: 'none' }}>
                {states[i.status].word}
              </Badge>
            </Group>
          </li>
        ))}
      </ul>
      <ShowMore of={list} />
    </section>
  )
}

/** "4,310 rows imported, 12 refused". */
const came = (i: ImportShown): string => `${count(i.appliedCount, 'row')} imported${i.refusedCount > 0 ? `, ${grouped(i.refusedCount)} refused` : ''}`
