import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'
import { answering, sent } from '../test/fake.ts'
import { show } from '../test/scene.tsx'
import { ActForm } from './ActForms.tsx'
import { byWhom } from '../ui/words.ts'
import { Groups, Place } from './Belonging.tsx'
import type { PersonShown } from './operations.ts'
import type { Act } from './search.ts'

vi.mock('../api/client.ts', () => import('../test/fake.ts'))
vi.mock('../ui/Link.tsx', async () => (await import('../test/scene.tsx')).links())

const at = '2026-11-27T10:00:00Z'
const ada = { actorId: 'usr_ada', name: 'Ada' }
const dev = (change: Record<string, unknown> = {}): PersonShown =>
  ({
    id: 'usr_dev', name: 'Dev', email: 'dev@example.com', role: 'MEMBER', disabled: false, federated: false, createdAt: at, lastSeenAt: null, version: 5, hasManyAccounts: false, separation: null,
    groups: null, manager: null, directory: null, handedOver: false, otherAccounts: [], disabledBy: null, enablingRefusedBecause: null, ...change,
  }) as unknown as PersonShown
const eve = { id: 'usr_eve', name: 'Eve', email: 'eve@example.com', disabled: false }
const membership = (name: string, change: object = {}) => ({ source: 'LOCAL', counts: true, countsUntil: null, since: at, by: ada, group: { id: `grp_${name}`, name }, ...change })
const found = { users: { nodes: [{ __typename: 'User', ...eve }, { __typename: 'User', id: 'usr_dev', name: 'Dev', email: 'dev@example.com' }] } }
const done = { result: { user: { __typename: 'User', id: 'usr_dev' }, userErrors: [] } }
const form = (act: Act, person: PersonShown, onClose = () => {}) => show(<ActForm act={act} person={person} sessions={0} again={() => {}} onClose={onClose} />)
const choose = async (label: string) => {
  await userEvent.click(await screen.findByRole('combobox', { name: label }))
  await userEvent.click(await screen.findByRole('option', { name: 'Eve, eve@example.com', hidden: true }))
}

test('groups say who put somebody in, and whether a claim still counts', () => {
  const groups = {
    nodes: [membership('Owners'), membership('Claimed', { source: 'OIDC', countsUntil: new Date(Date.now() + 7_230_000).toISOString(), by: { actorId: 'system', name: null } }), membership('Old', { source: 'OIDC', counts: false })],
    pageInfo: { hasNextPage: false },
  }
  show(<Groups of={groups as never} />)
  const rows = screen.getAllByRole('listitem').map((r) => r.textContent)
  expect(rows[0]).toMatch(/^OwnersKept here · since .* by Ada$/)
  expect(rows[1]).toMatch(/^ClaimedFrom sign-ins · since .* by Procyoncounts, 2 h left$/)
  expect(rows[2]).toMatch(/Counts again when they sign in$/)
  expect([byWhom({ actorId: 'operator', name: null }), byWhom({ actorId: 'usr_9', name: null })]).toEqual(['the command line', 'usr_9'])
})

test('who is in no group is said so', () => {
  show(<Groups of={null} />)
  expect(screen.getByText('They are in no group.')).toBeTruthy()
})

test('what the directory says stands beside who keeps somebody', () => {
  show(<Place person={dev({ manager: { userId: 'usr_eve', ...eve, since: at, by: ada }, otherAccounts: [eve], disabledBy: 'SCIM', directory: { userName: 'dev@corp', externalId: '17', employeeNumber: '4711', active: false, removed: false, createdAt: at, changedAt: at } })} />)
  const card = within(screen.getByRole('region', { name: 'Where they belong' }))
  for (const said of ['by the directory', 'dev@corp', '17', '4711', 'Not active']) expect(card.getAllByText(said).length).toBeGreaterThan(0)
  expect(card.getAllByText('Eve')).toHaveLength(2)
})

test('who counts as the same human is said, and what follows', () => {
  const of = { manager: { userId: 'usr_eve', ...eve, counts: false, since: at, by: ada }, hasManyAccounts: true, separation: { employeeNumber: '12', since: at, by: ada } }
  show(<Place person={dev(of)} />)
  const card = within(screen.getByRole('region', { name: 'Where they belong' }))
  expect(card.getByText(/counts as nobody/)).toBeTruthy()
  expect(card.getByText(/so they decide nothing/)).toBeTruthy()
  expect(card.getByText(/^separated from the employee/).textContent).toMatch(/^separated from the employee 12 since .* by Ada$/)
})

test('a manager is chosen among those whom the server finds, and nobody is one again', async () => {
  const closed = vi.fn()
  answering({ FindWho: () => found, SetManager: () => done })
  const { unmount } = form('manager', dev(), closed)
  await choose('Manager')
  expect(screen.queryByRole('option', { name: /^Dev/, hidden: true })).toBeNull()
  await userEvent.click(screen.getByRole('button', { name: 'Save' }))
  await waitFor(() => expect(closed).toHaveBeenCalled())
  expect(sent('SetManager')[0]!.variables).toEqual({ input: { userId: 'usr_dev', managerId: 'usr_eve', expectedVersion: 5 } })
  unmount()
  form('manager', dev({ manager: { userId: 'usr_eve', ...eve, since: at, by: ada } }))
  await userEvent.type(await screen.findByRole('combobox', { name: 'Manager' }), '{Backspace}')
  await userEvent.click(screen.getByRole('button', { name: 'Save' }))
  await waitFor(() => expect(sent('SetManager')[1]!.variables).toEqual({ input: { userId: 'usr_dev', managerId: null, expectedVersion: 5 } }))
})

test('an account is joined to those that are joined already, and what is wrong stands at the field', async () => {
  answering({ FindWho: () => found, JoinUsers: () => ({ result: { user: null, userErrors: [{ code: 'INVALID', field: ['input', 'withUserId'], message: 'Eve is joined to another.' }] } }) })
  form('join', dev({ otherAccounts: [{ ...eve, id: 'usr_old', name: 'Old' }] }))
  await userEvent.click(screen.getByRole('button', { name: 'Join the accounts' }))
  expect(await screen.findByText('Choose the other account.')).toBeTruthy()
  await choose('Other account')
  await userEvent.click(screen.getByRole('button', { name: 'Join the accounts' }))
  expect(await screen.findByText('Eve is joined to another.')).toBeTruthy()
  expect(sent('JoinUsers')[0]!.variables).toEqual({ input: { userId: 'usr_eve', withUserId: 'usr_dev' } })
})

test('accounts are separated, and somebody is handed over, or not any more', async () => {
  answering({ SeparateUser: () => done, HandOverUser: () => done })
  let shown = form('separate', dev({ otherAccounts: [eve] }))
  expect(await screen.findByText('eve@example.com')).toBeTruthy()
  await userEvent.click(screen.getByRole('button', { name: 'Separate' }))
  await waitFor(() => expect(sent('SeparateUser')[0]!.variables).toEqual({ input: { userId: 'usr_dev', expectedVersion: 5 } }))
  shown.unmount()
  shown = form('handOver', dev())
  await userEvent.click(await screen.findByRole('button', { name: 'Hand over' }))
  await waitFor(() => expect(sent('HandOverUser')[0]!.variables).toEqual({ input: { userId: 'usr_dev', handedOver: true } }))
  shown.unmount()
  shown = form('handOver', dev({ handedOver: true }))
  await userEvent.click(await screen.findByRole('button', { name: 'Revoke the handover' }))
  await waitFor(() => expect(sent('HandOverUser')[1]!.variables).toEqual({ input: { userId: 'usr_dev', handedOver: false } }))
})

test('what can’t be done has no form, and why somebody can’t be enabled is said', async () => {
  const directory = { userName: 'dev', externalId: null, employeeNumber: null, active: false, removed: false, createdAt: at, changedAt: at }
  for (const [act, person] of [['manager', dev({ directory })], ['handOver', dev({ directory })], ['handOver', dev({ role: 'ADMIN' })], ['separate', dev()]] as const) {
    const { unmount } = form(act, person)
    expect(screen.queryByRole('dialog')).toBeNull()
    unmount()
  }
  form('enable', dev({ disabled: true, enablingRefusedBecause: 'The directory deactivated Dev; activate them there.' }))
  expect(await screen.findByText('The directory deactivated Dev; activate them there.')).toBeTruthy()
  expect(screen.getByRole('button', { name: 'Enable Dev' }).getAttribute('aria-disabled')).toBe('true')
})
