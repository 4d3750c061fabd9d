import { Tabs, Text } from '@mantine/core'
import { useDebouncedCallback, useMediaQuery } from '@mantine/hooks'
import { useCallback, useEffect, useState } from 'react'
import { ask } from '../api/ask.ts'
import { graphql } from '../api/graphql.ts'
import { useLive } from '../api/live.ts'
import { grouped } from '../ui/words.ts'
import classes from './ListPage.module.css'
import { tabs, type Tab } from './search.ts'

const CountTabs = graphql(`
  query CountTabs {
    pending: accessRequests(filter: { status: [PENDING] }, first: 0) { totalCount }
    approved: accessRequests(filter: { status: [APPROVED, ACTIVE] }, first: 0) { totalCount }
    history: accessRequests(filter: { status: [EXPIRED, CLOSED, REVOKED, DENIED, CANCELED, TIMED_OUT, FAILED] }, first: 0) { totalCount }
  }
`)

/** The tabs, with how many there are where that is known; what filters leave is not counted. */
export function TabList() {
  const [counts, setCounts] = useState<Partial<Record<Tab, number | null>>>({})
  const read = useCallback(async () => {
    const { data } = await ask(CountTabs, {})
    if (data) setCounts({ pending: data.pending?.totalCount ?? null, approved: data.approved?.totalCount ?? null, history: data.history?.totalCount ?? null })
  }, [])
  const narrow = useMediaQuery('(max-width: 47.99em)', false, { getInitialValueInEffect: false })
  const soon = useDebouncedCallback(() => void read(), { delay: 500 })
  useEffect(() => void read(), [read])
  useLive(() => soon())
  return (
    <Tabs.List className={classes['tabs'] ?? ''} aria-label="Which requests">
      {(Object.keys(tabs) as Tab[]).map((t) => {
        const n = counts[t]
        return (
          <Tabs.Tab
            key={t}
            value={t}
            rightSection={
              typeof n === 'number' ? (
                <Text span size="sm" c="dimmed" aria-hidden>
                  {narrow && n >= 1000 ? n.toLocaleString('en', { notation: 'compact' }) : grouped(n)}
                </Text>
              ) : undefined
            }
          >
            {tabs[t].label.split(' ')[0]}
            <span className={classes['rest']}>{tabs[t].label.slice(tabs[t].label.split(' ')[0]!.length)}</span>
          </Tabs.Tab>
        )
      })}
    </Tabs.List>
  )
}
