import { Button } from '@mantine/core'
import type { Trouble } from '../api/trouble.ts'

/** What stands at the end of a list where there is more: that it comes, or why not. */
export function ListEnd({ trouble, again }: { trouble: Trouble | null; again: () => void }) {
  if (!trouble) return 'Loading more…'
  return (
    <>
      {trouble.message}
      <Button variant="subtle" onClick={again}>
        Try again
      </Button>
    </>
  )
}
