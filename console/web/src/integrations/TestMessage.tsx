import { Group, Stack, Text, Title } from '@mantine/core'
import { useRef, useState } from 'react'
import { now } from '../api/clock.ts'
import { useConnection } from '../api/connection.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { Time } from '../ui/Time.tsx'
import { readDelivery, readLastTest, TestIntegration, type DeliveryDetail, type IntegrationDetail } from './operations.ts'
import { answer } from './rules.ts'
import { Standing } from './Standing.tsx'
import { StateBadge } from './StateBadge.tsx'
import { useChange } from './useChange.ts'
import { usePolled } from './usePolled.ts'

const patience = 15_000

/** Sends a test message and says what Slack answered. */
export function TestMessage({ integration: i, again }: { integration: IntegrationDetail; again: () => void }) {
  const { live } = useConnection()
  const [sent, setSent] = useState<DeliveryDetail | null>(null)
  const before = useRef<string | null | undefined>(undefined)
  const found = useRef<DeliveryDetail | null>(null)
  const { send, wrong, standing, busy } = useChange(
    TestIntegration,
    async () => {
      const last = await readLastTest(i.id)
      if (last === undefined || before.current === undefined) return undefined
      found.current = last
      return (last?.id ?? null) !== before.current
    },
    { notDone: 'This did not arrive, and no test message was sent. Try again.', again, done: (data) => setSent(data?.result?.delivery ?? found.current) },
  )
  const waits = sent !== null && sent.status === 'PENDING'
  usePolled(async () => {
    const is = await readDelivery(sent!.id)
    if (!is) return
    setSent(is)
    if (is.status !== 'PENDING') again() // it may have broken the integration, or not
  }, waits)

  async function test() {
    before.current = undefined
    const last = await readLastTest(i.id)
    if (last !== undefined) before.current = last?.id ?? null
    setSent(null)
    await send({ input: { integrationId: i.id } })
  }

  const off = i.status === 'DISABLED' ? 'It is disabled: enable it first.' : i.status === 'BROKEN' ? 'It is broken: mend it first.' : !live ? 'Procyon can’t be reached now.' : null
  const last = sent?.attempts.at(-1)
  return (
    <section className="card" aria-labelledby="test">
      <Stack p="md" gap="sm">
        <Title order={2} id="test">
          Test
        </Title>
        <ActButton busy={busy || (waits && !last)} off={off !== null} onClick={() => void test()} aria-describedby={off ? 'test-off' : undefined}>
          Send test message
        </ActButton>
        {off && (
          <Text size="sm" c="dimmed" id="test-off">
            {off}
          </Text>
        )}
        <Standing standing={standing} wrong={wrong} />
        <div role="status">
          {sent && (
            <Stack gap={4}>
              <Group gap="xs">
                <StateBadge of={sent.status} />
                <Text size="sm" c="dimmed">
                  <Time at={last?.at ?? sent.owedAt} />
                </Text>
              </Group>
              {last ? (
                <Text c={last.outcome === 'DELIVERED' ? undefined : 'bad'}>{answer(last)}</Text>
              ) : (
                <Text c="dimmed">{now() - Date.parse(sent.owedAt) > patience ? 'Nobody has sent it yet. Does a notifier run?' : 'On its way…'}</Text>
              )}
              {sent.nextAttemptAt && last && (
                <Text size="sm" c="dimmed">
                  Next try <Time at={sent.nextAttemptAt} />
                </Text>
              )}
            </Stack>
          )}
        </div>
      </Stack>
    </section>
  )
}
