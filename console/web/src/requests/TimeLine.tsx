import { Group, Stack, Text, Timeline, Title } from '@mantine/core'
import { graphql, type FragmentOf } from '../api/graphql.ts'
import { HistoryLink } from '../ui/HistoryLink.tsx'
import { useNow } from '../ui/now.ts'
import { Time } from '../ui/Time.tsx'
import { stepOf } from './step.ts'

export const RequestTimeLine = graphql(`
  fragment RequestTimeLine on AccessRequest {
    requester { userId }
    timeline(last: 50) {
      nodes { seq at type actor { kind userId name via actingService } data }
      pageInfo { hasPreviousPage }
    }
  }
`)

/** Every step, the oldest first: who, what, from where, and in which words. */
export function TimeLine({ id, request }: { id: string; request: FragmentOf<typeof RequestTimeLine> }) {
  const { nodes, pageInfo } = request.timeline
  const at = useNow()
  return (
    <section className="card" aria-labelledby="timeline">
      <Stack p="md" gap="md">
        <Group justify="space-between">
          <Title order={2} id="timeline">
            Time line
          </Title>
          <HistoryLink of={id} />
        </Group>
        {pageInfo.hasPreviousPage && <Text c="dimmed">Only the latest steps are shown.</Text>}
        <Timeline bulletSize={12} lineWidth={2} active={nodes.length} color="accent">
          {nodes.map((e) => {
            const s = stepOf(e, request.requester.userId, at)
            return (
              <Timeline.Item key={e.seq}>
                <Text>
                  {s.who && (
                    <>
                      <bdi style={{ fontWeight: 600 }}>{s.who}</bdi>{' '}
                    </>
                  )}
                  {s.words}
                  {s.from && (
                    <Text span c="dimmed">
                      {' '}
                      {s.from}
                    </Text>
                  )}
                  {s.details.map((d) => `, ${d}`).join('')}
                </Text>
                {s.quote && (
                  <Text size="sm" className="said">
                    “<bdi>{s.quote}</bdi>”
                  </Text>
                )}
                <Text size="sm" c="dimmed">
                  <Time at={e.at} />
                </Text>
              </Timeline.Item>
            )
          })}
        </Timeline>
      </Stack>
    </section>
  )
}
