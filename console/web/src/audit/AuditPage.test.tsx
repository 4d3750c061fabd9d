import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { answering, sent } from '../test/fake.ts'
import { show } from '../test/scene.tsx'
import { chooseZone } from '../ui/zone.ts'
import { AuditPage } from './AuditPage.tsx'
import { Row } from './Row.tsx'

const clock = vi.hoisted(() => ({ at: null as number | null }))
vi.mock('../api/clock.ts', async (real) => ({ ...(await real<object>()), now: () => clock.at ?? Date.now() }))
vi.mock('../api/client.ts', () => import('../test/fake.ts'))
vi.mock('../ui/Link.tsx', async () => (await import('../test/scene.tsx')).links())

// The page's address.
let search: Record<string, unknown> = {}
vi.mock('@tanstack/react-router', async (real) => {
  const { useState } = await import('react')
  return {
    ...(await real<object>()),
    getRouteApi: () => ({
      useSearch: () => {
        const [is, set] = useState<object>(search)
        change = set
        return is
      },
      useNavigate: () => ({ search: next }: { search: Record<string, unknown> }) => {
        search = next
        change(next)
      },
    }),
  }
})
let change = (_: object) => {}

const entry = (seq: number, type: string, more: object = {}) => ({
  __typename: 'JournalEntry', seq, at: '2026-11-30T19:00:00Z', type, subjectId: 'req_1', subjectKind: 'ACCESS_REQUEST', subjectName: 'Dev: orders-db',
  actor: { __typename: 'Actor', kind: 'USER', name: 'Ada', via: 'slack', actingService: 'slackbot' }, ...more,
})
const journal = (entries: object[], total: number | null = null, more = false) => ({
  journal: {
    edges: entries.map((node, n) => ({ __typename: 'E', cursor: `j${n}`, node })),
    pageInfo: { __typename: 'PageInfo', startCursor: 'j0', endCursor: 'jz', hasNextPage: false, hasPreviousPage: more },
    totalCount: total,
  },
})
// Enough of them that no more are asked for.
const many = () => Array.from({ length: 40 }, (_, n) => entry(1234 - n, 'APPROVED'))
const actors = () => ({
  users: { nodes: [{ __typename: 'User', id: 'usr_ada', name: 'Ada', email: 'ada@example.com' }] },
  serviceAccounts: { nodes: [{ __typename: 'ServiceAccount', id: 'svc_1', name: 'siem' }] },
})
const named = () => ({ nodes: [{ __typename: 'User', id: 'usr_ada', name: 'Ada' }] })

beforeEach(() => void (search = {}))
afterEach(() => {
  chooseZone(null)
  clock.at = null
})

const exportMenu = async (user: ReturnType<typeof userEvent.setup>) => {
  await user.click(await screen.findByRole('button', { name: 'Export' }))
  return screen.findByRole('menu')
}

describe('the filters of the audit page', () => {
  it('are chosen in a form, told as pills, and taken away one by one', async () => {
    answering({ ReadJournal: () => journal([entry(2, 'APPROVED'), entry(1, 'CREATED')], 2), FindActors: actors, ReadActors: named })
    const user = userEvent.setup()
    show(<AuditPage />)
    expect(await screen.findByRole('list', { name: 'Entries' })).toBeTruthy()
    await user.click(screen.getByRole('button', { name: 'Filter' }))
    const form = await screen.findByRole('dialog', { name: 'Filter' })
    await user.click(within(form).getByLabelText('Who', { selector: 'input' }))
    expect((await within(form).findAllByRole('option', { hidden: true })).slice(0, 4).map((o) => o.textContent)).toEqual(['Ada (ada@example.com)', 'siem (service)', 'Procyon itself', 'The command line'])
    await user.click(within(form).getByText('Ada (ada@example.com)'))
    await user.click(within(form).getByLabelText('Kind', { selector: 'input' }))
    await user.click(within(form).getByText('Access request'))
    await user.click(within(form).getByLabelText('Type', { selector: 'input' }))
    expect(within(form).queryByText('Token issued')).toBeNull() // is of people
    await user.click(within(form).getByText('Approved'))
    await user.type(within(form).getByLabelText('From'), '2026-11-01')
    await user.click(within(form).getByRole('button', { name: 'Show' }))
    await waitFor(() => expect(search).toEqual({ who: 'usr_ada', kind: 'ACCESS_REQUEST', type: 'APPROVED', from: '2026-11-01' }))
    expect(sent('ReadJournal').at(-1)!.variables['filter']).toEqual({ actorId: 'usr_ada', kinds: ['ACCESS_REQUEST'], types: ['APPROVED'], at: { from: new Date(2026, 10, 1).toISOString() } })
    await user.click(await screen.findByRole('button', { name: 'Remove Who: Ada' }))
    expect(search).toEqual({ kind: 'ACCESS_REQUEST', type: 'APPROVED', from: '2026-11-01' })
    expect(document.activeElement?.textContent).toBe('Filter') // what was pressed is gone
    await user.click(screen.getByRole('button', { name: 'Clear' }))
    expect(search).toEqual({})
  })

  it('say when nothing matches, and offer to be cleared', async () => {
    search = { words: 'nothing' }
    answering({ ReadJournal: () => journal([]) })
    show(<AuditPage />)
    expect(await screen.findByText('No entry matches these filters.')).toBeTruthy()
    await userEvent.setup().click(screen.getAllByRole('button', { name: 'Clear' }).at(-1)!)
    expect(search).toEqual({})
  })
})

describe('the export menu', () => {
  it('says how many entries the journal has, and leads to each form', async () => {
    answering({ ReadJournal: () => journal(many(), 1234, true) })
    const user = userEvent.setup()
    show(<AuditPage />)
    const menu = await exportMenu(user)
    expect(await within(menu).findByText('The whole journal: 1,234 entries, as of now')).toBeTruthy()
    expect(within(menu).getAllByRole('menuitem').map((i) => [i.textContent, i.getAttribute('href')])).toEqual([
      ['CSV', '/export/journal?format=csv'],
      ['JSON Lines', '/export/journal?format=jsonl'],
      ['CloudEvents', '/export/journal?format=cloudevents'],
    ])
  })

  it('says how many match where all of them are listed, and nothing where they would have to be counted', async () => {
    search = { object: 'req_1', type: 'APPROVED' }
    let more = false
    answering({ ReadJournal: () => journal(more ? many() : [entry(5, 'APPROVED')], null, more), ReadActors: () => ({ nodes: [] }) })
    const user = userEvent.setup()
    const first = show(<AuditPage />)
    let menu = await exportMenu(user)
    expect(await within(menu).findByText('What matches the filters: 1 entry, as of now')).toBeTruthy()
    expect(within(menu).getByText('CSV').closest('a')!.getAttribute('href')).toBe('/export/journal?format=csv&subjectId=req_1&types=APPROVED')
    first.unmount()
    more = true
    show(<AuditPage />)
    await screen.findByRole('list', { name: 'Entries' })
    menu = await exportMenu(user)
    expect(within(menu).getByText('What matches the filters, as of now')).toBeTruthy()
  })
})

describe('the time zone', () => {
  it('is the one that the viewer chose, for what is shown, filtered and exported', async () => {
    chooseZone('Asia/Kathmandu') // 5 h 45 min ahead: there December has begun
    clock.at = Date.UTC(2026, 10, 30, 19)
    answering({ ReadJournal: () => journal([entry(1, 'APPROVED')], 1) })
    const user = userEvent.setup()
    show(<AuditPage />)
    await screen.findByRole('list', { name: 'Entries' })
    const { container } = show(<Row e={{ ...entry(1, 'APPROVED'), id: '1' } as never} room={{ width: 1000, narrow: false }} href="#" onOpen={() => {}} onFocus={() => {}} />) // happy-dom has no room for rows
    expect(container.querySelector('time')!.textContent).toMatch(/^1 Dec.*, 00:45$/)
    expect(screen.getByText(/Times are of Asia\/Kathmandu/)).toBeTruthy()
    await user.click(screen.getByRole('button', { name: 'Approved last month' }))
    expect(search).toEqual({ kind: 'ACCESS_REQUEST', type: 'APPROVED', from: '2026-11-01', to: '2026-11-30' })
    const november = { from: '2026-10-31T18:15:00.000Z', to: '2026-11-30T18:15:00.000Z' }
    await waitFor(() => expect(sent('ReadJournal').at(-1)!.variables['filter'].at).toEqual(november))
    const menu = await exportMenu(user)
    expect(Object.fromEntries(new URL(within(menu).getByText('CSV').closest('a')!.href, 'http://x').searchParams)).toMatchObject(november)
  })
})
