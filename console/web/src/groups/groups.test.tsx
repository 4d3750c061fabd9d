import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { answering, sent } from '../test/fake.ts'
import { show } from '../test/scene.tsx'
import { AddGroup, AddMembers, Delete, endsWithGroup, Rename } from './Forms.tsx'
import { GroupShown } from './GroupPage.tsx'
import { Groups } from './GroupsPage.tsx'
import type { GroupRow } from './operations.ts'
import { checkGroupName } from './rules.ts'
import { readGroup, readGroups } from './search.ts'

const went = vi.fn()
vi.mock('../api/client.ts', () => import('../test/fake.ts'))
vi.mock('../ui/Link.tsx', async () => (await import('../test/scene.tsx')).links())
vi.mock('@tanstack/react-router', async (original) => ({ ...(await original<object>()), useNavigate: () => went }))

const group = (change: Partial<GroupRow> = {}): GroupRow => ({ id: 'grp_1', name: 'Database owners', source: 'LOCAL', externalId: null, createdAt: '2026-11-27T10:00:00Z', changedAt: '2026-11-27T10:00:00Z', version: 3, changing: false, memberCount: 2, ...change }) as GroupRow
const person = (id: string, name: string, disabled = false) => ({ __typename: 'User', id, name, email: `${id.slice(4)}@example.com`, disabled })
const page = (key: string, nodes: object[], endCursor: string | null = null) => ({ [key]: { __typename: 'Page', nodes, pageInfo: { endCursor, hasNextPage: endCursor !== null } } })
const answered = (is: GroupRow | null, members: object[] = [person('usr_dev', 'Dev'), person('usr_eve', 'Eve', true)]) => ({ ReadGroup: () => ({ node: is && { __typename: 'Group', ...is } }), ReadMembers: () => page('users', members) })
const done = (more: object) => ({ result: { userErrors: [], ...more } })
const refused = (code: string, field: string[] | null, message: string) => ({ result: { group: null, deletedGroupId: null, userErrors: [{ code, field, message }] } })
const act = { again: () => {}, onClose: () => {} }

beforeEach(() => {
  sessionStorage.clear()
  went.mockClear()
})

describe('the list', () => {
  test('says who keeps a group and how many are in it, and reads on', async () => {
    answering({ ReadGroups: (v: { after: string | null }) => (v.after ? page('groups', [group({ id: 'grp_2', name: 'Ops', source: 'SCIM', memberCount: 1 })]) : page('groups', [group(), group({ id: 'grp_3', name: 'Claimed', source: 'OIDC', memberCount: null })], 'c')) })
    show(<Groups search={{ words: 'o', source: 'LOCAL' }} to={() => {}} />)
    await screen.findByText('Ops')
    expect(screen.getAllByRole('listitem').map((r) => r.textContent)).toEqual(['Database ownersKept here2 members', 'ClaimedFrom sign-ins', 'OpsFrom the directory1 member'])
    expect(sent('ReadGroups').map((c) => c.variables)).toEqual([{ search: 'o', sources: ['LOCAL'], after: null }, { search: 'o', sources: ['LOCAL'], after: 'c' }])
  })
  test('leads on where there is nothing', async () => {
    answering({ ReadGroups: () => page('groups', []) })
    const to = vi.fn()
    show(<Groups search={{}} to={to} />)
    expect(await screen.findByText(/^There is no group yet/)).toBeTruthy()
    await userEvent.click(screen.getByRole('button', { name: 'Add a group' }))
    expect(to).toHaveBeenCalledWith({ add: true })
  })
})

describe('a group', () => {
  test('that is kept here says so, and its members can be taken out', async () => {
    answering({ ...answered(group()), SetGroupMembers: () => done({ group: { id: 'grp_1' } }) })
    show(<GroupShown id="grp_1" search={{}} to={() => {}} onDeleted={() => {}} />)
    expect(await screen.findByText(/^Administrators keep this group here/)).toBeTruthy()
    await screen.findByText('Eve')
    expect(screen.getByText(/eve@example.com/).closest('p')!.textContent).toBe('eve@example.com · Disabled')
    await userEvent.click(screen.getByRole('button', { name: 'Remove Dev…' }))
    await userEvent.click(await screen.findByRole('button', { name: 'Remove from the group' }))
    await waitFor(() => expect(sent('SetGroupMembers').map((c) => c.variables)).toEqual([{ input: { groupId: 'grp_1', removeUserIds: ['usr_dev'] } }]))
    await waitFor(() => expect(sent('ReadMembers').length).toBe(2))
  })
  test.each([
    ['SCIM', /^The directory keeps this group, its name/, true],
    ['OIDC', /^Sign-ins keep this group/, false],
  ] as const)('of %s says who keeps it, and can’t be changed here', async (source, said, name) => {
    answering(answered(group({ source, changing: true })))
    show(<GroupShown id="grp_1" search={{ act: 'add' }} to={() => {}} onDeleted={() => {}} />)
    expect(await screen.findByText(said)).toBeTruthy()
    await screen.findByText('Dev')
    expect(screen.getByRole('status').textContent).toMatch(/^A change of its members is still being made/)
    expect(screen.queryByRole('button', { name: /^(Remove|Add people)/ })).toBeNull()
    expect(screen.queryByRole('dialog')).toBeNull()
    expect(screen.getByRole('button', { name: 'Rename…' }).getAttribute('aria-disabled')).toBe(name ? 'true' : null)
    expect(screen.getByRole('button', { name: 'Delete…' }).getAttribute('aria-disabled')).toBeNull()
  })
  test('that is not there is said, and what can’t be read is tried again', async () => {
    answering(answered(null))
    show(<GroupShown id="grp_1" search={{}} to={() => {}} onDeleted={() => {}} />)
    expect(await screen.findByText(/^There is no group with this ID/)).toBeTruthy()
  })
})

describe('changes', () => {
  test('a new group leads to its page', async () => {
    answering({ CreateGroup: () => done({ group: { id: 'grp_9' } }) })
    show(<AddGroup onClose={() => {}} />)
    await userEvent.click(screen.getByRole('button', { name: 'Add' }))
    expect(screen.getByText('Give a name, such as Database owners.')).toBeTruthy()
    await userEvent.type(screen.getByRole('textbox', { name: 'Name' }), ' Ops ')
    await userEvent.click(screen.getByRole('button', { name: 'Add' }))
    await waitFor(() => expect(went).toHaveBeenCalledWith({ to: '/groups/$id', params: { id: 'grp_9' } }))
    expect(sent('CreateGroup')[0]!.variables['input']).toMatchObject({ name: 'Ops' })
  })
  test('a name that is taken is said at the field', async () => {
    answering({ UpdateGroup: () => refused('DUPLICATE', ['input', 'name'], 'There is already a group “Ops”.') })
    show(<Rename group={group()} {...act} />)
    const name = screen.getByRole('textbox', { name: 'Name' })
    await userEvent.clear(name)
    await userEvent.type(name, 'Ops')
    await userEvent.click(screen.getByRole('button', { name: 'Rename' }))
    expect(await screen.findByText('There is already a group “Ops”.')).toBeTruthy()
    expect(sent('UpdateGroup')[0]!.variables).toEqual({ input: { groupId: 'grp_1', name: 'Ops', expectedVersion: 3 } })
  })
  test('people are found by the server, and added together', async () => {
    const closed = vi.fn()
    answering({ FindWho: () => ({ users: { nodes: [person('usr_dev', 'Dev'), person('usr_cy', 'Cy')] } }), SetGroupMembers: () => done({ group: { id: 'grp_1' } }) })
    show(<AddMembers group={group()} {...act} onClose={closed} />)
    await userEvent.click(screen.getByRole('button', { name: 'Add' }))
    expect(await screen.findByText('Choose somebody.')).toBeTruthy()
    await userEvent.click(screen.getByRole('combobox', { name: 'People' }))
    await userEvent.click(await screen.findByRole('option', { name: 'Dev, dev@example.com', hidden: true }))
    await userEvent.click(await screen.findByRole('option', { name: 'Cy, cy@example.com', hidden: true }))
    await userEvent.click(screen.getByRole('button', { name: 'Add' }))
    await waitFor(() => expect(closed).toHaveBeenCalled())
    expect(sent('SetGroupMembers')[0]!.variables).toEqual({ input: { groupId: 'grp_1', addUserIds: ['usr_dev', 'usr_cy'] } })
  })
  test('who deletes a group is told before what ends, and types its name', async () => {
    expect(endsWithGroup(group({ memberCount: 1 }))).toBe('1 person is in it no more.')
    expect(endsWithGroup(group({ memberCount: 1200 }))).toMatch(/^1,200 people are in it no more/)
    expect(endsWithGroup(group({ memberCount: 0 }))).toMatch(/^Nobody is in it/)
    const gone = vi.fn()
    const owned = { count: 9, aloneCount: 1, named: [{ name: 'orders-db', alone: true }, ...['a', 'b', 'c', 'd', 'e', 'f'].map((name) => ({ name, alone: false }))] }
    answering({ ReadNaming: () => ({ policiesNaming: [] }), ReadGroupEnds: () => ({ node: { __typename: 'Group', id: 'grp_1', deletionEnds: { owned } } }), DeleteGroup: () => done({ deletedGroupId: 'grp_1' }) })
    show(<Delete group={group({ source: 'SCIM' })} {...act} onDeleted={gone} />)
    const form = await screen.findByRole('dialog')
    expect(within(form).getByText(/^2 people are in it no more/)).toBeTruthy()
    expect(await within(form).findByText('It answers for orders-db, a, b, c, d, e and 3 more. Nobody else answers for orders-db.')).toBeTruthy()
    expect(within(form).getByText(/^The directory’s next attempt makes a new one/)).toBeTruthy()
    expect(sent('ReadNaming').map((c) => c.variables)).toEqual([{ id: 'grp_1' }])
    await userEvent.click(screen.getByRole('button', { name: 'Delete Database owners' }))
    expect(sent('DeleteGroup')).toEqual([])
    await userEvent.type(screen.getByRole('textbox'), 'Database owners')
    await userEvent.click(screen.getByRole('button', { name: 'Delete Database owners' }))
    await waitFor(() => expect(gone).toHaveBeenCalled())
    expect(sent('DeleteGroup')[0]!.variables).toEqual({ input: { groupId: 'grp_1', expectedVersion: 3 } })
  })
  test('of a group that changed meanwhile nothing is deleted', async () => {
    answering({ DeleteGroup: () => refused('CONFLICT', ['input', 'expectedVersion'], 'The group was changed meanwhile.') })
    const gone = vi.fn()
    show(<Delete group={group()} {...act} onDeleted={gone} />)
    await userEvent.type(await screen.findByRole('textbox'), 'Database owners')
    await userEvent.click(screen.getByRole('button', { name: 'Delete Database owners' }))
    expect(await screen.findByText('The group was changed meanwhile.')).toBeTruthy()
    expect(screen.getByText('What it answers for could not be read')).toBeTruthy() // nobody answered
    expect(gone).not.toHaveBeenCalled()
  })
})

test('names and addresses', () => {
  expect(checkGroupName('x'.repeat(257))).toBe('A name has at most 256 characters; this one has 257.')
  expect(checkGroupName('Ops')).toBeNull()
  expect(readGroups({ words: ' a ', source: 'SCIM', add: 'true', more: 1 })).toEqual({ words: 'a', source: 'SCIM', add: true })
  expect(readGroups({ source: 'scim', add: 'no' })).toEqual({})
  expect(readGroup({ words: 1, act: 'delete' })).toEqual({ words: '1', act: 'delete' })
  expect(readGroup({ act: 'everything' })).toEqual({})
})
