import { Alert, Anchor, Group, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useQuery } from 'urql'
import { graphql } from '../api/graphql.ts'
import { useLive } from '../api/live.ts'
import { ButtonLink } from '../ui/Link.tsx'
import { useViewer } from '../viewer.ts'

const ReadTroubles = graphql(`
  query ReadTroubles {
    integrations(status: [BROKEN], first: 20) { nodes { id name brokenReason } }
    slackWaiting { workspaceCount linkCount }
  }
`)

/** The worst of what is broken, with what mends it; for administrators. */
export function Banner() {
  const { admin } = useViewer()
  const [{ data }, read] = useQuery({ query: ReadTroubles, pause: !admin })
  useLive((heard) => heard === 'again' && read({ requestPolicy: 'network-only' }))
  const broken = data?.integrations?.nodes ?? []
  const waiting = (data?.slackWaiting?.workspaceCount ?? 0) + (data?.slackWaiting?.linkCount ?? 0)
  const first = broken[0]
  if (!first && waiting === 0) return null
  const more = broken.length - 1 + (waiting > 0 ? 1 : 0)
  return (
    <Alert color={first ? 'bad' : 'wait'} variant="light" icon={<IconAlertTriangle aria-hidden />} title={first ? `“${first.name}” is broken` : 'Somebody waits in Slack'}>
      <Group justify="space-between">
        <Text size="sm">
          {first ? `Nothing reaches it. ${first.brokenReason ?? ''}` : 'Workspaces or links wait for an administrator.'}
          {first && more > 0 && ` And ${more} more.`}
        </Text>
        {first ? (
          <ButtonLink to="/integrations/$id" params={{ id: first.id }} color="bad">
            Mend
          </ButtonLink>
        ) : (
          <Anchor href="/links">Look</Anchor>
        )}
      </Group>
    </Alert>
  )
}
