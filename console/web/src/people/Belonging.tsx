import { Badge, Group, Stack, Text, Title } from '@mantine/core'
import { sourceWords } from '../groups/rules.ts'
import { Link } from '../ui/Link.tsx'
import { Left, Time } from '../ui/Time.tsx'
import { byWhom } from '../ui/words.ts'
import type { PersonPlace } from './operations.ts'
import classes from './people.module.css'

type Membership = NonNullable<PersonPlace['groups']>['nodes'][number]

/** The groups that somebody is in: since when, by whom, and whether that still counts. */
export function Groups({ of }: { of: PersonPlace['groups'] }) {
  const list = of?.nodes ?? []
  return (
    <section className="card" aria-labelledby="groups">
      <Title p="md" order={2} id="groups">
        Groups
      </Title>
      {list.length === 0 ? (
        <Text px="md" pb="md" c="dimmed">
          They are in no group.
        </Text>
      ) : (
        <ul className={classes['list']}>
          {list.map((m) => (
            <li key={m.group.id} className={classes['row']}>
              <div className={classes['main']}>
                <Link to="/groups/$id" params={{ id: m.group.id }} c="inherit" fw={600} style={{ overflowWrap: 'anywhere' }}>
                  <bdi>{m.group.name}</bdi>
                </Link>
                <Text size="sm" c="dimmed">
                  {sourceWords[m.source]} · since <Time at={m.since} /> by <bdi>{byWhom(m.by)}</bdi>
                </Text>
              </div>
              <Counting m={m} />
            </li>
          ))}
        </ul>
      )}
      {of?.pageInfo.hasNextPage && (
        <Text p="md" size="sm" c="dimmed">
          Only the first hundred are shown.
        </Text>
      )}
    </section>
  )
}

function Counting({ m }: { m: Membership }) {
  if (!m.counts) {
    return (
      <Badge variant="light" color="over" tt="none" radius="xl">
        Counts again when they sign in
      </Badge>
    )
  }
  if (m.countsUntil === null) return null
  return (
    <Text size="sm" c="dimmed">
      counts, <Left until={m.countsUntil} />
    </Text>
  )
}

/** Where somebody comes from, who their manager is, and which other accounts are theirs. */
export function Place({ person: p }: { person: PersonPlace }) {
  const others = p.otherAccounts ?? []
  return (
    <section className="card" aria-labelledby="place">
      <Stack p="md" gap="sm">
        <Title order={2} id="place">
          Where they belong
        </Title>
        <dl className={classes['facts']}>
          <dt>Kept</dt>
          <dd>{p.directory ? 'by the directory' : p.handedOver ? 'here, and handed over: the directory takes them over at its next attempt' : 'here'}</dd>
          <dt>Manager</dt>
          <dd>
            {p.manager ? (
              <>
                <Link to="/people/$id" params={{ id: p.manager.userId }}>
                  <bdi>{p.manager.name}</bdi>
                </Link>
                {p.manager.disabled ? ', who can’t sign in any more' : ''}
                {p.manager.counts === false && ', who is or may be the same human, and so counts as nobody'}
                <Text size="sm" c="dimmed">
                  since <Time at={p.manager.since} /> by <bdi>{byWhom(p.manager.by)}</bdi>
                </Text>
              </>
            ) : (
              'nobody'
            )}
          </dd>
          <dt>Other accounts</dt>
          <dd>
            {others.length === 0
              ? 'none'
              : others.map((o) => (
                  <div key={o.id}>
                    <Link to="/people/$id" params={{ id: o.id }}>
                      <bdi>{o.name}</bdi>
                    </Link>{' '}
                    <Text span size="sm" c="dimmed">
                      <bdi>{o.email}</bdi>
                      {o.disabled ? ', disabled' : ''}
                    </Text>
                  </div>
                ))}
            {p.hasManyAccounts && (
              <Text size="sm" c="bad">
                There are more than can be followed. Nobody could tell whether they decide for themselves, so they decide nothing: separate those that are somebody else’s, or have the directory number each human.
              </Text>
            )}
            {p.separation && (
              <Text size="sm" c="dimmed">
                separated from the employee <bdi>{p.separation.employeeNumber}</bdi> since <Time at={p.separation.since} /> by <bdi>{byWhom(p.separation.by)}</bdi>
              </Text>
            )}
          </dd>
          {p.disabledBy && (
            <>
              <dt>Disabled</dt>
              <dd>{p.disabledBy === 'SCIM' ? 'by the directory' : 'by an administrator here'}</dd>
            </>
          )}
        </dl>
        {p.directory && <Directory says={p.directory} />}
      </Stack>
    </section>
  )
}

function Directory({ says: d }: { says: NonNullable<PersonPlace['directory']> }) {
  return (
    <>
      <Group gap="sm">
        <Title order={3} fz={16} lh="24px">
          The directory says
        </Title>
        <Badge variant="light" color={d.removed ? 'bad' : d.active ? 'good' : 'over'} tt="none" radius="xl">
          {d.removed ? 'Deleted there' : d.active ? 'Active' : 'Not active'}
        </Badge>
      </Group>
      <dl className={classes['facts']}>
        <dt>User name</dt>
        <dd style={{ overflowWrap: 'anywhere' }}>
          <bdi>{d.userName}</bdi>
        </dd>
        {d.externalId !== null && (
          <>
            <dt>ID there</dt>
            <dd className="mono" style={{ overflowWrap: 'anywhere' }}>
              {d.externalId}
            </dd>
          </>
        )}
        {d.employeeNumber !== null && (
          <>
            <dt>Employee number</dt>
            <dd style={{ overflowWrap: 'anywhere' }}>
              <bdi>{d.employeeNumber}</bdi>
            </dd>
          </>
        )}
        <dt>First</dt>
        <dd>
          <Time at={d.createdAt} />
        </dd>
        <dt>Last changed</dt>
        <dd>
          <Time at={d.changedAt} />
        </dd>
      </dl>
    </>
  )
}
