import { useEffect, useState } from 'react'
import { ask } from '../api/ask.ts'
import { now } from '../api/clock.ts'
import { graphql } from '../api/graphql.ts'
import { noAnswer, type Trouble } from '../api/trouble.ts'
import { atTop, type Spot } from '../ui/EndlessRows.tsx'
import { Endless, type Page, type Part, type Place } from '../ui/endless.ts'
import { ListRow } from './follow.ts'
import { requestFilter, type ListSearch } from './search.ts'

const ReadList = graphql(
  `
    query ReadList($filter: AccessRequestFilter!, $first: Int, $after: String, $last: Int, $before: String) {
      accessRequests(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
        edges { cursor node { ...ListRow } }
        pageInfo { startCursor endCursor hasNextPage hasPreviousPage }
      }
    }
  `,
  [ListRow],
)

/** A page of the list that an address names. */
export async function readPage(search: ListSearch, part: Part, place: Place): Promise<Page<ListRow> | Trouble> {
  const { data, error } = await ask(ReadList, { filter: requestFilter(search, part), ...place })
  const list = data?.accessRequests
  if (!list) return noAnswer(error)
  return { edges: list.edges, ...list.pageInfo }
}

/** The list that was seen last, so that who returns to it finds it as they left it. */
type Kept = { key: string; number: number; list: Endless<ListRow>; spot: Spot; at: number }
let kept: Kept | null = null
let number = 0
const keptFor = 600_000

function listOf(search: ListSearch): Kept {
  const key = JSON.stringify({ ...search, open: undefined, act: undefined })
  if (kept?.key === key && now() - kept.at < keptFor) return kept
  kept = { key, number: ++number, list: new Endless<ListRow>((part, place) => readPage(search, part, place), search.at !== undefined), spot: atTop(), at: now() }
  return kept
}

/** Begins to read a list before its page is drawn. Returns once that can be seen, or will not be soon. */
export function begin(search: ListSearch): Promise<unknown> {
  const { list } = listOf(search)
  if (list.state().ready) return Promise.resolve()
  return Promise.race([list.grow('below'), new Promise((resolve) => setTimeout(resolve, 500))])
}

/** The list that an address names: the one that was left, or a new one. */
export function useList(search: ListSearch): Kept {
  const key = JSON.stringify({ ...search, open: undefined, act: undefined })
  const [mine, setMine] = useState(() => listOf(search))
  const is = mine.key === key ? mine : listOf(search)
  if (is !== mine) setMine(is)
  useEffect(() => {
    if (!is.list.state().ready) void is.list.grow('below')
    return () => {
      is.at = now()
      if (kept !== is) is.list.close()
    }
  }, [is])
  return is
}

/** What of the list's state its page is drawn by; the rows are drawn by themselves. */
export function standingOf(list: Endless<ListRow>): 'loading' | 'failed' | 'rows' | 'looking' | 'empty' {
  const { ready, rows, above, below } = list.state()
  if (!ready) return below.trouble ? 'failed' : 'loading'
  if (rows.length > 0 || !above.done) return 'rows'
  return below.done ? 'empty' : 'looking'
}
