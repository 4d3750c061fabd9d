import { fireEvent, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, expect, test, vi } from 'vitest'
import { answering, sent } from '../test/fake.ts'
import { show } from '../test/scene.tsx'
import { TokenForm } from './TokenForm.tsx'

vi.mock('../api/client.ts', () => import('../test/fake.ts'))

const scopes = {
  tokenScopes: [
    { __typename: 'TokenScope', name: 'events:read', description: 'Read all requests.', forPeople: true, forServices: true },
    { __typename: 'TokenScope', name: 'self', description: 'All that the person may do.', forPeople: true, forServices: false },
    { __typename: 'TokenScope', name: 'slack:act', description: 'What the Slack bot does.', forPeople: false, forServices: true },
  ],
}
const made = (secret: string | null) => ({
  result: { __typename: 'CreateTokenPayload', token: { __typename: 'Token', id: 'tok_1', name: 'CI', scopes: ['events:read'], createdAt: '2026-11-27T10:00:00Z', expiresAt: '2027-02-27T10:00:00Z', lastUsedAt: null, current: false }, secret, userErrors: [] },
})
const service = { kind: 'service', id: 'svc_1', name: 'siem' } as const

beforeEach(() => sessionStorage.clear())

test('a service’s token has at least one scope, and its secret is shown once', async () => {
  answering({ ReadScopes: () => scopes, CreateToken: () => made('pcn_secret') })
  const onClose = vi.fn()
  show(<TokenForm owner={service} again={() => {}} onClose={onClose} />)
  expect(await screen.findByText('What the Slack bot does.')).toBeTruthy()
  expect(screen.queryByText('self')).toBeNull()
  fireEvent.change(screen.getByLabelText('Name'), { target: { value: 'CI' } })
  await userEvent.click(screen.getByRole('button', { name: 'Make the token' }))
  expect(await screen.findByText('Choose what it may do.')).toBeTruthy()
  await userEvent.click(screen.getByRole('checkbox', { name: /events:read/ }))
  await userEvent.click(screen.getByRole('button', { name: 'Make the token' }))
  expect(((await screen.findByLabelText('Token')) as HTMLInputElement).value).toBe('pcn_secret')
  expect(sent('CreateToken')[0]!.variables).toEqual({ input: { serviceAccountId: 'svc_1', name: 'CI', scopes: ['events:read'], ttl: 'P90D', idempotencyKey: expect.any(String) } })
  expect(JSON.stringify([sessionStorage, localStorage])).not.toContain('pcn_secret')
  await userEvent.click(screen.getByRole('button', { name: 'I have stored it' }))
  expect(onClose).toHaveBeenCalled()
})

test('one’s own token may all that its person may, unless less is chosen', async () => {
  answering({ ReadScopes: () => scopes, CreateToken: () => made('pcn_secret') })
  show(<TokenForm owner={{ kind: 'self' }} again={() => {}} onClose={() => {}} />)
  fireEvent.change(screen.getByLabelText('Name'), { target: { value: 'laptop' } })
  await userEvent.click(screen.getByRole('radio', { name: 'Only some of it' }))
  expect(await screen.findByText('Read all requests.')).toBeTruthy()
  expect(screen.queryByText('What the Slack bot does.')).toBeNull()
  await userEvent.click(screen.getByRole('radio', { name: 'All that I may do' }))
  await userEvent.click(screen.getByRole('button', { name: 'Make the token' }))
  await waitFor(() => expect(sent('CreateToken')[0]!.variables).toEqual({ input: { name: 'laptop', ttl: 'P90D', idempotencyKey: expect.any(String) } }))
})

test('a secret whose answer was lost is said to be lost', async () => {
  answering({ ReadScopes: () => scopes, CreateToken: () => 'lost', ReadCreatedHere: () => ({ created: { __typename: 'Token', id: 'tok_1' } }) })
  show(<TokenForm owner={{ kind: 'self' }} again={() => {}} onClose={() => {}} />)
  fireEvent.change(screen.getByLabelText('Name'), { target: { value: 'laptop' } })
  await userEvent.click(screen.getByRole('button', { name: 'Make the token' }))
  expect(await screen.findByText('The token was made, and its secret was lost')).toBeTruthy()
})
