import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, expect, test, vi } from 'vitest'
import { readDraft } from '../api/draft.ts'
import { answering, sent } from '../test/fake.ts'
import { show } from '../test/scene.tsx'
import { readPoliciesSearch } from './search.ts'
import { Versions } from './Versions.tsx'

vi.mock('../api/client.ts', () => import('../test/fake.ts'))
vi.mock('../ui/Link.tsx', async () => (await import('../test/scene.tsx')).links())

beforeEach(() => sessionStorage.clear())

const version = (n: number, more: object = {}) => ({ version: n, at: '2026-11-28T12:00:00Z', actor: { kind: 'USER', name: 'Ada', via: 'api', actingService: null }, changeCount: 1, changes: [{ words: 'Removed the policy Data.' }], ...more })
const change = (more: object = {}) => ({ kind: 'EDITED', part: 'POLICY', partId: 'pol_1', name: 'Data: all', words: 'Edited the policy Data: all: who has to approve.', edits: [{ field: 'steps', label: 'who has to approve', before: '1 of Bo (removed)', after: 'nobody has to approve' }], ...more })
const compared = (n: number, more: object = {}) => version(n, { comparedWith: n - 1, changes: [change()], ...more })

test('the address says which version, and with which it is compared', () => {
  for (const [given, want] of [
    [{ tab: 'versions', version: '3', with: 1 }, { tab: 'versions', version: 3, with: 1 }],
    [{ tab: 'versions', version: 3, with: 2 }, { tab: 'versions', version: 3 }], // that is the one before anyhow
    [{ tab: 'versions', version: 3, with: 3 }, { tab: 'versions', version: 3 }],
    [{ tab: 'versions', version: 3, with: 0 }, { tab: 'versions', version: 3, with: 0 }],
    [{ tab: 'versions', version: 0, with: 1 }, { tab: 'versions' }],
    [{ tab: 'versions', version: 1.5 }, { tab: 'versions' }],
    [{ version: 3 }, {}],
  ] as const)
    expect(readPoliciesSearch(given)).toEqual(want)
})

test('each version says who made it, through what, and what it changed', async () => {
  answering({
    ReadVersions: ({ after }: { after: string | null }) => ({
      policyVersions: after ? { nodes: [version(1, { changeCount: 0, changes: [] })], pageInfo: { endCursor: null, hasNextPage: false } } : { nodes: [version(3, { changeCount: 7 }), version(2)], pageInfo: { endCursor: 'c', hasNextPage: true } },
    }),
  })
  show(<Versions search={{ tab: 'versions' }} to={() => {}} />)
  const rows = (await screen.findByRole('region', { name: 'Versions' })).querySelectorAll('section > ul > li')
  expect(rows).toHaveLength(3)
  expect(rows[0]!.textContent).toMatch(/^Version 3In forceAda over the API, .*Removed the policy Data\.And 6 changes more\.$/)
  expect(rows[1]!.textContent).not.toContain('In force')
  expect(rows[2]!.textContent).toContain('Nothing that differs.')
})

test('where nobody changed any, that is said', async () => {
  answering({ ReadVersions: () => ({ policyVersions: { nodes: [], pageInfo: { endCursor: null, hasNextPage: false } } }) })
  show(<Versions search={{ tab: 'versions' }} to={() => {}} />)
  expect(await screen.findByText('Nobody has changed any policy yet.')).toBeTruthy()
})

test('a version says what each part was and is, and is compared with another', async () => {
  answering({ ReadVersion: ({ with: other }: { with: number | null }) => ({ policyVersion: compared(3, { comparedWith: other ?? 2 }), policySet: { version: 3 } }) })
  const to = vi.fn()
  show(<Versions search={{ tab: 'versions', version: 3 }} to={to} />)
  expect(await screen.findByText('Edited the policy Data: all')).toBeTruthy()
  expect(screen.getByText('1 change from version 2 to version 3')).toBeTruthy()
  expect(screen.getByText('Was:').parentElement?.textContent).toBe('Was: 1 of Bo (removed)')
  expect(screen.getByText('Now:').parentElement?.textContent).toBe('Now: nobody has to approve')
  expect(screen.queryByRole('button', { name: /draft/ })).toBeNull() // it is in force
  const field = screen.getByLabelText('Compared with version')
  await userEvent.clear(field)
  await userEvent.type(field, '0{Enter}')
  expect(to).toHaveBeenCalledWith({ tab: 'versions', version: 3, with: 0 }, true)
  await userEvent.clear(field)
  await userEvent.type(field, '3{Enter}') // itself
  expect(to).toHaveBeenCalledTimes(1)
})

test('what is new or gone says all that it says, once', async () => {
  answering({ ReadVersion: () => ({ policyVersion: compared(3, { changes: [change({ kind: 'REMOVED', words: 'Removed the policy Data.', edits: [{ field: 'who', label: 'whom it is for', before: 'everyone', after: null }] })] }), policySet: { version: 3 } }) })
  show(<Versions search={{ tab: 'versions', version: 3 }} to={() => {}} />)
  expect((await screen.findByText('everyone')).tagName).toBe('DD')
  expect(screen.queryByText('Was:')).toBeNull()
})

test('a draft begins with what a version said, at the version in force', async () => {
  const set = { version: 1, changedAt: null, changedBy: null, policies: [{ policyId: 'pol_default', name: 'Everything else' }] }
  answering({
    ReadVersion: () => ({ policyVersion: compared(1), policySet: { version: 4 } }),
    ReadOldPolicies: () => ({ policyVersion: { set } }),
    ReadOldSteps: () => ({ policyVersion: { set: { version: 1, policies: [{ policyId: 'pol_default', steps: [{ need: 2 }] }] } } }),
    ReadOldGuardrails: () => ({ policyVersion: { set: { version: 1, guardrails: [{ guardrailId: 'grd_1' }] } } }),
  })
  const to = vi.fn()
  const { unmount } = show(<Versions search={{ tab: 'versions', version: 1 }} to={to} />)
  await userEvent.click(await screen.findByRole('button', { name: 'Start a draft from this version' }))
  await waitFor(() => expect(to).toHaveBeenCalledWith({}))
  expect(sent('ReadOldSteps')[0]!.variables).toEqual({ version: 1 })
  const person = Object.keys(sessionStorage)[0]!.split('.')[2]!
  expect(readDraft(person, 'policies')).toEqual({ draft: { version: 4, guardrails: [{ guardrailId: 'grd_1' }], policies: [{ policyId: 'pol_default', name: 'Everything else', steps: [{ need: 2 }] }] } })
  unmount()
  show(<Versions search={{ tab: 'versions', version: 1 }} to={to} />)
  expect(await screen.findByRole('button', { name: 'Replace your draft by this version' })).toBeTruthy()
})

test('a version that there is not, and one that can’t be read, are told', async () => {
  answering({ ReadVersion: () => ({ policyVersion: null, policySet: { version: 4 } }) })
  const { unmount } = show(<Versions search={{ tab: 'versions', version: 9 }} to={() => {}} />)
  expect(await screen.findByText('There is no version 9 of the policies.')).toBeTruthy()
  unmount()
  answering({})
  show(<Versions search={{ tab: 'versions', version: 9 }} to={() => {}} />)
  expect(await screen.findByText('This version could not be read')).toBeTruthy()
})
