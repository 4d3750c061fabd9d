import { act, render, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, expect, test, vi } from 'vitest'
import { sent, serve } from '../test/fake.ts'
import { bo, dev, request, Scene } from '../test/scene.tsx'
import { HomePage } from './HomePage.tsx'

vi.mock('../api/client.ts', () => import('../test/fake.ts'))
const live = vi.hoisted(() => ({ listeners: new Set<(heard: 'again') => void>() }))
vi.mock('../api/live.ts', () => ({ useLive: (f: (heard: 'again') => void) => void live.listeners.add(f) }))
vi.mock('../ui/Link.tsx', async () => (await import('../test/scene.tsx')).links())
vi.mock('../requests/OneDecision.tsx', () => ({ OneDecision: ({ id, open }: { id: string; open: string }) => <p>{`${open} ${id}`}</p> }))

const page = (nodes: unknown[]) => ({ nodes, pageInfo: { hasNextPage: false } })
const link = (createdAt: string) => ({ id: 'slk_1', status: 'LINKED', slackUserId: 'U42', slackName: 'dev', createdAt, workspace: { id: 'wsp_1', name: 'Acme' } })
let home: Record<string, unknown>
let links: unknown[]
let troubles: Record<string, unknown>
let gone: unknown[]

beforeEach(() => {
  localStorage.clear()
  live.listeners.clear()
  gone = []
  home = { waiting: page([]), held: page([]), asked: page([]), latest: page([]) }
  links = []
  troubles = { problems: { count: 0, problems: [] } }
  serve(({ name }) => ({ data: name === 'ReadHome' ? home : name === 'ReadGone' ? { nodes: gone } : name === 'ReadLinks' ? { slackLinks: { nodes: links } } : troubles }))
})

test('it is called so before it is there, and where it can’t be read', async () => {
  let answer = (_: { errors: { message: string }[] }) => {}
  serve(({ name }) => (name === 'ReadHome' ? new Promise((resolve) => (answer = resolve)) : { data: troubles }))
  render(<HomePage />, { wrapper: ({ children }) => <Scene as={bo}>{children}</Scene> })
  expect(screen.getByRole('heading', { level: 1, name: 'Home' })).toBeTruthy()
  expect(screen.getByRole('progressbar', { name: 'Loading' })).toBeTruthy()
  await waitFor(() => expect(sent('ReadHome')).toHaveLength(1))
  act(() => answer({ errors: [{ message: 'no' }] }))
  expect(await screen.findByRole('alert')).toBeTruthy()
  expect(screen.getByRole('heading', { level: 1, name: 'Home' })).toBeTruthy()
})

test('what waits comes with its two acts, which open a form', async () => {
  home['waiting'] = page([request()])
  render(<HomePage />, { wrapper: ({ children }) => <Scene as={bo}>{children}</Scene> })
  const part = within(await screen.findByRole('region', { name: 'Waiting for your decision' }))
  expect(part.getByText('stuck orders')).toBeTruthy()
  await userEvent.click(part.getByRole('button', { name: 'Deny orders-db reader for Dev…' }))
  await screen.findByText('deny req_1')
})

test('what somebody else decides stays in its place, and says what it is now', async () => {
  const [one, two] = [request(), request({ id: 'req_2', requester: { userId: 'usr_cy', name: 'Cy', email: 'c@example.com' } })]
  home['waiting'] = page([one, two])
  render(<HomePage />, { wrapper: ({ children }) => <Scene as={bo}>{children}</Scene> })
  const part = within(await screen.findByRole('region', { name: 'Waiting for your decision' }))
  home['waiting'] = page([two, request({ id: 'req_3' })])
  gone = [request({ status: 'DENIED', viewerCanReview: false })]
  await act(async () => live.listeners.forEach((f) => f('again')))
  await part.findByText('Denied')
  expect(part.getAllByRole('link').map((a) => a.textContent)).toEqual(['Dev: orders-db reader', 'Cy: orders-db reader', 'Dev: orders-db reader'])
  expect(part.getAllByRole('button', { name: /^Approve/ })).toHaveLength(2)
})

test('of many that wait a few are shown, and more when that is asked for', async () => {
  home['waiting'] = page(Array.from({ length: 8 }, (_, i) => request({ id: `req_${i}` })))
  render(<HomePage />, { wrapper: ({ children }) => <Scene as={bo}>{children}</Scene> })
  const part = within(await screen.findByRole('region', { name: 'Waiting for your decision' }))
  expect(part.getAllByRole('button', { name: /^Approve/ })).toHaveLength(5)
  await userEvent.click(part.getByRole('button', { name: 'Show 3 more' }))
  expect(part.getAllByRole('button', { name: /^Approve/ })).toHaveLength(8)
})

test('what is empty says what to do', async () => {
  render(<HomePage />, { wrapper: ({ children }) => <Scene as={dev}>{children}</Scene> })
  await screen.findByText('Nothing waits for your decision.')
  screen.getByText('You have no access now. Ask when you need some.')
  expect(sent('ReadProblems')).toHaveLength(0) // a member's page does not ask for what administrators mend
})

test('access says how long it lasts, and what is over can be asked for again', async () => {
  const held = request({ status: 'ACTIVE', grant: { startsAt: new Date(Date.now() - 60_000).toISOString(), expiresAt: new Date(Date.now() + 47.5 * 60_000).toISOString() } })
  home = { ...home, held: page([held]), latest: page([held, request({ id: 'req_2', status: 'EXPIRED' })]) }
  render(<HomePage />, { wrapper: ({ children }) => <Scene as={dev}>{children}</Scene> })
  within(await screen.findByRole('region', { name: 'Your access' })).getByText('47 min left')
  within(screen.getByRole('region', { name: 'Over lately' })).getByText('Ask again')
})

test('the worst of what is broken comes first: since when, for whom, and what mends it; the others when asked for', async () => {
  const one = (key: string, kind: string, text: string, url: string) => ({ key, kind, text, url: `https://p.example${url}`, mend: 'Mend it so.', since: new Date().toISOString() })
  const problems = [
    one('INTEGRATION_BROKEN/int_2@0', 'INTEGRATION_BROKEN', 'The integration “On call” is broken. Nothing about “Production” reaches it.', '/integrations/int_2'),
    one('SLACK_WORKSPACE_WAITING/wsp_1@1', 'SLACK_WORKSPACE_WAITING', 'The Slack workspace “Other” has the app and waits to be accepted.', '/links'),
  ]
  troubles = { problems: { count: 3, problems } }
  render(<HomePage />, { wrapper: ({ children }) => <Scene as={bo}>{children}</Scene> })
  const banner = await screen.findByRole('alert')
  await waitFor(() => expect(banner.textContent).toMatch(/Something is broken.*The integration “On call” is broken\. Nothing about “Production” reaches it\. Since .+\. Mend it so\./))
  expect(within(banner).getByText('Mend').closest('a')?.getAttribute('href')).toBe('/integrations/int_2')
  expect(banner.textContent).not.toContain('Other')
  await userEvent.click(within(banner).getByRole('button', { name: 'And 2 more' }))
  expect(banner.textContent).toContain('The Slack workspace “Other” has the app')
  expect(banner.textContent).toContain('1 more are not listed')
  expect(within(banner).getByText('Look').closest('a')?.getAttribute('href')).toBe('/links')
})

test('what breaks and what is mended is seen when something happens', async () => {
  const text = 'The integration “On call” is broken.'
  render(<HomePage />, { wrapper: ({ children }) => <Scene as={bo}>{children}</Scene> })
  await screen.findByText('Nothing waits for your decision.')
  expect(screen.queryByRole('alert')).toBeNull()
  troubles = { problems: { count: 1, problems: [{ key: 'k@0', kind: 'INTEGRATION_BROKEN', text, mend: 'Mend it so.', since: null, url: 'https://p.example/integrations/int_2' }] } }
  await act(async () => live.listeners.forEach((f) => f('again')))
  await screen.findByText(text, { exact: false }, { timeout: 3000 })
  troubles = { problems: { count: 0, problems: [] } }
  await act(async () => live.listeners.forEach((f) => f('again')))
  await waitFor(() => expect(screen.queryByRole('alert')).toBeNull(), { timeout: 3000 })
})

test('a new Slack link is pointed out until its owner says that it was them, each time anew', async () => {
  links = [link(new Date(Date.now() - 60_000).toISOString())]
  const first = render(<HomePage />, { wrapper: ({ children }) => <Scene as={dev}>{children}</Scene> })
  await screen.findByText('Was that you?')
  await userEvent.click(screen.getByRole('button', { name: 'It was me' }))
  await waitFor(() => expect(screen.queryByText('Was that you?')).toBeNull())
  first.unmount()
  links = [link(new Date(Date.now() - 30_000).toISOString())]
  const second = render(<HomePage />, { wrapper: ({ children }) => <Scene as={dev}>{children}</Scene> })
  await screen.findByText('Was that you?')
  second.unmount()
  links = [link('2020-01-01T00:00:00Z')]
  render(<HomePage />, { wrapper: ({ children }) => <Scene as={dev}>{children}</Scene> })
  await screen.findByText('You have no access now. Ask when you need some.')
  expect(screen.queryByText('Was that you?')).toBeNull()
})
