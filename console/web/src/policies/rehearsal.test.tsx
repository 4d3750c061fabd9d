import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { expect, test, vi } from 'vitest'
import { answering, sent } from '../test/fake.ts'
import { show } from '../test/scene.tsx'
import { newPolicy } from './edit.ts'
import { Rehearsal, rehearsalWords } from './Rehearsal.tsx'

vi.mock('../api/client.ts', () => import('../test/fake.ts'))
vi.mock('../ui/Link.tsx', async () => (await import('../test/scene.tsx')).links())

const counts = (more: object = {}) => ({ requestCount: 200, goneCount: 0, otherPolicyCount: 0, otherApproversCount: 0, refusedCount: 0, allowedCount: 0, approvedAtOnceCount: 0, differingCount: 0, ...more })
const request = { requestId: 'req_1', requesterName: 'Dev', items: ['orders-db as reader', 'grafana'], askedAt: '2026-11-28T12:00:00Z', before: 'Everything else: 1 of the administrators.', after: 'It is refused: No.' }
function Scene({ offAtFirst = false }: { offAtFirst?: boolean }) {
  const [of, setOf] = useState(() => ({ draft: draft('First'), off: offAtFirst }))
  return (
    <>
      <Rehearsal {...of} />
      <button onClick={() => setOf({ draft: draft('Second'), off: false })}>Go on</button>
    </>
  )
}

const draft = (name: string) => ({ policies: [{ ...newPolicy(), name }], guardrails: [] })

test('what differs is told in counts', () => {
  expect(rehearsalWords(counts({ requestCount: 0 }))).toEqual(['Nobody has asked for anything yet.'])
  expect(rehearsalWords(counts())).toEqual(['Of the newest 200 requests none would be treated in another way.'])
  expect(rehearsalWords(counts({ requestCount: 1, differingCount: 1, refusedCount: 1, goneCount: 2 }))).toEqual([
    'Of the newest 1 request 1 would be treated in another way.', '1 would be refused.', '2 can’t be compared: who asked, or what for, is not there any more.',
  ])
})

test('a draft is rehearsed, and another one is not what was said', async () => {
  answering({ RehearsePolicies: () => ({ rehearsePolicies: { ...counts({ differingCount: 3, refusedCount: 3 }), differing: [request] } }) })
  show(<Scene />)
  await userEvent.click(screen.getByRole('button', { name: 'Rehearse on the newest requests' }))
  const list = await screen.findByRole('list', { name: 'Requests that differ' })
  expect(within(list).getByRole('link').textContent).toBe('Dev: orders-db as reader and grafana')
  expect(list.textContent).toContain('Now: Everything else: 1 of the administrators.By the draft: It is refused: No.')
  expect(screen.getByText('And 2 requests more.')).toBeTruthy()
  expect(sent('RehearsePolicies')[0]!.variables['input'].set.policies[0].name).toBe('First')
  await userEvent.click(screen.getByRole('button', { name: 'Go on' }))
  await waitFor(() => expect(screen.queryByText('3 would be refused.')).toBeNull())
})

test('what could not be rehearsed is said, and what can’t be is off', async () => {
  answering({})
  show(<Scene offAtFirst />)
  const button = screen.getByRole('button', { name: 'Rehearse on the newest requests' })
  await userEvent.click(button)
  expect(sent('RehearsePolicies')).toEqual([])
  await userEvent.click(screen.getByRole('button', { name: 'Go on' }))
  await userEvent.click(screen.getByRole('button', { name: 'Rehearse on the newest requests' }))
  expect(await screen.findByText('This could not be rehearsed')).toBeTruthy()
})
