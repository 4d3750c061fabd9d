import { MantineProvider } from '@mantine/core'
import { createMemoryHistory, createRootRoute, createRoute, createRouter, RouterProvider } from '@tanstack/react-router'
import { act, render, screen, waitFor, within } from '@testing-library/react'
import { beforeEach, expect, test, vi } from 'vitest'
import { Provider } from 'urql'
import { client, serve } from '../test/fake.ts'
import { ViewerContext } from '../viewer.ts'
import { Shell } from './Shell.tsx'
import { useStands, type Trail } from './trail.ts'

const live = vi.hoisted(() => ({ listeners: new Set<(heard: 'again') => void>() }))
vi.mock('../api/client.ts', () => import('../test/fake.ts'))
vi.mock('../api/live.ts', () => ({ useLive: (f: (heard: 'again') => void) => void live.listeners.add(f) }))

let waiting: number
beforeEach(() => {
  waiting = 3
  live.listeners.clear()
  serve(() => ({ data: { waiting: { nodes: Array.from({ length: waiting }, (_, i) => ({ id: `req_${i}` })) }, broken: { totalCount: 1 } } }))
})

function open(path: string, trail: Trail | null, admin = true) {
  const root = createRootRoute({ component: Shell })
  const Page = () => {
    useStands(trail)
    return <h1>The page</h1>
  }
  const all = ['/', '/requests', '/requests/$id', '/ask', '/integrations'].map((path) => createRoute({ getParentRoute: () => root, path, component: path === '/requests/$id' ? Page : () => <h1>Another page</h1> }))
  const router = createRouter({ routeTree: root.addChildren(all), history: createMemoryHistory({ initialEntries: [path] }) })
  render(
    <MantineProvider env="test">
      <Provider value={client}>
        <ViewerContext value={{ id: 'usr_1', name: 'Ada', email: 'a@example.com', admin }}>
          <RouterProvider router={router as never} />
        </ViewerContext>
      </Provider>
    </MantineProvider>,
  )
  return router
}

const rail = async () => within((await screen.findAllByRole('navigation', { name: 'Main' }))[0]!)

test('what waits is counted beside a page’s name, live, and is no part of it', async () => {
  open('/requests', null)
  const nav = await rail()
  await nav.findByText('3')
  expect(nav.getByRole('link', { name: 'Requests' })).toBeTruthy()
  expect(nav.getByRole('link', { name: 'Integrations' }).textContent).toContain('1')
  waiting = 100
  await act(async () => live.listeners.forEach((f) => f('again')))
  await nav.findByText('99+')
  waiting = 0
  await act(async () => live.listeners.forEach((f) => f('again')))
  await waitFor(() => expect(nav.getByRole('link', { name: 'Requests' }).textContent).toBe('Requests'))
})

test('a page says what it lies below, and a top one says nothing', async () => {
  const router = open('/requests/req_1', { above: [{ label: 'Requests', to: '/requests', search: { tab: 'history' } }], here: 'orders-db reader' })
  const trail = within(await screen.findByRole('navigation', { name: 'Breadcrumb' }))
  expect(trail.getByText('orders-db reader').closest('[aria-current=page]')).toBeTruthy()
  await act(async () => trail.getByRole('link', { name: 'Requests' }).click())
  await waitFor(() => expect(router.state.location.search).toEqual({ tab: 'history' }))
  await waitFor(() => expect(screen.queryByRole('navigation', { name: 'Breadcrumb' })).toBeNull())
})

test('a member’s navigation has no page that they can’t open', async () => {
  open('/', null, false)
  const nav = await rail()
  expect(nav.getAllByRole('link').map((a) => a.getAttribute('href'))).toEqual(['/', '/requests', '/ask', '/links', '/api', '/profile'])
})
