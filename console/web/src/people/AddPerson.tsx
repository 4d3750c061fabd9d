import { Radio, Stack, Text, TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { useChange } from '../api/change.ts'
import { useDraft } from '../api/draft.ts'
import { Form } from '../ui/Form.tsx'
import { Secret } from '../ui/Secret.tsx'
import { useRefused } from '../ui/useRefused.ts'
import { useViewer } from '../viewer.ts'
import { CreateUser, readCreated } from './operations.ts'
import { checkEmail, checkName, formErrors } from './rules.ts'
import type { Role } from './search.ts'

type Added = { id: string; secret: string | null }

/** Adds a person, shows their one-time password once, and leads to their page. */
export function AddPerson({ onClose }: { onClose: () => void }) {
  const viewer = useViewer()
  const go = useNavigate()
  const { values, set, drop } = useDraft(viewer.id, 'person', { name: '', email: '', role: 'MEMBER' as Role, password: true })
  const [added, setAdded] = useState<(Added & { name: string; email: string }) | null>(null)
  const made = useRef<string | null>(null)
  const change = useChange(CreateUser, {
    byKey: async (key) => {
      const id = await readCreated('USER', key)
      made.current = id ?? null
      return id === undefined ? undefined : id !== null
    },
    notDone: 'This did not arrive, and nobody was added. Press Add once more.',
    at: formErrors,
  })
  const name = useRefused(change.wrong['name'])
  const email = useRefused(change.wrong['name'] ? undefined : change.wrong['email'])
  const open = (id: string) => void go({ to: '/people/$id', params: { id } })

  async function send() {
    const wrong = { name: checkName(values.name), email: checkEmail(values.email) }
    if (wrong.name || wrong.email) {
      change.say({ ...(wrong.name ? { name: wrong.name } : {}), ...(wrong.email ? { email: wrong.email } : {}) })
      return
    }
    const input = { name: values.name.trim(), email: values.email.trim(), role: values.role, withPassword: values.password }
    const outcome = await change.send(input)
    if (outcome?.is !== 'done') return
    const id = outcome.result?.user?.id ?? made.current
    const secret = outcome.result?.oneTimePassword ?? null
    drop()
    if (id === null) onClose()
    else if (input.withPassword) setAdded({ id, secret, name: input.name, email: input.email })
    else open(id)
  }

  if (added?.secret) {
    return (
      <Secret title={`“${added.name}” was added`} label="One-time password" secret={added.secret} onStored={() => open(added.id)}>
        Give this to <bdi>{added.name}</bdi>. With it they sign in once, within seven days, as <b>{added.email}</b>, and choose a password of their own.
      </Secret>
    )
  }
  if (added) {
    return (
      <Form title={`“${added.name}” was added`} act="Open their page" change={change} onSend={() => open(added.id)} onClose={onClose}>
        <Text>The answer with the one-time password was lost, and it is shown once. Reset the password on their page: that gives another.</Text>
      </Form>
    )
  }
  const type = (change_: Partial<typeof values>) => {
    set(change_)
    change.say({})
  }
  return (
    <Form title="Add a person" act="Add" change={change} onSend={() => void send()} onClose={onClose}>
      <TextInput ref={name} label="Name" description="1 to 80 characters." value={values.name} onChange={(e) => type({ name: e.currentTarget.value })} error={change.wrong['name']} autoComplete="off" data-autofocus />
      <TextInput ref={email} label="E-mail address" type="email" value={values.email} onChange={(e) => type({ email: e.currentTarget.value })} error={change.wrong['email']} autoComplete="off" spellCheck={false} />
      <Radio.Group size="md" label="Role" value={values.role} onChange={(v) => type({ role: v as Role })}>
        <Stack gap="sm" mt="xs">
          <Radio value="MEMBER" label="Member" description="Asks for access, and sees their own requests." />
          <Radio value="ADMIN" label="Administrator" description="Manages everything here, people too, and decides requests of others." />
        </Stack>
      </Radio.Group>
      <Radio.Group size="md" label="How they sign in the first time" value={values.password ? 'password' : 'provider'} onChange={(v) => type({ password: v === 'password' })}>
        <Stack gap="sm" mt="xs">
          <Radio value="password" label="With a one-time password" description="You see it once, and give it to them." />
          <Radio value="provider" label="Through the identity provider" description="With this e-mail address, which the provider has to have verified." />
        </Stack>
      </Radio.Group>
    </Form>
  )
}
