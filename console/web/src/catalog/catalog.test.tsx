import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { answering, sent } from '../test/fake.ts'
import { show } from '../test/scene.tsx'
import { Add } from './Add.tsx'
import { Delete } from './Delete.tsx'
import { Edit } from './Edit.tsx'
import { FileStep } from './FileStep.tsx'
import type { Holder, Item } from './operations.ts'
import { PastImports } from './PastImports.tsx'
import { endsWith, rolesIn } from './rules.ts'

vi.mock('../api/client.ts', () => import('../test/fake.ts'))
vi.mock('../ui/Link.tsx', async () => (await import('../test/scene.tsx')).links())

const db = { __typename: 'Resource', id: 'res_1', name: 'orders-db', kind: 'DATABASE', roles: ['reader', 'writer'], createdAt: '2026-11-28T12:00:00Z', account: { __typename: 'Account', id: 'acc_1', name: 'Production' }, gateway: null } as const
const item = db as unknown as Item
const holder = (name: string, status: string, role = 'writer') =>
  ({ id: `req_${name}`, status, requester: { userId: `usr_${name}`, name }, items: [{ resourceId: 'res_1', resourceName: 'orders-db', role, accountId: 'acc_1', gatewayId: null }], grant: null }) as unknown as Holder
const again = async () => {}

beforeEach(() => sessionStorage.clear())

describe('what ends', () => {
  it('is named by number and people', () => {
    expect(endsWith([], false)).toBe('')
    expect(endsWith([holder('Dev', 'ACTIVE'), holder('Bo', 'PENDING')], false)).toBe('1 access (Dev) and 1 open request (Bo)')
    expect(endsWith([holder('Dev', 'ACTIVE'), holder('Dev', 'ACTIVE'), holder('Bo', 'APPROVED'), holder('Cy', 'PENDING')], true)).toBe('At least 2 accesses (Dev) and 2 open requests (Bo and Cy)')
    expect(rolesIn(holder('Dev', 'ACTIVE'), item)).toBe('writer')
    expect(rolesIn(holder('Dev', 'ACTIVE'), { __typename: 'Account', id: 'acc_1' } as Item)).toBe('orders-db writer')
  })
})

describe('deleting a resource', () => {
  const deleting = () => answering({ ReadNaming: () => ({ policiesNaming: [] }), DeleteResource: () => ({ result: { __typename: 'DeleteResourcePayload', deletedResourceId: 'res_1', userErrors: [] } }) })
  it('needs its name, and that what ends may end', async () => {
    deleting()
    const gone = vi.fn()
    const user = userEvent.setup()
    show(<Delete item={item} held={{ holders: [holder('Dev', 'ACTIVE')], more: false }} again={again} onClose={() => {}} onDeleted={gone} />)
    expect(await screen.findByText('Ends 1 access (Dev).')).toBeTruthy()
    await user.type(screen.getByRole('textbox'), 'orders-db')
    await user.click(screen.getByRole('button', { name: 'Delete orders-db' }))
    expect(sent('DeleteResource')).toEqual([])
    await user.click(screen.getByRole('checkbox', { name: 'End these as well' }))
    await user.click(screen.getByRole('button', { name: 'Delete orders-db' }))
    await waitFor(() => expect(gone).toHaveBeenCalled())
    expect(sent('DeleteResource')[0]!.variables).toEqual({ input: { resourceId: 'res_1', endOpenRequests: true } })
  })
  it('says which policies name it, of a resource as of an account', async () => {
    const account = { __typename: 'Account', id: 'acc_1', name: 'Production' } as unknown as Item
    for (const of of [item, account]) {
      answering({ ReadNaming: () => ({ policiesNaming: [] }) })
      const { unmount } = show(<Delete item={of} held={{ holders: [], more: false }} again={again} onClose={() => {}} onDeleted={() => {}} />)
      await waitFor(() => expect(sent('ReadNaming').map((c) => c.variables)).toEqual([{ id: of.id }]))
      unmount()
    }
  })
  it('waits until it is known what ends', async () => {
    deleting()
    const user = userEvent.setup()
    show(<Delete item={item} held={null} again={again} onClose={() => {}} onDeleted={() => {}} />)
    await user.type(await screen.findByRole('textbox'), 'orders-db')
    await user.click(screen.getByRole('button', { name: 'Delete orders-db' }))
    expect(sent('DeleteResource')).toEqual([])
  })
})

describe('editing a resource', () => {
  it('says what taking a role away ends, and ends it only if told', async () => {
    answering({ UpdateResource: () => ({ result: { __typename: 'UpdateResourcePayload', resource: { __typename: 'Resource', id: 'res_1' }, endedRequests: { __typename: 'EndedRequests', count: 1 }, userErrors: [] } }) })
    const closed = vi.fn()
    const user = userEvent.setup()
    show(<Edit item={item} held={{ holders: [holder('Dev', 'ACTIVE')], more: false }} again={again} onClose={closed} />)
    const roles = await screen.findByRole('combobox', { name: /Roles/ }).catch(() => screen.getByRole('textbox', { name: /Roles/ }))
    await user.click(roles)
    await user.keyboard('{Backspace}') // the last: writer
    expect(await screen.findByText('Removes writer, and ends 1 access (Dev).')).toBeTruthy()
    await user.click(screen.getByRole('button', { name: 'Save' }))
    expect(sent('UpdateResource')).toEqual([])
    await user.click(screen.getByRole('checkbox', { name: 'End these as well' }))
    await user.click(screen.getByRole('button', { name: 'Save' }))
    await waitFor(() => expect(closed).toHaveBeenCalled())
    expect(sent('UpdateResource')[0]!.variables).toEqual({ input: { resourceId: 'res_1', name: 'orders-db', roles: ['reader'], endOpenRequests: true } })
  })
})

describe('adding', () => {
  it('sends a key, and says at the field what is wrong', async () => {
    answering({ CreateGateway: () => ({ result: { __typename: 'CreateGatewayPayload', gateway: null, userErrors: [{ __typename: 'UserError', code: 'DUPLICATE', field: ['input', 'name'], message: 'There is already a gateway named "Berlin".' }] } }) })
    const done = vi.fn()
    const user = userEvent.setup()
    show(<Add tab="gateways" place={{}} onClose={() => {}} onDone={done} />)
    await user.type(await screen.findByRole('textbox', { name: /Name/ }), 'Berlin')
    await user.click(screen.getByRole('button', { name: 'Add gateway' }))
    expect(await screen.findByText('There is already a gateway named "Berlin".')).toBeTruthy()
    expect(sent('CreateGateway')[0]!.variables).toEqual({ input: { name: 'Berlin', idempotencyKey: expect.any(String) } })
    expect(done).not.toHaveBeenCalled()
  })
})

describe('the file of an import', () => {
  const answer = (status: number, body: object) => {
    const asked: [string, RequestInit][] = []
    vi.stubGlobal('fetch', async (address: string, init: RequestInit) => {
      asked.push([address, init])
      return { status, headers: new Headers(), json: async () => body }
    })
    return asked
  }
  it('is sent as it is, and checked', async () => {
    const asked = answer(200, { importId: 'imp_1' })
    const checked = vi.fn()
    show(<FileStep live onChecked={checked} />)
    await userEvent.setup().upload(screen.getByLabelText('File'), new File(['type,name\ngateway,Berlin'], 'a b.csv', { type: 'text/csv' }))
    await waitFor(() => expect(checked).toHaveBeenCalledWith('imp_1'))
    expect(asked[0]![0]).toBe('/import/catalog?name=a%20b.csv')
    expect((asked[0]![1].headers as Record<string, string>)['Content-Type']).toBe('text/csv')
  })
  it('can be pasted, also as JSON, and what is wrong with it is said', async () => {
    const asked = answer(422, { errors: [{ message: 'There is no column "name".', extensions: { code: 'INVALID' } }] })
    const user = userEvent.setup()
    show(<FileStep live onChecked={() => {}} />)
    await user.click(screen.getByRole('textbox', { name: /paste/ }))
    await user.paste('[{"type":"gateway"}]')
    await user.click(screen.getByRole('button', { name: 'Check what is pasted' }))
    expect(within(await screen.findByRole('alert')).getByText('There is no column "name".')).toBeTruthy()
    expect((asked[0]![1].headers as Record<string, string>)['Content-Type']).toBe('application/json')
  })
})

describe('the imports so far', () => {
  const one = (id: string, status: string, fileName: string | null, refusedCount = 0) => ({
    __typename: 'CatalogImport', id, status, fileName, actor: { __typename: 'Actor', userId: 'usr_bo', name: 'Bo' }, checkedAt: '2026-11-28T12:00:00Z', startedAt: '2026-11-28T12:01:00Z', endedAt: null, stopReason: null,
    counts: { __typename: 'C', new: 3, changed: 1, same: 0, wrong: 0 }, appliedCount: 4, refusedCount, rowsKept: true,
  })
  const page = (nodes: object[], end: string | null) => ({ catalogImports: { __typename: 'Connection', nodes, pageInfo: { __typename: 'PageInfo', endCursor: end, hasNextPage: end !== null } } })
  it('are listed with what came of them, page by page', async () => {
    answering({ ReadImports: ({ after }: { after: string | null }) => (after ? page([one('imp_3', 'STOPPED', 'old.csv')], null) : page([one('imp_1', 'DONE', 'new.csv', 2), one('imp_2', 'RUNNING', null)], 'c')) })
    show(<PastImports />)
    const rows = async () => (await screen.findAllByRole('listitem')).map((r) => r.textContent)
    await screen.findByText('new.csv')
    expect(await rows()).toEqual([expect.stringMatching(/^new.csvBo, .*4 rows imported, 2 refusedDone$/), expect.stringMatching(/^What was pastedBo, .*4 rows importedRunning$/), expect.stringMatching(/^old.csvBo, .*Stopped$/)])
    expect(sent('ReadImports').map((c) => c.variables['after'])).toEqual([null, 'c'])
  })
  it('are none at first', async () => {
    answering({ ReadImports: () => page([], null) })
    show(<PastImports />)
    expect(await screen.findByText('Nothing was imported yet.')).toBeTruthy()
  })
})
