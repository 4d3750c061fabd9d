import { PasswordInput, Text } from '@mantine/core'
import { useState } from 'react'
import { useChange } from '../api/change.ts'
import { stillSignedIn } from '../api/session.ts'
import { counted, formErrors } from '../people/rules.ts'
import { Form } from '../ui/Form.tsx'
import { useRefused } from '../ui/useRefused.ts'
import { SetPassword } from './operations.ts'

const shortest = 12

/** Another password of one's own; it ends all sessions, also this one. What is typed is kept nowhere. */
export function PasswordForm({ sessions, onClose }: { sessions: number; onClose: () => void }) {
  const [current, setCurrent] = useState('')
  const [password, setPassword] = useState('')
  const [again, setAgain] = useState('')
  const change = useChange(SetPassword, {
    // It ends all sessions: who is still signed in has the old one.
    holds: async () => {
      const still = await stillSignedIn()
      return still === undefined ? undefined : !still
    },
    notDone: 'This did not arrive, and your password is as before. Try again.',
    at: formErrors,
  })
  const { wrong } = change
  const first = useRefused(wrong['currentPassword'])
  const second = useRefused(wrong['currentPassword'] ? undefined : wrong['password'])
  const third = useRefused(wrong['currentPassword'] || wrong['password'] ? undefined : wrong['again'])
  async function send() {
    const faults: Record<string, string> = {}
    if (current === '') faults['currentPassword'] = 'Give your present password.'
    if ([...password].length < shortest) faults['password'] = `A password has at least ${shortest} characters.`
    else if (password === current) faults['password'] = 'This is the password that you have already; choose another.'
    else if (again !== password) faults['again'] = 'This is not the same.'
    if (Object.keys(faults).length > 0) {
      change.say(faults)
      return
    }
    if ((await change.send({ currentPassword: current, password }))?.is === 'done') location.assign('/signin?next=%2Fprofile')
  }
  const typed = (set: (v: string) => void) => (e: React.ChangeEvent<HTMLInputElement>) => {
    set(e.currentTarget.value)
    change.say({})
  }
  const shows = { visibilityToggleButtonProps: { 'aria-label': 'Show what is typed' } }
  return (
    <Form title="Change your password" act="Change the password" change={change} onSend={() => void send()} onClose={onClose}>
      <Text>
        Ends all of your sessions ({counted(sessions, 'session')}, this one too): you sign in anew with the new password. Tokens stay.
      </Text>
      <PasswordInput ref={first} label="Present password" value={current} onChange={typed(setCurrent)} error={wrong['currentPassword']} autoComplete="current-password" data-autofocus {...shows} />
      <PasswordInput ref={second} label="New password" description={`At least ${shortest} characters.`} value={password} onChange={typed(setPassword)} error={wrong['password']} autoComplete="new-password" {...shows} />
      <PasswordInput ref={third} label="New password, once more" value={again} onChange={typed(setAgain)} error={wrong['again']} autoComplete="new-password" {...shows} />
    </Form>
  )
}
