import { Badge, Group, Stack, Text, Title } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useMemo, useRef } from 'react'
import { graphql, type ResultOf } from '../api/graphql.ts'
import { useLive } from '../api/live.ts'
import { useRead } from '../api/read.ts'
import { trouble } from '../api/trouble.ts'
import { what } from '../requests/terms.ts'
import { useOffer } from '../shell/acts.ts'
import { useStands } from '../shell/trail.ts'
import { AdministratorsOnly } from '../ui/AdministratorsOnly.tsx'
import { HistoryLink } from '../ui/HistoryLink.tsx'
import { Link } from '../ui/Link.tsx'
import { OfferedActs, type Offered } from '../ui/OfferedActs.tsx'
import { Awaited, Failure, NotHere } from '../ui/state.tsx'
import { StatusBadge } from '../ui/Status.tsx'
import { Left, Time } from '../ui/Time.tsx'
import { useTitle } from '../ui/title.ts'
import { useViewer } from '../viewer.ts'
import { Groups, Place } from './Belonging.tsx'
import { told } from './history.ts'
import { Links } from './Links.tsx'
import { LinkRow, PersonDetail, PersonPlace, SessionRow, TokenRow } from './operations.ts'
import classes from './people.module.css'
import { personState, roleWords } from './rules.ts'
import { readPerson, type Act } from './search.ts'
import { Sessions } from './Sessions.tsx'
import { Tokens } from './Tokens.tsx'

const ActForm = lazy(async () => ({ default: (await import('./ActForms.tsx')).ActForm }))

const ReadPerson = graphql(
  `
    query ReadPerson($id: ID!) {
      node(id: $id) {
        __typename
        id
        ... on User {
          ...PersonDetail
          ...PersonPlace
          sessions(first: 100) { nodes { ...SessionRow } }
          tokens(first: 100) { nodes { ...TokenRow } }
        }
      }
      slackLinks(filter: { userId: $id }, first: 20) { nodes { ...LinkRow } }
      open: accessRequests(filter: { requesterId: $id, status: [ACTIVE, APPROVED, PENDING] }, first: 20) {
        nodes { id status decideBy items { resourceName role } grant { startsAt expiresAt } }
        pageInfo { hasNextPage }
      }
      journal(filter: { subjectId: $id }, last: 20) {
        nodes { seq at type actor { kind userId name via actingService } data }
        pageInfo { hasPreviousPage }
      }
    }
  `,
  [PersonDetail, PersonPlace, SessionRow, TokenRow, LinkRow],
)

type Person = Extract<NonNullable<ResultOf<typeof ReadPerson>['node']>, { __typename: 'User' }>

const route = getRouteApi('/people/$id')

/** One person: who they are, what they hold and wait for, by what they get in, and all that can be done. */
export function PersonPage() {
  const { id } = route.useParams()
  return (
    <AdministratorsOnly what="People">
      <Page key={id} id={id} />
    </AdministratorsOnly>
  )
}

function Page({ id }: { id: string }) {
  const raw = route.useSearch()
  const { act } = useMemo(() => readPerson(raw), [raw]) // the router keeps what it does not know
  const viewer = useViewer()
  const go = route.useNavigate()
  const pressed = useRef<Element | null>(null)
  const [{ data, error }, read] = useRead({ query: ReadPerson, variables: { id } })
  const again = () => read({ requestPolicy: 'network-only' })
  const late = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(late.current), [])
  // What they hold changes; many events in a moment are one look.
  useLive((heard) => {
    if (heard !== 'again' && heard.request.requester.userId !== id) return
    clearTimeout(late.current)
    late.current = setTimeout(again, 1000)
  })
  const p = data?.node?.__typename === 'User' ? data.node : null
  const open = (next: Act) => {
    pressed.current = document.activeElement
    void go({ search: { act: next }, resetScroll: false })
  }
  const close = () => {
    void go({ search: {}, replace: true, resetScroll: false })
    setTimeout(() => (pressed.current as HTMLElement | null)?.focus())
  }
  useTitle(p ? p.name : 'Person')
  useStands({ above: [{ label: 'People', to: '/people' }], here: p ? p.name : 'Person' })
  useOffer(p ? actsOf(p, viewer.id).filter((a) => !a.off).map((a) => ({ label: a.label, run: () => open(a.act) })) : [])

  const wrong = trouble(error)
  if (!data || (!data.node && wrong)) return <Awaited title="Person" wrong={wrong} what="The person could not be read" again={again} />
  if (!p) return <NotHere title="Not found">There is no person with this ID, or the link is not whole.</NotHere>
  const sessions = p.sessions?.nodes ?? []
  return (
    <Stack gap="lg">
      <div>
        <Group gap="md">
          <Title order={1}>
            <bdi>{p.name}</bdi>
          </Title>
          <Badge variant="light" color={p.role === 'ADMIN' ? 'accent' : 'over'} tt="none" size="lg" radius="xl" fw={600} fz="xs">
            {roleWords[p.role]}
          </Badge>
          {p.disabled && (
            <Badge variant="light" color="over" tt="none" size="lg" radius="xl" fw={600} fz="xs">
              {personState(true).word}
            </Badge>
          )}
        </Group>
        <Text c="dimmed">
          <bdi>{p.email}</bdi>
        </Text>
      </div>
      {wrong && <Failure what="This could not be read again" trouble={wrong} again={again} />}
      <div className={classes['columns']}>
        <Stack gap="lg" miw={0}>
          <Open requests={data.open?.nodes ?? []} more={data.open?.pageInfo.hasNextPage ?? false} person={p} />
          <Groups of={p.groups} />
          <Sessions sessions={sessions} again={again} onEndAll={() => open('sessions')} />
          <div className="card">
            <Tokens tokens={p.tokens?.nodes ?? []} owner={null} again={again} />
          </div>
          <Links links={data.slackLinks?.nodes ?? []} none="No Slack account is theirs. They link one with /procyon login in Slack." again={again} />
          <History of={p.id} data={data} />
        </Stack>
        <Stack gap="lg">
          <Facts person={p} />
          <Place person={p} />
          <OfferedActs acts={actsOf(p, viewer.id).filter((a) => a.act !== 'sessions')} onAct={open} /> {/* sessions are ended where they are listed */}
        </Stack>
      </div>
      <Suspense>{act && <ActForm key={act} act={act} person={p} sessions={sessions.length} again={again} onClose={close} />}</Suspense>
    </Stack>
  )
}

function Open({ requests, more, person: p }: { requests: NonNullable<ResultOf<typeof ReadPerson>['open']>['nodes']; more: boolean; person: Person }) {
  return (
    <section className="card" aria-labelledby="open">
      <Group p="md" justify="space-between">
        <Title order={2} id="open">
          Access and requests
        </Title>
        <Link to="/requests" search={{ tab: 'history', person: p.id }} size="sm">
          What is over
        </Link>
      </Group>
      {requests.length === 0 ? (
        <Text px="md" pb="md" c="dimmed">
          They hold nothing now, and wait for nothing.
        </Text>
      ) : (
        <ul className={classes['list']}>
          {requests.map((r) => (
            <li key={r.id} className={classes['row']}>
              <div className={classes['main']}>
                <Link to="/requests/$id" params={{ id: r.id }} c="inherit" fw={600}>
                  <bdi>{what(r.items)}</bdi>
                </Link>
                <Text size="sm" c="dimmed">
                  {r.grant ? r.status === 'ACTIVE' ? <Left until={r.grant.expiresAt} /> : <>begins <Time at={r.grant.startsAt} /></> : <Left until={r.decideBy} />}
                </Text>
              </div>
              <StatusBadge status={r.status} />
            </li>
          ))}
        </ul>
      )}
      {more && (
        <Text p="md" size="sm">
          <Link to="/requests" search={{ person: p.id }}>
            There are more than these
          </Link>
        </Text>
      )}
    </section>
  )
}

function Facts({ person: p }: { person: Person }) {
  return (
    <section className="card" aria-labelledby="facts">
      <Stack p="md" gap="sm">
        <Title order={2} id="facts">
          Who this is
        </Title>
        <dl className={classes['facts']}>
          <dt>Signs in</dt>
          <dd>{p.disabled ? 'not any more' : p.federated ? 'through the identity provider' : 'with a password, and not through an identity provider yet'}</dd>
          <dt>Last here</dt>
          <dd>{p.lastSeenAt ? <Time at={p.lastSeenAt} /> : 'no session or token tells'}</dd>
          <dt>Added</dt>
          <dd>
            <Time at={p.createdAt} as="moment" />
          </dd>
          <dt>ID</dt>
          <dd className="mono">{p.id}</dd>
        </dl>
      </Stack>
    </section>
  )
}

/** What can be done with a person now, and why something can't. */
function actsOf(p: Person, viewerID: string): Offered<Act>[] {
  const self = p.id === viewerID
  const others = p.otherAccounts ?? []
  const sessions = p.sessions?.nodes.length ?? 0
  return [
    { act: 'change', label: 'Change name or e-mail…' },
    { act: 'role', label: p.role === 'ADMIN' ? 'Make a member…' : 'Make an administrator…' },
    {
      act: 'password',
      label: 'Reset the password…',
      off: p.disabled ? 'They are disabled.' : p.federated ? 'They sign in through the identity provider, and need no password here.' : self ? 'Change your own password in My profile.' : undefined,
    },
    { act: 'sessions', label: 'End the sessions…', off: sessions === 0 ? 'They are signed in nowhere.' : undefined },
    { act: 'manager', label: 'Set the manager…', off: p.directory ? 'The directory says who their manager is.' : undefined },
    { act: 'join', label: 'Join another account…' },
    ...(others.length > 0 ? [{ act: 'separate' as const, label: 'Separate from other accounts…', off: self || others.some((o) => o.id === viewerID) ? 'You can’t separate your own accounts; another administrator has to.' : undefined }] : []),
    ...(p.directory ? [] : [{ act: 'handOver' as const, label: p.handedOver ? 'Revoke the handover…' : 'Hand over to the directory…', off: p.role === 'ADMIN' ? 'The directory can’t take over administrators: make them a member first.' : undefined }]),
    p.disabled ? { act: 'enable', label: 'Enable…', off: p.enablingRefusedBecause ?? undefined } : { act: 'disable', label: 'Disable…', harm: true },
  ]
}

function History({ of, data }: { of: string; data: ResultOf<typeof ReadPerson> }) {
  const lines = told(data.journal?.nodes ?? [])
  return (
    <section className="card" aria-labelledby="history">
      <Group p="md" justify="space-between">
        <Title order={2} id="history">
          History
        </Title>
        <HistoryLink of={of} />
      </Group>
      <ul className={classes['list']}>
        {lines.map((l) => (
          <li key={l.seq} className={classes['row']}>
            <Text className={classes['main'] ?? ''}>
              <bdi style={{ fontWeight: 600 }}>{l.who}</bdi> <bdi>{l.words}</bdi>
              {l.from && (
                <Text span c="dimmed">
                  {' '}
                  {l.from}
                </Text>
              )}
            </Text>
            <Text size="sm" c="dimmed">
              <Time at={l.at} />
            </Text>
          </li>
        ))}
      </ul>
      {data.journal?.pageInfo.hasPreviousPage && (
        <Text p="md" size="sm" c="dimmed">
          Only the latest changes are shown.
        </Text>
      )}
    </section>
  )
}
