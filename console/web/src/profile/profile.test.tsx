import { fireEvent, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { answering, sent } from '../test/fake.ts'
import { show } from '../test/scene.tsx'
import { moment } from '../ui/now.ts'
import { byDevice, keepZone, zoneName } from '../ui/zone.ts'
import { PasswordForm } from './PasswordForm.tsx'
import { Settings } from './Settings.tsx'

vi.mock('../api/client.ts', () => import('../test/fake.ts'))

beforeEach(() => {
  localStorage.clear()
  vi.spyOn(Intl, 'supportedValuesOf').mockReturnValue(['Asia/Tokyo', 'Europe/Berlin']) // hundreds take long to draw
})
afterEach(() => void keepZone(null))

const refused = (code: string, message: string, field: string[]) => ({ result: { __typename: 'SetTimeZonePayload', user: null, userErrors: [{ __typename: 'UserError', code, message, field }] } })

// Without the pauses of a person's hands.
const fill = (field: HTMLElement, value: string) => void fireEvent.change(field, { target: { value } })

async function choose(zone: string) {
  const field = screen.getByRole('combobox', { name: 'Time zone' })
  await userEvent.click(field)
  await screen.findByRole('option', { name: /^As this device/ })
  fill(field, zone)
  fireEvent.click(await screen.findByRole('option', { name: zone }))
}

test('a zone that is chosen is the server’s and the clock’s, and stays for the next page', async () => {
  answering({ SetTimeZone: () => ({ result: { __typename: 'SetTimeZonePayload', user: { __typename: 'User', id: 'usr_bo', timeZone: 'Asia/Tokyo' }, userErrors: [] } }) })
  show(<Settings zone={null} />)
  await choose('Asia/Tokyo')
  await waitFor(() => expect(zoneName()).toBe('Asia/Tokyo'))
  expect(sent('SetTimeZone')[0]!.variables).toEqual({ input: { timeZone: 'Asia/Tokyo' } })
  const at = Date.parse('2026-11-27T20:22:00Z')
  expect(moment(at, at)).toBe('28 Nov, 05:22')
  expect(localStorage.getItem('procyon.zone')).toBe('Asia/Tokyo')
})

test('a zone that the server refuses is none, and it is said at its field', async () => {
  answering({ SetTimeZone: () => refused('INVALID', '"Asia/Tokyo" is no time zone that is known here; give one such as Europe/Berlin.', ['input', 'timeZone']) })
  show(<Settings zone={null} />)
  await choose('Asia/Tokyo')
  expect(await screen.findByText(/is no time zone that is known here/)).toBeTruthy()
  expect(byDevice()).toBe(true)
})

test('the switch of single letters is the one of the shortcuts', async () => {
  answering({})
  show(<Settings zone={null} />)
  await userEvent.click(screen.getByRole('switch', { name: /^Shortcuts of single letters/ }))
  expect(localStorage.getItem('procyon.keys')).toBe('off')
})

test('a password is checked before it is sent, and what it ends is said', async () => {
  const calls = answering({ SetPassword: () => ({ result: { __typename: 'SetPasswordPayload', userErrors: [{ __typename: 'UserError', code: 'INVALID', message: 'This is not your present password.', field: ['input', 'currentPassword'] }] } }) })
  show(<PasswordForm sessions={2} onClose={() => {}} />)
  expect(screen.getByText(/Ends all of your sessions \(2 sessions, this one too\)/)).toBeTruthy()
  const press = () => fireEvent.click(screen.getByRole('button', { name: 'Change the password' }))
  press()
  expect(await screen.findByText('Give your present password.')).toBeTruthy()
  fill(screen.getByLabelText('Present password'), 'wrong password!')
  fill(screen.getByLabelText('New password'), 'another horse battery')
  fill(screen.getByLabelText('New password, once more'), 'another horse')
  press()
  expect(await screen.findByText('This is not the same.')).toBeTruthy()
  expect(calls).toEqual([])
  fill(screen.getByLabelText('New password, once more'), 'another horse battery')
  press()
  expect(await screen.findByText('This is not your present password.')).toBeTruthy()
  expect(document.activeElement).toBe(screen.getByLabelText('Present password'))
  expect(JSON.stringify([sessionStorage, localStorage])).not.toContain('horse')
})
