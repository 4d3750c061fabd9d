import { Select, Stack, Text, TextInput, Title } from '@mantine/core'
import { useRef, useState } from 'react'
import { useQuery } from 'urql'
import { useChange } from '../api/change.ts'
import { useConnection } from '../api/connection.ts'
import { useDraft } from '../api/draft.ts'
import { cantBeReached } from '../api/trouble.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { Standing } from '../ui/Standing.tsx'
import { useRefused } from '../ui/useRefused.ts'
import { useViewer } from '../viewer.ts'
import { holds, useEnable } from './enable.ts'
import { ChannelField } from './ChannelField.tsx'
import { Confirm } from '../ui/Confirm.tsx'
import { Form } from '../ui/Form.tsx'
import { ReadWorkspaces } from './IntegrateForm.tsx'
import { DeleteIntegration, readIntegration, UpdateIntegration, type IntegrationDetail } from './operations.ts'
import { checkChannel, checkName, checkURL, ends, formErrors } from './rules.ts'

export type Act = 'rotate' | 'channel' | 'rename' | 'disable' | 'delete'

type Props = { integration: IntegrationDetail; again: () => void; onClose: () => void }

/** Renaming, another place to post to, switching off and on, deleting. */
export function Acts({ integration: i, again, open, setOpen, onDeleted }: { integration: IntegrationDetail; again: () => void; open: Act | null; setOpen: (a: Act | null) => void; onDeleted: () => void }) {
  const { live } = useConnection()
  const enable = useEnable(i, again)
  const pressed = useRef<Element | null>(null)
  const press = (a: Act) => () => {
    pressed.current = document.activeElement
    setOpen(a)
  }
  const close = () => {
    setOpen(null)
    setTimeout(() => (pressed.current as HTMLElement | null)?.focus())
  }
  const props = { integration: i, again, onClose: close }
  return (
    <section className="card" aria-labelledby="acts">
      <Stack p="md" gap="sm">
        <Title order={2} id="acts">
          What you can do
        </Title>
        {i.status !== 'ENABLED' && (
          <ActButton variant={i.status === 'BROKEN' ? 'default' : 'filled'} busy={enable.busy} off={!live} onClick={() => void enable.enable()}>
            Enable
          </ActButton>
        )}
        <Standing of={enable} />
        {i.kind === 'SLACK_WEBHOOK' ? (
          <ActButton variant="default" off={!live} onClick={press('rotate')}>
            Rotate URL…
          </ActButton>
        ) : (
          <ActButton variant="default" off={!live} onClick={press('channel')}>
            Change channel…
          </ActButton>
        )}
        <ActButton variant="default" off={!live} onClick={press('rename')}>
          Rename…
        </ActButton>
        {i.status === 'ENABLED' && (
          <ActButton variant="outline" color="bad" off={!live} onClick={press('disable')}>
            Disable…
          </ActButton>
        )}
        <ActButton variant="outline" color="bad" off={!live} onClick={press('delete')}>
          Delete…
        </ActButton>
        {!live && (
          <Text size="sm" c="dimmed">
            {cantBeReached}
          </Text>
        )}
      </Stack>
      {open === 'rotate' && <Rotate {...props} />}
      {open === 'channel' && <ChangeChannel {...props} />}
      {open === 'rename' && <Rename {...props} />}
      {open === 'disable' && <Disable {...props} />}
      {open === 'delete' && <Delete {...props} onDeleted={onDeleted} />}
    </section>
  )
}

function Rotate({ integration: i, again, onClose }: Props) {
  const [url, setURL] = useState('') // a secret: never kept
  const masked = useRef(i.webhookUrlMasked)
  const change = useChange(UpdateIntegration, {
    // Only where another end of the URL shows can it be told that the new one was taken.
    holds: () => holds(i.id, (is) => is.webhookUrlMasked !== masked.current),
    notDone: 'The answer was lost, and the URL that is shown ends as before: if the new one ends otherwise, it was not taken. Press Rotate URL again; to send the same URL twice does no harm.',
    at: formErrors,
    again,
  })
  const field = useRefused(change.wrong['webhookUrl'])
  async function send() {
    const fault = checkURL(url)
    if (fault) {
      change.say({ webhookUrl: fault })
      return
    }
    masked.current = i.webhookUrlMasked
    if ((await change.send({ integrationId: i.id, webhookUrl: url }))?.is === 'done') onClose()
  }
  return (
    <Form title={`Rotate the URL of “${i.name}”`} act="Rotate URL" change={change} onSend={() => void send()} onClose={onClose}>
      <Text>
        From now on it posts to the new URL alone, and to <span className="mono">{i.webhookUrlMasked}</span> no more. What is linked stays.
      </Text>
      <TextInput
        ref={field}
        label="Webhook Url"
        description="Make a new webhook in Slack and paste its URL. It is a secret, and is not shown again."
        placeholder="https://hooks.slack.com/services/…"
        value={url}
        onChange={(e) => {
          setURL(e.currentTarget.value)
          change.say({})
        }}
        error={change.wrong['webhookUrl']}
        autoComplete="off"
        spellCheck={false}
        inputMode="url"
        data-autofocus
      />
    </Form>
  )
}

function ChangeChannel({ integration: i, again, onClose }: Props) {
  const viewer = useViewer()
  const { values, set, drop } = useDraft(viewer.id, `channel.${i.id}`, { workspaceId: i.slackChannel?.workspace.id ?? '', channelId: '' })
  const [{ data }] = useQuery({ query: ReadWorkspaces })
  const change = useChange(UpdateIntegration, {
    holds: ({ slackChannel: to }) => holds(i.id, (is) => is.slackChannel?.channelId === to?.channelId && is.slackChannel?.workspace.id === to?.workspaceId),
    notDone: 'This did not arrive, and the channel is as before. Send it again.',
    at: formErrors,
    again,
  })
  const field = useRefused(change.wrong['channelId'])
  async function send() {
    const fault = checkChannel(values.channelId)
    if (fault || values.workspaceId === '') {
      change.say({ ...(fault ? { channelId: fault } : {}), ...(values.workspaceId === '' ? { workspaceId: 'Choose a workspace.' } : {}) })
      return
    }
    const outcome = await change.send({ integrationId: i.id, slackChannel: { workspaceId: values.workspaceId, channelId: values.channelId.trim() } })
    if (outcome?.is === 'done') {
      drop()
      onClose()
    }
  }
  return (
    <Form title={`Another channel for “${i.name}”`} act="Change channel" change={change} onSend={() => void send()} onClose={onClose}>
      <Text>
        From now on it posts there, and to {i.slackChannel?.listed ? <bdi>#{i.slackChannel.listed.name}</bdi> : <span className="mono">{i.slackChannel?.channelId}</span>} no more. What is linked stays.
      </Text>
      <Select
        label="Workspace"
        value={values.workspaceId || null}
        onChange={(v) => set({ workspaceId: v ?? '', ...(v === values.workspaceId || values.workspaceId === '' ? {} : { channelId: '' }) })}
        data={(data?.slackWorkspaces?.nodes ?? []).filter((w) => !w.removed).map((w) => ({ value: w.id, label: w.name }))}
        error={change.wrong['workspaceId']}
      />
      <ChannelField
        key={values.workspaceId}
        workspaceId={values.workspaceId}
        value={values.channelId}
        onChange={(channelId) => {
          set({ channelId })
          change.say({})
        }}
        error={change.wrong['channelId']}
        input={field}
      />
    </Form>
  )
}

function Rename({ integration: i, again, onClose }: Props) {
  const viewer = useViewer()
  const { values, set, drop } = useDraft(viewer.id, `rename.${i.id}`, { name: i.name })
  const change = useChange(UpdateIntegration, { holds: ({ name }) => holds(i.id, (is) => is.name === name), notDone: 'This did not arrive, and the name is as before. Send it again.', at: formErrors, again })
  const field = useRefused(change.wrong['name'])
  async function send() {
    const fault = checkName(values.name)
    if (fault) {
      change.say({ name: fault })
      return
    }
    const outcome = await change.send({ integrationId: i.id, name: values.name.trim() })
    if (outcome?.is === 'done') {
      drop()
      onClose()
    }
  }
  return (
    <Form title={`Rename “${i.name}”`} act="Rename" change={change} onSend={() => void send()} onClose={onClose}>
      <TextInput
        ref={field}
        label="Integration Name"
        description="1 to 80 characters; no two are called the same."
        value={values.name}
        onChange={(e) => {
          set({ name: e.currentTarget.value })
          change.say({})
        }}
        error={change.wrong['name']}
        autoComplete="off"
        data-autofocus
      />
    </Form>
  )
}

function Disable({ integration: i, again, onClose }: Props) {
  const change = useChange(UpdateIntegration, { holds: () => holds(i.id, (is) => is.status === 'DISABLED'), notDone: 'This did not arrive, and it still works. Try again.', at: formErrors, again })
  const disable = async () => {
    if ((await change.send({ integrationId: i.id, enabled: false }))?.is === 'done') onClose()
  }
  return (
    <Confirm title={`Disable “${i.name}”?`} act="Disable" change={change} onAct={() => void disable()} onClose={onClose}>
      {ends(i, i.pendingCount ?? 0)} What is linked stays, and it can be enabled again.
    </Confirm>
  )
}

function Delete({ integration: i, again, onClose, onDeleted }: Props & { onDeleted: () => void }) {
  const change = useChange(DeleteIntegration, {
    holds: async () => {
      const is = await readIntegration(i.id)
      return is === undefined ? undefined : is === null
    },
    notDone: 'This did not arrive, and it is still there. Try again.',
    at: formErrors,
    again: (outcome) => (outcome.is === 'done' ? undefined : again()), // what is gone is not read
  })
  const remove = async () => {
    if ((await change.send({ integrationId: i.id }))?.is === 'done') onDeleted()
  }
  return (
    <Confirm
      title={`Delete “${i.name}”?`}
      act={`Delete ${i.name}`}
      name={i.name}
      change={change}
      onAct={() => void remove()}
      onClose={onClose}
    >
      {ends(i, i.pendingCount ?? 0)} {i.kind === 'SLACK_WEBHOOK' && 'Its webhook’s URL is forgotten. '}This can’t be undone; its delivery log stays in the history.
    </Confirm>
  )
}
