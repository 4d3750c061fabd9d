import { Group, Stack, Text, Title } from '@mantine/core'
import { useRef, useState } from 'react'
import { useChange } from '../api/change.ts'
import { now } from '../api/clock.ts'
import { useConnection } from '../api/connection.ts'
import { cantBeReached } from '../api/trouble.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { Standing } from '../ui/Standing.tsx'
import { Time } from '../ui/Time.tsx'
import { readDelivery, readLastTest, TestIntegration, type DeliveryDetail, type IntegrationDetail } from './operations.ts'
import { answer, formErrors } from './rules.ts'
import { StateBadge } from './StateBadge.tsx'
import { usePolled } from './usePolled.ts'

const patience = 15_000

/** Sends a test message and says what Slack answered. */
export function TestMessage({ integration: i, again }: { integration: IntegrationDetail; again: () => void }) {
  const { live } = useConnection()
  const [sent, setSent] = useState<DeliveryDetail | null>(null)
  const before = useRef<string | null | undefined>(undefined)
  const found = useRef<DeliveryDetail | null>(null)
  const change = useChange(TestIntegration, {
    holds: async () => {
      const last = await readLastTest(i.id)
      if (last === undefined || before.current === undefined) return undefined
      found.current = last
      return (last?.id ?? null) !== before.current
    },
    notDone: 'This did not arrive, and no test message was sent. Try again.',
    at: formErrors,
    again,
  })
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
    const outcome = await change.send({ integrationId: i.id })
    if (outcome?.is === 'done') setSent(outcome.result?.delivery ?? found.current)
  }

  const off = i.status === 'DISABLED' ? 'It is disabled: enable it first.' : i.status === 'BROKEN' ? 'It is broken: mend it first.' : !live ? cantBeReached : null
  const last = sent?.attempts.at(-1)
  return (
    <section className="card" aria-labelledby="test">
      <Stack p="md" gap="sm">
        <Title order={2} id="test">
          Test
        </Title>
        <ActButton busy={change.busy || (waits && !last)} off={off !== null} onClick={() => void test()} aria-describedby={off ? 'test-off' : undefined}>
          Send test message
        </ActButton>
        {off && (
          <Text size="sm" c="dimmed" id="test-off">
            {off}
          </Text>
        )}
        <Standing of={change} />
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
