import { Checkbox, Stack, Text } from '@mantine/core'
import { Items } from '../ui/Items.tsx'
import { listed } from '../ui/words.ts'
import type { RequestRow } from './fragments.ts'
import { itemLabel } from './terms.ts'

type Item = RequestRow['items'][number]

type Props = {
  items: readonly Item[]
  /** Of these, what the viewer decides. */
  mine: readonly Item[]
  /** An approval can leave some out; where not, the items are only shown. */
  choosing: boolean
  without: readonly string[]
  onChange: (without: string[]) => void
  error?: string | undefined
  readOnly: boolean
}

/** What a decision is about. Of several items an approver can leave out those that they decide. */
export function LeaveOut({ items, mine, choosing, without, onChange, error, readOnly }: Props) {
  const others = items.filter((i) => !mine.includes(i))
  const notYours = mine.length > 0 && others.length > 0
  if (!choosing || items.length < 2 || mine.length === 0) {
    return (
      <>
        <Items items={items} bounded />
        {notYours && <Text size="sm">You decide {listed(mine.map(itemLabel), 'and', 20)}. A denial is of all of it.</Text>}
      </>
    )
  }
  return (
    <Stack gap="xs">
      <Checkbox.Group
        label={notYours ? 'You decide these' : 'What you approve'}
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
      {notYours && (
        <Text size="sm" c="dimmed">
          Others decide {listed(others.map(itemLabel), 'and', 20)}.
        </Text>
      )}
    </Stack>
  )
}
