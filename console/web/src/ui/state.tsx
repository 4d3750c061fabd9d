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

/** Grey bars of the size of what comes, once it takes long enough to be noticed; inset at the edge of a card. */
export function Loading({ rows = 3, height = 44, inset = false }: { rows?: number; height?: number; inset?: boolean }) {
  const [late, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 200)
    return () => clearTimeout(timer)
  }, [])
  return (
    <Stack gap="xs" p={inset ? 'md' : 0} role="progressbar" aria-label="Loading">
      {Array.from({ length: rows }, (_, i) => (
        <Skeleton key={i} height={height} visible={late} style={late ? undefined : { visibility: 'hidden' }} />
      ))}
    </Stack>
  )
}

/** What did not work, under which ID the log has it, and another try; inset at the edge of a card. */
export function Failure({ trouble, again, what, inset = false }: { trouble: Trouble; again?: () => void; what: string; inset?: boolean }) {
  return (
    <Alert role="alert" color="bad" variant="light" icon={<IconAlertTriangle aria-hidden />} title={what} m={inset ? 'md' : 0}>
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

/** A page before it has what it shows: its name, and what comes, or why nothing does. */
export function Awaited({ title, order = 1, wrong, what, again, rows = 5 }: { title: string; order?: 1 | 2; wrong: Trouble | null; what: string; again: () => void; rows?: number }) {
  return (
    <Stack gap="lg">
      <Title order={order} fz={24} lh="32px">
        {title}
      </Title>
      {wrong ? <Failure what={what} trouble={wrong} again={again} /> : <Loading rows={rows} />}
    </Stack>
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

/** A page that could not be drawn: of an older release than the server, as a page that stays open over an update, or by a fault of ours. */
export function Undrawn({ error }: { error: unknown }) {
  return (
    <Stack align="flex-start" gap="sm" role="alert">
      <Title order={1}>This page can’t be shown</Title>
      <Text>If Procyon was updated while it was open, loading it anew mends that. Nothing that you did is lost.</Text>
      <Text size="sm" c="dimmed">
        The browser says: {error instanceof Error ? error.message : String(error)}
      </Text>
      <Button variant="default" onClick={() => location.reload()}>
        Load it anew
      </Button>
    </Stack>
  )
}
