import { MantineProvider } from '@mantine/core'
import { createMemoryHistory, createRootRoute, createRoute, createRouter, RouterProvider } from '@tanstack/react-router'
import { render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'
import { Provider, type Client } from 'urql'
import { fromValue } from 'wonka'
import { ViewerContext } from '../viewer.ts'
import { useOffer } from './acts.ts'
import Palette from './Palette.tsx'

vi.mock('./Shell.tsx', () => ({ everybody: [{ to: '/', label: 'Home', icon: () => null }, { to: '/requests', label: 'Requests', icon: () => null }], administrators: [{ to: '/integrations', label: 'Integrations', icon: () => null }] }))

function open(admin: boolean, run = () => {}) {
  const asked: { words?: string; admin?: boolean; id?: string }[] = []
  const client = {
    executeQuery: ({ variables }: { variables: { words?: string; id?: string } }) => {
      asked.push(variables)
      const data = variables.id
        ? { node: { __typename: 'Resource', id: variables.id, name: 'orders-db' } }
        : { requests: { nodes: [{ id: 'req_1', status: 'PENDING', requester: { name: 'Dev' }, items: [{ resourceName: 'orders-db', role: 'reader' }] }] }, resources: { nodes: [] }, integrations: null, users: null }
      return fromValue({ data, stale: false, hasNext: false })
    },
  } as unknown as Client
  const closed = vi.fn()
  const Page = () => {
    useOffer([{ label: 'Filter requests…', keys: 'F', run }])
    return <Palette onClose={closed} onKeys={() => {}} />
  }
  const root = createRootRoute()
  const all = ['/', '/requests', '/requests/$id', '/catalog'].map((path) => createRoute({ getParentRoute: () => root, path, component: Page }))
  const router = createRouter({ routeTree: root.addChildren(all), history: createMemoryHistory({ initialEntries: ['/'] }) })
  render(
    <MantineProvider env="test">
      <Provider value={client}>
        <ViewerContext value={{ id: 'usr_1', name: 'Ada', email: 'a@example.com', admin }}>
          <RouterProvider router={router as never} />
        </ViewerContext>
      </Provider>
    </MantineProvider>,
  )
  return { asked, closed, router }
}

test('lists this page’s acts and the pages that a person may open', async () => {
  open(false)
  await screen.findByText('Filter requests…')
  expect(screen.getByText('Home')).toBeTruthy()
  expect(screen.queryByText('Integrations')).toBeNull()
})

test('an act begins once the palette is closed', async () => {
  const run = vi.fn()
  const { closed } = open(true, run)
  await userEvent.type(await screen.findByRole('combobox'), 'filter{Enter}')
  await waitFor(() => expect(run).toHaveBeenCalledTimes(1))
  expect(closed).toHaveBeenCalled()
})

test('finds objects by words, and goes to the one that is chosen', async () => {
  const { asked, router } = open(false)
  await userEvent.type(await screen.findByRole('combobox'), 'orders')
  await userEvent.click(await screen.findByText('Dev: orders-db reader'))
  await waitFor(() => expect(router.state.location.pathname).toBe('/requests/req_1'))
  expect(asked.at(-1)).toMatchObject({ words: 'orders', admin: false })
})

test('says what a pasted ID is', async () => {
  const { router } = open(false)
  await userEvent.click(await screen.findByRole('combobox'))
  await userEvent.paste('res_01a2235e62f17724a31e5e2f245f4c0f')
  await userEvent.click(await screen.findByText('orders-db'))
  await waitFor(() => expect(router.state.location.search).toMatchObject({ resource: 'res_01a2235e62f17724a31e5e2f245f4c0f' }))
})

test('leads administrators to what is in the catalog', async () => {
  const { router } = open(true)
  await userEvent.click(await screen.findByRole('combobox'))
  await userEvent.paste('res_01a2235e62f17724a31e5e2f245f4c0f')
  await userEvent.click(await screen.findByText('orders-db'))
  await waitFor(() => expect(router.state.location.href).toBe('/catalog?open=res_01a2235e62f17724a31e5e2f245f4c0f'))
})

test('says to who does not see it what was found, and what Enter would take', async () => {
  open(false)
  const field = await screen.findByRole('combobox')
  const list = screen.getByRole('listbox')
  expect(field.getAttribute('aria-controls')).toBe(list.id)
  const active = () => {
    const id = field.getAttribute('aria-activedescendant')
    return id === null ? null : document.getElementById(id)
  }
  expect(active()).toBeNull()
  await userEvent.type(field, 're')
  await waitFor(() => expect(active()?.textContent).toContain('Filter requests…'))
  const options = screen.getAllByRole('option')
  await waitFor(() => expect(screen.getByRole('status').textContent).toBe(`${screen.getAllByRole('option').length} results`))
  expect(options[0]!.getAttribute('aria-selected')).toBe('true')
  await userEvent.keyboard('{ArrowDown}')
  await waitFor(() => expect(active()).toBe(screen.getAllByRole('option')[1]))
  expect(screen.getAllByRole('option').filter((o) => o.getAttribute('aria-selected') === 'true')).toEqual([active()])
  expect(screen.getByRole('group', { name: 'Pages' })).toBeTruthy()
})
