import { Alert } from '@mantine/core'
import type { Standing as Is } from '../api/act.ts'

/** What a form says of itself as a whole: that its outcome is being looked up, or what went wrong. */
export function Standing({ standing, wrong }: { standing: Is; wrong: Record<string, string> }) {
  return (
    <>
      {standing === 'findingOut' && (
        <Alert role="status" color="wait" variant="light">
          We are finding out whether this was done. Don’t repeat it.
        </Alert>
      )}
      {wrong[''] && (
        <Alert role="alert" color="bad" variant="light">
          {wrong['']}
        </Alert>
      )}
    </>
  )
}
