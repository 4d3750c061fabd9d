import { act, renderHook } from '@testing-library/react'
import { beforeEach, expect, test, vi } from 'vitest'
import type { Trouble } from '../api/trouble.ts'
import { usePaged, type ListPage } from './paged.ts'

const live = vi.hoisted(() => ({ hear: () => {} }))
vi.mock('../api/live.ts', () => ({ useLive: (f: () => void) => void (live.hear = f) }))

type Row = { id: string }
let rows: Row[] = []
let asked: (string | null)[] = []
let down: Trouble | null = null

// Fifty rows a page; the cursor is a row's ID.
async function read(after: string | null): Promise<ListPage<Row> | Trouble> {
  asked.push(after)
  if (down) return down
  const from = after === null ? 0 : rows.findIndex((r) => r.id === after) + 1
  const page = rows.slice(from, from + 50)
  return { rows: page, end: page.at(-1)?.id ?? after, more: from + 50 < rows.length }
}
const made = (n: number) => Array.from({ length: n }, (_, i) => ({ id: `row_${i}` }))
const settle = () => act(async () => await vi.advanceTimersByTimeAsync(0))

beforeEach(() => {
  vi.useFakeTimers()
  ;[rows, asked, down] = [made(120), [], null]
})

async function opened(follow = false) {
  const hook = renderHook(({ key }) => usePaged(key, read, follow), { initialProps: { key: 'all' } })
  expect(hook.result.current.rows).toBeNull()
  await settle()
  return hook
}

test('reads page by page to the end', async () => {
  const { result } = await opened()
  expect([result.current.rows!.length, result.current.more]).toEqual([50, true])
  act(() => result.current.next())
  await settle()
  act(() => result.current.next())
  await settle()
  expect([result.current.rows!.length, result.current.more, result.current.shown]).toEqual([120, false, 1])
})

test('keeps what is there when a page can’t be read, and tries that page again', async () => {
  const { result } = await opened()
  down = { kind: 'unreachable', message: 'down' } as unknown as Trouble
  act(() => result.current.next())
  await settle()
  expect([result.current.rows!.length, result.current.wrong]).toEqual([50, down])
  down = null
  asked = []
  act(() => result.current.retry())
  await settle()
  expect([result.current.rows!.length, result.current.wrong, asked]).toEqual([100, null, ['row_49']])
})

test('reads anew as much as is shown when something happened, once for many', async () => {
  const { result } = await opened(true)
  act(() => result.current.next())
  await settle()
  rows = [{ id: 'new' }, ...rows]
  asked = []
  act(() => {
    live.hear()
    live.hear()
  })
  await act(async () => await vi.advanceTimersByTimeAsync(1000))
  expect([result.current.rows![0]!.id, result.current.rows!.length, asked.length]).toEqual(['new', 100, 2])
})

test('shows a row that moved between two pages once', async () => {
  const { result } = await opened()
  rows = [...rows.slice(0, 50), rows[3]!, ...rows.slice(50)]
  act(() => result.current.next())
  await settle()
  expect(result.current.rows!.filter((r) => r.id === 'row_3')).toHaveLength(1)
})

test('begins anew with another key, and drops what the old one still answers', async () => {
  const { result, rerender } = await opened()
  act(() => result.current.next())
  rows = made(3)
  rerender({ key: 'other' })
  await settle()
  expect([result.current.rows!.length, result.current.more]).toEqual([3, false])
})
