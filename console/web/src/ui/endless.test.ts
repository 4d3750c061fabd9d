import { describe, expect, test } from 'vitest'
import type { Trouble } from '../api/trouble.ts'
import { Endless, type Page, type Place, type Read } from './endless.ts'

type R = { id: string; n: number }

/** A list of rows 0 to many-1 whose cursors are their places; newer ones, from below zero, lie above. */
function list(many: number, newer = 0, asked: Place[] = []): Read<R> {
  const parts = {
    older: Array.from({ length: many }, (_, n) => n),
    newer: Array.from({ length: newer }, (_, n) => n - newer),
  }
  return async (part, place) => {
    asked.push(place)
    const all = parts[part]
    let [from, to] = [0, all.length]
    if ('first' in place) {
      from = place.after === null ? 0 : all.indexOf(Number(place.after)) + 1
      to = Math.min(from + place.first, all.length)
    } else {
      to = place.before === null ? all.length : all.indexOf(Number(place.before))
      from = Math.max(0, to - place.last)
    }
    return page(all.slice(from, to), from > 0, to < all.length)
  }
}

const page = (ns: number[], before: boolean, after: boolean): Page<R> => ({
  edges: ns.map((n) => ({ cursor: String(n), node: { id: `req_${n}`, n } })),
  startCursor: ns.length > 0 ? String(ns[0]) : null,
  endCursor: ns.length > 0 ? String(ns.at(-1)) : null,
  hasPreviousPage: before,
  hasNextPage: after,
})

const shown = (e: Endless<R>) => e.state().rows.map((r) => r.row.n)
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

describe('an endless list', () => {
  test('holds so many rows, and finds those that it let go by their cursors', async () => {
    const e = new Endless(list(95), false, 10, 30)
    for (let i = 0; i < 20; i++) await e.grow('below')
    expect(shown(e)).toEqual(range(65, 95))
    expect(e.state()).toMatchObject({ base: 65, below: { done: true }, above: { done: false } })
    for (let i = 0; i < 20; i++) await e.grow('above')
    expect(shown(e)).toEqual(range(0, 30))
    expect(e.state()).toMatchObject({ base: 0, above: { done: true }, below: { done: false } })
    await e.grow('below')
    expect(shown(e)).toEqual(range(10, 40))
  })

  test('that begins at a day goes both ways, and over the day when it returns', async () => {
    const e = new Endless(list(40, 25), true, 10, 30)
    await e.grow('below')
    expect(shown(e)).toEqual(range(0, 10))
    await e.grow('above')
    expect(shown(e)).toEqual(range(-10, 10))
    expect(e.state().base).toBe(-10)
    for (let i = 0; i < 9; i++) await e.grow('below')
    expect(shown(e)).toEqual(range(10, 40))
    for (let i = 0; i < 9; i++) await e.grow('above')
    expect(shown(e)).toEqual(range(-25, 5))
    expect(e.atHead).toBe(true)
    for (let i = 0; i < 9; i++) await e.grow('below')
    expect(shown(e)).toEqual(range(10, 40))
  })

  test('goes on over pages on which nothing matches', async () => {
    const pages = [{ ...page([], false, true), endCursor: 'a' }, { ...page([], false, true), endCursor: 'b' }, page([7], false, false)]
    const asked: Place[] = []
    const e = new Endless<R>(async (_, place) => (asked.push(place), pages.shift()!), false)
    await e.grow('below')
    expect(shown(e)).toEqual([7])
    expect(asked.map((p) => 'after' in p && p.after)).toEqual([null, 'a', 'b'])
  })

  test('keeps its rows when a page can’t be read, and tries again', async () => {
    const good = list(20)
    let off = false
    const down: Trouble = { kind: 'unreachable', message: 'off' }
    const e = new Endless<R>(async (part, place) => (off ? down : good(part, place)), false, 10)
    await e.grow('below')
    off = true
    await e.grow('below')
    expect(shown(e)).toEqual(range(0, 10))
    expect(e.state().below.trouble).toEqual(down)
    expect(await e.again()).toBe(false)
    expect(shown(e)).toEqual(range(0, 10))
    off = false
    await e.grow('below')
    expect(shown(e)).toEqual(range(0, 20))
    expect(e.state().below.trouble).toBeNull()
  })

  test('asks once for a page, however often it is wanted', async () => {
    const asked: Place[] = []
    const e = new Endless(list(50, 0, asked), false, 10)
    await Promise.all([e.grow('below'), e.grow('below'), e.grow('below')])
    expect(asked).toHaveLength(1)
  })

  test('changes rows in their place', async () => {
    const e = new Endless(list(5), false)
    await e.grow('below')
    e.update([{ id: 'req_3', n: 33 }, { id: 'req_99', n: 99 }])
    expect(shown(e)).toEqual([0, 1, 2, 33, 4])
  })

  test('begins anew, and takes no answer of before', async () => {
    const answers: ((p: Page<R>) => void)[] = []
    const e = new Endless<R>(() => new Promise((resolve) => answers.push(resolve)), false)
    void e.grow('below')
    const again = e.again()
    answers[1]!(page([1], false, false))
    expect(await again).toBe(true)
    answers[0]!(page([2], false, false))
    await Promise.resolve()
    expect(shown(e)).toEqual([1])
  })
})
