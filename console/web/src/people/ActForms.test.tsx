import { fireEvent, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'
import { answering, sent } from '../test/fake.ts'
import { bo, show } from '../test/scene.tsx'
import { ActForm } from './ActForms.tsx'
import type { PersonShown } from './operations.ts'

vi.mock('../api/client.ts', () => import('../test/fake.ts'))

const place = { version: 1, groups: null, manager: null, hasManyAccounts: false, separation: null, directory: null, handedOver: false, otherAccounts: [], disabledBy: null, enablingRefusedBecause: null }
const dev = (change: Partial<PersonShown> = {}): PersonShown => ({ id: 'usr_dev', name: 'Dev', email: 'dev@example.com', role: 'MEMBER', disabled: false, federated: false, createdAt: '2026-11-27T10:00:00Z', lastSeenAt: null, ...place, ...change })

const request = (id: string, resourceName: string, requester = 'Dev') => ({ id, requester: { name: requester }, items: [{ resourceName, role: 'reader' }] })
const none = { count: 0, undecidedCount: 0, undecided: [] }
const ends = (change: object = {}) => ({
  node: {
    __typename: 'User',
    id: 'usr_dev',
    disablingEnds: { refusedBecause: null, accessCount: 2, accesses: [request('req_1', 'orders-db'), request('req_2', 'grafana')], requestCount: 1, requests: [request('req_3', 'bastion-1')], sessionCount: 3, tokenCount: 1, slackLinkCount: 1, owned: { count: 0, aloneCount: 0, named: [] }, decisions: none, ...change },
  },
})
const done = (name: string, more: object = {}) => ({ result: { __typename: `${name}Payload`, userErrors: [], ...more } })
const refused = (name: string, code: string, message: string, field: string[] | null = null) => ({ result: { __typename: `${name}Payload`, user: null, oneTimePassword: null, userErrors: [{ __typename: 'UserError', code, field, message }] } })

const props = { sessions: 3, again: () => {}, onClose: () => {} }

test('what disabling ends is said by name and number before it can be pressed', async () => {
  const onClose = vi.fn()
  const calls = answering({ ReadNaming: () => ({ policiesNaming: [] }), ReadDisablingEnds: () => ends(), DisableUser: () => done('DisableUser', { user: dev({ disabled: true }) }) })
  show(<ActForm act="disable" person={dev()} {...props} onClose={onClose} />)
  const act = screen.getByRole('button', { name: 'Disable Dev' })
  expect(act.getAttribute('aria-disabled')).toBe('true')
  fireEvent.click(act)
  expect(await screen.findByText('Ends 2 accesses (orders-db reader and grafana reader), 1 request that waits (bastion-1 reader), 3 sessions, 1 token and 1 Slack link.')).toBeTruthy()
  await waitFor(() => expect(act.getAttribute('aria-disabled')).toBeNull())
  expect(calls.filter((c) => c.name === 'DisableUser')).toEqual([])
  expect(sent('ReadNaming').map((c) => c.variables)).toEqual([{ id: 'usr_dev' }]) // which policies ask them
  await userEvent.click(act)
  await waitFor(() => expect(onClose).toHaveBeenCalled())
  expect(sent('DisableUser')[0]!.variables).toEqual({ input: { userId: 'usr_dev', allowSelf: false } })
})

test('the last administrator is told why not, and nothing can be pressed', async () => {
  const because = 'Bo is the last administrator who can sign in; add another first.'
  answering({ ReadDisablingEnds: () => ends({ refusedBecause: because, decisions: { count: 2, undecidedCount: 1, undecided: [request('req_9', 'prod', 'Eve')] } }) })
  show(<ActForm act="disable" person={dev({ id: bo.id, name: 'Bo', role: 'ADMIN' })} {...props} />)
  expect(await screen.findByText(because)).toBeTruthy()
  expect(screen.getByText(/^This is you: you are signed out at once/)).toBeTruthy()
  expect(screen.getByText('Bo can no longer decide 2 requests that wait. Nobody else can decide 1 of them: Eve: prod reader.')).toBeTruthy()
  const act = screen.getByRole('button', { name: 'Disable Bo' })
  expect(act.getAttribute('aria-disabled')).toBe('true')
  await userEvent.click(act)
  expect(sent('DisableUser')).toEqual([])
})

test('where it can’t be read what ends nothing can be pressed, and it is tried again', async () => {
  let broken = true
  answering({ ReadNaming: () => ({ policiesNaming: [] }), ReadDisablingEnds: () => (broken ? 'lost' : ends()) })
  show(<ActForm act="disable" person={dev()} {...props} />)
  expect(await screen.findByText('What this ends could not be read')).toBeTruthy()
  expect(screen.getByRole('button', { name: 'Disable Dev' }).getAttribute('aria-disabled')).toBe('true')
  broken = false
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }))
  expect(await screen.findByText(/^Ends 2 accesses/)).toBeTruthy()
})

test('what was true a moment ago is judged by the server', async () => {
  answering({ ReadDisablingEnds: () => ends(), DisableUser: () => refused('DisableUser', 'CONFLICT', 'Dev is the last administrator who can sign in; add another first.') })
  show(<ActForm act="disable" person={dev()} {...props} />)
  await screen.findByText(/^Ends 2 accesses/)
  await userEvent.click(screen.getByRole('button', { name: 'Disable Dev' }))
  expect(await screen.findByText('Dev is the last administrator who can sign in; add another first.')).toBeTruthy()
})

test('an address that is taken is said at its field, and what was typed stays', async () => {
  answering({ UpdateUser: () => refused('UpdateUser', 'DUPLICATE', 'There is already a user with the e-mail address eve@example.com.', ['input', 'email']) })
  sessionStorage.clear()
  show(<ActForm act="change" person={dev()} {...props} />)
  const email = screen.getByLabelText('E-mail address') as HTMLInputElement
  fireEvent.change(email, { target: { value: 'eve@example.com' } })
  await userEvent.click(screen.getByRole('button', { name: 'Change' }))
  expect(await screen.findByText('There is already a user with the e-mail address eve@example.com.')).toBeTruthy()
  expect(document.activeElement).toBe(email)
  expect(email.value).toBe('eve@example.com')
})

test('odd names are checked before they are sent', async () => {
  const calls = answering({})
  sessionStorage.clear()
  show(<ActForm act="change" person={dev()} {...props} />)
  const name = screen.getByLabelText('Name') as HTMLInputElement
  for (const [typed, said] of [['   ', 'Give a name, such as Dev Doe.'], ['🦊'.repeat(81), 'A name has at most 80 characters; this one has 81.']] as const) {
    await userEvent.clear(name)
    await userEvent.click(name)
    await userEvent.paste(typed)
    await userEvent.click(screen.getByRole('button', { name: 'Change' }))
    expect(await screen.findByText(said)).toBeTruthy()
  }
  expect(calls).toEqual([])
})

test('a one-time password is shown until it is stored, and kept nowhere', async () => {
  answering({ ResetPassword: () => done('ResetPassword', { oneTimePassword: 'one-time-secret' }) })
  const onClose = vi.fn()
  show(<ActForm act="password" person={dev()} {...props} onClose={onClose} />)
  expect(screen.getByText(/3 sessions of theirs end/)).toBeTruthy()
  await userEvent.click(screen.getByRole('button', { name: 'Reset the password' }))
  expect(((await screen.findByLabelText('One-time password')) as HTMLInputElement).value).toBe('one-time-secret')
  await userEvent.keyboard('{Escape}')
  expect(onClose).not.toHaveBeenCalled()
  expect(JSON.stringify([sessionStorage, localStorage])).not.toContain('one-time-secret')
  await userEvent.click(screen.getByRole('button', { name: 'I have stored it' }))
  expect(onClose).toHaveBeenCalled()
})

test('a member of an administrator is told what they can no longer decide', async () => {
  answering({ ReadDemotionEnds: () => ({ node: { __typename: 'User', id: 'usr_dev', demotionEnds: { refusedBecause: null, decisions: { count: 3, undecidedCount: 0, undecided: [] } } } }), SetUserRole: () => done('SetUserRole', { user: dev() }) })
  show(<ActForm act="role" person={dev({ role: 'ADMIN' })} {...props} />)
  expect(await screen.findByText('Dev can no longer decide 3 requests that wait; others can.')).toBeTruthy()
  await userEvent.click(screen.getByRole('button', { name: 'Make Dev a member' }))
  await waitFor(() => expect(sent('SetUserRole')[0]!.variables).toEqual({ input: { userId: 'usr_dev', role: 'MEMBER', allowSelf: false } }))
})

test('the sessions that end are counted, and one’s own stays', () => {
  answering({})
  const { unmount } = show(<ActForm act="sessions" person={dev()} {...props} />)
  expect(screen.getByText(/^Ends 3 sessions: whoever is signed in there/)).toBeTruthy()
  unmount()
  const mine = show(<ActForm act="sessions" person={dev({ id: bo.id })} {...props} />)
  expect(screen.getByText(/^Ends 2 sessions, but not this one/)).toBeTruthy()
  mine.unmount()
  show(<ActForm act="sessions" person={dev()} {...props} sessions={0} />)
  expect(screen.getByText(/^No session ends/)).toBeTruthy()
})
