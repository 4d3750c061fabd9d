import { Drawer } from '@mantine/core'
import type { ReactNode } from 'react'

/** What one decides in, beside the list. */
export default function DecisionDrawer({ opened, onClose, children }: { opened: boolean; onClose: () => void; children: ReactNode }) {
  return (
    <Drawer opened={opened} onClose={onClose} position="right" size="md" title="Decision" closeButtonProps={{ 'aria-label': 'Close' }} returnFocus={false}>
      {children}
    </Drawer>
  )
}
