import { Alert, Group, Stack, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useConnection } from '../api/connection.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { Link } from '../ui/Link.tsx'
import { Standing } from '../ui/Standing.tsx'
import { count } from '../ui/words.ts'
import { useEnable } from './enable.ts'
import type { IntegrationDetail } from './operations.ts'
import { sentence } from './rules.ts'

type Props = { i: IntegrationDetail; again: () => void; onMend: () => void; onEnabled: () => void }

/** Why nothing reaches a broken integration, what mends it, and the buttons that do. */
export function Broken({ i, again, onMend, onEnabled }: Props) {
  const { live } = useConnection()
  const change = useEnable(i, again)
  const dead = i.deadCount ?? 0
  const owed = i.pendingCount ?? 0
  const webhook = i.kind === 'SLACK_WEBHOOK'
  if (i.status !== 'BROKEN') return null
  const enable = async () => {
    if ((await change.enable())?.is === 'done') onEnabled()
  }
  return (
    <Alert color="bad" variant="light" icon={<IconAlertTriangle aria-hidden />} title="Nothing reaches it">
      <Stack gap="sm">
        <Group justify="space-between">
          <div style={{ flex: '1 1 320px' }}>
            {i.brokenReason && <Text size="sm">{sentence(i.brokenReason)}</Text>}
            <Text size="sm">{i.mend}</Text>
            {owed > 0 && (
              <Text size="sm">
                <Link to="/integrations/$id" params={{ id: i.id }} search={{ part: 'deliveries', status: 'PENDING' }} c="inherit" underline="always">
                  {owed >= 100 ? '100 or more messages wait' : `${count(owed, 'message')} ${owed === 1 ? 'waits' : 'wait'}`}
                </Link>
                : once it works, {owed === 1 ? 'it is' : 'they are'} sent.
              </Text>
            )}
            {dead > 0 && (
              <Text size="sm">
                <Link to="/integrations/$id" params={{ id: i.id }} search={{ part: 'deliveries', status: 'DEAD' }} c="inherit" underline="always">
                  {dead >= 100 ? '100 or more messages are tried no more' : `${count(dead, 'message')} ${dead === 1 ? 'is' : 'are'} tried no more`}
                </Link>
                : once it works, Redeliver sends {dead === 1 ? 'it' : 'them'}.
              </Text>
            )}
          </div>
          <Group gap="sm">
            {!webhook && (
              <ActButton color="bad" busy={change.busy} off={!live} onClick={() => void enable()}>
                Enable
              </ActButton>
            )}
            <ActButton color="bad" variant={webhook ? 'filled' : 'outline'} off={!live} onClick={onMend}>
              {webhook ? 'Rotate URL…' : 'Change channel…'}
            </ActButton>
          </Group>
        </Group>
        <Standing of={change} />
      </Stack>
    </Alert>
  )
}
