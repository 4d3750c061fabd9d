import { useCallback, useEffect, useRef, useState } from 'react'
import { ask } from '../api/ask.ts'
import { graphql, type FragmentOf } from '../api/graphql.ts'
import { useLive } from '../api/live.ts'
import type { Endless } from '../ui/endless.ts'
import { RequestRow } from './fragments.ts'
import { requestFilter, type ListSearch } from './search.ts'

/** A row, and what else is needed to tell whether it passes the filters. */
export const ListRow = graphql(
  `
    fragment ListRow on AccessRequest {
      ...RequestRow
      reviews { reviewer { userId } }
    }
  `,
  [RequestRow],
)

export type ListRow = FragmentOf<typeof ListRow>

const ReadRows = graphql(`query ReadRows($ids: [ID!]!) { nodes(ids: $ids) { ... on AccessRequest { ...ListRow } } }`, [ListRow])

const folded = (s: string) => s.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
const wordsOf = (s: string) => folded(s).split(/[^\p{L}\p{N}]+/u).filter(Boolean)

/**
 * Whether a request passes the list's filters, as the server would say it. Words are
 * compared less exactly here: it decides only whether the list is said to have a new row.
 */
export function passes(r: ListRow, s: ListSearch): boolean {
  const f = requestFilter(s)
  const asked = Date.parse(r.createdAt)
  if (!f.status.includes(r.status)) return false
  if (f.requesterId && r.requester.userId !== f.requesterId) return false
  if (f.reviewerId && !r.reviews.some((v) => v.reviewer.userId === f.reviewerId)) return false
  if (f.resourceId && !r.items.some((i) => i.resourceId === f.resourceId)) return false
  if (f.accountId && !r.items.some((i) => i.accountId === f.accountId)) return false
  if (f.ticket && folded(r.ticket ?? '') !== folded(f.ticket)) return false
  if (f.createdAt?.from && asked < Date.parse(f.createdAt.from)) return false
  if (f.createdAt?.to && asked >= Date.parse(f.createdAt.to)) return false
  if (!f.search) return true
  const text = wordsOf([r.reason, r.ticket, r.requester.name, r.requester.email, ...r.items.flatMap((i) => [i.resourceName, i.role, i.accountName, i.gatewayName])].join(' '))
  return wordsOf(f.search).every((w) => text.some((t) => t.startsWith(w)))
}

async function readRows(ids: readonly string[]): Promise<ListRow[]> {
  const out: ListRow[] = []
  for (let i = 0; i < ids.length; i += 50) {
    const { data } = await ask(ReadRows, { ids: ids.slice(i, i + 50) })
    for (const n of data?.nodes ?? []) if (n && 'id' in n) out.push(n as ListRow)
  }
  return out
}

/**
 * Follows what happens to the rows: what is loaded changes in its place and stays, and what
 * is new waits, to be shown when that is asked for.
 */
export function useFollow(list: Endless<ListRow>, search: ListSearch, newer: () => Promise<ListRow[]>) {
  const [waiting, setWaiting] = useState<ReadonlySet<string>>(new Set())
  const heardOf = useRef(new Set<string>())
  const all = useRef(false)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const latest = useRef({ list, search, newer })
  latest.current = { list, search, newer }

  // Nothing waits for a list that begins anew.
  useEffect(() => {
    setWaiting(new Set())
    return () => {
      clearTimeout(timer.current)
      timer.current = undefined
    }
  }, [list])

  const look = useCallback(async () => {
    timer.current = undefined
    const { list, search, newer } = latest.current
    const { rows, above, below, ready } = list.state()
    if (!ready && !below.trouble) {
      timer.current = setTimeout(() => void look(), 100)
      return
    }
    const ids = new Set(heardOf.current)
    const everything = all.current
    heardOf.current.clear()
    all.current = false
    if (everything) for (const r of rows) ids.add(r.row.id)
    if (above.trouble) void list.grow('above')
    if (below.trouble) void list.grow('below')
    const read = await readRows([...ids])
    if (everything && list.atHead && rows.length > 0) read.push(...(await newer()))
    if (latest.current.list !== list) return
    list.update(read)
    const { state } = list
    // An empty list has nothing that could move.
    if (state().ready && state().rows.length === 0 && state().below.done) {
      if (read.some((r) => passes(r, search))) void list.again()
      return
    }
    setWaiting((was) => {
      const next = new Set(was)
      for (const r of read) {
        if (!list.has(r.id) && passes(r, search)) next.add(r.id)
        else next.delete(r.id)
      }
      return next.size === was.size && [...next].every((id) => was.has(id)) ? was : next
    })
  }, [])

  // Many events in a moment are one look.
  useLive((heard) => {
    if (heard === 'again') all.current = true
    else heardOf.current.add(heard.request.requestId)
    timer.current ??= setTimeout(() => void look(), 100)
  })

  return { waiting: waiting.size, shown: () => setWaiting(new Set()) }
}
