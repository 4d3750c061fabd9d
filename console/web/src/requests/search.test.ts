import { describe, expect, test } from 'vitest'
import { dayStart } from '../ui/zone.ts'
import { cleared, inTab, isFiltered, readSearch, requestFilter } from './search.ts'

describe('the address of the list', () => {
  test('keeps what it can mean', () => {
    const all = {
      tab: 'history', words: 'stuck orders', from: '2026-11-01', to: '2026-11-27', person: 'user_1', reviewer: 'user_2', status: ['DENIED', 'EXPIRED'],
      account: 'acc_1', resource: 'res_1', ticket: 'OPS-1', at: '2026-11-20', open: 'req_1', act: 'deny',
    }
    expect(readSearch(all)).toEqual({ ...all, status: ['EXPIRED', 'DENIED'] })
  })

  test('leaves out junk, and never fails', () => {
    for (const junk of [null, {}, [], [[]], { toString: null }, '', '   ', NaN, true, 'x'.repeat(100_000), '<script>', '2026-02-31', '0000-00-00', '../..']) {
      const read = readSearch({ tab: junk, from: junk, to: junk, since: junk, until: junk, person: junk, reviewer: junk, status: junk, account: junk, resource: junk, at: junk, open: junk, act: junk })
      expect(read).toEqual({})
    }
    expect(readSearch({ words: 'x'.repeat(5000), ticket: 'y'.repeat(5000) })).toEqual({ words: 'x'.repeat(200), ticket: 'y'.repeat(80) })
  })

  test('reads a number as what was typed, and one status as a list', () => {
    expect(readSearch({ ticket: 123, words: 4, status: 'ACTIVE', tab: 'approved' })).toEqual({ ticket: '123', words: '4', status: ['ACTIVE'], tab: 'approved' })
  })

  test('has no status of another tab, and none where it names all', () => {
    expect(readSearch({ status: ['ACTIVE'] })).toEqual({})
    expect(readSearch({ tab: 'approved', status: ['ACTIVE', 'APPROVED', 'DENIED'] })).toEqual({ tab: 'approved' })
  })

  test('turns days that are the wrong way round', () => {
    expect(readSearch({ from: '2026-11-27', to: '2026-11-01' })).toEqual({ from: '2026-11-01', to: '2026-11-27' })
  })

  test('has no act without a request', () => {
    expect(readSearch({ act: 'deny' })).toEqual({})
  })
})

test('Clear leaves the tab and the day, and another tab leaves the filters', () => {
  const s = readSearch({ tab: 'approved', status: ['ACTIVE'], ticket: 'A', at: '2026-11-20' })
  expect(isFiltered(s)).toBe(true)
  expect(cleared(s)).toEqual({ tab: 'approved', at: '2026-11-20' })
  expect(isFiltered(cleared(s))).toBe(false)
  expect(inTab(s, 'pending')).toEqual({ ticket: 'A' })
})

describe('what the API is asked for', () => {
  test('is a tab’s statuses, and days from midnight to midnight', () => {
    expect(requestFilter({})).toEqual({ status: ['PENDING'] })
    expect(requestFilter({ tab: 'approved', from: '2026-11-01', to: '2026-11-01' })).toEqual({
      status: ['APPROVED', 'ACTIVE'],
      createdAt: { from: dayStart('2026-11-01').toISOString(), to: dayStart('2026-11-02').toISOString() },
    })
  })

  test('splits at the day to which the list was taken', () => {
    const at = dayStart('2026-11-21').toISOString()
    const s = { at: '2026-11-20', from: '2026-11-01', to: '2026-11-27' }
    expect(requestFilter(s, 'older').createdAt).toEqual({ from: dayStart('2026-11-01').toISOString(), to: at })
    expect(requestFilter(s, 'newer').createdAt).toEqual({ from: at, to: dayStart('2026-11-28').toISOString() })
    expect(requestFilter({ at: '2026-12-20', to: '2026-11-27' }, 'older').createdAt).toEqual({ to: dayStart('2026-11-28').toISOString() })
    const moments = readSearch({ since: '2026-11-27T11:00:00.123456Z', until: '2026-11-27T11:45:00Z' })
    expect(requestFilter(moments).createdAt).toEqual({ from: '2026-11-27T11:00:00.123Z', to: '2026-11-27T11:45:00.000Z' })
    expect(requestFilter({ ...moments, from: '2026-11-01', at: '2026-11-20' }).createdAt?.from).toBe('2026-11-27T11:00:00.123Z')
    expect(readSearch({ since: '2026-11-27', until: '2026-02-31T00:00:00Z' })).toEqual({})
  })
})
