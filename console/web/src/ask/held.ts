import type { ResultOf } from '../api/graphql.ts'
import { graphql } from '../api/graphql.ts'
import { clock } from '../ui/now.ts'
import { same } from './form.ts'

export const ReadHeld = graphql(`
  query ReadHeld($me: ID!) {
    accessRequests(filter: { requesterId: $me, status: [PENDING, APPROVED, ACTIVE] }, first: 100) {
      nodes { id status version items { resourceId role } grant { startsAt expiresAt } startsAt decideBy }
    }
  }
`)

export type Held = NonNullable<ResultOf<typeof ReadHeld>['accessRequests']>['nodes'][number]

/** What the viewer has of a role already, in a few words, and the request that says so. */
type Has = { words: string; requestId: string; active: boolean }

const rank = { ACTIVE: 0, APPROVED: 1, PENDING: 2 } as Record<string, number>

/** Whether the viewer holds a role, or waits for it; the request that is being edited does not count. */
export function hasOf(held: readonly Held[], item: { resourceId: string; role: string | null }, at: number, except?: string): Has | null {
  const of = held.filter((r) => r.id !== except && r.items.some((i) => same(i, item))).sort((a, b) => (rank[a.status] ?? 9) - (rank[b.status] ?? 9))[0]
  if (!of) return null
  const words =
    of.status === 'ACTIVE' && of.grant
      ? `yours until ${clock(Date.parse(of.grant.expiresAt), at)}`
      : of.status === 'APPROVED' && of.grant
        ? `yours from ${clock(Date.parse(of.grant.startsAt), at)}`
        : 'asked for, waits for a decision'
  return { words, requestId: of.id, active: of.status === 'ACTIVE' }
}
