import { Alert } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import type { Standing as Is, FieldErrors } from '../api/change.ts'
import { findingOut } from '../api/trouble.ts'

/** How a change stands, as useChange has it. */
export type ChangeState = { standing: Is; wrong: FieldErrors; conflict: string | null }

/**
 * What a form says of itself as a whole: that its outcome is being looked up, or what went
 * wrong. shown is whether what changed meanwhile is marked elsewhere, so that a conflict
 * says no more.
 */
export function Standing({ of: { standing, wrong, conflict }, shown = false, id }: { of: ChangeState; shown?: boolean; id?: string }) {
  const said = wrong[''] ?? (shown ? null : conflict)
  return (
    <>
      {standing === 'findingOut' && (
        <Alert role="status" color="wait" variant="light">
          {findingOut}
        </Alert>
      )}
      {said && (
        <Alert id={id} tabIndex={-1} role="alert" color="bad" variant="light" icon={<IconAlertTriangle aria-hidden />}>
          {said}
        </Alert>
      )}
    </>
  )
}
