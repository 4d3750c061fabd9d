import { Alert, Button, Group, Select, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useEffect, useRef, useState } from 'react'
import { useQuery } from 'urql'
import { useChange } from '../api/change.ts'
import { client } from '../api/client.ts'
import { useConnection } from '../api/connection.ts'
import { dropDraft, readDraft, useDraft } from '../api/draft.ts'
import { graphql } from '../api/graphql.ts'
import { cantBeReached } from '../api/trouble.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { Link } from '../ui/Link.tsx'
import { Standing } from '../ui/Standing.tsx'
import { useViewer } from '../viewer.ts'
import { ChannelField } from './ChannelField.tsx'
import { CreateIntegration, ReadCreated } from './operations.ts'
import { checkChannel, checkName, checkURL, formErrors } from './rules.ts'

export const ReadWorkspaces = graphql(`
  query ReadWorkspaces {
    slackWorkspaces(waiting: false, first: 100) { nodes { id name domain slackId removed } }
  }
`)

type Kept = { name: string; workspaceId: string; channelId: string }
type Values = Kept & { webhookUrl: string }

/**
 * The form that adds an integration: a webhook by its URL, or a channel of a workspace that
 * has the app. What is typed is kept as a draft, but for the URL, which is a secret.
 */
export function IntegrateForm({ kind, onDone, onClose }: { kind: 'webhook' | 'channel'; onDone: (id: string | null) => void; onClose: () => void }) {
  const viewer = useViewer()
  const { live } = useConnection()
  const form = `integrate.${kind}`
  const draft = useDraft<Kept>(viewer.id, form, { name: '', workspaceId: '', channelId: '' })
  const [restored] = useState(() => kind === 'webhook' && Boolean(readDraft<Kept>(viewer.id, form)?.name))
  const made = useRef<string | null>(null)
  const first = useRef<HTMLInputElement>(null)
  const channel = useRef<HTMLInputElement>(null)
  const [{ data: spaces }] = useQuery({ query: ReadWorkspaces, pause: kind !== 'channel' })
  const change = useChange(CreateIntegration, {
    byKey: async (key) => {
      const { data, error } = await client.query(ReadCreated, { key }, { requestPolicy: 'network-only' }).toPromise()
      made.current = data?.created?.id ?? null
      return error ? undefined : made.current !== null
    },
    notDone: 'This did not arrive, and nothing was added. Press Continue again.',
    at: formErrors,
  })
  const f = useForm<Values>({
    mode: 'controlled',
    initialValues: { ...draft.values, webhookUrl: '' },
    onValuesChange: ({ name, workspaceId, channelId }) => draft.set({ name, workspaceId, channelId }),
    validate: {
      name: checkName,
      webhookUrl: (v) => (kind === 'webhook' ? checkURL(v) : null),
      workspaceId: (v) => (kind === 'channel' && v === '' ? 'Choose a workspace.' : null),
      channelId: (v) => (kind === 'channel' ? checkChannel(v) : null),
    },
  })
  useEffect(() => first.current?.focus(), [])

  const focusFirst = (errors: Record<string, unknown>) => {
    const field = ['name', 'webhookUrl', 'workspaceId', 'channelId'].find((name) => errors[name])
    if (field === 'channelId') channel.current?.focus()
    else if (field) f.getInputNode(field)?.focus()
  }

  async function send(v: Values) {
    const outcome = await change.send({
      name: v.name.trim(),
      ...(kind === 'webhook'
        ? { kind: 'SLACK_WEBHOOK' as const, webhookUrl: v.webhookUrl }
        : { kind: 'SLACK_CHANNEL' as const, slackChannel: { workspaceId: v.workspaceId, channelId: v.channelId.trim() } }),
    })
    if (outcome?.is === 'refused') {
      const { '': _, ...fields } = outcome.wrong
      f.setErrors(fields)
      focusFirst(fields)
    }
    if (outcome?.is !== 'done') return
    dropDraft(viewer.id, form)
    onDone(outcome.result?.integration?.id ?? made.current)
  }

  const { busy } = change
  const workspaces = spaces?.slackWorkspaces?.nodes.filter((w) => !w.removed) ?? []
  return (
    <form onSubmit={f.onSubmit((v) => (busy || !live ? undefined : send(v)), focusFirst)} noValidate aria-label={kind === 'webhook' ? 'Integrate Slack' : 'Integrate a channel'}>
      <Stack gap="md" maw={560}>
        <TextInput {...f.getInputProps('name')} ref={first} label="Integration Name" description="1 to 80 characters; no two are called the same." autoComplete="off" />
        {kind === 'webhook' ? (
          <TextInput
            {...f.getInputProps('webhookUrl')}
            label="Webhook Url"
            description={
              restored && f.values.webhookUrl === ''
                ? 'Paste it again: it is a secret, and was not kept with the rest.'
                : 'From your Slack app: Incoming Webhooks, Add New Webhook to Workspace. It is a secret, and is not shown again.'
            }
            placeholder="https://hooks.slack.com/services/…"
            autoComplete="off"
            spellCheck={false}
            inputMode="url"
          />
        ) : (
          <>
            <Select
              {...f.getInputProps('workspaceId')}
              onChange={(v) => f.setValues({ workspaceId: v ?? '', ...(v === f.values.workspaceId || f.values.workspaceId === '' ? {} : { channelId: '' }) })}
              label="Workspace"
              description="Where the app is installed."
              placeholder={spaces && workspaces.length === 0 ? 'No workspace has the app' : 'Choose one'}
              data={workspaces.map((w) => ({ value: w.id, label: w.domain ? `${w.name} (${w.domain})` : w.name }))}
              searchable
              nothingFoundMessage="No workspace is called so."
            />
            {spaces && workspaces.length === 0 && (
              <Alert color="wait" variant="light">
                No workspace has the app yet. <Link to="/slack" underline="always">Add it on the page Slack</Link> first.
              </Alert>
            )}
            <ChannelField key={f.values.workspaceId} workspaceId={f.values.workspaceId} value={f.values.channelId} onChange={(v) => f.setFieldValue('channelId', v)} error={f.errors['channelId']} input={channel} />
          </>
        )}
        <Standing of={change} />
        {!live && <Text c="dimmed">{cantBeReached} What you typed stays here.</Text>}
        <Group>
          <ActButton type="submit" busy={busy} off={!live}>
            Continue
          </ActButton>
          <Button
            variant="default"
            disabled={busy}
            onClick={() => {
              dropDraft(viewer.id, form)
              onClose()
            }}
          >
            Go back
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
