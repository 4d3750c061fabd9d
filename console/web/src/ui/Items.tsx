import { Badge, Group, Stack, Text } from '@mantine/core'
import { count, kinds } from './words.ts'

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

/** What is asked for, a line or two each; many of them scroll where what follows must stay in sight. */
export function Items({ items, bounded = false }: { items: readonly Item[]; bounded?: boolean }) {
  if (bounded && items.length > 3) {
    const many = count(items.length, 'resource')
    return (
      <div>
        <Text size="sm" fw={600} mb={4}>
          {many}
        </Text>
        <div className="bounded" role="group" aria-label={many} tabIndex={0}>
          <Items items={items} />
        </div>
      </div>
    )
  }
  return (
    <Stack component="ul" gap="xs" m={0} p={0} style={{ listStyle: 'none' }}>
      {items.map((i) => (
        <li key={`${i.resourceId} ${i.role}`}>
          <ItemName of={i} />
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
    <Badge variant="light" color="over" radius="sm" tt="none" fw={400} fz="xs" size="lg" px="xs" className="mono chip">
      {role}
    </Badge>
  )
}

/** A resource's name, with the role in it. */
export function ItemName({ of: { resourceName, role } }: { of: { resourceName: string; role: string | null } }) {
  return (
    <Group gap="xs">
      <Text fw={600} span>
        <bdi>{resourceName}</bdi>
      </Text>
      <Role role={role} />
    </Group>
  )
}
