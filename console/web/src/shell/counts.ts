import { useDebouncedCallback, useInterval } from '@mantine/hooks'
import { useCallback, useEffect, useState } from 'react'
import { ask } from '../api/ask.ts'
import { graphql } from '../api/graphql.ts'
import { useLive } from '../api/live.ts'
import { useViewer } from '../viewer.ts'

const ReadCounts = graphql(`
  query ReadCounts($admin: Boolean!) {
    waiting: accessRequests(filter: { reviewableByMe: true }, first: 100) { nodes { id } }
    broken: integrations(status: [BROKEN], first: 0) @include(if: $admin) { totalCount }
  }
`)

/** What the navigation counts: requests that wait for the viewer's decision, and integrations that are broken. */
export type Counts = { waiting: number; broken: number }

/** The counts, read anew when something happened, and each minute, for a broken integration makes no event. */
export function useCounts(): Counts {
  const { admin } = useViewer()
  const [counts, setCounts] = useState<Counts>({ waiting: 0, broken: 0 })
  const read = useCallback(async () => {
    if (document.visibilityState === 'hidden') return
    const { data } = await ask(ReadCounts, { admin })
    if (data) setCounts({ waiting: data.waiting?.nodes.length ?? 0, broken: data.broken?.totalCount ?? 0 })
  }, [admin])
  const soon = useDebouncedCallback(() => void read(), { delay: 400 })
  useInterval(() => void read(), 60_000, { autoInvoke: true })
  useLive(() => soon())
  useEffect(() => {
    soon() // after what the page itself reads
    document.addEventListener('visibilitychange', soon)
    return () => document.removeEventListener('visibilitychange', soon)
  }, [soon])
  return counts
}

/** As it is written beside a name: nothing for none, and "99+" for more. */
export const counted = (n: number): string | null => (n === 0 ? null : n > 99 ? '99+' : String(n))
