import { act, fireEvent, render, screen, type RenderResult } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { setConnection } from '../api/connection.ts'
import { calls, sent, serve } from '../test/fake.ts'
import { bo, limits, request, review, Scene } from '../test/scene.tsx'
import { Decision } from './Decision.tsx'
import type { RequestDetail } from './fragments.ts'

vi.mock('../api/client.ts', () => import('../test/fake.ts'))

const ada = { id: 'usr_ada', name: 'Ada' }
const taken = { data: { result: { accessRequest: null, userErrors: [] } } }
const refused = (code: string, field: string[], message: string) => ({ data: { result: { accessRequest: null, userErrors: [{ code, field, message }] } } })

beforeEach(() => {
  vi.useFakeTimers()
  sessionStorage.clear()
  setConnection({ live: true, asOf: null })
  serve(() => taken)
})
afterEach(() => void vi.useRealTimers())

/** Lets answers come and time pass. */
const pass = (ms = 0) => act(() => vi.advanceTimersByTimeAsync(ms))
const panel = (r: RequestDetail, more: Partial<Parameters<typeof Decision>[0]> = {}) => (
  <Scene as={bo}>
    <Decision request={r} limits={limits} {...more} />
  </Scene>
)
const button = (name: RegExp | string) => screen.getByRole('button', { name })
const press = (name: RegExp | string) => fireEvent.click(button(name))
const off = (name: RegExp | string) => button(name).getAttribute('aria-disabled') === 'true'
const shown = (r: RequestDetail): RenderResult => render(panel(r))

test('it repeats who gets what, for how long and until when', () => {
  shown(request())
  expect(screen.getByText('orders-db')).toBeTruthy()
  expect(screen.getByText(/^Dev gets this for 2 hours, until about /)).toBeTruthy()
})

test('a decision names the version on screen, has a key, and its answer replaces the buttons', async () => {
  shown(request({ version: 4 }))
  press('Approve')
  await pass()
  expect(sent('Review')).toHaveLength(1)
  const { input } = sent('Review')[0]!.variables
  expect(input).toMatchObject({ requestId: 'req_1', expectedVersion: 4, subject: 'REQUEST', decision: 'APPROVE', duration: null, comment: null })
  expect(input.idempotencyKey).toMatch(/^[0-9a-f-]{36}$/)
  expect(screen.getByRole('status').textContent).toContain('You approved this, for 2 hours.')
  expect(document.activeElement).toBe(screen.getByRole('status'))
  expect(screen.queryByRole('button')).toBeNull()
})

test('a double press sends once', async () => {
  let answer = (_: typeof taken) => {}
  serve((c) => (c.name === 'Review' ? new Promise((resolve) => (answer = resolve)) : taken))
  shown(request())
  press('Approve')
  press('Approve')
  await pass()
  press('Approve')
  fireEvent.keyDown(button('Approve'), { key: 'Enter', ctrlKey: true })
  await pass(100)
  expect(sent('Review')).toHaveLength(1)
  answer(taken)
  await pass()
  expect(sent('Review')).toHaveLength(1)
})

test('a shorter duration is sent, and one as asked is left out', async () => {
  sessionStorage.setItem('procyon.draft.usr_bo.decide.req_1', JSON.stringify({ duration: 'PT1H' }))
  shown(request())
  expect(screen.getByText(/for 1 hour, until about/)).toBeTruthy()
  press('Approve')
  await pass()
  expect(sent('Review')[0]!.variables['input'].duration).toBe('PT1H')
})

test('no more than is allowed by now is offered and sent', async () => {
  render(panel(request({ requestedDuration: 'PT12H' })))
  expect(screen.getByText('12 hours was asked for; at most 8 hours is allowed by now.')).toBeTruthy()
  press('Approve')
  await pass()
  expect(sent('Review')[0]!.variables['input'].duration).toBe('PT8H')
})

test('Deny… opens Why?, which must say something, and Mod+Enter sends it', async () => {
  shown(request())
  press('Deny…')
  const why = screen.getByLabelText('Why?')
  expect(document.activeElement).toBe(why)
  press('Deny')
  await pass()
  expect(calls).toHaveLength(0)
  expect(screen.getByText('Say why.')).toBeTruthy()
  fireEvent.change(why, { target: { value: ' not now ' } })
  fireEvent.keyDown(why, { key: 'Enter', metaKey: true })
  await pass()
  expect(sent('Review')[0]!.variables['input']).toMatchObject({ decision: 'DENY', comment: 'not now', duration: null })
  expect(screen.getByRole('status').textContent).toContain('You denied this.')
})

test('who denies reads that nothing is given, and chooses no length', () => {
  shown(request())
  press('Deny…')
  expect(screen.getByText('Dev does not get this.')).toBeTruthy()
  expect(screen.queryByText(/Dev gets this/)).toBeNull()
  expect(screen.queryByRole('combobox', { name: 'For how long' })).toBeNull()
  press('Go back')
  expect(screen.getByText(/^Dev gets this for 2 hours, until about /)).toBeTruthy()
  expect(screen.getByRole('combobox', { name: 'For how long' })).toBeTruthy()
})

test('the keys A and D open the forms, also a second time, and what was seen stays seen', () => {
  const { rerender } = shown(request())
  rerender(panel(request(), { open: 'deny', press: 1 }))
  expect(document.activeElement).toBe(screen.getByLabelText('Why?'))
  rerender(panel(request(), { open: 'approve', press: 2 }))
  expect(document.activeElement).toBe(button('Approve'))
  press('Deny…')
  rerender(panel(request({ version: 2, reason: 'other' }), { open: 'approve', press: 3 }))
  expect(button('See what changed')).toBeTruthy()
})

test('what is typed survives a reload', () => {
  const { unmount } = shown(request())
  fireEvent.change(screen.getByLabelText('Comment'), { target: { value: 'half a thought' } })
  unmount()
  shown(request())
  expect((screen.getByLabelText('Comment') as HTMLTextAreaElement).value).toBe('half a thought')
})

test('a change is marked first, the next press takes it, and the button rests a second', async () => {
  const { rerender } = shown(request())
  const before = button('Approve')
  rerender(panel(request({ version: 2, requestedDuration: 'PT8H' })))
  // Still what was seen, in the sentence; old and new in the notice.
  expect(screen.getByText(/for 2 hours, until about/)).toBeTruthy()
  expect(screen.getByRole('alert').textContent).toContain('Dev changed this while you looked.')
  expect(screen.getByRole('alert').querySelector('del')?.textContent).toBe('2 h')
  expect(screen.getByRole('alert').querySelector('ins')?.textContent).toBe('8 h')
  expect(off('Deny…')).toBe(true)
  expect(button('See what changed')).toBe(before) // in the same place, with the focus that it had
  press('See what changed')
  await pass()
  expect(calls).toHaveLength(0)
  expect(screen.getByText(/for 8 hours, until about/)).toBeTruthy()
  expect(off('Approve')).toBe(true)
  press('Approve')
  fireEvent.keyDown(button('Approve'), { key: 'Enter', ctrlKey: true })
  await pass(900)
  expect(calls).toHaveLength(0)
  await pass(200)
  expect(off('Approve')).toBe(false)
  press('Approve')
  await pass()
  expect(sent('Review').map((c) => c.variables['input'].expectedVersion)).toEqual([2])
})

test('a change while denying is marked too, and keeps what was typed', async () => {
  const { rerender } = shown(request())
  press('Deny…')
  fireEvent.change(screen.getByLabelText('Why?'), { target: { value: 'not now' } })
  rerender(panel(request({ version: 2, reason: 'other' })))
  fireEvent.keyDown(screen.getByLabelText('Why?'), { key: 'Enter', ctrlKey: true })
  await pass()
  expect(calls).toHaveLength(0)
  press('See what changed')
  await pass(1100)
  press('Deny')
  await pass()
  expect(sent('Review')[0]!.variables['input']).toMatchObject({ expectedVersion: 2, comment: 'not now' })
})

test('CONFLICT looks the same as a change that was heard of', async () => {
  let back = () => {}
  serve((c) => {
    if (c.name === 'Review') return refused('CONFLICT', ['input', 'expectedVersion'], 'Dev changed this.')
    back()
    return { data: { accessRequest: null } }
  })
  const { rerender } = shown(request())
  back = () => rerender(panel(request({ version: 2, reason: 'other' })))
  press('Approve')
  await pass()
  expect(sent('ReadAgain')).toHaveLength(1)
  expect(button('See what changed')).toBeTruthy()
  expect(screen.getAllByRole('alert')).toHaveLength(1)
  expect(screen.queryByText('Dev changed this.')).toBeNull()
})

test('a CONFLICT that changed nothing on screen says its reason', async () => {
  serve((c) => (c.name === 'Review' ? refused('CONFLICT', ['input'], 'Too many others are changing this.') : { data: { accessRequest: null } }))
  shown(request())
  press('Approve')
  await pass()
  expect(screen.getByRole('alert').textContent).toContain('Too many others are changing this.')
})

test('a late one is told who was first, and can copy what they typed', async () => {
  const written: string[] = []
  const clipboard = vi.spyOn(navigator.clipboard, 'writeText').mockImplementation(async (t) => void written.push(t))
  const { rerender } = shown(request())
  fireEvent.change(screen.getByLabelText('Comment'), { target: { value: 'my thoughts' } })
  rerender(panel(request({ status: 'ACTIVE', viewerCanReview: false, reviews: [review(ada, 'APPROVE', 4, 'go ahead')] })))
  const alert = screen.getByRole('alert')
  expect(alert.textContent).toContain('Ada approved this 4 seconds ago; your decision was not sent.')
  expect(alert.textContent).toContain('go ahead')
  expect(off('Approve')).toBe(true)
  press('Approve')
  await pass()
  expect(calls).toHaveLength(0)
  press('Copy your comment')
  await pass()
  expect(written).toEqual(['my thoughts'])
  clipboard.mockRestore()
})

test.each([
  ['canceled', () => ({ status: 'CANCELED', endedBy: { name: 'Dev' } }), /^Dev canceled this .*; your decision was not sent\.$/],
  ['timed out', () => ({ status: 'TIMED_OUT' }), /^This request timed out; your decision was not sent\.$/],
  ['denied', () => ({ status: 'DENIED', reviews: [review(ada, 'DENY', 30)] }), /^Ada denied this 30 seconds ago; your decision was not sent\.$/],
  ['approved in Slack', () => ({ status: 'ACTIVE', reviews: [review(bo, 'APPROVE', 10)] }), /^You approved this from Slack 10 seconds ago; your decision was not sent\.$/],
  ['no longer theirs', () => ({ status: 'PENDING' }), /^You can’t decide this any more; your decision was not sent\.$/],
])('what happened instead: %s', (_, change, said) => {
  const { rerender } = shown(request())
  rerender(panel(request({ ...change(), viewerCanReview: false })))
  expect(screen.getByText(said)).toBeTruthy()
})

test('one’s own decision that the stream brings before the answer is no late one', async () => {
  let answer = (_: typeof taken) => {}
  serve((c) => (c.name === 'Review' ? new Promise((resolve) => (answer = resolve)) : { data: { accessRequest: null } }))
  const { rerender } = shown(request())
  press('Approve')
  await pass()
  rerender(panel(request({ status: 'ACTIVE', viewerCanReview: false, reviews: [review(bo, 'APPROVE', 0)] })))
  expect(screen.queryByRole('alert')).toBeNull()
  answer(taken)
  await pass()
  expect(screen.getByRole('status').textContent).toContain('You approved this')
})

test('a lost answer is looked up by its key until it is known, and nothing is sent twice', async () => {
  let known: 'lost' | boolean = 'lost'
  serve((c) => (c.name === 'WasChanged' ? (known === 'lost' ? 'lost' : { data: { accessRequest: { id: 'req_1', viewerChanged: known } } }) : c.name === 'Review' ? 'lost' : { data: { accessRequest: null } }))
  shown(request())
  press('Approve')
  await pass()
  expect(screen.getByText('We are finding out whether this was done. Don’t repeat it.')).toBeTruthy()
  press('Approve')
  await pass(3000)
  known = false // not yet: it may be under way
  await pass(5000)
  expect(screen.getByText(/We are finding out/)).toBeTruthy()
  known = true
  await pass(6000)
  expect(sent('Review')).toHaveLength(1)
  const key = sent('Review')[0]!.variables['input'].idempotencyKey
  expect(new Set(sent('WasChanged').map((c) => c.variables['key']))).toEqual(new Set([key]))
  expect(screen.getByRole('status').textContent).toContain('You approved this')
})

test('what never arrived is said once it can’t arrive any more, and is sent again with its key', async () => {
  serve((c) => (c.name === 'WasChanged' ? { data: { accessRequest: { id: 'req_1', viewerChanged: false } } } : c.name === 'Review' ? 'lost' : { data: { accessRequest: null } }))
  shown(request())
  fireEvent.change(screen.getByLabelText('Comment'), { target: { value: 'kept' } })
  press('Approve')
  await pass(10_000)
  expect(screen.queryByText(/did not arrive/)).toBeNull()
  await pass(20_000)
  expect(screen.getByRole('alert').textContent).toContain('Your decision did not arrive, and nothing was decided. Send it again.')
  expect((screen.getByLabelText('Comment') as HTMLTextAreaElement).value).toBe('kept')
  press('Approve')
  await pass()
  const keys = sent('Review').map((c) => c.variables['input'].idempotencyKey)
  expect(keys).toHaveLength(2)
  expect(keys[0]).toBe(keys[1])
})

test('an error of a field stands at it, and loses nothing typed', async () => {
  serve((c) => (c.name === 'Review' ? refused('INVALID', ['input', 'comment'], 'Say why, in at least 10 characters.') : { data: { accessRequest: null } }))
  shown(request())
  fireEvent.change(screen.getByLabelText('Comment'), { target: { value: 'short' } })
  press('Approve')
  await pass()
  const comment = screen.getByLabelText('Comment') as HTMLTextAreaElement
  expect(document.activeElement).toBe(comment)
  expect(comment.value).toBe('short')
  expect(screen.getByText('Say why, in at least 10 characters.')).toBeTruthy()
})

test('nothing can be decided while Procyon can’t be reached', async () => {
  setConnection({ live: false, asOf: Date.now() })
  shown(request())
  expect(off('Approve')).toBe(true)
  press('Approve')
  await pass()
  expect(calls).toHaveLength(0)
  expect(screen.getByText('You can decide once Procyon can be reached.')).toBeTruthy()
})

test('an extension is decided as one', async () => {
  const at = Date.now()
  shown(
    request({
      status: 'ACTIVE', version: 3, grantedDuration: 'PT2H',
      grant: { startsAt: new Date(at).toISOString(), expiresAt: new Date(at + 7_200_000).toISOString() },
      extension: { duration: 'PT1H', reason: 'more', requestedAt: new Date(at).toISOString(), expiresAt: new Date(at + 10_800_000).toISOString() },
    }),
  )
  expect(screen.getByText(/^Dev keeps this for 1 hour longer, until /)).toBeTruthy()
  press('Approve')
  await pass()
  expect(sent('Review')[0]!.variables['input']).toMatchObject({ subject: 'EXTENSION', expectedVersion: 3, duration: null })
  expect(screen.getByRole('status').textContent).toContain('You approved the extension, for 1 hour.')
})

const several = (change = {}) => {
  const one = request().items[0]!
  return request({ items: [one, { ...one, resourceId: 'res_b', resourceName: 'bastion', role: null }, { ...one, resourceId: 'res_c', resourceName: 'third', role: null }], viewerCanReviewItems: ['res_db', 'res_b'], ...change })
}

/** The boxes are loaded by themselves. */
const choice = () => vi.waitFor(async () => {
  await pass()
  return screen.getAllByRole('checkbox')
})

test('of several items an approver leaves out some that they decide, and is told what others do', async () => {
  shown(several())
  await choice()
  expect(screen.getByText('Others decide third.')).toBeTruthy()
  expect(screen.queryByRole('checkbox', { name: 'third' })).toBeNull()
  fireEvent.click(screen.getByRole('checkbox', { name: 'bastion' }))
  press('Approve')
  await pass()
  expect(sent('Review')[0]!.variables['input'].withoutResourceIds).toEqual(['res_b'])
  expect(sent('Review')[0]!.variables['input'].resourceIds).toEqual(['res_db', 'res_b']) // nothing that becomes theirs meanwhile
})

test('where all is taken, nothing is sent as left out; and not all can be left out', async () => {
  shown(several({ viewerCanReviewItems: ['res_db', 'res_b', 'res_c'] }))
  await choice()
  for (const box of screen.getAllByRole('checkbox')) fireEvent.click(box)
  expect(off('Approve')).toBe(true)
  expect(screen.getByText('Nothing would be left: deny it instead.')).toBeTruthy()
  press('Approve')
  await pass()
  expect(sent('Review')).toHaveLength(0)
  for (const box of screen.getAllByRole('checkbox')) fireEvent.click(box)
  press('Approve')
  await pass()
  expect(sent('Review')[0]!.variables['input']).not.toHaveProperty('withoutResourceIds')
})

test('a denial is of all of it', async () => {
  shown(several())
  await choice()
  fireEvent.click(screen.getByRole('checkbox', { name: 'bastion' }))
  press('Deny…')
  expect(screen.queryByRole('checkbox')).toBeNull()
  expect(screen.getByText('You decide orders-db reader and bastion. A denial is of all of it.')).toBeTruthy()
  fireEvent.change(screen.getByLabelText('Why?'), { target: { value: 'no' } })
  press('Deny')
  await pass()
  expect(sent('Review')[0]!.variables['input']).not.toHaveProperty('withoutResourceIds')
})

test('where a sign-in of late is wanted, it leads there first, but not to deny', async () => {
  shown(request({ viewerSignsInToApprove: true }))
  expect(off('Approve')).toBe(true)
  expect(screen.getByText('Sign in again').getAttribute('href')).toBe('/signin?again&next=%2Frequests%2Freq_1')
  press('Approve')
  await pass()
  expect(sent('Review')).toHaveLength(0)
  press('Deny…')
  expect(screen.queryByText('Sign in again')).toBeNull()
  fireEvent.change(screen.getByLabelText('Why?'), { target: { value: 'no' } })
  press('Deny')
  await pass()
  expect(sent('Review')).toHaveLength(1)
})
