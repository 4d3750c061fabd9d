import { Stack, Table, Text, Title } from '@mantine/core'
import { seconds } from '../ui/duration.ts'
import { Link } from '../ui/Link.tsx'
import { grouped } from '../ui/words.ts'
import type { AuditSearch } from '../audit/search.ts'
import { some } from '../ui/search.ts'
import { Columns, Legend, type Kind } from './Columns.tsx'
import { dayWords, tookWords } from './numbers.ts'
import type { Requests } from './operations.ts'
import classes from './overview.module.css'

const outcomes: readonly Kind[] = [
  { label: 'Approved', fill: 'full', tone: 'var(--good)' },
  { label: 'Denied', fill: 'striped', tone: 'var(--bad)' },
  { label: 'Timed out', fill: 'hollow', tone: 'var(--over)' },
]

const short = (date: string) => dayWords(date).split(', ')[1] ?? ''

/** A table that scrolls in itself where it is long, with the keys too. */
export function Numbers({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div className={classes['table']} role="region" aria-label={label} tabIndex={0}>
      <Table verticalSpacing={6} horizontalSpacing="xs">
        {children}
      </Table>
    </div>
  )
}

/** What was decided on each day. */
export function Decided({ requests }: { requests: Requests }) {
  const newest = requests.days.toReversed()
  const days = { from: requests.days[0]?.date, to: newest[0]?.date }
  const counted: [label: string, n: number, type: string][] = [
    ['Requests', requests.made, 'CREATED'],
    ['Approved', requests.approved, 'APPROVED'],
    ['Denied', requests.denied, 'DENIED'],
    ['Timed out', requests.timedOut, 'TIMED_OUT'],
  ]
  return (
    <section className={`card ${classes['part']}`} aria-labelledby="decided">
      <Stack gap="md">
        <Title order={2} id="decided">
          Decisions a day
        </Title>
        <dl className={classes['facts']}>
          {counted.map(([label, n, type]) => (
            <Fact
              key={label}
              label={label}
              value={
                <Link to="/audit" search={some<AuditSearch>({ kind: 'ACCESS_REQUEST', type, ...days })} aria-label={`${label}: ${grouped(n)}, in Audit`}>
                  {grouped(n)}
                </Link>
              }
            />
          ))}
        </dl>
        <Legend kinds={outcomes} />
        <Columns kinds={outcomes} columns={requests.days.map((d) => ({ label: short(d.date), values: [d.approved, d.denied, d.timedOut] }))} />
        <Numbers label="Decisions a day, as a table">
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">Day</Table.Th>
              {['Requests', 'Approved', 'Denied', 'Timed out'].map((h) => (
                <Table.Th key={h} scope="col" className={classes['figure']}>
                  {h}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {newest.map((d) => (
              <Table.Tr key={d.date}>
                <Table.Th scope="row" fw={400}>
                  <Link to="/audit" search={{ kind: 'ACCESS_REQUEST', from: d.date, to: d.date }}>
                    {dayWords(d.date)}
                  </Link>
                </Table.Th>
                {[d.made, d.approved, d.denied, d.timedOut].map((n, i) => (
                  <Table.Td key={i} className={classes['figure']}>
                    {grouped(n)}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Numbers>
      </Stack>
    </section>
  )
}

const median: readonly Kind[] = [{ label: 'Median of the day, in minutes', fill: 'full', tone: 'var(--accent)' }]

/** How long decisions took. */
export function Took({ requests }: { requests: Requests }) {
  const minutes = (d: string | null) => (d === null ? 0 : Math.round(seconds(d) / 60))
  return (
    <section className={`card ${classes['part']}`} aria-labelledby="took">
      <Stack gap="md">
        <Title order={2} id="took">
          Time to decide
        </Title>
        <dl className={classes['facts']}>
          <Fact label="Half are decided within (median)" value={tookWords(requests.medianToDecide)} />
          <Fact label="Nine of ten within (p90)" value={tookWords(requests.p90ToDecide)} />
        </dl>
        <Legend kinds={median} />
        <Columns kinds={median} columns={requests.days.map((d) => ({ label: short(d.date), values: [minutes(d.medianToDecide)] }))} />
        <Numbers label="Time to decide, as a table">
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">Day</Table.Th>
              {['Decisions', 'Median', 'p90'].map((h) => (
                <Table.Th key={h} scope="col" className={classes['figure']}>
                  {h}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {requests.days.toReversed().map((d) => (
              <Table.Tr key={d.date}>
                <Table.Th scope="row" fw={400}>
                  {dayWords(d.date)}
                </Table.Th>
                {[grouped(d.approved + d.denied), tookWords(d.medianToDecide), tookWords(d.p90ToDecide)].map((text, i) => (
                  <Table.Td key={i} className={classes['figure']}>
                    {text}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Numbers>
        <Text size="xs" c="dimmed">
          From when a request was made to its approval or denial, to 5 %. Extensions are not counted.
        </Text>
      </Stack>
    </section>
  )
}

export function Fact({ label, value }: { label: string; value: React.ReactNode }) {
  return (
    <div>
      <dt className={classes['label']}>{label}</dt>
      <dd className={classes['number']}>{value}</dd>
    </div>
  )
}
