import { afterEach, expect, test } from 'vitest'
import { local as picked, ofLocal } from '../ask/form.ts'
import { span } from '../requests/Filters.tsx'
import { clock, moment } from './now.ts'
import { byDevice, chooseZone, dayOf, dayStart, keepZone, local, momentOf, recallZone, zoneName } from './zone.ts'

afterEach(() => chooseZone(null))

const at = (iso: string) => Date.parse(iso)
const shown = (ms: number) => {
  const l = local(ms)
  return [l.year, l.month, l.day, l.hour, l.minute, l.second].join(' ')
}

test('a chosen zone is by which all times are shown and read', () => {
  chooseZone('Asia/Kolkata')
  const ms = at('2026-11-27T20:22:05Z')
  expect(zoneName()).toBe('Asia/Kolkata')
  expect(shown(ms)).toBe('2026 11 28 1 52 5')
  expect(moment(ms, ms)).toBe('28 Nov, 01:52')
  expect(clock(ms, at('2026-11-28T10:00:00Z'))).toBe('01:52')
  expect(clock(ms, at('2026-11-27T10:00:00Z'))).toBe('28 Nov, 01:52')
  expect(picked(ms)).toBe('2026-11-28 01:52:05')
  expect(ofLocal('2026-11-28 01:52:05')).toBe(ms)
  expect(dayOf(ms)).toBe('2026-11-28')
  expect(dayStart('2026-11-28').toISOString()).toBe('2026-11-27T18:30:00.000Z')
  expect(dayStart('2026-12-31', 1).toISOString()).toBe('2026-12-31T18:30:00.000Z')
  expect(moment(at('2026-12-31T20:00:00Z'), at('2026-12-31T10:00:00Z'))).toBe('1 Jan 2027, 01:30')
  expect(span('2026-11-27', '2026-11-28', ms)).toBe('27 Nov to 28 Nov')
})

test('midnight is hour 0, and clocks that are put on or back are followed', () => {
  chooseZone('Europe/Berlin')
  expect(shown(at('2026-11-27T23:00:00Z'))).toBe('2026 11 28 0 0 0')
  const of = (hour: number, day: number, month: number) => new Date(momentOf({ year: 2026, month, day, hour, minute: 30, second: 0 })).toISOString()
  expect(of(1, 29, 3)).toBe('2026-03-29T00:30:00.000Z')
  expect(of(2, 29, 3)).toBe('2026-03-29T01:30:00.000Z') // there is none
  expect(of(3, 29, 3)).toBe('2026-03-29T01:30:00.000Z')
  expect(of(2, 25, 10)).toBe('2026-10-25T00:30:00.000Z') // the first of two
  expect(of(3, 25, 10)).toBe('2026-10-25T02:30:00.000Z')
  expect(dayStart('2026-10-25', 1).getTime() - dayStart('2026-10-25').getTime()).toBe(25 * 3_600_000)
})

test('without one, and with one that is not known, it is the device’s', () => {
  const ms = at('2026-11-27T20:22:05Z')
  const own = shown(ms)
  chooseZone('Mars/Olympus')
  expect(byDevice()).toBe(true)
  expect(shown(ms)).toBe(own)
  const d = new Date(2026, 10, 27)
  expect(dayStart('2026-11-27')).toEqual(d)
  expect(Number.isNaN(ofLocal(''))).toBe(true)
  expect(Number.isNaN(ofLocal('soon'))).toBe(true)
})

test('it is remembered for the next page, and whether it was another is told once', () => {
  localStorage.clear()
  expect(keepZone(null)).toBe(false)
  expect(keepZone('Asia/Kolkata')).toBe(true)
  expect(keepZone('Asia/Kolkata')).toBe(false)
  chooseZone(null)
  recallZone()
  expect(zoneName()).toBe('Asia/Kolkata')
  expect(keepZone(null)).toBe(true)
  recallZone()
  expect(byDevice()).toBe(true)
})
