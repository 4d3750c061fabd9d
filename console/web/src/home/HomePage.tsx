import { Button, Drawer, Group, Stack, Text, Title } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useQuery } from 'urql'
import { useConnection } from '../api/connection.ts'
import { graphql } from '../api/graphql.ts'
import { useLive } from '../api/live.ts'
import { useRead } from '../api/read.ts'
import { trouble } from '../api/trouble.ts'
import { RequestRow } from '../requests/fragments.ts'
import { OneDecision } from '../requests/OneDecision.tsx'
import { asks, length as granted, subjectOf, what } from '../requests/terms.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { ButtonLink, Link } from '../ui/Link.tsx'
import { Awaited, Empty, Failure } from '../ui/state.tsx'
import { StatusBadge } from '../ui/Status.tsx'
import { useNow } from '../ui/now.ts'
import { Left, Time } from '../ui/Time.tsx'
import { useTitle } from '../ui/title.ts'
import { useViewer } from '../viewer.ts'
import { Banner } from './Banner.tsx'
import classes from './Home.module.css'
import { NewLinks } from './NewLinks.tsx'

const ReadHome = graphql(
  `
    query ReadHome($me: ID!) {
      waiting: accessRequests(filter: { reviewableByMe: true }, orderBy: { field: DECIDE_BY, direction: ASC }, first: 20) {
        nodes { ...RequestRow }
        pageInfo { hasNextPage }
      }
      held: accessRequests(filter: { requesterId: $me, status: [ACTIVE, APPROVED] }, first: 20) { nodes { ...RequestRow } }
      asked: accessRequests(filter: { requesterId: $me, status: [PENDING] }, first: 20) { nodes { ...RequestRow } }
      latest: accessRequests(filter: { requesterId: $me }, first: 5) { nodes { ...RequestRow } }
    }
  `,
  [RequestRow],
)

const ReadGone = graphql(`query ReadGone($ids: [ID!]!) { nodes(ids: $ids) { ... on AccessRequest { ...RequestRow } } }`, [RequestRow])

// How many of what waits are shown at first, and with each press more.
const few = 5

// Access that ends within this time is pointed out, in milliseconds.
const soon = 15 * 60_000

/**
 * What waits, in the places where it was first seen: who is about to press a button finds it
 * there. What somebody decided meanwhile stays as well, until nobody looks at the page.
 */
function useSteady(now: readonly RequestRow[]): RequestRow[] {
  const [ids, setIds] = useState<readonly string[]>([])
  const added = now.filter((r) => !ids.includes(r.id)).map((r) => r.id)
  if (added.length > 0) setIds([...ids, ...added])
  const gone = ids.filter((id) => !now.some((r) => r.id === id))
  const [{ data }, read] = useQuery({ query: ReadGone, variables: { ids: gone.slice(0, 50) }, pause: gone.length === 0 })
  useLive((heard) => {
    if (gone.length > 0 && (heard === 'again' || gone.includes(heard.request.requestId))) read({ requestPolicy: 'network-only' })
  })
  useEffect(() => {
    const forget = () => document.visibilityState === 'hidden' && setIds([])
    document.addEventListener('visibilitychange', forget)
    return () => document.removeEventListener('visibilitychange', forget)
  }, [])
  const all = [...now, ...(data?.nodes ?? []).filter((n): n is RequestRow => n !== null && 'id' in n)]
  return ids.flatMap((id) => all.find((r) => r.id === id) ?? [])
}

/** What waits for me, what I hold and until when, what I asked for, and what is broken. */
export function HomePage() {
  useTitle('Home')
  const viewer = useViewer()
  const at = useNow()
  const { asOf } = useConnection()
  const [{ data, error }, read] = useRead({ query: ReadHome, variables: { me: viewer.id } })
  const [deciding, setDeciding] = useState<{ id: string; open: 'approve' | 'deny' } | null>(null)
  const pressed = useRef<HTMLElement | null>(null)
  const late = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(late.current), [])
  // Many events in a moment are one look.
  useLive(() => {
    clearTimeout(late.current)
    late.current = setTimeout(() => read({ requestPolicy: 'network-only' }), 150)
  })

  const waits = data?.waiting?.nodes ?? none
  const rows = useSteady(waits)
  const [most, setMost] = useState(few)

  const wrong = trouble(error)
  const again = () => read({ requestPolicy: 'network-only' })
  if (!data) return <Awaited title="Home" wrong={wrong} what="Home could not be read" again={again} />
  const held = data.held?.nodes ?? []
  const asked = data.asked?.nodes ?? []
  const ended = (data.latest?.nodes ?? []).filter((r) => ![...held, ...asked].some((o) => o.id === r.id))
  const decide = (id: string, open: 'approve' | 'deny') => (e: { currentTarget: HTMLElement }) => {
    pressed.current = e.currentTarget
    setDeciding({ id, open })
  }
  return (
    <Stack gap="lg">
      <Title order={1}>Home</Title>
      {wrong && <Failure what="This could not be read again" trouble={wrong} again={again} />}
      <div className={classes['columns']} data-two={viewer.admin || undefined}>
        <div className={classes['side']}>
          <Banner />
          <NewLinks />
          <Section id="waiting" title="Waiting for your decision" count={waits.length} more={data.waiting?.pageInfo.hasNextPage}>
            {rows.length === 0 && <Empty>Nothing waits for your decision.</Empty>}
            {rows.slice(0, most).map((r) => (
              <Row
                key={r.id}
                r={r}
                who
                when={
                  r.viewerCanReview && (
                    <Text span inherit c="wait" fw={600}>
                      <Left until={subjectOf(r) === 'EXTENSION' ? (r.grant?.expiresAt ?? r.decideBy) : r.decideBy} />
                    </Text>
                  )
                }
              >
                {r.viewerCanReview ? (
                  <>
                    <ActButton variant="light" off={asOf !== null} onClick={decide(r.id, 'approve')} aria-label={`Approve ${what(r.items)} for ${r.requester.name}…`}>
                      Approve…
                    </ActButton>
                    <ActButton variant="outline" color="bad" off={asOf !== null} onClick={decide(r.id, 'deny')} aria-label={`Deny ${what(r.items)} for ${r.requester.name}…`}>
                      Deny…
                    </ActButton>
                  </>
                ) : (
                  <StatusBadge status={r.status} />
                )}
              </Row>
            ))}
            {(rows.length > most || data.waiting?.pageInfo.hasNextPage) && (
              <Group justify="center" p="xs" className={classes['more']}>
                {rows.length > most ? (
                  <Button variant="subtle" onClick={() => setMost(most + 2 * few)}>
                    Show {Math.min(2 * few, rows.length - most)} more
                  </Button>
                ) : (
                  <ButtonLink variant="subtle" to="/requests">
                    All requests
                  </ButtonLink>
                )}
              </Group>
            )}
          </Section>
        </div>
        <div className={classes['side']}>
          <Section id="held" title="Your access" count={held.length}>
            {held.length === 0 ? (
              <Empty act={<ButtonLink to="/ask">Ask for access</ButtonLink>}>You have no access now. Ask when you need some.</Empty>
            ) : (
              held.map((r) => (
                <Row
                  key={r.id}
                  r={r}
                  when={
                    r.grant && (
                      <Text span inherit c={Date.parse(r.grant.expiresAt) - at < soon ? 'wait' : 'good'} fw={600}>
                        {r.status === 'ACTIVE' ? <Left until={r.grant.expiresAt} /> : <>begins <Time at={r.grant.startsAt} /></>}
                      </Text>
                    )
                  }
                >
                  <ButtonLink to="/requests/$id" params={{ id: r.id }} variant="default">
                    {r.status === 'ACTIVE' ? 'Extend or close…' : 'Open'}
                  </ButtonLink>
                </Row>
              ))
            )}
          </Section>
          {asked.length > 0 && (
            <Section id="asked" title="Your requests" count={asked.length}>
              {asked.map((r) => (
                <Row key={r.id} r={r} when={<Left until={r.decideBy} />}>
                  <ButtonLink to="/requests/$id" params={{ id: r.id }} variant="default">
                    Open
                  </ButtonLink>
                </Row>
              ))}
            </Section>
          )}
          {ended.length > 0 && (
            <Section id="ended" title="Over lately">
              {ended.map((r) => (
                <Row key={r.id} r={r}>
                  <ButtonLink to="/ask" search={{ again: r.id }} variant="default">
                    Ask again
                  </ButtonLink>
                </Row>
              ))}
            </Section>
          )}
        </div>
      </div>
      <Drawer
        opened={deciding !== null}
        onClose={() => {
          setDeciding(null)
          pressed.current?.focus()
        }}
        position="right"
        size="md"
        title="Decision"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {deciding && <OneDecision key={deciding.id} id={deciding.id} open={deciding.open} />}
      </Drawer>
    </Stack>
  )
}

function Section({ id, title, count, more, children }: { id: string; title: string; count?: number; more?: boolean | undefined; children: React.ReactNode }) {
  return (
    <section aria-labelledby={id}>
      <Group gap="xs" mb="xs">
        <Title order={2} id={id}>
          {title}
        </Title>
        {count !== undefined && count > 0 && (
          <Text c="dimmed" aria-hidden>
            {count}
            {more ? '+' : ''}
          </Text>
        )}
      </Group>
      <div className="card">{children}</div>
    </section>
  )
}

function Row({ r, who, when, children }: { r: RequestRow; who?: boolean; when?: React.ReactNode; children: React.ReactNode }) {
  // Of one's own access is said what it is; an extension that waits is not there yet.
  const { length, reason } = who ? asks(r) : { length: granted(r), reason: r.reason }
  return (
    <div className={classes['row']}>
      <div style={{ minWidth: 0 }}>
        <Link to="/requests/$id" params={{ id: r.id }} className={classes['what']} lineClamp={2}>
          {who && (
            <>
              <bdi>{r.requester.name}</bdi>:{' '}
            </>
          )}
          <bdi>{what(r.items)}</bdi>
        </Link>
        <Text size="sm" c="dimmed" lineClamp={2}>
          {when}
          {when && ' · '}
          {length}
          {!who && r.extension && `, ${asks(r).length} asked for`} · “<bdi>{reason}</bdi>”
        </Text>
      </div>
      <div className={classes['acts']}>
        {!who && <StatusBadge status={r.status} />}
        {children}
      </div>
    </div>
  )
}

const none: readonly RequestRow[] = []
