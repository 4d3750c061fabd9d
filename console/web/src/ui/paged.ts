import { useCallback, useEffect, useRef, useState } from 'react'
import { useLive } from '../api/live.ts'
import type { Trouble } from '../api/trouble.ts'

/** A page of a list: its rows, the cursor behind the last, and whether there are more. */
export type ListPage<R> = { rows: readonly R[]; end: string | null; more: boolean }

export type Paged<R> = {
  /** What is read so far; null until the first page is there. */
  rows: readonly R[] | null
  more: boolean
  reading: boolean
  wrong: Trouble | null
  /** Counts how often the list was read from its beginning. */
  shown: number
  /** Reads a page more. */
  next: () => void
  /** Reads anew as much as is shown; that stays until the answer is there. */
  again: () => void
  /** Tries once more what went wrong. */
  retry: () => void
}

const perPage = 50

/**
 * A list that is read page by page behind "Show more", 50 rows each, for lists of some
 * hundred rows (EndlessRows is for those of a million). It begins anew with another key, which
 * says what the list is of. Where a page can't be read, what is there stays. With follow it is
 * read anew a second after something happened that may change it.
 */
export function usePaged<R extends { id: string }>(key: string, read: (after: string | null) => Promise<ListPage<R> | Trouble>, follow = false): Paged<R> {
  const [list, setList] = useState<ListPage<R> | null>(null)
  const [wrong, setWrong] = useState<Trouble | null>(null)
  const [reading, setReading] = useState(false)
  const [shown, setShown] = useState(0)
  const round = useRef(0)
  const most = useRef(perPage)
  const last = useRef(true) // whether that was from the beginning
  const latest = useRef({ read, list })
  latest.current = { read, list }

  const load = useCallback(async (anew: boolean) => {
    const mine = ++round.current
    const { read: page, list: has } = latest.current
    last.current = anew
    setReading(true)
    setWrong(null)
    let out: ListPage<R> = anew || !has ? { rows: [], end: null, more: true } : has
    do {
      const answer = await page(out.end)
      if (mine !== round.current) return
      if ('kind' in answer) {
        setWrong(answer)
        setReading(false)
        return
      }
      // What moved while pages were read comes once.
      const have = new Set(out.rows.map((r) => r.id))
      out = { rows: [...out.rows, ...answer.rows.filter((r) => !have.has(r.id))], end: answer.end, more: answer.more }
    } while (anew && out.more && out.rows.length < most.current)
    most.current = Math.max(perPage, out.rows.length)
    setList(out)
    setReading(false)
    if (anew) setShown((n) => n + 1)
  }, [])

  useEffect(() => {
    most.current = perPage
    void load(true)
    return () => void round.current++
  }, [key, load])

  const late = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(late.current), [])
  // Many events in a moment are one look.
  useLive(() => {
    if (!follow) return
    clearTimeout(late.current)
    late.current = setTimeout(() => void load(true), 1000)
  })

  return { rows: list?.rows ?? null, more: list?.more ?? false, reading, wrong, shown, next: () => void load(false), again: () => void load(true), retry: () => void load(last.current) }
}
