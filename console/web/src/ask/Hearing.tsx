import { Alert, Loader, Stack, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useRef } from 'react'
import { useQuery } from 'urql'
import { graphql } from '../api/graphql.ts'
import { trouble } from '../api/trouble.ts'
import { listed, silence } from '../ui/words.ts'
import { tellsApprovers, type Explained } from './explained.ts'
import { refs, type Wanted } from './form.ts'

const ReadPreview = graphql(`
  query ReadPreview($items: [AccessRequestItemInput!]!) {
    notificationPreview(items: $items) {
      routes { integrationId integrationName otherItemCount }
      silentRoutes { integrationId integrationName integrationStatus }
      unrouted
      approvers
    }
  }
`)

export type Preview = { routes: readonly { integrationId: string; integrationName: string; otherItemCount: number }[]; silentRoutes: Parameters<typeof silence>[0]; unrouted: readonly string[]; approvers: readonly string[] }

/** Who will hear of a request, and who may decide it; a clear word where nobody would. */
export function Hearing({ items, explained = null }: { items: readonly Wanted[]; explained?: Explained | null }) {
  const [key] = useDebouncedValue(JSON.stringify(refs(items)), 150)
  const asked = JSON.parse(key) as ReturnType<typeof refs>
  const [{ data, error, fetching }] = useQuery({ query: ReadPreview, variables: { items: asked }, pause: asked.length === 0 })
  const last = useRef<Preview | null>(null)
  if (data?.notificationPreview) last.current = data.notificationPreview
  if (items.length === 0) return null
  const wrong = trouble(error)
  const preview = data?.notificationPreview ?? last.current
  return (
    <div role="status" aria-busy={fetching} style={{ minHeight: 48 }}>
      {wrong ? (
        <Text size="sm" c="dimmed">
          Who will hear of it could not be looked up: {wrong.message}
        </Text>
      ) : preview ? (
        <Heard preview={explained ? { ...preview, approvers: explained.approvers } : preview} warned={explained === null || tellsApprovers(explained)} />
      ) : (
        <Loader size="sm" role="progressbar" aria-label="Looking up who will hear of it" />
      )}
    </div>
  )
}

/** The words of a preview; warned: nobody who may decide is worth a warning. */
function Heard({ preview: { routes, silentRoutes, unrouted, approvers }, warned }: { preview: Preview; warned: boolean }) {
  const silent = silence(silentRoutes)
  return (
    <Stack gap="xs">
      {routes.length > 0 && (
        <Text size="sm">
          Will hear: <bdi>{listed(routes.map((r) => r.integrationName))}</bdi>.
        </Text>
      )}
      {approvers.length > 0 && (
        <Text size="sm">
          May decide: <bdi>{listed(approvers, 'or')}</bdi>.
        </Text>
      )}
      {unrouted.length > 0 && (
        <Alert color="wait" variant="light" icon={<IconAlertTriangle aria-hidden />} title={routes.length === 0 ? 'No channel hears of this' : `No channel hears of ${listed(unrouted)}`}>
          <Text size="sm">
            {silent ? `${silent}. ` : routes.length === 0 ? 'No channel is linked to what you chose. ' : ''}
            {approvers.length > 0 ? `Tell ${listed(approvers, 'or')} yourself.` : ''}
          </Text>
        </Alert>
      )}
      {approvers.length === 0 && warned && (
        <Alert color="bad" variant="light" icon={<IconAlertTriangle aria-hidden />} title="Nobody can decide this">
          <Text size="sm">It would wait until it times out: nobody but you may decide it. Ask for another administrator first.</Text>
        </Alert>
      )}
    </Stack>
  )
}
