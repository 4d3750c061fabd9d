import { expect, test } from 'vitest'
import { told, type Entry } from './history.ts'

let seq = 0
const entry = (type: string, data: object, actor: object = {}): Entry => ({ seq: ++seq, at: '2026-11-27T10:00:00Z', type, actor: { kind: 'USER', userId: 'usr_ada', name: 'Ada', via: 'console', actingService: null, ...actor }, data })

test('the history says what changed, the newest first', () => {
  const state = { name: 'Dev', admin: false, disabled: false }
  const said = told([
    entry('CREATED', state),
    entry('PASSWORD_SET', { oneTime: true }),
    entry('PASSWORD_SET', {}, { userId: 'usr_dev', name: 'Dev' }),
    entry('UPDATED', { ...state, admin: true }),
    entry('PROFILE_CHANGED', { name: 'Devi', email: 'devi@example.com', emailUnproven: true }),
    entry('TOKEN_ISSUED', { name: 'CI' }, { userId: 'usr_dev', name: 'Devi', via: 'api' }),
    { ...entry('SESSIONS_ENDED', {}), data: '{"count":3}' },
    entry('UPDATED', { ...state, name: 'Devi', admin: true, disabled: true, ending: true }),
    entry('UPDATED', { ...state, name: 'Devi', admin: true, disabled: true }, { kind: 'SYSTEM', userId: null, name: 'system', via: 'system' }),
    entry('UPDATED', { ...state, name: 'Devi', admin: true }),
    entry('GROUPS_CHANGED', {}),
    entry('SOMETHING_NEW', {}),
  ])
  expect(said.map((t) => `${t.who} ${t.words}${t.from ? ` ${t.from}` : ''}`)).toEqual([
    'Ada something new',
    'Ada changed which groups they are in',
    'Ada enabled this person',
    'Ada disabled this person',
    'Ada ended 3 sessions',
    'Devi made the token CI over the API',
    'Ada changed the name to Devi, changed the e-mail address to devi@example.com',
    'Ada made this person an administrator',
    'Dev set a password',
    'Ada gave a one-time password',
    'Ada added this person',
  ])
})

test('where what was before is not among them it says what is', () => {
  expect(told([entry('UPDATED', { name: 'Dev', disabled: true })])[0]!.words).toBe('changed this person: member, disabled')
  expect(told([{ ...entry('UPDATED', {}), data: 'no JSON' }])).toHaveLength(1)
})
