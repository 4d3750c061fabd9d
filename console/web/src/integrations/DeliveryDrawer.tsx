import { Group, Stack, Table, Text } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useChange } from '../api/change.ts'
import { useConnection } from '../api/connection.ts'
import { cantBeReached } from '../api/trouble.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { Link } from '../ui/Link.tsx'
import { Standing } from '../ui/Standing.tsx'
import { Loading } from '../ui/state.tsx'
import { Time } from '../ui/Time.tsx'
import { count, events, listed } from '../ui/words.ts'
import { readDelivery, Redeliver, type DeliveryDetail, type IntegrationDetail } from './operations.ts'
import { formErrors } from './rules.ts'
import { StateBadge } from './StateBadge.tsx'
import { usePolled } from './usePolled.ts'

export const eventOf = (d: Pick<DeliveryDetail, 'kind' | 'eventType'>): string => (d.kind === 'TEST' ? 'Test message' : (events[d.eventType ?? ''] ?? d.eventType ?? 'Event'))

export const itemsOf = (d: Pick<DeliveryDetail, 'route'>): string => listed((d.route?.items ?? []).map((i) => (i.role ? `${i.resourceName} ${i.role}` : i.resourceName)), 'and', 3)

/** Why a delivery can't be sent again now; null where it can. */
export function redeliverOff(status: DeliveryDetail['status'], integration: IntegrationDetail['status'], live: boolean): string | null {
  if (status === 'PENDING') return integration === 'BROKEN' ? 'It waits until the integration is mended, and is then sent by itself.' : 'It is owed still, and is tried by itself.'
  if (integration === 'DISABLED') return 'The integration is disabled: enable it first.'
  if (integration === 'BROKEN') return 'The integration is broken: mend it first.'
  return live ? null : cantBeReached
}

/** Sends a delivery again. */
export function useRedeliver(d: DeliveryDetail, onChange: (d: DeliveryDetail) => void) {
  const found = useRef<DeliveryDetail | null>(null)
  return useChange(Redeliver, {
    holds: async () => {
      const is = await readDelivery(d.id)
      if (is === undefined) return undefined
      found.current = is
      return is !== null && is.owedAt !== d.owedAt
    },
    notDone: 'This did not arrive, and it was not sent again. Try again.',
    at: formErrors,
    again: (outcome) => {
      const is = outcome.is === 'done' ? (outcome.result?.delivery ?? found.current) : null
      if (is) onChange(is)
    },
  })
}

/** One delivery with its attempts. */
export function DeliveryShown({ id, known, integration, onChange }: { id: string; known: DeliveryDetail | null; integration: IntegrationDetail; onChange: (d: DeliveryDetail) => void }) {
  const [read, setRead] = useState<DeliveryDetail | null | undefined>(undefined)
  const [failed, setFailed] = useState(false)
  const d = known ?? read
  const look = async () => {
    const is = await readDelivery(id)
    setFailed(is === undefined)
    if (is !== undefined) setRead(is)
    if (is) onChange(is)
  }
  useEffect(() => void look(), [id])
  usePolled(look, d?.status === 'PENDING' || failed)
  if (d === undefined) return failed ? <Text c="bad">This delivery could not be read. It is tried again.</Text> : <Loading rows={4} />
  if (d === null || d.integrationId !== integration.id) return <Text>This delivery does not exist, or it is not one of this integration.</Text>
  return <Shown d={d} integration={integration} onChange={(is) => { setRead(is); onChange(is) }} />
}

function Shown({ d, integration, onChange }: { d: DeliveryDetail; integration: IntegrationDetail; onChange: (d: DeliveryDetail) => void }) {
  const { live } = useConnection()
  const change = useRedeliver(d, onChange)
  const off = redeliverOff(d.status, integration.status, live)
  const last = d.attempts.at(-1)
  const hidden = d.route?.otherItemCount ?? 0
  return (
    <Stack gap="md">
      <Group gap="sm">
        <Text fw={600}>{eventOf(d)}</Text>
        <StateBadge of={d.status} />
      </Group>
      <Table withRowBorders={false} verticalSpacing={4} horizontalSpacing={0} layout="fixed">
        <Table.Tbody>
          <Fact label="To">
            <bdi>{d.integrationName}</bdi>
          </Fact>
          {d.requestId && (
            <Fact label="Request">
              <Link to="/requests/$id" params={{ id: d.requestId }}>
                <bdi>{itemsOf(d) || 'Open the request'}</bdi>
              </Link>
              {hidden > 0 && `, and ${count(hidden, 'item')} that it does not hear of`}
            </Fact>
          )}
          <Fact label="Owed">
            <Time at={d.owedAt} />
            {Date.parse(d.owedAt) > Date.parse(d.createdAt) && (
              <>
                , first <Time at={d.createdAt} />
              </>
            )}
          </Fact>
          {d.deliveredAt && (
            <Fact label="Delivered">
              <Time at={d.deliveredAt} />
            </Fact>
          )}
          {d.nextAttemptAt && integration.status !== 'BROKEN' && (
            <Fact label="Next try">
              <Time at={d.nextAttemptAt} />
            </Fact>
          )}
        </Table.Tbody>
      </Table>
      {d.status === 'SUPERSEDED' && <Text>While the integration was broken something later happened to this request, and was owed in its place.</Text>}
      {d.status === 'DEAD' && (
        <Text>
          {integration.status === 'BROKEN'
            ? `${integration.mend ?? ''} Then redeliver this.`
            : last?.outcome === 'BROKEN'
              ? 'The integration was mended since: redeliver this.'
              : 'It is tried no more. Redeliver it once what is said below is mended.'}
        </Text>
      )}
      <div>
        <ActButton busy={change.busy} off={off !== null} onClick={() => void change.send({ deliveryId: d.id })} variant={d.status === 'DEAD' ? 'filled' : 'default'} aria-describedby={off ? 'redeliver-off' : undefined}>
          Redeliver
        </ActButton>
        {off && (
          <Text size="sm" c="dimmed" id="redeliver-off" mt={4}>
            {off}
          </Text>
        )}
      </div>
      <Standing of={change} />
      <div>
        <Text fw={600} mb="xs">
          {count(d.attemptCount, 'attempt')}
          {d.attemptCount > d.attempts.length && `, the last ${d.attempts.length}`}
        </Text>
        {d.attempts.length === 0 ? (
          <Text c="dimmed">It was not tried yet.</Text>
        ) : (
          <Table layout="fixed" aria-label="Attempts" horizontalSpacing={0}>
            <Table.Tbody>
              {[...d.attempts].reverse().map((a, n) => (
                <Table.Tr key={`${a.at} ${n}`}>
                  <Table.Td>
                    <Group justify="space-between" gap="xs">
                      <Text fw={600} c={a.outcome === 'DELIVERED' ? 'good' : 'bad'}>
                        {{ DELIVERED: 'Delivered', RETRY: 'Failed, tried again', DEAD: 'Given up', BROKEN: 'Broken' }[a.outcome]}
                      </Text>
                      <Text size="sm" c="dimmed">
                        <Time at={a.at} />
                      </Text>
                    </Group>
                    <Text size="sm">
                      {a.statusCode === null ? 'No answer' : `HTTP ${a.statusCode}`}, {a.tookMs.toLocaleString('en')} ms
                    </Text>
                    {a.error && (
                      <Text size="sm" c="bad">
                        {a.error}
                      </Text>
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </div>
    </Stack>
  )
}

function Fact({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <Table.Tr>
      <Table.Th scope="row" w={96} c="dimmed" fw={400} style={{ verticalAlign: 'top' }}>
        {label}
      </Table.Th>
      <Table.Td>{children}</Table.Td>
    </Table.Tr>
  )
}
