import { screen } from '@testing-library/react'
import { expect, test } from 'vitest'
import { request, show } from '../test/scene.tsx'
import { standing, Tracks, type Step, type Track } from './Tracks.tsx'

const step = (change: Partial<Step> = {}): Step => ({ name: null, need: 1, status: 'PRESENT', lacking: 1, approvedBy: [], guardrail: null, approvers: [{ approverId: 'usr_ada', name: 'Ada', by: 'NAME' }], escalated: false, escalatesAt: null, endsAt: null, ...change })
const track = (change: Partial<Track> = {}): Track => ({ policyId: 'pol_1', policyName: 'Production', policyVersion: 3, resourceIds: ['res_db'], refusedBecause: null, approveInConsole: false, signInWithin: null, guardrails: [], steps: [step()], ...change })
const items = request().items
const shown = (tracks: Track[], open = true) => show(<Tracks request={{ tracks } as Parameters<typeof Tracks>[0]['request']} open={open} items={items} />)

test('as long as nobody changed the policies, a request looks as it did', () => {
  shown([track({ policyVersion: 0, policyName: 'Everything' })])
  expect(screen.queryByText('How it is decided')).toBeNull()
})

test('policy, guardrails and steps are told, with who approved and who is missing', () => {
  shown([
    track({
      guardrails: ['Money needs two'],
      approveInConsole: true,
      steps: [
        step({ name: 'Team', status: 'MET', lacking: 0, approvedBy: ['Cy'] }),
        step({ need: 2, lacking: 1, approvedBy: ['Di'], approvers: [{ approverId: 'usr_ada', name: 'Ada', by: 'OWNER' }, { approverId: 'administrators', name: null, by: 'NAME' }] }),
        step({ status: 'LATER', lacking: 0, guardrail: 'Money needs two', approvers: null }),
      ],
    }),
  ])
  expect(screen.getByText('Production')).toBeTruthy()
  expect(screen.getByText(/^Guardrail:/).textContent).toBe('Guardrail: Money needs two')
  expect(screen.getAllByRole('listitem').map((li) => li.textContent)).toEqual([
    'TeamApproved by Cy.Met.',
    'Approved by Di.Waits for 1 more approval of Ada (owner) or an administrator.',
    'asked for by the guardrail Money needs twoThen needs 1 approval of people who are kept from you.',
  ])
  expect(screen.getAllByRole('listitem')[1]!.getAttribute('aria-current')).toBe('step')
  expect(screen.getByText('Approvals are taken in the console alone.')).toBeTruthy()
  expect(screen.queryByText(/^For$/)).toBeNull() // all of it
})

test('parts that are decided apart name their items; what is refused says why', () => {
  shown([track(), track({ resourceIds: ['res_x'], policyName: 'Never', refusedBecause: 'Nobody needs this.', steps: [] })])
  expect(screen.getByText(/^For$/).textContent).toBe('For orders-db reader')
  expect(screen.getByText('Nobody needs this.')).toBeTruthy()
})

test('a sign-in of late is told where it is wanted', () => {
  shown([track({ approveInConsole: true, signInWithin: 'PT15M' })])
  expect(screen.getByText('Approvals are taken in the console alone, from who signed in within the last 15 minutes.')).toBeTruthy()
})

test('what time does to the present step is told while it waits', () => {
  const soon = new Date(Date.now() + 7_230_000).toISOString()
  const { unmount } = shown([track({ steps: [step({ escalatesAt: soon, endsAt: soon })] })])
  expect(screen.getByRole('listitem').textContent).toBe('Waits for 1 approval of Ada. More people can approve it in 2 h. It is over in 2 h.')
  unmount()
  shown([track({ steps: [step({ escalated: true })] })])
  expect(screen.getByRole('listitem').textContent).toBe('Waits for 1 approval of Ada. It has waited so long that more people can approve it.')
})

test('once it is over, nothing is waited for', () => {
  shown([track()], false)
  expect(screen.getByText('Needed 1 approval of Ada.')).toBeTruthy()
  expect(screen.getByRole('listitem').getAttribute('aria-current')).toBeNull()
})

test('a step that nobody is left for says so', () => {
  expect(standing(step({ approvers: [] }), 'open')).toBe('Waits for 1 approval of nobody: there is no one left who could.')
  expect(standing(step({ approvers: [{ approverId: 'usr_x', name: null, by: 'NAME' }] }), 'open')).toBe('Waits for 1 approval of somebody who was removed.')
})
