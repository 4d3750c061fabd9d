import { describe, expect, it } from 'vitest'
import { differences, through, typesOf, verb, whoOf, type EntryRow } from './entries.ts'
import { approvedLastMonth, cleared, exportAddress, isFiltered, journalFilter, narrowed, readAudit } from './search.ts'

describe('what the address of the audit page holds', () => {
  it('leaves out what means nothing', () => {
    expect(readAudit({ who: 'req_1', kind: 'PERSON', type: '<b>', from: '2026-13-01', entry: 'x', object: '', words: '  ' })).toEqual({})
    expect(readAudit({ who: 'system', kind: 'USER', type: 'TOKEN_ISSUED', from: '2026-11-30', to: '2026-11-01', entry: '7', words: 123 })).toEqual({
      who: 'system', kind: 'USER', type: 'TOKEN_ISSUED', from: '2026-11-01', to: '2026-11-30', entry: 7, words: '123',
    })
  })
  it('is cleared and narrowed without what was open', () => {
    const s = readAudit({ who: 'usr_1', entry: 3 })
    expect(isFiltered(s)).toBe(true)
    expect(cleared(s)).toEqual({})
    expect(narrowed(s, { kind: 'USER' })).toEqual({ who: 'usr_1', kind: 'USER' })
  })
  it('has the approvals of last month by the calendar', () => {
    expect(approvedLastMonth(new Date(2026, 0, 31, 12).getTime())).toEqual({ kind: 'ACCESS_REQUEST', type: 'APPROVED', from: '2025-12-01', to: '2025-12-31' })
    expect(approvedLastMonth(new Date(2028, 2, 31).getTime())).toMatchObject({ from: '2028-02-01', to: '2028-02-29' })
  })
  it('asks the list and the export for the same, but for the day that the list was taken to', () => {
    const s = readAudit({ who: 'usr_1', kind: 'USER', type: 'CREATED', words: 'a b', from: '2026-11-01', to: '2026-11-30', at: '2026-11-10' })
    expect(journalFilter(s, 'older').at).toEqual({ from: new Date(2026, 10, 1).toISOString(), to: new Date(2026, 10, 11).toISOString() })
    expect(journalFilter(s, 'newer').at).toEqual({ from: new Date(2026, 10, 11).toISOString(), to: new Date(2026, 11, 1).toISOString() })
    const q = new URL(exportAddress(s, 'csv'), 'http://x')
    expect(q.pathname).toBe('/export/journal')
    expect(Object.fromEntries(q.searchParams)).toEqual({
      format: 'csv', words: 'a b', actorId: 'usr_1', kinds: 'USER', types: 'CREATED', from: new Date(2026, 10, 1).toISOString(), to: new Date(2026, 11, 1).toISOString(),
    })
  })
})

describe('what an entry says', () => {
  it('shows the fields that differ, by their path', () => {
    expect(differences({ a: 1, b: { c: 'x', d: [1] } }, { a: 1, b: { c: 'y', d: [1] }, e: true })).toEqual([
      { field: 'b.c', before: 'x', after: 'y' },
      { field: 'e', before: '', after: 'true' },
    ])
    expect(differences(null, { a: 'new' })).toEqual([{ field: 'a', before: '', after: 'new' }])
    expect(differences({ a: 1 }, { a: 1 })).toEqual([])
  })
  it('says who did it, and through what where that does not go without saying', () => {
    const said = (kind: string, name: string, via: string, actingService: string | null = null) => {
      const e = { actor: { kind, name, via, actingService } } as EntryRow
      return `${whoOf(e)} ${through(e)}`.trim()
    }
    expect(said('USER', 'Ada', 'console')).toBe('Ada')
    expect(said('USER', 'Ada', 'slack', 'slackbot')).toBe('Ada from Slack')
    expect(said('SERVICE', 'siem', 'api')).toBe('siem over the API')
    expect(said('SYSTEM', 'operator', 'cli')).toBe('The command line')
    expect(said('SYSTEM', 'system', 'system')).toBe('Procyon')
  })
  it('has words for types, known or not', () => {
    expect(verb({ type: 'APPROVED', subjectKind: 'ACCESS_REQUEST' })).toBe('approved')
    expect(verb({ type: 'ACTIVATED', subjectKind: 'ACCESS_REQUEST' })).toBe('put in force')
    expect(verb({ type: 'CREATED', subjectKind: 'POLICY_SET' })).toBe('changed') // those with which a store begins were nobody's doing
    expect(verb({ type: 'PASSWORD_SET', subjectKind: 'USER' })).toBe('set the password of')
    expect(verb({ type: 'SOMETHING_NEW', subjectKind: 'USER' })).toBe('something new')
    expect(typesOf('ACCESS_REQUEST')).toContain('EXTENDED')
    expect(typesOf('USER')).not.toContain('EXTENDED')
  })
})
