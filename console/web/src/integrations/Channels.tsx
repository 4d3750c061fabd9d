import { Badge, Group, Stack, Text, Title } from '@mantine/core'
import { IconCheck } from '@tabler/icons-react'
import { useState } from 'react'
import { useChange } from '../api/change.ts'
import { client } from '../api/client.ts'
import { useConnection } from '../api/connection.ts'
import { graphql } from '../api/graphql.ts'
import { cantBeReached } from '../api/trouble.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { Standing } from '../ui/Standing.tsx'
import { listed } from '../ui/words.ts'
import { Confirm } from '../ui/Confirm.tsx'
import { readIntegration, SetChannels, type IntegrationDetail } from './operations.ts'
import { gatewayChannel, serverChannel, formErrors } from './rules.ts'

const ReadOthers = graphql(`
  query ReadOthers {
    integrations(status: [ENABLED], first: 100) { nodes { id name gateways privateServers } pageInfo { hasNextPage } }
  }
`)

type Part = 'gateways' | 'privateServers'

const parts: Record<Part, { title: string; about: string }> = {
  gateways: { title: gatewayChannel, about: 'resources behind gateways' },
  privateServers: { title: serverChannel, about: 'private servers' },
}

/** Which of the two notification channels an integration is. */
export function Channels({ integration: i, again }: { integration: IntegrationDetail; again: () => void }) {
  const { live } = useConnection()
  const [removing, setRemoving] = useState<{ part: Part; others: string | null } | null>(null)
  const [sending, setSending] = useState<Part | null>(null)
  const change = useChange(SetChannels, {
    holds: async (input) => {
      const is = await readIntegration(i.id)
      return is === undefined ? undefined : is !== null && is.gateways === input.gateways && is.privateServers === input.privateServers
    },
    notDone: 'This did not arrive, and the notification channels are as before. Try again.',
    at: formErrors,
    again,
  })
  const { busy } = change

  async function choose(part: Part, on: boolean) {
    setSending(part)
    // The other channel stays as it is now, also where somebody else has just changed it.
    const is = (await readIntegration(i.id)) ?? i
    const outcome = await change.send({ integrationId: i.id, gateways: is.gateways, privateServers: is.privateServers, [part]: on })
    setSending(null)
    if (outcome?.is === 'done') {
      setRemoving(null)
      setTimeout(() => document.getElementById(`channel-${part}`)?.focus())
    }
  }

  async function ask(part: Part) {
    setRemoving({ part, others: null })
    const { data } = await client.query(ReadOthers, {}, { requestPolicy: 'network-only' }).toPromise()
    const all = data?.integrations
    if (!all) return
    const names = all.nodes.filter((o) => o.id !== i.id && o[part]).map((o) => o.name)
    const others = names.length > 0 ? `${listed(names)} still ${names.length === 1 ? 'hears' : 'hear'} of them.` : all.pageInfo.hasNextPage ? null : 'No other channel hears of them then.'
    setRemoving((r) => (r?.part === part ? { part, others } : r))
  }

  return (
    <section className="card" aria-labelledby="channels">
      <Stack p="md" gap="sm">
        <Title order={2} id="channels">
          Notification
        </Title>
        {(Object.keys(parts) as Part[]).map((part) => {
          const { title, about } = parts[part]
          return (
            <Group key={part} justify="space-between" role="group" aria-label={title} mih={52}>
              <div style={{ flex: '1 1 220px' }}>
                <Text fw={600}>{title}</Text>
                <Text size="sm" c="dimmed">
                  Hears of requests for {about}.
                </Text>
              </div>
              <Group gap="sm">
                {i[part] && (
                  <Badge variant="light" color="good" tt="none" size="lg" radius="xl" fw={600} fz="xs" leftSection={<IconCheck size={14} aria-hidden />}>
                    Selected
                  </Badge>
                )}
                <ActButton
                  id={`channel-${part}`}
                  variant={i[part] ? 'default' : 'filled'}
                  busy={sending === part}
                  off={!live || busy}
                  onClick={() => void (i[part] ? ask(part) : choose(part, true))}
                  aria-label={i[part] ? `Remove: ${title}` : `Select: ${title}`}
                >
                  {i[part] ? 'Remove' : 'Select'}
                </ActButton>
              </Group>
            </Group>
          )
        })}
        {!removing && <Standing of={change} />}
        {!live && (
          <Text size="sm" c="dimmed">
            {cantBeReached}
          </Text>
        )}
      </Stack>
      {removing && (
        <Confirm title={`Remove “${i.name}” as ${parts[removing.part].title}?`} act="Remove" change={change} onAct={() => void choose(removing.part, false)} onClose={() => setRemoving(null)}>
          Requests for {parts[removing.part].about} are not told to <bdi>{i.name}</bdi> any more. {removing.others}
        </Confirm>
      )}
    </section>
  )
}
