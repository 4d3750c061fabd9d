import { Alert, Button, Skeleton, Stack, Text, Title } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useEffect, useState, type ReactNode } from 'react'
import type { Trouble } from '../api/trouble.ts'

/** Nothing is here: yet, or by these filters, with the one act that changes it. */
export function Empty({ children, act }: { children: ReactNode; act?: ReactNode }) {
  return (
    <Stack align="center" gap="sm" py="xl" px="md" ta="center">
      <Text c="dimmed">{children}</Text>
      {act}
    </Stack>
  )
}

/** Grey bars of the size of what comes, once it takes long enough to be noticed. */
export function Loading({ rows = 3, height = 44 }: { rows?: number; height?: number }) {
  const [late, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 200)
    return () => clearTimeout(timer)
  }, [])
  return (
    <Stack gap="xs" p="md" role="progressbar" aria-label="Loading">
      {Array.from({ length: rows }, (_, i) => (
        <Skeleton key={i} height={height} visible={late} style={late ? undefined : { visibility: 'hidden' }} />
      ))}
    </Stack>
  )
}

/** What did not work, under which ID the log has it, and another try. */
export function Failure({ trouble, again, what }: { trouble: Trouble; again?: () => void; what: string }) {
  return (
    <Alert role="alert" color="bad" variant="light" icon={<IconAlertTriangle aria-hidden />} title={what} m="md">
      <Text size="sm">{trouble.message}</Text>
      {trouble.id && <Text size="sm">The server’s log has it under {trouble.id}.</Text>}
      {again && (
        <Button mt="sm" variant="default" onClick={again}>
          Try again
        </Button>
      )}
    </Alert>
  )
}

/** A page that is not there, or not for this person. */
export function NotHere({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Stack align="flex-start" gap="sm">
      <Title order={1}>{title}</Title>
      <Text>{children}</Text>
      <Button component="a" href="/" variant="default">
        Home
      </Button>
    </Stack>
  )
}
