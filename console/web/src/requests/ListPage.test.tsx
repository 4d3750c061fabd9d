import { MantineProvider } from '@mantine/core'
import { createMemoryHistory, createRootRoute, createRoute, createRouter, RouterProvider } from '@tanstack/react-router'
import { act, render, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, expect, test, vi } from 'vitest'
import { Provider } from 'urql'
import type { Heard } from '../api/live.ts'
import { ViewerContext } from '../viewer.ts'
import type { ListRow } from './follow.ts'
import { ListPage } from './ListPage.tsx'
import { passes } from './follow.ts'
import { readSearch, type RequestFilter } from './search.ts'

type Asked = { filter?: RequestFilter; ids?: string[]; first?: number; after?: string | null; before?: string | null }

const server = vi.hoisted(() => ({ rows: [] as unknown[], asked: [] as unknown[], down: false, listeners: new Set<(heard: unknown) => void>() }))

vi.mock('../api/live.ts', async () => {
  const { useEffect, useRef } = await import('react')
  return {
    useLive: (f: (heard: unknown) => void) => {
      const latest = useRef(f)
      latest.current = f
      useEffect(() => {
        const listener = (heard: unknown) => latest.current(heard)
        server.listeners.add(listener)
        return () => void server.listeners.delete(listener)
      }, [])
    },
  }
})

vi.mock('../api/ask.ts', async (original) => {
  const answer = (variables: Asked) => {
    server.asked.push(variables)
    if (server.down) return { error: { message: 'down', graphQLErrors: [] } }
    const rows = server.rows as ListRow[]
    if (variables.ids) return { data: { nodes: variables.ids.map((id) => rows.find((r) => r.id === id) ?? null) } }
    if (!variables.filter) return { data: { pending: { totalCount: 2 }, approved: { totalCount: null }, history: { totalCount: 1234 } } }
    const of = rows.filter((r) => variables.filter!.status.includes(r.status) && (!variables.filter!.requesterId || r.requester.userId === variables.filter!.requesterId))
    return { data: { accessRequests: { edges: of.map((node) => ({ cursor: node.id, node })), pageInfo: { startCursor: null, endCursor: null, hasNextPage: false, hasPreviousPage: false } } } }
  }
  return { ...(await original<object>()), ask: async (_: unknown, variables: Asked) => answer(variables) }
})

vi.mock('./OneDecision.tsx', () => ({ OneDecision: ({ id, open }: { id: string; open: string }) => <p>{`${open} ${id}`}</p> }))
vi.mock('./named.ts', () => ({ useNames: () => (id: string) => ({ usr_dev: 'Dev' })[id] ?? id }))

Object.defineProperty(HTMLElement.prototype, 'clientHeight', { configurable: true, get: () => 800 })
Object.defineProperty(HTMLElement.prototype, 'clientWidth', { configurable: true, get: () => 1200 })

const row = (n: number, more: Partial<ListRow> = {}): ListRow =>
  ({
    id: `req_${n}`,
    status: 'PENDING',
    version: 1,
    requester: { userId: 'usr_dev', name: 'Dev', email: 'dev@example.com' },
    items: [{ resourceId: 'res_1', resourceName: `db-${n}`, role: 'reader', resourceKind: 'DATABASE', accountId: 'acc_1', accountName: 'Production', gatewayName: null }],
    requestedDuration: 'PT2H',
    grantedDuration: null,
    reason: 'Stuck orders',
    ticket: 'OPS-1',
    startsAt: null,
    grant: null,
    extension: null,
    createdAt: `2026-11-27T20:${String(n).padStart(2, '0')}:00Z`,
    decideBy: '2026-11-28T20:00:00Z',
    viewerCanReview: true,
    reviews: [],
    ...more,
  }) as ListRow

const hear = (heard: Heard) => act(async () => void server.listeners.forEach((f) => f(heard)))
const event = (id: string) => ({ cursor: 'c', request: { requestId: id } }) as unknown as Heard

function open(address = '/requests', admin = true) {
  const root = createRootRoute()
  const list = createRoute({ getParentRoute: () => root, path: '/requests', validateSearch: readSearch, component: ListPage })
  const one = createRoute({ getParentRoute: () => root, path: '/requests/$id', component: () => <p>The page of a request</p> })
  const ask = createRoute({ getParentRoute: () => root, path: '/ask', component: () => null })
  const router = createRouter({ routeTree: root.addChildren([list, one, ask]), history: createMemoryHistory({ initialEntries: [address] }) })
  render(
    <MantineProvider env="test">
      <Provider value={{} as never}>
        <ViewerContext value={{ id: 'usr_ada', name: 'Ada', email: 'ada@example.com', admin }}>
          <RouterProvider router={router as never} />
        </ViewerContext>
      </Provider>
    </MantineProvider>,
  )
  return router
}

const names = () => screen.getAllByRole('link').map((a) => a.textContent)

let address = 0
beforeEach(() => {
  server.rows = [row(2), row(1)]
  server.asked = []
  server.down = false
  localStorage.clear()
  address++ // a list that was seen before is kept
})

const fresh = (more = '') => `/requests?ticket=T${address}${more}`

test('a new request waits, and nothing moves until it is asked for', async () => {
  open('/requests')
  await screen.findByText('db-2 reader')
  server.rows = [row(3), ...server.rows]
  await hear(event('req_3'))
  expect(await screen.findByRole('button', { name: '1 new request' })).toBeTruthy()
  expect(names()).toEqual(['db-2 reader', 'db-1 reader'])
  await userEvent.keyboard('.')
  await waitFor(() => expect(names()).toEqual(['db-3 reader', 'db-2 reader', 'db-1 reader']))
  expect(screen.queryByRole('button', { name: '1 new request' })).toBeNull()
  await waitFor(() => expect(document.activeElement?.textContent).toBe('db-3 reader'))
})

test('a request that changed changes in its place, and stays', async () => {
  open(fresh())
  await screen.findByText('db-2 reader')
  server.rows = [row(2, { status: 'APPROVED', viewerCanReview: false }), row(1)]
  await hear(event('req_2'))
  expect(await within(screen.getByRole('list', { name: 'Requests' })).findByText('Approved')).toBeTruthy()
  expect(names()).toEqual(['db-2 reader', 'db-1 reader'])
  expect(screen.queryByRole('button', { name: 'Approve db-2 reader for Dev…' })).toBeNull()
})

test('keys move over the rows, and open forms in the address', async () => {
  const router = open(fresh())
  await screen.findByText('db-2 reader')
  await userEvent.keyboard('jj')
  await waitFor(() => expect(document.activeElement?.textContent).toBe('db-1 reader'))
  await userEvent.keyboard('k')
  await waitFor(() => expect(document.activeElement?.textContent).toBe('db-2 reader'))
  await userEvent.keyboard('d')
  expect(await screen.findByText('deny req_2')).toBeTruthy()
  expect(router.state.location.search).toMatchObject({ open: 'req_2', act: 'deny' })
  await userEvent.keyboard('u')
  await waitFor(() => expect(router.state.location.search).not.toHaveProperty('open'))
  await waitFor(() => expect(document.activeElement?.textContent).toBe('db-2 reader'))
  await userEvent.keyboard('{Enter}')
  expect(await screen.findByText('The page of a request')).toBeTruthy()
})

test('letters do nothing once they are switched off, and arrows still move', async () => {
  localStorage.setItem('procyon.keys', 'off')
  const router = open(fresh())
  const first = await screen.findByText('db-2 reader')
  await userEvent.keyboard('jd')
  expect(router.state.location.search).not.toHaveProperty('open')
  act(() => first.closest('a')!.focus())
  await userEvent.keyboard('{ArrowDown}')
  await waitFor(() => expect(document.activeElement?.textContent).toBe('db-1 reader'))
})

test('filters are pills that go, and the list is asked for by them', async () => {
  server.rows = [row(2), row(1, { requester: { userId: 'usr_bo', name: 'Bo', email: 'bo@example.com' } })]
  const router = open(fresh('&person=usr_dev'))
  await screen.findByText('db-2 reader')
  expect(names()).toEqual(['db-2 reader'])
  await userEvent.click(screen.getByRole('button', { name: 'Remove Person: Dev' }))
  await screen.findByText('db-1 reader')
  expect(router.state.location.search).not.toHaveProperty('person')
  expect(document.activeElement?.textContent).toBe('Filter')
})

test('a filter that was chosen is in the address, and the focus is where it began', async () => {
  const router = open(fresh())
  await screen.findByText('db-2 reader')
  await userEvent.keyboard('f')
  await userEvent.click(await screen.findByRole('button', { name: 'Ticket' }))
  const field = await screen.findByLabelText('Ticket')
  await userEvent.clear(field)
  await userEvent.type(field, ' OPS-7 {Enter}')
  await waitFor(() => expect(router.state.location.search).toMatchObject({ ticket: 'OPS-7' }))
  await waitFor(() => expect(document.activeElement?.textContent).toBe('Filter'))
})

test('where nothing matches, one press clears the filters', async () => {
  const router = open(fresh('&person=usr_nobody'))
  expect(await screen.findByText('No request matches these filters.')).toBeTruthy()
  await userEvent.click(screen.getAllByRole('button', { name: 'Clear' }).at(-1)!)
  await screen.findByText('db-2 reader')
  expect(router.state.location.search).toEqual({})
})

test('says that it can’t read, and reads when asked again', async () => {
  server.down = true
  open(fresh())
  expect(await screen.findByText('Procyon can’t be reached.')).toBeTruthy()
  server.down = false
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }))
  expect(await screen.findByText('db-2 reader')).toBeTruthy()
})

test('offers who sees their own requests alone no filter by person', async () => {
  open(fresh(), false)
  await screen.findByText('db-2 reader')
  await userEvent.keyboard('f')
  const group = await screen.findByRole('group', { name: 'Filter by' })
  expect(within(group).getAllByRole('button').map((b) => b.textContent)).toEqual(['Time', 'Account', 'Resource', 'Ticket'])
})

test('counts stand beside the names of tabs, where they are known', async () => {
  open(fresh())
  await screen.findByText('1,234')
  expect(screen.getAllByRole('tab').map((t) => t.querySelector('[class*=tabLabel]')?.textContent)).toEqual(['Pending Requests', 'Approved Requests', 'History'])
  expect(screen.getByRole('tab', { name: 'History' })).toBeTruthy()
})

test('a request passes filters as the server would say', () => {
  const r = row(1)
  for (const s of [{}, { words: 'stuck ord' }, { words: 'DEV db' }, { ticket: 'ops-1' }, { account: 'acc_1', resource: 'res_1', person: 'usr_dev' }]) expect(passes(r, s)).toBe(true)
  for (const s of [{ words: 'tuck' }, { ticket: 'OPS' }, { account: 'acc_2' }, { reviewer: 'usr_bo' }, { tab: 'history' as const }, { to: '2026-11-20' }]) expect(passes(r, s)).toBe(false)
})
