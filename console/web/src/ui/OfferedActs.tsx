import { Stack, Text, Title } from '@mantine/core'
import { useConnection } from '../api/connection.ts'
import { cantBeReached } from '../api/trouble.ts'
import { ActButton } from './ActButton.tsx'

/** Something that can be done with an object; off says why it can’t be done now. */
export type Offered<Act extends string> = { act: Act; label: string; harm?: boolean; off?: string | null | undefined }

/** The card of what can be done with an object. What can't be done stands there with the reason. */
export function OfferedActs<Act extends string>({ acts, onAct }: { acts: readonly Offered<Act>[]; onAct: (act: Act) => void }) {
  const { live } = useConnection()
  return (
    <section className="card" aria-labelledby="acts">
      <Stack p="md" gap="sm">
        <Title order={2} id="acts">
          What you can do
        </Title>
        {acts.map((a) => (
          <Stack key={a.act} gap={4}>
            <ActButton variant={a.harm ? 'outline' : 'default'} color={a.harm ? 'bad' : undefined} off={!live || Boolean(a.off)} onClick={() => onAct(a.act)} aria-describedby={a.off ? `off-${a.act}` : undefined}>
              {a.label}
            </ActButton>
            {a.off && (
              <Text id={`off-${a.act}`} size="sm" c="dimmed">
                {a.off}
              </Text>
            )}
          </Stack>
        ))}
        {!live && (
          <Text size="sm" c="dimmed">
            {cantBeReached}
          </Text>
        )}
      </Stack>
    </section>
  )
}
