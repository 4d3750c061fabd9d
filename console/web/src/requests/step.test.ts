import { expect, test } from 'vitest'
import { stepOf, type Entry } from './step.ts'

const at = Date.parse('2026-11-23T12:00:00Z')
const ada = { kind: 'USER', userId: 'usr_ada', name: 'Ada', via: 'console', actingService: null }
const entry = (type: string, data: unknown = {}, actor: Entry['actor'] = ada): Entry => ({ at: '2026-11-23T11:00:00Z', type, actor, data })

test('who asked, and from where', () => {
  expect(stepOf(entry('CREATED', {}, { ...ada, via: 'slack', actingService: 'slackbot' }), 'usr_ada', at)).toEqual({
    who: 'Ada', words: 'asked for access', from: 'from Slack, through slackbot', details: [], quote: null,
  })
})

test('an approval says what it shortened, until when, and why', () => {
  const s = stepOf(entry('APPROVED', { review: { comment: 'Read only, please.', duration: 7200 }, grant: { expiresAt: '2026-11-23T13:00:00Z' } }), 'usr_dev', at)
  expect(s.details[0]).toBe('shortened to 2 hours')
  expect(s.details[1]).toMatch(/^in force until \d\d:00$/)
  expect(s.quote).toBe('Read only, please.')
})

test('an extension says how much longer, and why', () => {
  expect(stepOf(entry('EXTENSION_REQUESTED', JSON.stringify({ extension: { duration: 3600, reason: 'not done' } })), 'usr_ada', at)).toMatchObject({ details: ['1 hour longer'], quote: 'not done' })
})

// A canceled request was canceled by its requester, or something that it rests on is gone.
test('who ended a request that its requester did not cancel', () => {
  const gone = { comment: 'The resource billing-db was deleted.' }
  expect(stepOf(entry('CANCELED'), 'usr_ada', at)).toMatchObject({ who: 'Ada', words: 'canceled the request' })
  expect(stepOf(entry('CANCELED', gone), 'usr_dev', at)).toMatchObject({ who: 'Ada', words: 'ended the request', quote: gone.comment })
  expect(stepOf(entry('CANCELED', gone, { kind: 'SYSTEM', userId: null, name: 'system', via: 'system', actingService: null }), 'usr_dev', at)).toMatchObject({ who: 'Procyon', words: 'ended the request' })
})

test('what nobody did stands alone, and what is unknown is shown as it is', () => {
  expect(stepOf(entry('ACTIVATED', {}, { kind: 'SYSTEM', userId: null, name: 'system', via: 'system', actingService: null }), 'usr_ada', at)).toMatchObject({ who: null, words: 'The access came into force', from: null })
  expect(stepOf(entry('SOMETHING_NEW', 'what?'), 'usr_ada', at)).toMatchObject({ words: 'SOMETHING_NEW', quote: null, details: [] })
})
