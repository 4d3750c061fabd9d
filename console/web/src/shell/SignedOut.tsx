import { Button, Modal, Text } from '@mantine/core'
import { useRouterState } from '@tanstack/react-router'
import { useViewer } from '../viewer.ts'

/** A session that ended leads to the sign-in and back to this address; drafts are kept. */
export default function SignedOut() {
  const viewer = useViewer()
  const here = useRouterState({ select: (s) => s.location.href })
  return (
    <Modal opened onClose={() => {}} withCloseButton={false} title="You are signed out" centered>
      <Text mb="md">The session of {viewer.email} has ended. What you typed here is kept: sign in again, and go on.</Text>
      <Button component="a" href={`/signin?next=${encodeURIComponent(here)}`} data-autofocus>
        Sign in
      </Button>
    </Modal>
  )
}
