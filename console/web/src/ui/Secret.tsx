import { Button, CopyButton, Modal, Stack, Text, TextInput } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import type { ReactNode } from 'react'

/** Shows a secret, which the server shows once: it stays until somebody says that they have stored it, and is kept nowhere. */
export function Secret({ title, label, secret, children, onStored }: { title: string; label: string; secret: string; children: ReactNode; onStored: () => void }) {
  return (
    <Modal opened onClose={() => {}} title={title} withCloseButton={false} closeOnEscape={false} closeOnClickOutside={false}>
      <Stack gap="md">
        <Text component="div">{children}</Text>
        <TextInput label={label} value={secret} readOnly classNames={{ input: 'mono' }} onFocus={(e) => e.currentTarget.select()} />
        <Text size="sm" c="wait">
          It is shown only now. Whoever has it can use it.
        </Text>
        <div className="foot">
          <CopyButton value={secret}>
            {({ copied, copy }) => (
              <Button variant="default" onClick={copy} leftSection={copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />} data-autofocus>
                {copied ? 'Copied' : 'Copy'}
              </Button>
            )}
          </CopyButton>
          <Button onClick={onStored}>I have stored it</Button>
        </div>
      </Stack>
    </Modal>
  )
}
