import { Button, Modal, Stack } from '@mantine/core'
import type { ReactNode } from 'react'
import { useConnection } from '../api/connection.ts'
import { ActButton } from './ActButton.tsx'
import { Standing, type ChangeState } from './Standing.tsx'

/**
 * A small form over the page, which says how its change stands; Enter and Mod+Enter send it.
 * It stays while that is under way. Where it does harm, "Go back" has the focus.
 */
export function Form({ title, act, harm = false, off = false, change, onSend, onClose, children }: { title: string; act: string; harm?: boolean; off?: boolean; change: ChangeState; onSend: () => void; onClose: () => void; children: ReactNode }) {
  const { live } = useConnection()
  const busy = change.standing !== 'idle'
  return (
    <Modal opened onClose={busy ? () => {} : onClose} title={title} closeButtonProps={{ 'aria-label': 'Close this form' }}>
      <form
        noValidate
        onSubmit={(e) => {
          e.preventDefault()
          if (!busy && live && !off) onSend()
        }}
      >
        <Stack gap="md">
          {children}
          <Standing of={change} />
          <div className="foot">
            <Button variant="default" onClick={onClose} disabled={busy} data-autofocus={harm || undefined}>
              Go back
            </Button>
            <ActButton type="submit" color={harm ? 'bad' : undefined} busy={busy} off={!live || off}>
              {act}
            </ActButton>
          </div>
        </Stack>
      </form>
    </Modal>
  )
}
