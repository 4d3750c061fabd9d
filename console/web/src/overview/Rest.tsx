import { Stack, Table, Text, Title } from '@mantine/core'
import { StateBadge } from '../integrations/StateBadge.tsx'
import { Link } from '../ui/Link.tsx'
import { Empty } from '../ui/state.tsx'
import { Time } from '../ui/Time.tsx'
import { deliveryStates as states, grouped } from '../ui/words.ts'
import { Fact, Numbers } from './Decided.tsx'
import { ages, share, upToMost } from './numbers.ts'
import type { Overview, Problem, Requests } from './operations.ts'
import classes from './overview.module.css'

/** What waits for a decision, by how long it has: each number leads to those requests. */
export function Waiting({ pending }: { pending: NonNullable<Overview['pending']> }) {
  return (
    <section className={`card ${classes['part']} ${classes['wide']}`} aria-labelledby="waiting">
      <Stack gap="md">
        <Title order={2} id="waiting">
          Waiting for a decision
        </Title>
        <ul className={classes['ages']}>
          {pending.map((a, i) => (
            <li key={ages[i]}>
              <Link to="/requests" search={{ ...(a.from ? { since: a.from } : {}), ...(a.before ? { until: a.before } : {}) }} className={classes['age']} underline="never">
                <span className={classes['number']}>{upToMost(a.count)}</span>
                <span className={classes['label']}>{ages[i]}</span>
              </Link>
            </li>
          ))}
        </ul>
      </Stack>
    </section>
  )
}

/** The requests that wait and that no channel heard of, with what mends that. */
export function Unheard({ problems }: { problems: readonly Problem[] }) {
  const unheard = problems.filter((p) => p.kind === 'REQUEST_UNHEARD')
  return (
    <section className={`card ${classes['part']} ${classes['wide']}`} aria-labelledby="unheard">
      <Stack gap="md">
        <Title order={2} id="unheard">
          Requests nobody heard of
        </Title>
        {unheard.length === 0 ? (
          <Text c="dimmed">A channel is told of each request that waits.</Text>
        ) : (
          <ul className={classes['unheard']}>
            {unheard.map((p) => (
              <li key={p.key}>
                <Text size="sm">
                  <bdi>{p.text}</bdi>
                  {p.since && (
                    <>
                      {' '}
                      <Time at={p.since} />
                    </>
                  )}
                </Text>
                <Text size="sm" c="dimmed">
                  {p.mend}{' '}
                  <Link underline="always" to="/requests/$id" params={{ id: p.key.slice(p.key.indexOf('/') + 1, p.key.lastIndexOf('@')) }}>
                    See the request
                  </Link>
                  {', '}
                  <Link underline="always" to="/integrations" search={{ tab: 'active' }}>
                    see the integrations
                  </Link>
                  .
                </Text>
              </li>
            ))}
          </ul>
        )}
      </Stack>
    </section>
  )
}

/** What is asked for most. */
export function Busiest({ requests }: { requests: Requests }) {
  const list = requests.busiestResources
  const most = list[0]?.requests ?? 1
  return (
    <section className={`card ${classes['part']}`} aria-labelledby="busiest">
      <Stack gap="md">
        <Title order={2} id="busiest">
          Busiest resources
        </Title>
        {list.length === 0 ? (
          <Empty>No request was made in these days.</Empty>
        ) : (
          <Numbers label="Busiest resources, as a table">
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">Resource</Table.Th>
                <Table.Th scope="col" className={classes['figure']}>
                  Requests
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {list.map((b) => (
                <Table.Tr key={b.resourceId}>
                  <Table.Th scope="row" fw={400} className={classes['long']}>
                    <Link to="/requests" search={{ tab: 'history', resource: b.resourceId }}>
                      <bdi>{b.name}</bdi>
                    </Link>
                    <Text span size="sm" c="dimmed">
                      {' '}
                      <bdi>{b.resource ? (b.resource.account?.name ?? b.resource.gateway?.name ?? '') : 'deleted'}</bdi>
                    </Text>
                    <svg width="100%" height={6} aria-hidden focusable="false" display="block">
                      <rect width={`${(100 * b.requests) / most}%`} height={6} rx={3} fill="var(--accent)" />
                    </svg>
                  </Table.Th>
                  <Table.Td className={classes['figure']}>{grouped(b.requests)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Numbers>
        )}
      </Stack>
    </section>
  )
}

/** Whether notifications arrive, in all and at each integration. */
export function Deliveries({ deliveries }: { deliveries: NonNullable<Overview['deliveries']> }) {
  const { delivered, dead, waiting, integrations } = deliveries
  return (
    <section className={`card ${classes['part']}`} aria-labelledby="deliveries">
      <Stack gap="md">
        <Title order={2} id="deliveries">
          Deliveries
        </Title>
        <dl className={classes['facts']}>
          <Fact label="Arrived" value={share(delivered, dead) ?? 'none sent'} />
          <Fact label={states.DELIVERED.word} value={upToMost(delivered)} />
          <Fact label={states.PENDING.word} value={upToMost(waiting)} />
          <Fact label={states.DEAD.word} value={upToMost(dead)} />
        </dl>
        {integrations.length === 0 ? (
          <Empty>There is no integration yet: no channel hears of requests.</Empty>
        ) : (
          <Numbers label="Deliveries by integration">
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">Integration</Table.Th>
                {[states.DELIVERED, states.PENDING, states.DEAD].map(({ word: h }) => (
                  <Table.Th key={h} scope="col" className={classes['figure']}>
                    {h}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {integrations.map((i) => (
                <Table.Tr key={i.integration.id}>
                  <Table.Th scope="row" fw={400} className={classes['long']}>
                    <Link to="/integrations/$id" params={{ id: i.integration.id }} search={{ part: 'deliveries' }}>
                      <bdi>{i.integration.name}</bdi>
                    </Link>{' '}
                    {i.integration.status !== 'ENABLED' && <StateBadge of={i.integration.status} />}
                  </Table.Th>
                  <Table.Td className={classes['figure']}>{upToMost(i.delivered)}</Table.Td>
                  <Table.Td className={classes['figure']}>
                    <Log of={i.integration} status="PENDING" n={i.waiting} />
                  </Table.Td>
                  <Table.Td className={classes['figure']}>
                    <Log of={i.integration} status="DEAD" n={i.dead} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Numbers>
        )}
        <Text size="xs" c="dimmed">
          What waits does so now, whenever it was owed; all else is of what was owed in these days.
        </Text>
      </Stack>
    </section>
  )
}

function Log({ of, status, n }: { of: { id: string; name: string }; status: 'PENDING' | 'DEAD'; n: number }) {
  if (n === 0) return '0'
  return (
    <Link to="/integrations/$id" params={{ id: of.id }} search={{ part: 'deliveries', status }} aria-label={`${of.name}, ${states[status].word}: ${upToMost(n)}`}>
      {upToMost(n)}
    </Link>
  )
}
