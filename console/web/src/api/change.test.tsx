import { act, renderHook } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { calls, sent, serve } from '../test/fake.ts'
import { useChange, type Outcome } from './change.ts'
import { graphql } from './graphql.ts'
import { fieldErrors } from './trouble.ts'

vi.mock('./client.ts', () => import('../test/fake.ts'))

const Close = graphql(`mutation Close($input: CloseAccessRequestInput!) { result: closeAccessRequest(input: $input) { userErrors { code field message } } }`)

type Reply = Awaited<ReturnType<Parameters<typeof serve>[0]>>
const payload = (...userErrors: object[]): Reply => ({ data: { result: { userErrors } } })
const failed = (code: string, message: string, id?: string): Reply => ({ errors: [{ message, extensions: { code, ...(id ? { id } : {}) } }] })
const error = (code: string, message: string, ...field: string[]) => ({ code, message, field: ['input', ...field] })
const input = { requestId: 'req_1', expectedVersion: 3 }

const looked = vi.fn<(key: string) => Promise<boolean | undefined>>()
const again = vi.fn<(outcome: Outcome<any>) => unknown>()
const change = () =>
  renderHook(() =>
    useChange(Close, { byKey: looked, notDone: 'It did not arrive.', at: (errors) => fieldErrors(errors, ['reason']), again }),
  ).result
const pass = (ms = 0) => act(() => vi.advanceTimersByTimeAsync(ms))
/** Sends, lets time pass, and returns what came of it by then. */
async function send(result: ReturnType<typeof change>, given: typeof input & { reason?: string } = input, ms = 0) {
  let came: unknown = 'under way'
  act(() => void result.current.send(given).then((outcome) => (came = outcome)))
  await pass(ms)
  return came
}
const keys = () => sent('Close').map((c) => c.variables['input'].idempotencyKey)

beforeEach(() => {
  vi.useFakeTimers()
  looked.mockReset().mockResolvedValue(undefined)
  again.mockReset()
  serve(() => payload())
})
afterEach(() => void vi.useRealTimers())

test('done', async () => {
  const result = change()
  expect(await send(result)).toEqual({ is: 'done', result: { userErrors: [] } })
  expect(sent('Close')[0]!.variables['input']).toEqual({ ...input, idempotencyKey: expect.any(String) })
  expect(again).toHaveBeenCalledOnce()
  expect(result.current).toMatchObject({ wrong: {}, conflict: null, standing: 'idle', busy: false })
})

test('refused: what is wrong stands at its field, until it is sent again', async () => {
  const result = change()
  serve(() => payload(error('INVALID', 'Too short.', 'reason'), error('LIMITED', 'Too many.')))
  expect(await send(result)).toMatchObject({ is: 'refused', wrong: { reason: 'Too short.', '': 'Too many.' } })
  expect(result.current.wrong).toEqual({ reason: 'Too short.', '': 'Too many.' })
  serve(() => payload())
  await send(result)
  expect(result.current.wrong).toEqual({})
})

test('a conflict is said only after what is shown was read anew', async () => {
  const result = change()
  let read = () => {}
  again.mockReturnValue(new Promise<void>((resolve) => (read = resolve)))
  serve(() => payload(error('CONFLICT', 'Ada changed this.')))
  await send(result)
  expect(result.current).toMatchObject({ busy: true, conflict: null })
  read()
  await pass()
  expect(result.current).toMatchObject({ busy: false, conflict: 'Ada changed this.', wrong: {} })
  act(() => result.current.say({}))
  expect(result.current.conflict).toBeNull()
})

test.each([
  ['INTERNAL', 'Something went wrong.', 'e1', 'Something went wrong. The server’s log has it under e1.'],
  ['FORBIDDEN', 'Only administrators may do this.', undefined, 'Only administrators may do this.'],
  ['TOO_MANY_REQUESTS', 'Too many requests at once. Try again in a second.', undefined, 'Too many requests at once. Try again in a second.'],
])('failed with %s: said in the server’s words, and nothing is read anew', async (code, message, id, said) => {
  const result = change()
  serve(() => failed(code, message, id))
  expect(await send(result)).toMatchObject({ is: 'failed' })
  expect(result.current.wrong).toEqual({ '': said })
  expect(again).not.toHaveBeenCalled()
})

test('a session that has ended is said by the page, and not once more by the form', async () => {
  const result = change()
  serve(() => failed('UNAUTHENTICATED', 'Sign in.'))
  expect(await send(result)).toMatchObject({ is: 'failed', trouble: { kind: 'signedOut' } })
  expect(result.current).toMatchObject({ wrong: {}, conflict: null, busy: false })
})

test.each([
  ['lost', 'lost' as const],
  ['one that the server can’t tell', failed('UNKNOWN_OUTCOME', 'It took too long.')],
])('an answer that is %s is looked up by the key until it is known', async (_, answer) => {
  const result = change()
  serve(() => answer)
  expect(await send(result, input, 3000)).toBe('under way')
  expect(result.current.standing).toBe('findingOut')
  looked.mockResolvedValue(false) // it may be under way still
  await pass(5000)
  expect(result.current.standing).toBe('findingOut')
  looked.mockResolvedValue(true)
  await pass(5000)
  expect(again).toHaveBeenCalledExactlyOnceWith({ is: 'done', result: null })
  expect(result.current).toMatchObject({ wrong: {}, standing: 'idle' })
  expect(sent('Close')).toHaveLength(1)
  expect(new Set(looked.mock.calls.map(([key]) => key))).toEqual(new Set(keys()))
})

test('what never arrived is said once it can’t arrive any more, and is sent again with its key', async () => {
  const result = change()
  looked.mockResolvedValue(false)
  serve(() => (calls.length === 1 ? 'lost' : payload()))
  expect(await send(result, input, 19_000)).toBe('under way')
  await pass(15_000)
  expect(result.current.wrong).toEqual({ '': 'It did not arrive.' })
  await send(result)
  expect(keys()).toHaveLength(2)
  expect(keys()[0]).toBe(keys()[1])
})

test('the same input has one key until it was done; another input, and another page, has another', async () => {
  const edited = { ...input, reason: 'edited' }
  const result = change()
  let fails = true
  serve(() => (fails ? failed('INTERNAL', 'No.') : payload()))
  await send(result)
  await send(result)
  await send(result, edited)
  await send(change(), edited) // after a reload
  fails = false
  await send(result, edited)
  await send(result, edited)
  const [first, second, other, reloaded, taken, anew] = keys()
  expect(second).toBe(first)
  expect(taken).toBe(other)
  expect(new Set([first, other, reloaded, anew]).size).toBe(4)
})

test('a press while it is under way does nothing', async () => {
  const result = change()
  let answer = (_: Reply) => {}
  serve(() => new Promise<Reply>((resolve) => (answer = resolve)))
  await send(result)
  expect(await send(result)).toBeNull()
  answer(payload())
  await pass()
  expect(sent('Close')).toHaveLength(1)
  expect(result.current.busy).toBe(false)
})
