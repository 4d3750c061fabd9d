import { Button, Drawer, Group, Stack, Text, Title } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useQuery } from 'urql'
import { graphql } from '../api/graphql.ts'
import { useLive } from '../api/live.ts'
import { trouble } from '../api/trouble.ts'
import { RequestRow } from '../requests/fragments.ts'
import { OneDecision } from '../requests/OneDecision.tsx'
import { length, subjectOf, what } from '../requests/terms.ts'
import { ButtonLink, Link } from '../ui/Link.tsx'
import { Empty, Failure, Loading } from '../ui/state.tsx'
import { StatusBadge } from '../ui/Status.tsx'
import { Left, Time } from '../ui/Time.tsx'
import { useTitle } from '../ui/title.ts'
import { useViewer } from '../viewer.ts'
import { Banner } from './Banner.tsx'
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

/** What waits for me, what I hold and until when, what I asked for, and what is broken. */
export function HomePage() {
  useTitle('Home')
  const viewer = useViewer()
  const [{ data, error }, read] = useQuery({ query: ReadHome, variables: { me: viewer.id } })
  const [deciding, setDeciding] = useState<{ id: string; open: 'approve' | 'deny' } | null>(null)
  const pressed = useRef<HTMLElement | null>(null)
  const late = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(late.current), [])
  // Many events in a moment are one look.
  useLive(() => {
    clearTimeout(late.current)
    late.current = setTimeout(() => read({ requestPolicy: 'network-only' }), 150)
  })

  const wrong = trouble(error)
  if (!data) return wrong ? <Failure what="Home could not be read" trouble={wrong} again={() => read({ requestPolicy: 'network-only' })} /> : <Loading rows={6} />
  const waiting = data.waiting?.nodes ?? []
  const held = data.held?.nodes ?? []
  const asked = data.asked?.nodes ?? []
  const ended = (data.latest?.nodes ?? []).filter((r) => ![...held, ...asked].some((o) => o.id === r.id))
  const decide = (id: string, open: 'approve' | 'deny') => (e: { currentTarget: HTMLElement }) => {
    pressed.current = e.currentTarget
    setDeciding({ id, open })
  }
  return (
    <Stack gap="lg" maw={960}>
      <Title order={1}>Home</Title>
      {wrong && <Failure what="This could not be read again" trouble={wrong} again={() => read({ requestPolicy: 'network-only' })} />}
      <Banner />
      <NewLinks />
      <Section id="waiting" title="Waiting for your decision" count={waiting.length} more={data.waiting?.pageInfo.hasNextPage}>
        {waiting.length === 0 ? (
          <Empty>Nothing waits for your decision.</Empty>
        ) : (
          waiting.map((r) => (
            <Row key={r.id} r={r} who>
              <Text size="sm" c="wait" fw={600}>
                <Left until={subjectOf(r) === 'EXTENSION' ? (r.grant?.expiresAt ?? r.decideBy) : r.decideBy} />
              </Text>
              <Button onClick={decide(r.id, 'approve')} aria-label={`Approve ${what(r.items)} for ${r.requester.name}…`}>
                Approve…
              </Button>
              <Button variant="outline" color="bad" onClick={decide(r.id, 'deny')} aria-label={`Deny ${what(r.items)} for ${r.requester.name}…`}>
                Deny…
              </Button>
            </Row>
          ))
        )}
      </Section>
      <Section id="held" title="Your access" count={held.length}>
        {held.length === 0 ? (
          <Empty act={<ButtonLink to="/ask">Ask for access</ButtonLink>}>You have no access now. Ask when you need some.</Empty>
        ) : (
          held.map((r) => (
            <Row key={r.id} r={r}>
              <Text size="sm" fw={600}>
                {r.status === 'ACTIVE' && r.grant ? <Left until={r.grant.expiresAt} /> : r.grant ? <>begins <Time at={r.grant.startsAt} /></> : null}
              </Text>
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
            <Row key={r.id} r={r}>
              <Text size="sm">
                <Left until={r.decideBy} />
              </Text>
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

function Row({ r, who, children }: { r: RequestRow; who?: boolean; children: React.ReactNode }) {
  return (
    <Group px="md" py="sm" gap="sm" mih={68} justify="space-between" className="row">
      <div style={{ flex: '1 1 280px', minWidth: 0 }}>
        <Link to="/requests/$id" params={{ id: r.id }} fw={600}>
          {who && (
            <>
              <bdi>{r.requester.name}</bdi>:{' '}
            </>
          )}
          <bdi>{what(r.items)}</bdi>
        </Link>
        <Text size="sm" c="dimmed">
          {length(r)} · “<bdi>{r.reason}</bdi>”
        </Text>
      </div>
      <Group gap="sm">
        {!who && <StatusBadge status={r.status} />}
        {children}
      </Group>
    </Group>
  )
}
