import { Alert, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useChange } from '../api/change.ts'
import { useDraft } from '../api/draft.ts'
import { Breaks } from '../policies/Breaks.tsx'
import { Confirm } from '../ui/Confirm.tsx'
import { Form } from '../ui/Form.tsx'
import { Secret } from '../ui/Secret.tsx'
import { useRefused } from '../ui/useRefused.ts'
import { useViewer } from '../viewer.ts'
import { HandOver, Join, Manager, Separate } from './BelongingForms.tsx'
import { useForetold, WhatEnds } from './Ends.tsx'
import { DisableUser, EnableUser, EndSessions, holdsOf, ResetPassword, SetUserRole, UpdateUser, type PersonShown } from './operations.ts'
import { checkEmail, checkName, counted, formErrors, roleWords } from './rules.ts'
import type { Act } from './search.ts'

export type ActProps = { person: PersonShown; sessions: number; again: () => unknown; onClose: () => void }

/** The form of one act; each says before what it ends. */
export function ActForm({ act, ...props }: ActProps & { act: Act }) {
  const { disabled } = props.person
  switch (act) {
    case 'change':
      return <Change {...props} />
    case 'role':
      return props.person.role === 'ADMIN' ? <Demote {...props} /> : <Promote {...props} />
    case 'password':
      return <Password {...props} />
    case 'sessions':
      return <Sessions {...props} />
    case 'disable':
      return disabled ? null : <Disable {...props} />
    case 'enable':
      return disabled ? <Enable {...props} /> : null
    case 'manager':
      return props.person.directory ? null : <Manager {...props} />
    case 'join':
      return <Join {...props} />
    case 'separate':
      return (props.person.otherAccounts ?? []).length > 0 ? <Separate {...props} /> : null
    case 'handOver':
      return props.person.directory || props.person.role === 'ADMIN' ? null : <HandOver {...props} />
  }
}

const quoted = (name: string) => `“${name}”`

function Change({ person: p, again, onClose }: ActProps) {
  const viewer = useViewer()
  const { values, set, drop } = useDraft(viewer.id, `person.${p.id}`, { name: p.name, email: p.email })
  const change = useChange(UpdateUser, {
    holds: ({ name, email }) => holdsOf(p.id, (is) => (name ?? is.name) === is.name && (email ?? is.email) === is.email),
    notDone: 'This did not arrive, and nothing was changed. Send it again.',
    at: formErrors,
    again,
  })
  const name = useRefused(change.wrong['name'])
  const email = useRefused(change.wrong['name'] ? undefined : change.wrong['email'])
  async function send() {
    const wrong = { name: checkName(values.name), email: checkEmail(values.email) }
    if (wrong.name || wrong.email) {
      change.say({ ...(wrong.name ? { name: wrong.name } : {}), ...(wrong.email ? { email: wrong.email } : {}) })
      return
    }
    const outcome = await change.send({ userId: p.id, name: values.name.trim(), email: values.email.trim() })
    if (outcome?.is === 'done') {
      drop()
      onClose()
    }
  }
  const moved = values.email.trim().toLowerCase() !== p.email.toLowerCase()
  return (
    <Form title={`Name and e-mail address of ${quoted(p.name)}`} act="Change" change={change} onSend={() => void send()} onClose={onClose}>
      <TextInput
        ref={name}
        label="Name"
        description={p.federated ? 'At the next sign-in through the identity provider it follows that one’s.' : '1 to 80 characters.'}
        value={values.name}
        onChange={(e) => {
          set({ name: e.currentTarget.value })
          change.say({})
        }}
        error={change.wrong['name']}
        autoComplete="off"
        data-autofocus
      />
      <TextInput
        ref={email}
        label="E-mail address"
        type="email"
        value={values.email}
        onChange={(e) => {
          set({ email: e.currentTarget.value })
          change.say({})
        }}
        error={change.wrong['email']}
        autoComplete="off"
        spellCheck={false}
      />
      {moved && !p.federated && (
        <Text size="sm" c="wait">
          Through an identity provider they can’t sign in by an address that was changed here, until who runs the server confirms it.
        </Text>
      )}
    </Form>
  )
}

function Promote({ person: p, again, onClose }: ActProps) {
  const change = useChange(SetUserRole, { holds: () => holdsOf(p.id, (is) => is.role === 'ADMIN'), notDone: 'This did not arrive, and the role is as before. Try again.', at: formErrors, again })
  const send = async () => {
    if ((await change.send({ userId: p.id, role: 'ADMIN', allowSelf: false }))?.is === 'done') onClose()
  }
  return (
    <Form title={`Make ${quoted(p.name)} an administrator?`} act={`Make ${p.name} an administrator`} change={change} onSend={() => void send()} onClose={onClose}>
      <Text>They can manage everything here, people too, and decide requests of others.</Text>
    </Form>
  )
}

function Demote({ person: p, again, onClose }: ActProps) {
  const self = useViewer().id === p.id
  const foretold = useForetold('demote', p.id)
  const change = useChange(SetUserRole, { holds: () => holdsOf(p.id, (is) => is.role === 'MEMBER'), notDone: 'This did not arrive, and the role is as before. Try again.', at: formErrors, again })
  const send = async () => {
    if ((await change.send({ userId: p.id, role: 'MEMBER', allowSelf: self }))?.is !== 'done') return
    onClose()
    if (self) location.reload() // into what a member may see
  }
  return (
    <Confirm title={`Make ${quoted(p.name)} a member?`} act={`Make ${p.name} a member`} change={change} off={offBecause(foretold)} onAct={() => void send()} onClose={onClose}>
      <Text mb="sm">
        {self ? 'This is you: you lose your rights at once, and only another administrator can give them back.' : 'They see their own requests alone from then on, and manage nothing.'} What is open by the former rights, such as subscriptions, ends.
      </Text>
      <WhatEnds name={p.name} of={foretold} />
    </Confirm>
  )
}

/** Why nothing can be pressed yet: it is not known what would end, or it would be refused. */
const offBecause = ({ foretold }: ReturnType<typeof useForetold>): boolean => !foretold || foretold.refusedBecause !== null

function Disable({ person: p, again, onClose }: ActProps) {
  const self = useViewer().id === p.id
  const foretold = useForetold('disable', p.id)
  const change = useChange(DisableUser, { holds: () => holdsOf(p.id, (is) => is.disabled), notDone: 'This did not arrive, and they can still sign in. Try again.', at: formErrors, again })
  const send = async () => {
    if ((await change.send({ userId: p.id, allowSelf: self }))?.is === 'done') onClose()
  }
  return (
    <Confirm title={`Disable ${quoted(p.name)}?`} act={`Disable ${p.name}`} change={change} off={offBecause(foretold)} onAct={() => void send()} onClose={onClose}>
      {self && (
        <Alert color="wait" variant="light" mb="sm">
          This is you: you are signed out at once, and only another administrator can let you in again.
        </Alert>
      )}
      <WhatEnds name={p.name} of={foretold} />
      <Breaks id={p.id} act="disabled" />
      <Text mt="sm" c="dimmed">
        They can’t sign in any more. Their history stays, and they can be enabled again; what has ended stays ended.
      </Text>
    </Confirm>
  )
}

function Enable({ person: p, again, onClose }: ActProps) {
  const change = useChange(EnableUser, { holds: () => holdsOf(p.id, (is) => !is.disabled), notDone: 'This did not arrive, and they are still disabled. Try again.', at: formErrors, again })
  const send = async () => {
    if ((await change.send({ userId: p.id }))?.is === 'done') onClose()
  }
  return (
    <Form title={`Enable ${quoted(p.name)}?`} act={`Enable ${p.name}`} off={p.enablingRefusedBecause !== null} change={change} onSend={() => void send()} onClose={onClose}>
      {p.enablingRefusedBecause && (
        <Alert color="bad" variant="light" role="alert">
          {p.enablingRefusedBecause}
        </Alert>
      )}
      <Text>
        They can sign in again, as {roleWords[p.role] === 'Administrator' ? 'an administrator' : 'a member'}{p.federated ? '' : ', with the password that they had'}. What ended when they were disabled does not come back.
      </Text>
    </Form>
  )
}

function Sessions({ person: p, sessions, again, onClose }: ActProps) {
  const self = useViewer().id === p.id
  const others = self ? Math.max(0, sessions - 1) : sessions
  const change = useChange(EndSessions, {
    holds: async () => false, // by the same press once more nothing is lost
    notDone: 'The answer was lost. Press again: to end them twice does no harm.',
    at: formErrors,
    again,
  })
  const send = async () => {
    if ((await change.send({ userId: p.id, exceptCurrent: self }))?.is === 'done') onClose()
  }
  return (
    <Confirm title={`End the sessions of ${quoted(p.name)}?`} act="End the sessions" change={change} onAct={() => void send()} onClose={onClose}>
      {others === 0 ? 'No session ends: they are signed in nowhere else.' : `Ends ${counted(others, 'session')}${self ? ', but not this one' : ''}: whoever is signed in there has to sign in again.`} No browser is known as theirs after that. Their tokens stay.
    </Confirm>
  )
}

function Password({ person: p, sessions, again, onClose }: ActProps) {
  const [secret, setSecret] = useState<string | null>(null)
  const change = useChange(ResetPassword, {
    holds: async () => false, // a password whose answer was lost helps nobody
    notDone: 'The answer was lost. Press again: another one-time password takes the place of one that nobody has seen.',
    at: formErrors,
    again,
  })
  const send = async () => {
    const outcome = await change.send({ userId: p.id })
    if (outcome?.is === 'done') setSecret(outcome.result?.oneTimePassword ?? null)
  }
  if (secret !== null) {
    return (
      <Secret title={`One-time password of ${quoted(p.name)}`} label="One-time password" secret={secret} onStored={onClose}>
        With it {p.name} signs in once, within seven days, as <b>{p.email}</b>, and chooses a password.
      </Secret>
    )
  }
  return (
    <Confirm title={`Reset the password of ${quoted(p.name)}?`} act="Reset the password" change={change} onAct={() => void send()} onClose={onClose}>
      The present password opens nothing any more, and {sessions === 0 ? 'no session is open' : `${counted(sessions, 'session')} of theirs ${sessions === 1 ? 'ends' : 'end'}`}. You get a one-time password to give to them, with which they choose one of their own.
    </Confirm>
  )
}
