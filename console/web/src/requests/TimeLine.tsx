import { Stack, Text, Timeline, Title } from '@mantine/core'
import { graphql, type FragmentOf } from '../api/graphql.ts'
import { words } from '../ui/duration.ts'
import { Time } from '../ui/Time.tsx'
import { step, via } from '../ui/words.ts'

export const RequestTimeLine = graphql(`
  fragment RequestTimeLine on AccessRequest {
    timeline(last: 50) {
      nodes { seq at type actor { kind name via actingService } data }
      pageInfo { hasPreviousPage }
    }
  }
`)

/** Every step, the oldest first: who, what, from where, and in which words. */
export function TimeLine({ request }: { request: FragmentOf<typeof RequestTimeLine> }) {
  const { nodes, pageInfo } = request.timeline
  return (
    <section className="card" aria-labelledby="timeline">
      <Stack p="md" gap="md">
        <Title order={2} id="timeline">
          Time line
        </Title>
        {pageInfo.hasPreviousPage && <Text c="dimmed">Only the latest steps are shown.</Text>}
        <Timeline bulletSize={12} lineWidth={2} active={nodes.length} color="accent">
          {nodes.map((e) => {
            const { words: said, who } = step(e.type)
            const quote = quoted(e.data)
            const from = via[e.actor.via]
            return (
              <Timeline.Item key={e.seq}>
                <Text>
                  {who && (
                    <>
                      <bdi style={{ fontWeight: 600 }}>{e.actor.name}</bdi>{' '}
                    </>
                  )}
                  {said}
                  {who && from && (
                    <Text span c="dimmed">
                      {' '}
                      {from}
                    </Text>
                  )}
                  {details(e.data)}
                </Text>
                {quote && (
                  <Text size="sm" className="said">
                    “<bdi>{quote}</bdi>”
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

type Data = { reason?: string; comment?: string; outcome?: string; duration?: number; review?: { comment?: string; duration?: number }; extension?: { reason?: string; duration?: number } }

function parsed(data: unknown): Data {
  if (typeof data !== 'string') return (data ?? {}) as Data
  try {
    return JSON.parse(data) as Data
  } catch {
    return {}
  }
}

const quoted = (data: unknown): string | undefined => {
  const d = parsed(data)
  return d.review?.comment ?? d.comment ?? d.extension?.reason ?? d.reason
}

const details = (data: unknown): string => {
  const d = parsed(data)
  const n = d.review?.duration ?? d.extension?.duration ?? d.duration
  return typeof n === 'number' && n > 0 ? `, ${words(n)}` : ''
}

