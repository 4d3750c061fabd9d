import { act, fireEvent, render, screen, within } from '@testing-library/react'
import { useState } from 'react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { setConnection } from '../api/connection.ts'
import type { RequestDetail } from '../requests/fragments.ts'
import { sent, serve, type Call } from '../test/fake.ts'
import { dev, limits, request, Scene } from '../test/scene.tsx'
import { AskForm } from './AskForm.tsx'
import { empty, forEdit } from './form.ts'
import type { Held } from './held.ts'
import type { AskSearch } from './search.ts'

vi.mock('../api/client.ts', () => import('../test/fake.ts'))
vi.mock('../ui/Link.tsx', async () => (await import('../test/scene.tsx')).links())

const resource = (name: string, roles: string[]) => ({ id: `res_${name}`, name, kind: 'DATABASE', roles, account: { id: 'acc_1', name: 'Production' }, gateway: null })
const catalog = [resource('orders-db', ['reader', 'writer']), resource('bastion', []), resource('third', []), resource('fourth', [])]
const preview = { routes: [{ integrationId: 'int_1', integrationName: 'prod', otherItemCount: 0 }], silentRoutes: [] as { integrationId: string; integrationName: string; integrationStatus: 'BROKEN' | 'DISABLED' }[], unrouted: [] as string[], approvers: ['Bo', 'Ada'] }
let heard = preview
let explained: unknown = null
let asks: (c: Call) => ReturnType<Parameters<typeof serve>[0]>
const asked = { data: { result: { accessRequest: request({ id: 'req_new' }), duplicateOf: null, userErrors: [] } } }
const refused = (code: string, field: string[] | null, message: string, duplicateOf: unknown = null) => ({ data: { result: { accessRequest: null, duplicateOf, userErrors: [{ code, field, message }] } } })
const onAsked = vi.fn()

beforeEach(() => {
  vi.useFakeTimers()
  sessionStorage.clear()
  setConnection({ live: true, asOf: null })
  onAsked.mockClear()
  heard = preview
  explained = null
  asks = () => asked
  serve((c) => {
    if (c.name === 'ReadCatalog') return { data: { resources: { nodes: catalog, pageInfo: { hasNextPage: true, hasPreviousPage: false, startCursor: 'a', endCursor: 'z' }, totalCount: 99 } } }
    if (c.name === 'FindAccounts') return { data: { accounts: { nodes: [] } } }
    if (c.name === 'ReadPreview') return { data: { notificationPreview: heard } }
    if (c.name === 'ReadExplanation') return { data: { explainAccess: explained } }
    return asks(c)
  })
})
afterEach(() => void vi.useRealTimers())

const pass = (ms = 0) => act(() => vi.advanceTimersByTimeAsync(ms))

let address: AskSearch
function Page({ editing = null, held = [], over = null }: { editing?: RequestDetail | null; held?: Held[]; over?: string | null }) {
  const [search, setSearch] = useState<AskSearch>({})
  address = search
  return (
    <Scene as={dev}>
      <AskForm
        title="Ask for access"
        limits={limits}
        filled={editing ? forEdit(editing, limits) : { draft: empty(limits), left: [], shortened: null }}
        name={editing ? 'ask.edit.req_1' : 'ask'}
        editing={editing}
        again={null}
        held={held}
        search={search}
        onSearch={setSearch}
        onAsked={onAsked}
        over={over}
      />
    </Scene>
  )
}
async function open(ui = <Page />) {
  const rendered = render(ui)
  await pass(500)
  return rendered
}
const press = (name: RegExp | string) => fireEvent.click(screen.getByRole('button', { name }))
const why = () => screen.getByLabelText('Why?') as HTMLTextAreaElement
const say = (text: string) => fireEvent.change(why(), { target: { value: text } })
const send = () => fireEvent.submit(document.getElementById('request')!)

test('resources and roles go into the queue, and what is asked is what it shows', async () => {
  await open()
  press('Add orders-db reader')
  press('Add bastion')
  await pass(500)
  expect(screen.getByText(/^Will hear/).textContent).toBe('Will hear: prod.')
  expect(screen.getByText(/^May decide/).textContent).toBe('May decide: Bo or Ada.')
  say(' stuck orders ')
  send()
  await pass()
  expect(sent('Ask')[0]!.variables['input']).toEqual({
    items: [{ resourceId: 'res_orders-db', role: 'reader' }, { resourceId: 'res_bastion' }],
    duration: 'PT1H', reason: 'stuck orders', ticket: null, startsAt: null, allowDuplicate: false, idempotencyKey: expect.any(String),
  })
  expect(onAsked).toHaveBeenCalledExactlyOnceWith('req_new')
  expect(sessionStorage.length).toBe(0)
})

test('the row says what is in the queue, and a full queue takes no more, with the reason', async () => {
  await open()
  press('Add orders-db reader')
  expect(screen.getByRole('button', { name: 'Added: orders-db reader' }).textContent).toBe('Added')
  press('Add bastion')
  press('Add third')
  press('Add fourth')
  expect(within(screen.getByRole('list', { name: 'In your request' })).getAllByRole('listitem')).toHaveLength(3)
  expect(screen.getByText('A request has at most 3 resources.', { selector: 'p' })).toBeTruthy()
  press('Remove bastion')
  expect(screen.getByRole('button', { name: 'Add bastion' })).toBeTruthy()
})

test('what the viewer holds is shown in place, and no press asks for another role unread', async () => {
  const held = [{ id: 'req_h', status: 'ACTIVE', version: 1, items: [{ resourceId: 'res_bastion', role: null }, { resourceId: 'res_orders-db', role: 'reader' }], grant: { startsAt: '', expiresAt: new Date(Date.now() + 600_000).toISOString() }, startsAt: null, decideBy: '' }]
  await open(<Page held={held as unknown as Held[]} />)
  expect(screen.getByLabelText(/^bastion: yours until/)).toBeTruthy()
  expect(screen.queryByRole('button', { name: 'Add bastion' })).toBeNull()
  expect(screen.getByLabelText(/^orders-db reader: yours until/)).toBeTruthy()
  expect(screen.queryByRole('button', { name: /^Add orders-db/ })).toBeNull()
})

test('a search goes into the address once the typing rests, and to the first page', async () => {
  await open()
  press('Next page')
  await pass()
  expect(address).toEqual({ after: 'z' })
  fireEvent.change(screen.getByLabelText('Search'), { target: { value: 'ord' } })
  fireEvent.change(screen.getByLabelText('Search'), { target: { value: 'orders' } })
  await pass(500)
  expect(address).toEqual({ q: 'orders' })
  expect(sent('ReadCatalog').at(-1)!.variables).toMatchObject({ search: 'orders', first: 20 })
  expect(sent('ReadCatalog').some((c) => c.variables['search'] === 'ord')).toBe(false)
  press('Clear')
  await pass(500)
  expect(address).toEqual({})
})

test('where nobody would hear, that is said', async () => {
  heard = { routes: [], silentRoutes: [], unrouted: ['bastion'], approvers: ['Bo'] }
  await open()
  press('Add bastion')
  await pass(500)
  expect(screen.getByText('No channel hears of this')).toBeTruthy()
  expect(screen.getByText(/No channel is linked .* Tell Bo yourself\./)).toBeTruthy()
})

test('where the linked channel is broken, it is named', async () => {
  heard = { routes: [], silentRoutes: [{ integrationId: 'int_1', integrationName: 'Ops', integrationStatus: 'BROKEN' }], unrouted: ['bastion'], approvers: ['Bo'] }
  await open()
  press('Add bastion')
  await pass(500)
  expect(screen.getByText(/Ops is broken\. Tell Bo yourself\./)).toBeTruthy()
})

test('what is missing is said at its field, and the first has the focus', async () => {
  await open()
  send()
  await pass()
  expect(sent('Ask')).toHaveLength(0)
  expect(document.activeElement?.id).toBe('ask-search')
  press('Add bastion')
  send()
  await pass()
  expect(document.activeElement).toBe(why())
  expect(screen.getByText('Say why.')).toBeTruthy()
})

test('the server’s errors stand at their fields: of an item in the queue, of the ticket below', async () => {
  await open()
  press('Add bastion')
  press('Add third')
  say('x')
  asks = () => refused('NOT_FOUND', ['input', 'items', '1', 'resourceId'], 'There is no such resource.')
  send()
  await pass()
  expect(document.activeElement?.id).toBe('ask-item-1')
  expect(screen.getByText('There is no such resource.')).toBeTruthy()
  asks = () => refused('INVALID', ['input', 'ticket'], 'At most 80 characters.')
  send()
  await pass()
  expect(document.activeElement?.id).toBe('ask-ticket')
  asks = () => refused('LIMITED', null, 'You have 30 open requests.')
  send()
  await pass()
  expect(document.activeElement?.textContent).toContain('You have 30 open requests.')
  expect(why().value).toBe('x')
})

test('DUPLICATE offers the open request, and to ask all the same', async () => {
  await open()
  press('Add bastion')
  say('x')
  asks = () => refused('DUPLICATE', ['input', 'items'], 'already', { id: 'req_open', status: 'PENDING', items: [{ resourceName: 'bastion', role: null }], grant: null })
  send()
  await pass()
  expect(screen.getByText('Open that request')).toBeTruthy()
  asks = () => asked
  press('Ask all the same')
  await pass()
  const inputs = sent('Ask').map((c) => c.variables['input'])
  expect(inputs.map((i) => i.allowDuplicate)).toEqual([false, true])
  expect(inputs[0].idempotencyKey).not.toBe(inputs[1].idempotencyKey) // another input, another key
  expect(onAsked).toHaveBeenCalledOnce()
})

test('Mod+Enter sends from anywhere, and a double press sends once', async () => {
  let answer = (_: typeof asked) => {}
  asks = () => new Promise((resolve) => (answer = resolve))
  await open()
  press('Add bastion')
  say('x')
  fireEvent.keyDown(why(), { key: 'Enter', ctrlKey: true })
  fireEvent.keyDown(screen.getByLabelText('Search'), { key: 'Enter', metaKey: true })
  await pass()
  send()
  answer(asked)
  await pass()
  expect(sent('Ask')).toHaveLength(1)
})

test('a lost answer is looked up by its key, and leads to what was asked', async () => {
  asks = (c) => (c.name === 'Ask' ? 'lost' : { data: { created: { __typename: 'AccessRequest', id: 'req_found' } } })
  await open()
  press('Add bastion')
  say('x')
  send()
  await pass(2000)
  expect(sent('Ask')).toHaveLength(1)
  expect(sent('ReadAsked')[0]!.variables['key']).toBe(sent('Ask')[0]!.variables['input'].idempotencyKey)
  expect(onAsked).toHaveBeenCalledExactlyOnceWith('req_found')
})

test('a reload and a sign-in lose nothing', async () => {
  const { unmount } = await open()
  press('Add bastion')
  say('half a thought')
  unmount()
  await open()
  expect(why().value).toBe('half a thought')
  expect(screen.getByRole('button', { name: 'Remove bastion' })).toBeTruthy()
})

test('an edit sends the version that was shown; a change is marked, and what was typed is kept', async () => {
  const { rerender } = await open(<Page editing={request({ version: 2 })} />)
  say('typed here')
  rerender(<Page editing={request({ version: 3, requestedDuration: 'PT4H' })} />)
  expect(screen.getByText('You changed this elsewhere while you looked.')).toBeTruthy()
  send()
  await pass()
  expect(sent('Edit')).toHaveLength(0)
  press('See what changed')
  send()
  await pass(1100)
  expect(sent('Edit')).toHaveLength(0)
  send()
  await pass()
  expect(sent('Edit')[0]!.variables['input']).toMatchObject({ requestId: 'req_1', expectedVersion: 3, duration: 'PT4H', reason: 'typed here' })
  expect(onAsked).toHaveBeenCalledExactlyOnceWith('req_1')
})

test('CONFLICT of an edit reads the request again, and shows what changed', async () => {
  const { rerender } = await open(<Page editing={request({ version: 2 })} />)
  say('typed here')
  asks = (c) => {
    if (c.name === 'Edit') return refused('CONFLICT', ['input', 'expectedVersion'], 'changed')
    rerender(<Page editing={request({ version: 3, ticket: 'OPS-2' })} />)
    return { data: { accessRequest: null } }
  }
  send()
  await pass()
  expect(screen.getByRole('button', { name: 'See what changed' })).toBeTruthy()
  expect(screen.getByText('OPS-2')).toBeTruthy()
  expect(why().value).toBe('typed here')
})

test('an edit of what was decided meanwhile is not sent', async () => {
  const { rerender } = await open(<Page editing={request()} />)
  say('typed here')
  rerender(<Page editing={request({ status: 'ACTIVE' })} over="It is active." />)
  send()
  await pass()
  expect(sent('Edit')).toHaveLength(0)
  expect(screen.getByText('Your changes were not sent.')).toBeTruthy()
  expect(why().value).toBe('typed here')
})

const step = { name: null, need: 1, status: 'PRESENT', lacking: 1, approvedBy: [], guardrail: null, approvers: [{ approverId: 'usr_ada', name: 'Ada', by: 'NAME' }], escalated: false, escalatesAt: null, endsAt: null }
const track = { policyId: 'pol_1', policyName: 'Touchy things', policyVersion: 2, resourceIds: ['res_bastion'], refusedBecause: null, approveInConsole: false, signInWithin: null, guardrails: [], steps: [step] }
const explanation = { tracks: [track], refusal: null, maxDuration: 'PT30M', maxStartAhead: 'P1D', minReasonLength: 10, ticketNeeded: true, ticketExamples: ['OPS-12'], approvers: ['Ada'] }

test('the form tells by which policy it is decided, and its limits follow', async () => {
  explained = { ...explanation, refusal: { field: 'ticket', message: 'A ticket is needed.' } }
  await open()
  expect(sent('ReadExplanation')).toHaveLength(0)
  press('Add bastion')
  await pass(500)
  expect(sent('ReadExplanation').at(-1)!.variables['input']).toEqual({ items: [{ resourceId: 'res_bastion' }] })
  expect(screen.getByText('Touchy things')).toBeTruthy()
  expect(screen.getByText('Needs 1 approval of Ada.')).toBeTruthy()
  expect(screen.getByText(/^May decide/).textContent).toBe('May decide: Ada.')
  expect(screen.getByText('At most 30 minutes.')).toBeTruthy()
  expect(screen.getByText('At most 1 day ahead.')).toBeTruthy()
  expect(screen.getByText('Needed, such as OPS-12.')).toBeTruthy()
  expect(screen.queryByText('This would be refused')).toBeNull() // the field says it
  say('short')
  send()
  await pass()
  expect(sent('Ask')).toHaveLength(0)
  expect(screen.getByText('Say why, in at least 10 characters.')).toBeTruthy()
  expect(screen.getByText('A ticket is needed, such as OPS-12.')).toBeTruthy()
  say('long enough a reason')
  fireEvent.change(screen.getByLabelText('Ticket'), { target: { value: 'OPS-7' } })
  send()
  await pass()
  expect(sent('Ask')[0]!.variables['input']).toMatchObject({ duration: 'PT30M', ticket: 'OPS-7' })
})

test('what nobody gets says why, without a word of who could decide', async () => {
  explained = { ...explanation, tracks: [{ ...track, steps: [], refusedBecause: 'Nobody needs this.' }], approvers: [], refusal: { field: 'items.0', message: 'Nobody needs this.' } }
  await open()
  press('Add bastion')
  await pass(500)
  expect(screen.getAllByText('Nobody needs this.')).toHaveLength(1)
  expect(screen.queryByText('Nobody can decide this')).toBeNull()
})

test('where nobody has to approve, or who does is kept back, no warning is given', async () => {
  explained = { ...explanation, tracks: [{ ...track, steps: [] }], approvers: [], refusal: { field: 'reason', message: 'Say why.' } }
  const { unmount } = await open()
  press('Add bastion')
  await pass(500)
  expect(screen.getByText('It is approved at once.')).toBeTruthy()
  expect(screen.queryByText('Nobody can decide this')).toBeNull()
  unmount()
  explained = { ...explanation, tracks: [{ ...track, steps: [{ ...step, approvers: null }] }], approvers: [] }
  await open()
  await pass(500)
  expect(screen.getByText('Needs 1 approval of people who are kept from you.')).toBeTruthy()
  expect(screen.queryByText('Nobody can decide this')).toBeNull()
})

test('without an explanation the form works as it is', async () => {
  await open()
  press('Add bastion')
  await pass(500)
  expect(screen.getByText('At most 8 hours.')).toBeTruthy()
  expect(screen.queryByLabelText('How it would be decided')).toBeNull()
})

test('as long as nobody changed the policies the form looks as it did', async () => {
  explained = { ...explanation, tracks: [{ ...track, policyVersion: 0 }], maxDuration: 'PT8H', maxStartAhead: null, minReasonLength: 1, ticketNeeded: false, ticketExamples: [] }
  await open()
  press('Add bastion')
  await pass(500)
  expect(screen.queryByLabelText('How it would be decided')).toBeNull()
  expect(screen.getByPlaceholderText('If there is one')).toBeTruthy()
})
