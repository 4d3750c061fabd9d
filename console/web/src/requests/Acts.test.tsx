import { act, fireEvent, render, screen, within } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { setConnection } from '../api/connection.ts'
import { usePageActs } from '../shell/acts.ts'
import { calls, sent, serve } from '../test/fake.ts'
import { bo, dev, limits, request, Scene } from '../test/scene.tsx'
import { Acts, type Action } from './Acts.tsx'
import type { RequestDetail } from './fragments.ts'

vi.mock('../api/client.ts', () => import('../test/fake.ts'))
vi.mock('../ui/Link.tsx', async () => (await import('../test/scene.tsx')).links())

const done = { data: { result: { accessRequest: null, userErrors: [] } } }
const refused = (code: string, field: string[], message: string) => ({ data: { result: { accessRequest: null, userErrors: [{ code, field, message }] } } })
const active = (change: Partial<Record<keyof RequestDetail, unknown>> = {}) =>
  request({ status: 'ACTIVE', version: 5, grantedDuration: 'PT2H', grant: { startsAt: new Date().toISOString(), expiresAt: new Date(Date.now() + 7_200_000).toISOString() }, ...change })
const can = (...acts: string[]): Action[] => acts.map((a) => ({ act: a, allowed: true, reason: null }))
const cannot = (name: string, reason: string): Action => ({ act: name, allowed: false, reason })

beforeEach(() => {
  vi.useFakeTimers()
  sessionStorage.clear()
  setConnection({ live: true, asOf: null })
  serve(() => done)
})
afterEach(() => void vi.useRealTimers())

const pass = (ms = 0) => act(() => vi.advanceTimersByTimeAsync(ms))
const acts = (r: RequestDetail, actions: Action[], as = dev) => (
  <Scene as={as}>
    <Acts request={r} actions={actions} limits={limits} again={() => {}} />
  </Scene>
)
const form = () => within(screen.getByRole('dialog'))
const send = (name: string) => fireEvent.submit(form().getByRole('button', { name }).closest('form')!)

test('what may be done is offered, and what not is listed with its reason', () => {
  render(acts(active(), [...can('CLOSE'), cannot('EXTEND', 'An extension is already waiting for a decision.'), cannot('CANCEL', 'This is active.')]))
  expect(screen.getByRole('button', { name: 'Close…' })).toBeTruthy()
  const extend = screen.getByRole('button', { name: 'Extend…' })
  expect(extend.getAttribute('aria-disabled')).toBe('true')
  expect(document.getElementById(extend.getAttribute('aria-describedby')!)?.textContent).toBe('An extension is already waiting for a decision.')
  expect(screen.queryByRole('button', { name: /Cancel/ })).toBeNull()
})

test('the palette has what may be done: it opens the form, and sends nothing', async () => {
  const Palette = () => usePageActs().map((a) => (
    <button key={a.label} onClick={a.run}>
      Palette: {a.label}
    </button>
  ))
  render(
    <Scene as={dev}>
      <Palette />
      <Acts request={active()} actions={[...can('CLOSE', 'EXTEND'), cannot('CANCEL', 'This is active.')]} limits={limits} again={() => {}} />
    </Scene>,
  )
  expect(screen.getAllByText(/^Palette/).map((b) => b.textContent)).toEqual(['Palette: Extend…', 'Palette: Close…'])
  fireEvent.click(screen.getByText('Palette: Close…'))
  await pass(50)
  expect(screen.getByText('Close orders-db reader?')).toBeTruthy()
  expect(calls).toEqual([])
})

test('who can decide a request of one’s own is said', () => {
  render(acts(request(), [...can('UPDATE', 'CANCEL'), cannot('APPROVE', 'You can’t decide your own request; Bo can.')]))
  expect(screen.getByText('You can’t decide your own request; Bo can.')).toBeTruthy()
  expect(screen.getByText('Edit…')).toBeTruthy()
})

test('to close names what ends, and Go back has the focus', async () => {
  render(acts(active(), can('CLOSE')))
  fireEvent.click(screen.getByRole('button', { name: 'Close…' }))
  await pass(50)
  expect(screen.getByText('Close orders-db reader?')).toBeTruthy()
  expect(document.activeElement).toBe(form().getByRole('button', { name: 'Go back' }))
  send('Close')
  await pass()
  expect(sent('Close')[0]!.variables['input']).toMatchObject({ requestId: 'req_1', expectedVersion: 5, idempotencyKey: expect.any(String) })
  expect(screen.queryByRole('dialog')).toBeNull()
  expect(screen.getByRole('status').textContent).toBe('You closed this access.')
})

test('a double press sends once', async () => {
  let answer = (_: typeof done) => {}
  serve(() => new Promise((resolve) => (answer = resolve)))
  render(acts(request(), can('CANCEL')))
  fireEvent.click(screen.getByRole('button', { name: 'Cancel request…' }))
  send('Cancel request')
  send('Cancel request')
  await pass(50)
  send('Cancel request')
  answer(done)
  await pass()
  expect(sent('Cancel')).toHaveLength(1)
})

test('to revoke needs a reason; Mod+Enter sends, and a draft is kept', async () => {
  const { unmount } = render(acts(active(), can('REVOKE'), bo))
  fireEvent.click(screen.getByRole('button', { name: 'Revoke…' }))
  send('Revoke')
  await pass()
  expect(calls).toHaveLength(0)
  expect(screen.getByText('Say why.')).toBeTruthy()
  fireEvent.change(screen.getByLabelText('Why?'), { target: { value: 'incident over' } })
  unmount()
  render(acts(active(), can('REVOKE'), bo))
  fireEvent.click(screen.getByRole('button', { name: 'Revoke…' }))
  fireEvent.keyDown(screen.getByLabelText('Why?'), { key: 'Enter', ctrlKey: true })
  await pass()
  expect(sent('Revoke')[0]!.variables['input']).toMatchObject({ reason: 'incident over', expectedVersion: 5 })
})

test('an extension offers no more than is left', async () => {
  render(acts(active({ grantedDuration: 'PT7H30M' }), can('EXTEND')))
  fireEvent.click(screen.getByRole('button', { name: 'Extend…' }))
  fireEvent.change(screen.getByLabelText('Why?'), { target: { value: 'not done' } })
  send('Extend')
  await pass()
  expect(sent('Extend')[0]!.variables['input']).toMatchObject({ duration: 'PT30M', reason: 'not done' })
})

test('a change is marked before anything is sent; the next press takes it, and the button rests', async () => {
  const { rerender } = render(acts(request(), can('CANCEL')))
  fireEvent.click(screen.getByRole('button', { name: 'Cancel request…' }))
  rerender(acts(request({ version: 2, reason: 'other' }), can('CANCEL')))
  expect(form().getByRole('alert').textContent).toContain('You changed this elsewhere while you looked.')
  fireEvent.submit(screen.getByRole('dialog').querySelector('form')!)
  await pass()
  expect(calls).toHaveLength(0)
  fireEvent.click(form().getByRole('button', { name: 'See what changed' }))
  send('Cancel request')
  await pass(900)
  expect(calls).toHaveLength(0)
  await pass(200)
  send('Cancel request')
  await pass()
  expect(sent('Cancel').map((c) => c.variables['input'].expectedVersion)).toEqual([2])
})

test('what somebody else ended meanwhile is said in the form, with what was typed', async () => {
  const { rerender } = render(acts(active(), can('REVOKE'), bo))
  fireEvent.click(screen.getByRole('button', { name: 'Revoke…' }))
  fireEvent.change(screen.getByLabelText('Why?'), { target: { value: 'incident over' } })
  rerender(acts(active({ status: 'REVOKED', endedBy: { name: 'Ada' } }), [cannot('REVOKE', 'This request was revoked by Ada; it can’t be revoked.')], bo))
  expect(form().getByRole('alert').textContent).toContain('This request was revoked by Ada; it can’t be revoked. Nothing was sent.')
  expect(form().getByRole('button', { name: 'Copy your comment' })).toBeTruthy()
  send('Revoke')
  await pass()
  expect(calls).toHaveLength(0)
})

test('CONFLICT reads the request again, and the change is marked', async () => {
  let back = () => {}
  serve((c) => {
    if (c.name === 'Cancel') return refused('CONFLICT', ['input', 'expectedVersion'], 'You changed this.')
    back()
    return { data: { accessRequest: null } }
  })
  const { rerender } = render(acts(request(), can('CANCEL')))
  back = () => rerender(acts(request({ version: 2, reason: 'other' }), can('CANCEL')))
  fireEvent.click(screen.getByRole('button', { name: 'Cancel request…' }))
  send('Cancel request')
  await pass()
  expect(form().getByRole('button', { name: 'See what changed' })).toBeTruthy()
  expect(form().getAllByRole('alert')).toHaveLength(1)
})

test('a lost answer is looked up by its key, and nothing is sent twice', async () => {
  let done = false
  serve((c) => (c.name === 'Close' ? 'lost' : { data: { accessRequest: { id: 'req_1', viewerChanged: done } } }))
  render(acts(active(), can('CLOSE')))
  fireEvent.click(screen.getByRole('button', { name: 'Close…' }))
  send('Close')
  await pass(2000)
  expect(screen.getByText('We are finding out whether this was done. Don’t repeat it.')).toBeTruthy()
  send('Close')
  done = true
  await pass(6000)
  expect(sent('Close')).toHaveLength(1)
  expect(sent('WasChanged').at(-1)!.variables['key']).toBe(sent('Close')[0]!.variables['input'].idempotencyKey)
  expect(screen.getByRole('status').textContent).toBe('You closed this access.')
})

test('the letter E edits what can be edited', () => {
  render(acts(request(), can('UPDATE')))
  const edit = vi.fn((e: Event) => e.preventDefault())
  document.getElementById('edit')!.addEventListener('click', edit)
  fireEvent.keyDown(document, { key: 'e', code: 'KeyE' })
  expect(edit).toHaveBeenCalledOnce()
})
