import { fireEvent, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { answering, sent } from '../test/fake.ts'
import { show } from '../test/scene.tsx'
import { GuardrailForm } from './GuardrailForm.tsx'
import { Policies } from './PoliciesPage.tsx'
import { atFields, inputOf, moved, newGuardrail, newPolicy, placed, same, under } from './edit.ts'
import type { Guardrail, InForce, Policy, Step, What, Who } from './operations.ts'
import { PolicyForm } from './PolicyForm.tsx'
import { TryIt, triedWords } from './TryIt.tsx'
import { guardWords, limitWords, stepWords, whatWords, whoWords } from './words.ts'

vi.mock('../api/client.ts', () => import('../test/fake.ts'))
vi.mock('../ui/Link.tsx', async () => (await import('../test/scene.tsx')).links())

const nobody: Who = { everyone: false, users: [], groups: [] }
const all: What = { accounts: [], gateways: [], resources: [], kinds: [], roles: [], tags: [] }
const ada = { subjectId: 'usr_ada', name: 'Ada' }
const ops = { subjectId: 'grp_ops', name: 'Ops' }
const step = (change: Partial<Step> = {}): Step => ({ name: null, need: 1, administrators: true, owners: false, manager: false, users: [], groups: [], remindEvery: null, escalation: null, endAfter: null, ...change })
const policy = (change: Partial<Policy> = {}): Policy => ({
  policyId: 'pol_default', name: 'Everything else', who: { ...nobody, everyone: true }, what: all, refuse: null, maxDuration: 'PT8H', maxStartAhead: null, extensions: true,
  minReasonLength: 0, ticketNeeded: false, ticketPattern: null, ticketExample: null, approveInConsole: false, hideApprovers: false, steps: [step()], ...change,
})
const guardrail = (change: Partial<Guardrail> = {}): Guardrail => ({ guardrailId: 'grd_1', name: 'Nights', except: nobody, what: all, condition: null, refuse: null, maxDuration: 'PT1H', approveInConsole: false, signInWithin: null, step: null, ...change })
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
    expect(stepWords(step({ remindEvery: 'PT30M', endAfter: 'P1D', escalation: { after: 'PT2H', users: [ada], groups: [], administrators: false, owners: true, manager: false } }))).toBe(
      'one of the administrators; reminded every 30 minutes; after 2 hours also Ada or the owners; over after 1 day',
    )
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

describe('the order', () => {
  test('changes by one place, and the last one stays', () => {
    const list = ['a', 'b', 'last']
    expect([moved(list, 0, 1), moved(list, 1, -1), moved(list, 0, -1), moved(list, 1, 1), moved(list, 2, -1)]).toEqual([['b', 'a', 'last'], ['b', 'a', 'last'], list, list, list])
    expect([placed(list, 'new', (x) => x, true), placed(list, 'b', (x) => x, true), placed(list, 'new', (x) => x, false)]).toEqual([['a', 'b', 'new', 'last'], list, ['a', 'b', 'last', 'new']])
  })
  test('what is new has no ID for the server, and what refuses requires nothing', () => {
    const set = inputOf({ policies: [newPolicy(), policy({ refuse: 'No.' })], guardrails: [newGuardrail()] })
    expect([set.policies[0]!.policyId, set.policies[1]!.policyId, set.guardrails![0]!.guardrailId]).toEqual([undefined, 'pol_default', undefined])
    expect(set.policies[1]).toMatchObject({ refuse: 'No.', steps: [] })
    expect(set.policies[1]!.maxDuration).toBeUndefined()
    expect([same({ policies: [policy()], guardrails: [] }, { policies: [policy({ policyId: 'pol_other' })], guardrails: [] }), same({ policies: [policy()], guardrails: [] }, { policies: [policy({ name: 'x' })], guardrails: [] })]).toEqual([true, false])
  })
  test('an error stands at its field', () => {
    const problems = [{ at: 'policies.1.steps.0.need', message: 'Too many.', warning: false }, { at: 'policies.10.name', message: 'Taken.', warning: false }, { at: 'policies.1', message: 'Never reached.', warning: false }, { at: 'policies.1.who', message: 'Nobody.', warning: true }]
    expect(atFields(under(problems, 'policies.1'), ['steps'])).toEqual({ steps: 'Too many.', '': 'Never reached.' })
    expect(atFields(under(problems, 'policies.10'), ['name'])).toEqual({ name: 'Taken.' })
  })
})

describe('a draft', () => {
  type Sent = { input: { dryRun?: boolean; expectedVersion: number; set: ReturnType<typeof inputOf> } }
  const fine = { result: { policySet: null, warnings: [], userErrors: [] } }
  const saves = () => sent('SetPolicies').filter((c) => !c.variables['input'].dryRun).map((c) => c.variables['input'])
  const three = inForce({ policies: [policy({ policyId: 'pol_db', name: 'Databases' }), policy({ policyId: 'pol_k8s', name: 'Clusters' }), policy()] })
  const names = () => screen.getAllByRole('heading', { level: 3 }).map((h) => h.textContent)
  const press = (name: string) => userEvent.click(screen.getByRole('button', { name }))
  const saving = async () => {
    const button = await screen.findByRole('button', { name: 'Save all changes' })
    await waitFor(() => expect(button.getAttribute('aria-disabled')).toBeNull())
    await userEvent.click(button)
  }

  test('is moved, removed from and saved at the version that was seen', async () => {
    let is = three
    answering({
      ...has(three), ReadPolicies: () => ({ policySet: is }), ReadSteps: () => ({ policySet: is }), ReadGuardrails: () => ({ policySet: is }),
      SetPolicies: ({ input }: Sent) => {
        if (input.dryRun) return { result: { policySet: null, warnings: [{ field: 'set.policies.0.steps.0', message: 'Nobody is in it.' }], userErrors: [] } }
        is = { ...three, version: 5, policies: [three.policies[1]!, three.policies[0]!, three.policies[2]!], guardrails: [] }
        return { result: { policySet: { version: 5 }, warnings: [], userErrors: [] } }
      },
    })
    show(<Policies />)
    await screen.findByText(/^Version 4/)
    expect(screen.queryByRole('button', { name: /^(Move|Remove) Everything else/ })).toBeNull()
    await press('Move Databases down')
    await press('Remove Nights')
    expect(names()).toEqual(['1. Clusters', '2. Databases', '3. Everything else'])
    expect(screen.getByText('Databases is number 2 now.')).toBeTruthy()
    expect(await screen.findByText('Mind: Nobody is in it.')).toBeTruthy()
    await saving()
    expect(await screen.findByText(/^Version 5/)).toBeTruthy()
    expect(screen.queryByText('Your draft is not in force yet')).toBeNull()
    expect(saves()).toHaveLength(1)
    expect(saves()[0]).toMatchObject({ expectedVersion: 4, set: { guardrails: [], policies: [{ policyId: 'pol_k8s' }, { policyId: 'pol_db' }, { policyId: 'pol_default' }] } })
  })

  test('can’t be saved with something wrong, which stands at its policy', async () => {
    answering({ ...has(three), SetPolicies: () => ({ result: { policySet: null, warnings: [], userErrors: [{ code: 'INVALID', field: ['input', 'set', 'policies', '1'], message: 'Never reached.' }] } }) })
    show(<Policies />)
    await screen.findByText(/^Version 4/)
    await press('Move Databases down')
    expect(await screen.findByText('Wrong: Never reached.')).toBeTruthy()
    expect(screen.getByRole('button', { name: 'Save all changes' }).getAttribute('aria-disabled')).toBe('true')
    await press('Drop the draft')
    expect(names()).toEqual(['1. Databases', '2. Clusters', '3. Everything else', 'Nights'])
  })

  test('stays where somebody else was first, and says who', async () => {
    let is = three
    answering({
      ReadPolicies: () => ({ policySet: is }), ReadSteps: () => ({ policySet: is }), ReadGuardrails: () => ({ policySet: is }),
      SetPolicies: ({ input }: Sent) => {
        if (input.dryRun) return fine
        if (input.expectedVersion === 5) return { result: { policySet: { version: 6 }, warnings: [], userErrors: [] } }
        is = { ...three, version: 5, changedBy: { actorId: 'usr_cy', name: 'Cy' } }
        return { result: { policySet: null, warnings: [], userErrors: [{ code: 'CONFLICT', field: ['input', 'expectedVersion'], message: 'It changed.' }] } }
      },
    })
    show(<Policies />)
    await screen.findByText(/^Version 4/)
    await press('Move Databases down')
    await saving()
    expect(await screen.findByText('Cy changed the policies meanwhile')).toBeTruthy()
    expect(names()[0]).toBe('1. Clusters')
    await press('Keep my draft')
    await saving()
    await waitFor(() => expect(saves().map((s) => s.expectedVersion)).toEqual([4, 5]))
  })
})

describe('a form', () => {
  const finds = { FindWho: () => ({ users: { nodes: [] }, groups: { nodes: [] } }), FindPlaced: () => ({ accounts: { nodes: [] }, gateways: { nodes: [] }, resources: { nodes: [] } }) }
  const button = (name: string) => screen.getByText(name).closest('button')!

  test('of a policy shows errors at their fields, and hands over what the server accepts', async () => {
    answering(finds)
    const done = vi.fn()
    const check = async (p: Policy) => (p.name === '' ? [{ at: 'name', message: 'Give a name.', warning: false }, { at: 'steps.0.need', message: 'Too many.', warning: false }] : [{ at: 'who', message: 'Only a warning.', warning: true }])
    show(<PolicyForm policy={newPolicy()} isNew check={check} onDone={done} onClose={() => {}} />)
    fireEvent.click(button('Put into the draft'))
    await screen.findByText('Give a name.')
    expect(screen.getByText('Too many.')).toBeTruthy()
    expect(done).not.toHaveBeenCalled()
    fireEvent.change(screen.getByLabelText('Name'), { target: { value: 'Servers' } })
    expect(screen.queryByText('Too many.')).toBeNull()
    fireEvent.click(button('Add a step'))
    fireEvent.click(button('Put into the draft'))
    await waitFor(() => expect(done).toHaveBeenCalled())
    expect(done.mock.calls[0]![0]).toMatchObject({ name: 'Servers', maxDuration: 'PT8H', steps: [{ need: 1, administrators: true }, { need: 1 }] })
  })
  test('of a step says what time does to it, each error at its field', async () => {
    answering(finds)
    const done = vi.fn()
    const check = async (p: Policy) => (p.steps[0]?.escalation?.after === 'PT30M' ? [{ at: 'steps.0.escalation.after', message: 'Too early.', warning: false }, { at: 'steps.0.remindEvery', message: 'Too often.', warning: false }] : [])
    show(<PolicyForm policy={policy()} isNew={false} check={check} onDone={done} onClose={() => {}} />)
    const numbered = (label: string, value: string) => fireEvent.change(screen.getByLabelText(label), { target: { value } })
    numbered('Remind every', '2')
    fireEvent.click(screen.getByLabelText('More people can approve it once it has waited for long'))
    numbered('Once it has waited for', '0.5')
    numbered('Over after', '5')
    fireEvent.click(screen.getAllByLabelText('The owners of the item')[1]!)
    fireEvent.click(button('Put into the draft'))
    expect(await screen.findByText('Too early.')).toBeTruthy()
    expect(screen.getByText('Too often.')).toBeTruthy()
    numbered('Once it has waited for', '4')
    fireEvent.click(button('Put into the draft'))
    await waitFor(() => expect(done).toHaveBeenCalled())
    const [made] = done.mock.calls[0] as [Policy]
    expect(inputOf({ guardrails: [], policies: [made] }).policies[0]!.steps).toEqual([
      {
        name: null, need: 1, userIds: [], groupIds: [], administrators: true, owners: false, manager: false, remindEvery: 'PT2H', endAfter: 'PT5H',
        escalation: { after: 'PT4H', userIds: [], groupIds: [], administrators: true, owners: true, manager: false },
      },
    ])
  })
  test('of a policy that refuses asks why instead of for limits', () => {
    answering(finds)
    show(<PolicyForm policy={policy({ refuse: 'No.' })} isNew={false} check={async () => []} onDone={() => {}} onClose={() => {}} />)
    expect(screen.getByLabelText('Why nobody gets it')).toBeTruthy()
    expect(screen.queryByText('Add a step')).toBeNull()
  })
  test('of a guardrail asks people besides', async () => {
    answering(finds)
    const done = vi.fn()
    show(<GuardrailForm guardrail={newGuardrail()} isNew check={async () => []} onDone={done} onClose={() => {}} />)
    fireEvent.change(screen.getByLabelText('Name'), { target: { value: 'Two pairs of eyes' } })
    fireEvent.change(screen.getByLabelText('Sign-in of who approves'), { target: { value: '2' } })
    fireEvent.click(button('Ask people besides'))
    fireEvent.click(button('Put into the draft'))
    await waitFor(() => expect(done).toHaveBeenCalled())
    expect(done.mock.calls[0]![0]).toMatchObject({ name: 'Two pairs of eyes', step: { need: 1, administrators: true }, refuse: null, signInWithin: 'PT2H' })
    expect(guardWords(guardrail({ maxDuration: null, signInWithin: 'PT15M', approveInConsole: true }))).toEqual(['Approved in the console alone, within 15 minutes of a sign-in'])
  })
  test('says what could not be checked, and keeps what it says', async () => {
    answering(finds)
    show(<PolicyForm policy={policy()} isNew={false} check={async () => ({ kind: 'unreachable', message: 'Procyon can’t be reached.' })} onDone={() => {}} onClose={() => {}} />)
    fireEvent.click(button('Put into the draft'))
    expect(await screen.findByText('Procyon can’t be reached.')).toBeTruthy()
  })
})

describe('what is tried', () => {
  const track = (more: object = {}) => ({ policyName: 'Databases', resourceIds: ['res_1'], refusedBecause: null, guardrails: ['Nights'], steps: [{ name: null, need: 1, guardrail: null }], ...more })
  const tried = (change: object = {}) => ({ approvedAtOnce: false, approvers: ['Ada', 'Bo'], maxDuration: 'PT2H', refusal: null, tracks: [track()], ...change })
  const words = (change: object = {}) => triedWords(tried(change), (id) => ({ res_1: 'orders-db', res_2: 'grafana' })[id]!).join(' ')
  test('is said in words', () => {
    expect(words()).toBe('“Databases” governs it, with the guardrail Nights. Needs 1 approval. Ada and Bo would be asked first. At most 2 hours would be allowed.')
    expect(words({ approvedAtOnce: true, tracks: [] })).toBe('It would be approved at once. At most 2 hours would be allowed.')
    expect(words({ refusal: { field: 'items.0', message: 'It is gone.' }, tracks: [] })).toBe('Given so, it would be refused: It is gone.')
    expect(words({ refusal: { field: 'reason', message: 'Say why.' }, tracks: [track({ policyName: 'Free', guardrails: [], steps: [] })] })).toBe('“Free” governs it. Nobody has to approve. It would be approved at once. At most 2 hours would be allowed.')
    expect(words({ refusal: { field: 'reason', message: 'Say why.' }, tracks: [] })).toBe('Ada and Bo would be asked first. At most 2 hours would be allowed.')
    expect(words({ refusal: { field: 'duration', message: 'At most 2 hours.' } })).toBe('“Databases” governs it, with the guardrail Nights. Given so, it would be refused: At most 2 hours.')
  })
  test('names the resources where they are decided apart', () => {
    const other = track({ policyName: 'Tools', resourceIds: ['res_2'], guardrails: [], steps: [{ name: 'Review', need: 1, guardrail: null }, { name: null, need: 2, guardrail: 'Nights' }] })
    expect(words({ tracks: [track(), other] })).toBe(
      '“Databases” governs orders-db, with the guardrail Nights. Needs 1 approval. “Tools” governs grafana. Needs 1 approval (Review), then 2 (Nights). Ada and Bo would be asked first. At most 2 hours would be allowed.',
    )
    expect(words({ tracks: [track({ resourceIds: ['res_1', 'res_2'], guardrails: [] })] })).toMatch(/^“Databases” governs all of it\. /)
  })
  const finds = {
    FindWho: () => ({ users: { nodes: [{ id: 'usr_dev', name: 'Dev', email: 'dev@example.com' }] } }),
    FindTried: () => ({ resources: { nodes: [{ id: 'res_1', name: 'orders-db', roles: ['reader', 'writer'], account: { name: 'Prod' }, gateway: null }, { id: 'res_2', name: 'grafana', roles: [], account: null, gateway: null }] } }),
    TryPolicies: () => ({ explainAccess: tried() }),
  }
  const pick = async (field: string, option: string) => {
    await userEvent.click(screen.getByRole('combobox', { name: field }))
    await userEvent.click(await screen.findByRole('option', { name: option, hidden: true }))
  }
  test('is several resources, each with a role of its own, for a time, by the draft', async () => {
    answering(finds)
    show(<TryIt draft={{ policies: [policy({ name: 'Draft' })], guardrails: [] }} />)
    expect(screen.getByText(/by your draft, as if you had saved it/)).toBeTruthy()
    await pick('Who asks', 'Dev, dev@example.com')
    expect(screen.getByRole('button', { name: 'Try' }).hasAttribute('disabled')).toBe(true)
    await pick('For what', 'orders-db, Prod')
    await pick('For what', 'grafana')
    expect(screen.queryByRole('combobox', { name: 'Role of grafana' })).toBeNull() // it has none
    await pick('Role of orders-db', 'writer')
    await userEvent.type(screen.getByLabelText('For how long'), '3')
    await userEvent.click(screen.getByRole('button', { name: 'Try' }))
    expect(await screen.findByText(/Ada and Bo would be asked first/)).toBeTruthy()
    expect(sent('TryPolicies')[0]!.variables['input']).toMatchObject({
      forUserId: 'usr_dev', items: [{ resourceId: 'res_1', role: 'writer' }, { resourceId: 'res_2', role: null }], duration: 'PT3H', startsAt: null, draft: { policies: [{ name: 'Draft' }] },
    })
    await userEvent.click(screen.getByRole('button', { name: 'Remove grafana' }))
    expect(screen.queryByText(/would be asked first/)).toBeNull() // that was said of something else
    await userEvent.click(screen.getByRole('checkbox', { name: /^It begins at a time/ }))
    expect(await screen.findByText('Starts at')).toBeTruthy()
    expect(screen.getByRole('button', { name: 'Try' }).hasAttribute('disabled')).toBe(true) // until it says when
  })
  test('goes by what is in force where there is no draft', async () => {
    answering(finds)
    show(<TryIt draft={null} />)
    await pick('Who asks', 'Dev, dev@example.com')
    await pick('For what', 'grafana')
    await userEvent.click(screen.getByRole('button', { name: 'Try' }))
    await screen.findByText(/would be asked first/)
    expect(sent('TryPolicies')[0]!.variables['input']).not.toHaveProperty('draft')
  })
})
