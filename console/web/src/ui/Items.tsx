import { Badge, Group, Stack, Text } from '@mantine/core'
import { kinds } from './words.ts'

type Item = {
  resourceId: string
  resourceName: string
  resourceNameWas?: string | null
  role: string | null
  resourceKind: string
  accountName: string | null
  accountNameWas?: string | null
  gatewayName: string | null
  gatewayNameWas?: string | null
  unavailable?: string | null
}

/** What is asked for, a line or two each. */
export function Items({ items }: { items: readonly Item[] }) {
  return (
    <Stack component="ul" gap="xs" m={0} p={0} style={{ listStyle: 'none' }}>
      {items.map((i) => (
        <li key={`${i.resourceId} ${i.role}`}>
          <Group gap="xs">
            <Text fw={600} span>
              <bdi>{i.resourceName}</bdi>
            </Text>
            <Role role={i.role} />
          </Group>
          <Text size="sm" c="dimmed">
            {kinds[i.resourceKind] ?? i.resourceKind}
            {(i.accountName ?? i.gatewayName) && (
              <>
                {' · '}
                <bdi>{i.accountName ?? i.gatewayName}</bdi>
              </>
            )}
            {i.resourceNameWas && (
              <>
                {' · was called '}
                <bdi>{i.resourceNameWas}</bdi>
              </>
            )}
            {(i.accountNameWas ?? i.gatewayNameWas) && (
              <>
                {', in '}
                <bdi>{i.accountNameWas ?? i.gatewayNameWas}</bdi>
                {' then'}
              </>
            )}
          </Text>
          {i.unavailable && (
            <Text size="sm" c="bad">
              {i.unavailable}
            </Text>
          )}
        </li>
      ))}
    </Stack>
  )
}

/** A role as a chip; nothing where there is none. */
export function Role({ role }: { role: string | null }) {
  if (!role) return null
  return (
    <Badge variant="light" color="over" radius="sm" tt="none" fw={400} fz="xs" size="lg" className="mono">
      {role}
    </Badge>
  )
}
