import { Text, TextInput } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import type { ChangeState } from './Standing.tsx'
import { Form } from './Form.tsx'

type Props = { title: string; act: string; name?: string; off?: boolean; children: ReactNode; change: ChangeState; onAct: () => void; onClose: () => void }

/** Asks before something ends: children name what, and why it can't be done where it is off. Where a name is given, it has to be typed first. */
export function Confirm({ title, act, name, off = false, children, change, onAct, onClose }: Props) {
  const [typed, setTyped] = useState('')
  const [missed, setMissed] = useState(false)
  const send = () => {
    if (name !== undefined && typed.trim() !== name) setMissed(true)
    else onAct()
  }
  return (
    <Form title={title} act={act} harm off={off} change={change} onSend={send} onClose={onClose}>
      <Text component="div">{children}</Text>
      {name !== undefined && (
        <TextInput
          label={
            <>
              Type its name, <bdi>{name}</bdi>
            </>
          }
          value={typed}
          onChange={(e) => {
            setTyped(e.currentTarget.value)
            setMissed(false)
          }}
          error={missed ? 'This is not its name.' : undefined}
          autoComplete="off"
        />
      )}
    </Form>
  )
}
