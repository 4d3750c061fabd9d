import { expect, test } from 'vitest'
import { checkEmail, counted, decisionsWords, endsWords } from './rules.ts'

const r = (resourceName: string) => ({ items: [{ resourceName, role: null }] })
const nothing = { accessCount: 0, accesses: [], requestCount: 0, requests: [], sessionCount: 0, tokenCount: 0, slackLinkCount: 0 }

test('what ends is counted honestly', () => {
  expect(endsWords(nothing)).toBe('Nothing of theirs is open: no access, request, session, token or Slack link.')
  expect(endsWords({ ...nothing, sessionCount: 1 })).toBe('Ends 1 session.')
  expect(endsWords({ ...nothing, accessCount: 100, accesses: ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(r) })).toBe('Ends 100 or more accesses (a, b, c, d, e, f and more).')
  expect(endsWords({ ...nothing, requestCount: 9, requests: ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(r) })).toBe('Ends 9 requests that wait (a, b, c, d, e, f and 3 more).')
  expect(endsWords({ ...nothing, accessCount: 1, accesses: [] })).toBe('Ends 1 access.') // which this administrator may not see
  expect(counted(100, 'token')).toBe('100 or more tokens')
})

test('what nobody else can decide is named', () => {
  expect(decisionsWords('Bo', { count: 0, undecidedCount: 0, undecided: [] })).toBe('')
  expect(decisionsWords('Bo', { count: 1, undecidedCount: 0, undecided: [] })).toBe('Bo can no longer decide 1 request that waits; others can.')
  expect(decisionsWords('Bo', { count: 1, undecidedCount: 1, undecided: [{ ...r('prod'), requester: { name: 'Eve' } }] })).toBe('Bo can no longer decide 1 request that waits. Nobody else can decide it: Eve: prod.')
})

test('an e-mail address is looked at before it is sent', () => {
  for (const good of ['dev@example.com', ' dev@example.com ', 'd.e+v@sub.example', 'ü@example.com']) expect(checkEmail(good)).toBeNull()
  for (const bad of ['', '  ', 'dev', 'dev@', '@example.com', 'a b@example.com', 'Dev <dev@example.com>', 'a@b@c']) expect(checkEmail(bad)).not.toBeNull()
})
