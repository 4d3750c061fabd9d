import { Checkbox, Stack, Text } from '@mantine/core'
import { listed } from '../ui/words.ts'
import type { Item } from './LeaveOut.tsx'
import { itemLabel } from './terms.ts'

type Props = {
  /** What the viewer decides, and what others do. */
  mine: readonly Item[]
  others: readonly Item[]
  without: readonly string[]
  onChange: (without: string[]) => void
  error?: string | undefined
  readOnly: boolean
}

/** Which of the items that somebody decides they approve. */
export function Choice({ mine, others, without, onChange, error, readOnly }: Props) {
  return (
    <Stack gap="xs">
      <Checkbox.Group
        label={others.length > 0 ? 'You decide these' : 'What you approve'}
        description="What you uncheck is left out."
        error={error}
        value={mine.filter((i) => !without.includes(i.resourceId)).map((i) => i.resourceId)}
        onChange={(kept) => {
          if (!readOnly) onChange(mine.filter((i) => !kept.includes(i.resourceId)).map((i) => i.resourceId))
        }}
      >
        <Stack gap={4} mt={4} className={mine.length > 3 ? 'bounded' : ''}>
          {mine.map((i) => (
            <Checkbox key={i.resourceId} value={i.resourceId} label={<bdi>{itemLabel(i)}</bdi>} description={i.accountName ?? i.gatewayName} />
          ))}
        </Stack>
      </Checkbox.Group>
      {others.length > 0 && (
        <Text size="sm" c="dimmed">
          Others decide {listed(others.map(itemLabel), 'and', 20)}.
        </Text>
      )}
    </Stack>
  )
}
