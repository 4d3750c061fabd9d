import { Alert, Button, Group, Select, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useEffect, useRef, useState } from 'react'
import { useQuery } from 'urql'
import { newKey, useAct } from '../api/act.ts'
import { client } from '../api/client.ts'
import { useConnection } from '../api/connection.ts'
import { dropDraft, readDraft, useDraft } from '../api/draft.ts'
import { graphql } from '../api/graphql.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { useViewer } from '../viewer.ts'
import { ChannelField } from './ChannelField.tsx'
import { CreateIntegration, ReadCreated } from './operations.ts'
import { checkChannel, checkName, checkURL, formErrors } from './rules.ts'
import { Standing } from './Standing.tsx'

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
  const [general, setGeneral] = useState<Record<string, string>>({})
  const [{ data: spaces }] = useQuery({ query: ReadWorkspaces, pause: kind !== 'channel' })
  const { run, standing } = useAct(CreateIntegration, async ({ input }) => {
    const { data, error } = await client.query(ReadCreated, { key: input.idempotencyKey ?? '' }, { requestPolicy: 'network-only' }).toPromise()
    if (error) return undefined
    made.current = data?.created?.id ?? null
    return made.current !== null
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
    setGeneral({})
    const outcome = await run({
      input: {
        name: v.name.trim(),
        ...(kind === 'webhook'
          ? { kind: 'SLACK_WEBHOOK' as const, webhookUrl: v.webhookUrl }
          : { kind: 'SLACK_CHANNEL' as const, slackChannel: { workspaceId: v.workspaceId, channelId: v.channelId.trim() } }),
        idempotencyKey: newKey(),
      },
    })
    if (!outcome) return
    if (outcome.is === 'failed') setGeneral({ '': outcome.trouble.message + (outcome.trouble.id ? ` The server’s log has it under ${outcome.trouble.id}.` : '') })
    else if (outcome.is === 'notDone') setGeneral({ '': 'This did not arrive, and nothing was added. Press Continue again.' })
    else {
      const answer = outcome.is === 'answered' ? outcome.data.createIntegration : null
      const errors = formErrors(answer?.userErrors ?? [], v.webhookUrl)
      if (Object.keys(errors).length > 0) {
        const { '': rest, ...fields } = errors
        f.setErrors(fields)
        setGeneral(rest ? { '': rest } : {})
        focusFirst(fields)
        return
      }
      dropDraft(viewer.id, form)
      onDone(answer?.integration?.id ?? made.current)
    }
  }

  const busy = standing !== 'idle'
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
                No workspace has the app yet. <a href="/links">Install it on the page Slack</a> first.
              </Alert>
            )}
            <ChannelField key={f.values.workspaceId} workspaceId={f.values.workspaceId} value={f.values.channelId} onChange={(v) => f.setFieldValue('channelId', v)} error={f.errors['channelId']} input={channel} />
          </>
        )}
        <Standing standing={standing} wrong={general} />
        {!live && <Text c="dimmed">Procyon can’t be reached now. What you typed stays here.</Text>}
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
