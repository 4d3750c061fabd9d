import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, expect, test, vi } from 'vitest'
import { answering, sent } from '../test/fake.ts'
import { show } from '../test/scene.tsx'
import { Breaks, breaksWords } from './Breaks.tsx'
import { newGuardrail, newPolicy, newStep } from './edit.ts'
import type { Guardrail, Policy } from './operations.ts'

vi.mock('../api/client.ts', () => import('../test/fake.ts'))
vi.mock('../ui/Link.tsx', async () => (await import('../test/scene.tsx')).links())

beforeEach(() => sessionStorage.clear())

const ops = { subjectId: 'grp_ops', name: 'Ops' }
const ada = { subjectId: 'usr_ada', name: 'Ada' }
const prod = { subjectId: 'acc_1', name: 'Production' }
const policy = (name: string, more: Partial<Policy> = {}): Policy => ({ ...newPolicy(), policyId: `pol_${name}`, name, ...more })
const guardrail = (name: string, more: Partial<Guardrail> = {}): Guardrail => ({ ...newGuardrail(), guardrailId: `grd_${name}`, name, ...more })
const nobody = { everyone: false, users: [], groups: [] }
const all = newPolicy().what

const rules = {
  policies: [
    policy('Data', { who: { ...nobody, groups: [ops] }, what: { ...all, kinds: ['DATABASE'], accounts: [prod] } }),
    policy('Servers', { steps: [newStep(), { ...newStep(), users: [ada] }] }),
    policy('Everything else'),
  ],
  guardrails: [guardrail('Nights', { step: { ...newStep(), users: [ada], groups: [ops] } }), guardrail('Weekends', { except: { ...nobody, groups: [ops] } }), guardrail('Freeze', { what: { ...all, accounts: [prod] } })],
}

test('what is removed makes the policies that name it refuse, and loosens or tightens guardrails', () => {
  expect(breaksWords(rules, 'grp_ops', 'removed')).toEqual([
    '“Data” refuses all that it is for, until an administrator edits it: Database at Production, for the group Ops.',
    'The guardrail “Weekends” excepts nobody by it any more.',
    '“Nights” has an approver fewer: what too few could approve then is refused.',
  ])
  expect(breaksWords(rules, 'acc_1', 'removed')).toEqual(['“Data” refuses all that it is for, until an administrator edits it: Database at Production, for the group Ops.', 'The guardrail “Freeze” holds for it no more.'])
  expect(breaksWords(rules, 'res_1', 'removed')).toEqual([])
  const many = { guardrails: [], policies: Array.from({ length: 12 }, (_, i) => policy(`P${i}`, { who: { ...nobody, users: [ada] } })) }
  expect(breaksWords(many, 'usr_ada', 'removed')).toHaveLength(11)
  expect(breaksWords(many, 'usr_ada', 'removed').at(-1)).toBe('So do 2 more policies.')
})

test('who is switched off is an approver fewer, and breaks no policy', () => {
  expect(breaksWords(rules, 'usr_ada', 'disabled')).toEqual(['“Servers” and “Nights” have an approver fewer: what too few could approve then is refused.'])
})

const inForce = { version: 1, changedAt: null, changedBy: null, ...rules }
const has = { ReadPolicies: () => ({ policySet: inForce }), ReadSteps: () => ({ policySet: inForce }), ReadGuardrails: () => ({ policySet: inForce }) }

test('it is told before, and nothing where no policy names it', async () => {
  answering({ ...has, ReadNaming: ({ id }: { id: string }) => ({ policiesNaming: id === 'acc_1' ? ['Data', 'Freeze'] : [] }) })
  const { unmount } = show(<Breaks id="acc_1" />)
  expect((await screen.findByRole('alert')).textContent).toContain('“Data” refuses all that it is for')
  unmount()
  show(<Breaks id="res_1" />)
  await waitFor(() => expect(sent('ReadNaming')).toHaveLength(2))
  expect(sent('ReadPolicies')).toHaveLength(1)
  expect(screen.queryByRole('alert')).toBeNull()
})

test('what could not be read is said, and tried again', async () => {
  answering({})
  show(<Breaks id="acc_1" />)
  expect(await screen.findByText('Which policies name it could not be read')).toBeTruthy()
  answering({ ...has, ReadNaming: () => ({ policiesNaming: ['Data'] }) })
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }))
  expect(await screen.findByText('Policies name it')).toBeTruthy()
})
