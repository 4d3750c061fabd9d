import { Badge, Group, Stack, Text, Title } from '@mantine/core'
import { graphql, type FragmentOf } from '../api/graphql.ts'
import { Link } from '../ui/Link.tsx'
import { Time } from '../ui/Time.tsx'
import { count, deliveryStates, events, listed, silence } from '../ui/words.ts'
import { useViewer } from '../viewer.ts'

export const RequestNotifications = graphql(`
  fragment RequestNotifications on AccessRequest {
    notificationRoutes { integrationId integrationName }
    silentRoutes { integrationId integrationName integrationStatus }
    deliveries(last: 50) {
      nodes {
        id
        eventType
        integrationId
        integrationName
        status
        attemptCount
        nextAttemptAt
        deliveredAt
        attempts { at outcome error }
      }
      pageInfo { hasPreviousPage }
    }
  }
`)

/** Which channels heard of what, and why one did not. */
export function Notifications({ request }: { request: FragmentOf<typeof RequestNotifications> }) {
  const { admin } = useViewer()
  const { nodes, pageInfo } = request.deliveries
  const channels = request.notificationRoutes.map((n) => n.integrationName)
  const silent = silence(request.silentRoutes)
  const broken = request.silentRoutes.filter((n) => n.integrationStatus === 'BROKEN').map((n) => n.integrationId)
  return (
    <section className="card" aria-labelledby="notifications">
      <Stack p="md" gap="sm">
        <Title order={2} id="notifications">
          Notifications
        </Title>
        <Text c={channels.length === 0 ? 'wait' : undefined}>
          {channels.length > 0
            ? `Linked channels: ${listed(channels)}.`
            : `${silent ? 'No linked channel works' : 'No channel is linked to these resources'}: nobody hears of what happens next.`}
        </Text>
        {silent && (
          <Text c="wait">
            <bdi>{silent}</bdi>
            {broken.length > 0 ? ': what is owed there is sent once it is mended.' : '.'}
          </Text>
        )}
        {admin && request.silentRoutes.length > 0 && (
          <Group gap="4px 16px">
            {request.silentRoutes.map((n) => (
              <Link key={n.integrationId} to="/integrations/$id" params={{ id: n.integrationId }} size="sm">
                Mend <bdi>{n.integrationName}</bdi>
              </Link>
            ))}
          </Group>
        )}
        {pageInfo.hasPreviousPage && <Text c="dimmed">Only the latest are shown.</Text>}
        {[...nodes].reverse().map((d) => {
          const { word, tone } = deliveryStates[d.status]
          const error = d.status === 'DELIVERED' ? null : d.attempts.at(-1)?.error
          return (
            <Group key={d.id} justify="space-between" gap="sm">
              <div style={{ minWidth: 0, flex: 1 }}>
                <Text>
                  <bdi>{d.integrationName}</bdi>: {events[d.eventType ?? ''] ?? 'Test'}
                </Text>
                <Text size="sm" c="dimmed">
                  {count(d.attemptCount, 'attempt')}
                  {d.deliveredAt && <>, delivered <Time at={d.deliveredAt} /></>}
                  {d.nextAttemptAt && (broken.includes(d.integrationId) ? ', waits until it is mended' : <>, next try <Time at={d.nextAttemptAt} /></>)}
                </Text>
                {error && (
                  <Text size="sm" c="bad">
                    {error}
                  </Text>
                )}
              </div>
              <Badge variant="light" color={tone} tt="none" size="lg">
                {word}
              </Badge>
            </Group>
          )
        })}
        {nodes.length === 0 && <Text c="dimmed">Nothing was sent{channels.length > 0 ? ' yet' : ''}.</Text>}
      </Stack>
    </section>
  )
}
