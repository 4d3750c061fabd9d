import { Text } from '@mantine/core'
import { lazy, Suspense } from 'react'
import { Items } from '../ui/Items.tsx'
import { listed } from '../ui/words.ts'
import type { RequestRow } from './fragments.ts'
import { itemLabel } from './terms.ts'

/** It is loaded by itself: few decide several items. */
const Choice = lazy(async () => ({ default: (await import('./Choice.tsx')).Choice }))

export type Item = RequestRow['items'][number]

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
    <Suspense fallback={<Items items={items} bounded />}>
      <Choice mine={mine} others={others} without={without} onChange={onChange} error={error} readOnly={readOnly} />
    </Suspense>
  )
}
