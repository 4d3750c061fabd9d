import { Stack, Text } from '@mantine/core'
import { graphql } from '../api/graphql.ts'
import { useLive } from '../api/live.ts'
import { useRead } from '../api/read.ts'
import { trouble } from '../api/trouble.ts'
import { Link } from '../ui/Link.tsx'
import { Failure, Loading } from '../ui/state.tsx'
import { Decision } from './Decision.tsx'
import { RequestDetail } from './fragments.ts'

const ReadForDecision = graphql(
  `
    query ReadForDecision($id: ID!) {
      accessRequest(id: $id) { ...RequestDetail }
      limits { minDuration maxDuration minReasonLength maxReasonLength }
    }
  `,
  [RequestDetail],
)

/** Reads one request, follows it, and lets the viewer decide. */
export function OneDecision({ id, open }: { id: string; open: 'approve' | 'deny' | null }) {
  const [{ data, error }, read] = useRead({ query: ReadForDecision, variables: { id } })
  useLive((heard) => {
    if (heard === 'again' || heard.request.requestId === id) read({ requestPolicy: 'network-only' })
  })
  const wrong = trouble(error)
  const r = data?.accessRequest
  if (!r || !data.limits) return wrong ? <Failure what="The request could not be read" trouble={wrong} again={() => read({ requestPolicy: 'network-only' })} /> : <Loading />
  return (
    <Stack gap="md">
      <div>
        <Text fw={600}>
          <bdi>{r.requester.name}</bdi>
        </Text>
        <Text size="sm" c="dimmed">
          {r.requester.email}
        </Text>
      </div>
      <Text className="said">
        <bdi>{r.reason}</bdi>
      </Text>
      {r.ticket && <Text size="sm">Ticket {r.ticket}</Text>}
      <Decision request={r} limits={data.limits} open={open} />
      <Link to="/requests/$id" params={{ id }}>
        The whole request
      </Link>
    </Stack>
  )
}
