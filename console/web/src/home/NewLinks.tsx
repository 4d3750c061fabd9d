import { Alert, Anchor, Button, Group, Text } from '@mantine/core'
import { useState } from 'react'
import { useQuery } from 'urql'
import { graphql } from '../api/graphql.ts'
import { useLive } from '../api/live.ts'
import { useNow } from '../ui/now.ts'
import { Time } from '../ui/Time.tsx'
import { useViewer } from '../viewer.ts'

const ReadLinks = graphql(`
  query ReadLinks($me: ID!) {
    slackLinks(filter: { userId: $me }, first: 5) { nodes { id status slackUserId slackName createdAt workspace { id name } } }
  }
`)

// How long a new link is pointed out, in milliseconds.
const newFor = 7 * 86_400_000
const stored = 'procyon.seenLinks'

const seenIn = (): string[] => (localStorage.getItem(stored) ?? '').split(' ').filter(Boolean)

/** A Slack account that was linked to the viewer of late, until they have said that it was them. */
export function NewLinks() {
  const viewer = useViewer()
  const at = useNow()
  const [seen, setSeen] = useState(seenIn)
  const [{ data }, read] = useQuery({ query: ReadLinks, variables: { me: viewer.id } })
  useLive((heard) => heard === 'again' && read({ requestPolicy: 'network-only' }))
  // Another one each time that the same two are linked.
  const name = (l: { id: string; createdAt: string }) => `${l.id}-${l.createdAt}`
  const fresh = (data?.slackLinks?.nodes ?? []).filter((l) => at - Date.parse(l.createdAt) < newFor && !seen.includes(name(l)))
  return fresh.map((l) => (
    <Alert key={name(l)} color="wait" variant="light" title="Was that you?">
      <Group justify="space-between">
        <Text size="sm" style={{ flex: '1 1 280px' }}>
          The Slack account <bdi>{l.slackName}</bdi> <span className="mono">{l.slackUserId}</span> in <bdi>{l.workspace.name}</bdi>{' '}
          {l.status === 'WAITING' ? 'waits to be linked' : 'was linked'} to you <Time at={l.createdAt} />. If that was not you, <Anchor href="/links" underline="always">remove it</Anchor>, and tell an
          administrator.
        </Text>
        <Button
          variant="default"
          onClick={() => {
            const now = [name(l), ...seen].slice(0, 20)
            localStorage.setItem(stored, now.join(' '))
            setSeen(now)
          }}
        >
          It was me
        </Button>
      </Group>
    </Alert>
  ))
}
