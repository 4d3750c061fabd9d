import { screen } from '@testing-library/react'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { answering } from '../test/fake.ts'
import { show } from '../test/scene.tsx'
import { Policies } from './PoliciesPage.tsx'
import type { Guardrail, InForce, Policy, Step, What, Who } from './operations.ts'
import { limitWords, stepWords, whatWords, whoWords } from './words.ts'

vi.mock('../api/client.ts', () => import('../test/fake.ts'))
vi.mock('../ui/Link.tsx', async () => (await import('../test/scene.tsx')).links())

const nobody: Who = { everyone: false, users: [], groups: [] }
const all: What = { accounts: [], gateways: [], resources: [], kinds: [], roles: [], tags: [] }
const ada = { subjectId: 'usr_ada', name: 'Ada' }
const ops = { subjectId: 'grp_ops', name: 'Ops' }
const step = (change: Partial<Step> = {}): Step => ({ name: null, need: 1, administrators: true, owners: false, manager: false, users: [], groups: [], ...change })
const policy = (change: Partial<Policy> = {}): Policy => ({
  policyId: 'pol_default', name: 'Everything else', who: { ...nobody, everyone: true }, what: all, refuse: null, maxDuration: 'PT8H', maxStartAhead: null, extensions: true,
  minReasonLength: 0, ticketNeeded: false, ticketPattern: null, ticketExample: null, approveInConsole: false, hideApprovers: false, steps: [step()], ...change,
})
const guardrail = (change: Partial<Guardrail> = {}): Guardrail => ({ guardrailId: 'grd_1', name: 'Nights', except: nobody, what: all, condition: null, refuse: null, maxDuration: 'PT1H', approveInConsole: false, step: null, ...change })
const inForce = (change: Partial<InForce> = {}): InForce => ({ version: 4, changedAt: '2026-11-28T12:00:00Z', changedBy: { actorId: 'usr_ada', name: 'Ada' }, guardrails: [guardrail()], policies: [policy({ policyId: 'pol_db', name: 'Databases' }), policy()], ...change })

/** How the server answers what is in force. */
const has = (is: InForce) => ({ ReadPolicies: () => ({ policySet: is }), ReadSteps: () => ({ policySet: is }), ReadGuardrails: () => ({ policySet: is }) })

beforeEach(() => sessionStorage.clear())

describe('in words', () => {
  test('who, what and by whom', () => {
    expect([whoWords(nobody), whoWords({ ...nobody, everyone: true }), whoWords({ ...nobody, users: [ada], groups: [ops] })]).toEqual(['Nobody', 'Everyone', 'Ada or the group Ops'])
    expect(whatWords(all)).toBe('Everything')
    expect(whatWords({ ...all, kinds: ['DATABASE'], accounts: [{ subjectId: 'acc_1', name: 'Production' }], roles: ['reader'], tags: [{ key: 'env', value: 'prod' }, { key: 'old', value: '' }] })).toBe(
      'Database at Production, with the role reader, tagged env=prod and old',
    )
    expect(whatWords({ ...all, resources: [{ subjectId: 'res_0123456789', name: null }] })).toBe('Everything at …456789 (removed)')
    expect(stepWords(step({ name: 'Review', need: 2, users: [ada], owners: true, manager: true }))).toBe('Review: 2 of Ada, the owners, their manager or the administrators')
  })
  test('what a policy requires', () => {
    expect(limitWords(policy({ refuse: 'Ask the owners.' }))).toEqual(['Refused: Ask the owners.'])
    expect(limitWords(policy({ extensions: false, minReasonLength: 20, ticketNeeded: true, ticketExample: 'INC-42', approveInConsole: true, hideApprovers: true, maxStartAhead: 'P1D' }))).toEqual([
      'At most 8 hours', 'No extensions', 'Starts at most 1 day ahead', 'A reason of at least 20 characters', 'A ticket such as INC-42', 'Approved in the console alone', 'Requesters don’t see who is asked',
    ])
  })
})

describe('the page', () => {
  test('shows what is in force, in its order, and who changed it', async () => {
    answering(has(inForce()))
    show(<Policies />)
    expect(await screen.findByText(/^Version 4/)).toBeTruthy()
    expect(screen.getAllByRole('heading', { level: 3 }).map((h) => h.textContent)).toEqual(['1. Databases', '2. Everything else', 'Nights'])
    expect(screen.getByText('History in Audit')).toBeTruthy()
  })
  test('says what holds where nobody changed any', async () => {
    answering(has(inForce({ version: 0, changedAt: null, changedBy: null, guardrails: [], policies: [policy()] })))
    show(<Policies />)
    expect(await screen.findByText(/^Nobody has changed any policy yet/)).toBeTruthy()
    expect(screen.getByText('There is no guardrail.')).toBeTruthy()
  })
  test('shows policies and guardrails of one version alone', async () => {
    let asked = 0
    answering({ ReadPolicies: () => ({ policySet: inForce({ version: asked++ === 0 ? 3 : 4 }) }), ReadSteps: () => ({ policySet: inForce() }), ReadGuardrails: () => ({ policySet: inForce() }) })
    show(<Policies />)
    expect(await screen.findByText(/^Version 4/)).toBeTruthy()
    expect(asked).toBe(2)
  })
  test('that can’t be read is tried again', async () => {
    answering({})
    show(<Policies />)
    expect(await screen.findByText('The policies could not be read')).toBeTruthy()
  })
})
