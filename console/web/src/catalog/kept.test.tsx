import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'
import { answering, sent } from '../test/fake.ts'
import { show } from '../test/scene.tsx'
import { Kept } from './Kept.tsx'
import { readKept, tagOf, written, type Kept as IsKept } from './kept.ts'
import { Owners, Tags } from './KeptForms.tsx'
import type { Item } from './operations.ts'

vi.mock('../api/client.ts', () => import('../test/fake.ts'))
vi.mock('../ui/Link.tsx', async () => (await import('../test/scene.tsx')).links())

const by = { actorId: 'usr_ada', name: 'Ada' }
const since = '2026-11-27T10:00:00Z'
const item = (type: 'Resource' | 'Account' | 'Gateway', id: string) => ({ __typename: type, id, name: 'orders-db' }) as unknown as Item
const kept = (change: object = {}): IsKept =>
  ({
    version: 7,
    owners: [{ ownerId: 'usr_dev', kind: 'USER', name: 'Dev', gone: true, since, by }, { ownerId: 'grp_1', kind: 'GROUP', name: 'Ops', gone: false, since, by }],
    tags: [{ key: 'env', value: 'prod', since, by }, { key: 'legacy', value: '', since, by }],
    ...change,
  }) as IsKept
const props = { again: async () => {}, onClose: () => {} }

test('owners and tags stand with who set them, and who is gone', async () => {
  const onAct = vi.fn()
  show(<Kept of={kept()} live again={() => {}} onAct={onAct} />)
  const rows = screen.getAllByRole('listitem').map((r) => r.textContent)
  expect(rows[0]).toMatch(/^DevCan’t sign insince .* by Ada$/)
  expect(rows[1]).toMatch(/^Opsgroupsince/)
  expect(rows[2]).toMatch(/^env=prodsince/)
  expect(rows[3]).toMatch(/^legacysince/)
  await userEvent.click(screen.getByRole('button', { name: 'Set tags…' }))
  expect(onAct).toHaveBeenCalledWith('tags')
})

test('only resources have tags', async () => {
  answering({ ReadKept: () => ({ node: { __typename: 'Account', version: 2, owners: [] } }) })
  expect(await readKept('acc_1')).toEqual({ version: 2, owners: [], tags: null })
  show(<Kept of={kept({ owners: [], tags: null })} live again={() => {}} onAct={() => {}} />)
  expect(screen.getByText('Nobody answers for it.')).toBeTruthy()
  expect(screen.queryByText('Tags')).toBeNull()
})

test.each([
  ['Resource', 'resourceId'],
  ['Account', 'accountId'],
  ['Gateway', 'gatewayId'],
] as const)('owners of a %s are people and groups that the server finds', async (type, key) => {
  const closed = vi.fn()
  answering({ FindWho: () => ({ users: { nodes: [{ id: 'usr_eve', name: 'Eve', email: 'eve@example.com' }] }, groups: { nodes: [{ id: 'grp_2', name: 'Owners' }] } }), SetOwners: () => ({ result: { userErrors: [] } }) })
  show(<Owners item={item(type, 'x_1')} kept={kept()} {...props} onClose={closed} />)
  await userEvent.click(await screen.findByRole('combobox', { name: 'Owners' }))
  await userEvent.click(await screen.findByRole('option', { name: 'Owners (group)', hidden: true }))
  await userEvent.click(screen.getByRole('button', { name: 'Save' }))
  await waitFor(() => expect(closed).toHaveBeenCalled())
  expect(sent('SetOwners')[0]!.variables).toEqual({ input: { [key]: 'x_1', ownerIds: ['usr_dev', 'grp_1', 'grp_2'], expectedVersion: 7 } })
  expect(sent('FindWho')[0]!.variables).toEqual({ search: null, groups: true })
})

test('tags are written as key=value, and what is wrong with one stands at the field', async () => {
  answering({ SetTags: () => ({ result: { resource: null, userErrors: [{ code: 'INVALID', field: ['input', 'tags', '2', 'key'], message: 'The tag “env” is given twice.' }] } }) })
  show(<Tags item={item('Resource', 'res_1')} kept={kept()} {...props} />)
  await userEvent.type(await screen.findByRole('combobox', { name: 'Tags' }), 'env=a,b=c{Enter}')
  await userEvent.click(screen.getByRole('button', { name: 'Save' }))
  expect(await screen.findByText('The tag “env” is given twice.')).toBeTruthy()
  expect(sent('SetTags')[0]!.variables).toEqual({ input: { resourceId: 'res_1', tags: [{ key: 'env', value: 'prod' }, { key: 'legacy', value: '' }, { key: 'env', value: 'a,b=c' }], expectedVersion: 7 } })
  expect([written(tagOf(' a = b ')), written(tagOf('a='))]).toEqual(['a=b', 'a'])
})
