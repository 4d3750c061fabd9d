import { Button, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import { ActButton } from '../ui/ActButton.tsx'
import { Standing, type ChangeState } from '../ui/Standing.tsx'
import classes from './integrations.module.css'

/**
 * Asks before something ends: children name what. "Go back" has the focus. Where a name is
 * given, it has to be typed first.
 */
export function Confirm({
  title,
  act,
  name,
  children,
  change,
  off,
  onAct,
  onClose,
}: {
  title: string
  act: string
  name?: string
  children: ReactNode
  change: ChangeState
  off: boolean
  onAct: () => void
  onClose: () => void
}) {
  const [typed, setTyped] = useState('')
  const [missed, setMissed] = useState(false)
  const busy = change.standing !== 'idle'
  return (
    <Modal opened onClose={busy ? () => {} : onClose} title={title} classNames={{ title: classes['title'] }} closeButtonProps={{ 'aria-label': 'Close this question' }}>
      <form
        onSubmit={(e) => {
          e.preventDefault()
          if (busy || off) return
          if (name !== undefined && typed.trim() !== name) setMissed(true)
          else onAct()
        }}
      >
        <Stack gap="md">
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
          <Standing of={change} />
          <div className="foot">
            <Button variant="default" onClick={onClose} disabled={busy} data-autofocus>
              Go back
            </Button>
            <ActButton type="submit" color="bad" busy={busy} off={off}>
              {act}
            </ActButton>
          </div>
        </Stack>
      </form>
    </Modal>
  )
}
