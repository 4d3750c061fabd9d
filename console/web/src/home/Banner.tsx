import { Alert, Button, Group, Text } from '@mantine/core'
import { useInterval } from '@mantine/hooks'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useQuery } from 'urql'
import { graphql } from '../api/graphql.ts'
import { useLive } from '../api/live.ts'
import { capped, hearsAbout, mending } from '../integrations/rules.ts'
import { ButtonLink, Link } from '../ui/Link.tsx'
import { Time } from '../ui/Time.tsx'
import { count } from '../ui/words.ts'
import { useViewer } from '../viewer.ts'

const ReadTroubles = graphql(`
  query ReadTroubles {
    integrations(status: [BROKEN], first: 20) {
      nodes { id name kind brokenReason deadCount accounts { id name } gateways privateServers }
      totalCount
    }
    slackWaiting { workspaceCount linkCount }
  }
`)

const ReadSince = graphql(`
  query ReadSince($id: ID!) {
    journal(filter: { subjectId: $id, types: ["BROKEN"] }, last: 1) { nodes { seq at } }
  }
`)

/** The worst of what is broken: what, since when, for whom, and what mends it; for administrators. */
export function Banner() {
  const { admin } = useViewer()
  const [{ data }, read] = useQuery({ query: ReadTroubles, pause: !admin })
  const again = () => {
    if (admin && document.visibilityState !== 'hidden') read({ requestPolicy: 'network-only' })
  }
  useLive((heard) => heard === 'again' && again())
  useInterval(again, 60_000, { autoInvoke: true }) // nothing is heard of what breaks, or is mended
  const broken = [...(data?.integrations?.nodes ?? [])].sort((a, b) => (b.deadCount ?? 0) - (a.deadCount ?? 0))
  const first = broken[0]
  const [{ data: since }] = useQuery({ query: ReadSince, variables: { id: first?.id ?? '' }, pause: !first })
  const waiting = [data?.slackWaiting?.workspaceCount, data?.slackWaiting?.linkCount]
  const verb = (waiting[0] ?? 0) + (waiting[1] ?? 0) === 1 ? 'waits' : 'wait'
  const slack = [waiting[0] ? count(waiting[0], 'workspace') : '', waiting[1] ? count(waiting[1], 'link') : ''].filter(Boolean).join(' and ')
  if (!first && slack === '') return null
  if (!first) {
    return (
      <Alert color="wait" variant="light" icon={<IconAlertTriangle aria-hidden />} title="Somebody waits in Slack">
        <Group justify="space-between" gap="xs">
          <Text size="sm" style={{ flex: '1 1 240px' }}>
            {slack} of Slack {verb} for an administrator to agree.
          </Text>
          <Button component="a" href="/links" variant="default">
            Look
          </Button>
        </Group>
      </Alert>
    )
  }
  const at = since?.journal?.nodes[0]?.at
  const about = hearsAbout(first)
  const more = (data?.integrations?.totalCount ?? broken.length) - 1
  return (
    <Alert
      color="bad"
      variant="light"
      icon={<IconAlertTriangle aria-hidden />}
      title={
        <>
          “<bdi>{first.name}</bdi>” is broken
          {at && (
            <>
              {' '}
              since <Time at={at} as="clock" />
            </>
          )}
          {(first.deadCount ?? 0) > 0 && `, ${capped(first.deadCount ?? 0)} unheard`}
        </>
      }
    >
      <Group justify="space-between" gap="xs">
        <Text size="sm" style={{ flex: '1 1 240px' }}>
          {about && (
            <>
              Nothing about <bdi>{about}</bdi> reaches it.{' '}
            </>
          )}
          {mending(first.kind, first.brokenReason)}
          {more > 0 && (
            <>
              {' '}
              <Link to="/integrations" search={{ tab: 'active', status: 'BROKEN' }}>
                And {more} more
              </Link>
              .
            </>
          )}
          {slack && (
            <>
              {' '}
              Also {slack} of Slack {verb} for an administrator: <a href="/links">look</a>.
            </>
          )}
        </Text>
        <ButtonLink to="/integrations/$id" params={{ id: first.id }} color="bad">
          Mend
        </ButtonLink>
      </Group>
    </Alert>
  )
}
