import { expect, test } from 'vitest'
import { readPeople, readPerson } from './search.ts'

test('addresses keep what they can mean', () => {
  const people = { words: 'dev', status: 'DISABLED', role: 'ADMIN', add: true }
  expect(readPeople(people)).toEqual(people)
  const services = { tab: 'services', add: true, account: 'svc_1' }
  expect(readPeople(services)).toEqual(services)
  expect(readPeople({ ...services, ...people })).toEqual(services)
  expect(readPeople({ ...people, tab: 'directory' })).toEqual({ tab: 'directory' })
  expect(readPeople({ words: 42 })).toEqual({ words: '42' })
  expect(readPerson({ act: 'disable' })).toEqual({ act: 'disable' })
})

test('and leave out junk', () => {
  for (const junk of [null, {}, [], '', '   ', NaN, false, 'x'.repeat(100_000), '<script>', { toString: null }]) {
    const read = readPeople({ tab: junk, status: junk, role: junk, add: junk, account: junk })
    expect(read).toEqual({})
    expect(readPeople({ tab: 'services', account: junk, add: junk })).toEqual({ tab: 'services' })
    expect(readPerson({ act: junk })).toEqual({})
  }
})
