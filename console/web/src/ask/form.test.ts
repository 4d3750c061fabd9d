import { expect, test } from 'vitest'
import { limits, request } from '../test/scene.tsx'
import { check, createInput, empty, forEdit, fromEarlier, local, ofLocal, rebased, updateInput, wrongOf, type Draft } from './form.ts'
import { hasOf, type Held } from './held.ts'
import { filtered, readAskSearch } from './search.ts'

const item = (name: string, change: object = {}) => ({ ...request().items[0]!, resourceId: `res_${name}`, resourceName: name, ...change })
const at = Date.parse('2026-11-28T12:00:00Z')
const draft = (change: Partial<Draft> = {}): Draft => ({ ...fromEarlier(request(), limits).draft, ...change })

test('an earlier request fills the form, less what can’t be given any more', () => {
  const r = request({ items: [item('orders-db'), item('gone', { unavailable: 'It was deleted.' })], requestedDuration: 'PT12H', ticket: 'OPS-1', startsAt: '2026-01-01T00:00:00Z' })
  const { draft, left, shortened } = fromEarlier(r, limits)
  expect(draft.items.map((i) => i.resourceName)).toEqual(['orders-db'])
  expect(draft).toMatchObject({ duration: 'PT8H', reason: 'stuck orders', ticket: 'OPS-1', start: 'now', startsAt: '', seen: null })
  expect(left).toEqual([{ label: 'gone reader', why: 'It was deleted.' }])
  expect(shortened).toBe('It was for 12 hours; at most 8 hours is allowed now.')
})

test('a new version moves what was not touched, and leaves what was typed', () => {
  const was = request({ ticket: 'OPS-1' })
  const mine = { ...forEdit(was, limits).draft, reason: 'typed here' }
  const is = request({ version: 2, ticket: 'OPS-2', reason: 'changed in Slack', requestedDuration: 'PT4H' })
  expect(rebased(mine, is, limits)).toMatchObject({ reason: 'typed here', ticket: 'OPS-2', duration: 'PT4H', seen: { version: 2 } })
})

test('what is wrong is said by field before anything is sent', () => {
  expect(check({ ...empty(limits) }, limits, at)).toEqual({ items: 'Choose at least one resource.', reason: 'Say why.' })
  expect(check(draft({ start: 'then' }), limits, at)).toEqual({ startsAt: 'Choose when it should start.' })
  expect(check(draft({ start: 'then', startsAt: local(at - 3_600_000) }), limits, at)).toEqual({ startsAt: 'This moment has passed.' })
  expect(check(draft({ start: 'then', startsAt: local(at + 31 * 86_400_000) }), limits, at)).toEqual({ startsAt: 'A start can be at most 30 days ahead.' })
  expect(check(draft({ start: 'then', startsAt: local(at + 86_400_000) }), limits, at)).toEqual({})
  expect(check(draft({ reason: 'hm' }), { ...limits, minReasonLength: 5 }, at)).toEqual({ reason: 'Say why, in at least 5 characters.' })
})

test('a moment goes to the server in UTC, and comes back as the viewer’s clock has it', () => {
  expect(ofLocal(local(at))).toBe(at)
  expect(createInput(draft({ start: 'then', startsAt: local(at) }), false).startsAt).toBe('2026-11-28T12:00:00.000Z')
  expect(createInput(draft({ startsAt: local(at) }), false).startsAt).toBeNull()
})

test('a resource without roles names none', () => {
  const d = draft({ items: [{ resourceId: 'res_1', role: null, resourceName: 'bastion-1', resourceKind: 'PRIVATE_SERVER', place: null }] })
  expect(createInput(d, false).items).toEqual([{ resourceId: 'res_1' }])
})

test('an edit names the version that was shown, and leaves out a start that stays', () => {
  const r = request({ version: 3, startsAt: '2026-11-29T10:00:00Z', ticket: 'OPS-1' })
  const d = { ...forEdit(r, limits).draft, seen: r, ticket: '' }
  expect(updateInput(d, false)).toMatchObject({ requestId: 'req_1', expectedVersion: 3, ticket: '' })
  expect(updateInput(d, false)).not.toHaveProperty('startsAt')
  expect(check(d, limits, Date.parse('2026-12-01T00:00:00Z'))).toEqual({}) // its start has passed, and stays
  expect(updateInput({ ...d, startsAt: local(Date.parse('2026-11-29T11:00:00Z')) }, false).startsAt).toBe('2026-11-29T11:00:00.000Z')
})

test('the server’s errors stand at their fields, those of an item at its place', () => {
  const e = (path: string[], message: string) => ({ code: 'INVALID', field: path.length > 0 ? ['input', ...path] : null, message })
  expect(wrongOf([e(['items', '1', 'role'], 'no such role'), e(['reason'], 'why'), e([], 'too many')])).toEqual({ 'items.1': 'no such role', reason: 'why', '': 'too many' })
})

test('what is held is said, before what waits; the request that is edited does not count', () => {
  const held = [
    { id: 'req_p', status: 'PENDING', version: 1, items: [{ resourceId: 'res_1', role: 'reader' }], grant: null, startsAt: null, decideBy: '' },
    { id: 'req_a', status: 'ACTIVE', version: 1, items: [{ resourceId: 'res_1', role: 'reader' }], grant: { startsAt: '', expiresAt: new Date(2026, 10, 28, 21, 0).toISOString() }, startsAt: null, decideBy: '' },
  ] as unknown as Held[]
  const noon = new Date(2026, 10, 28, 12, 0).getTime()
  const reader = { resourceId: 'res_1', role: 'reader' }
  expect(hasOf(held, reader, noon)).toEqual({ words: 'yours until 21:00', requestId: 'req_a', active: true })
  expect(hasOf(held, reader, noon, 'req_a')?.words).toBe('asked for, waits for a decision')
  expect(hasOf(held, { resourceId: 'res_1', role: 'admin' }, noon)).toBeNull()
})

test('the address holds search, filters and page; a filter begins at the first page', () => {
  expect(readAskSearch({ q: 42, kind: 'DATABASE', account: 'acc_1', after: 'c', before: 'b', other: 1 })).toEqual({ q: '42', kind: 'DATABASE', account: 'acc_1', after: 'c' })
  expect(readAskSearch({ edit: 'req_1', again: 'req_2', q: '' })).toEqual({ edit: 'req_1' })
  expect(filtered({ q: 'db', kind: 'DATABASE', after: 'c' }, { q: '' })).toEqual({ kind: 'DATABASE' })
})
