import { Alert, Button, Group, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { what } from '../requests/terms.ts'
import { ButtonLink, Link } from '../ui/Link.tsx'
import { clock, useNow } from '../ui/now.ts'
import { statuses } from '../ui/words.ts'
import type { Twin } from './operations.ts'

/** The request that asks for all of it already, and the way to ask all the same. */
export function Duplicate({ twin, onInsist }: { twin: Twin; onInsist: () => void }) {
  const at = useNow()
  const stands = twin.status === 'ACTIVE' && twin.grant ? `yours until ${clock(Date.parse(twin.grant.expiresAt), at)}` : statuses[twin.status].word.toLowerCase()
  return (
    <Alert id="ask-twin" tabIndex={-1} role="alert" color="wait" variant="light" icon={<IconAlertTriangle aria-hidden />} title="You have asked for this already">
      <Text size="sm" mb="sm">
        <Link to="/requests/$id" params={{ id: twin.id }}>
          <bdi>{what(twin.items)}</bdi>
        </Link>{' '}
        is {stands}. Nothing was sent.
      </Text>
      <Group gap="sm">
        <ButtonLink to="/requests/$id" params={{ id: twin.id }}>
          Open that request
        </ButtonLink>
        <Button variant="default" onClick={onInsist}>
          Ask all the same
        </Button>
      </Group>
    </Alert>
  )
}
