import { describe, expect, it } from 'vitest'
import { deliveryFilter, isFiltered, readPlace, readTab } from './search.ts'

describe('the address', () => {
  it('holds the form, or the list with what narrows it', () => {
    expect(readTab({})).toEqual({})
    expect(readTab({ add: 'webhook', status: 'BROKEN' })).toEqual({ add: 'webhook' })
    expect(readTab({ tab: 'active', words: 12, status: 'BROKEN', fresh: 'int_1' })).toEqual({ tab: 'active', words: '12', status: 'BROKEN', fresh: 'int_1' })
  })

  it('leaves out what means nothing', () => {
    expect(readTab({ tab: 'active', words: ' ', status: 'broken', fresh: '../x', add: 'webhook' })).toEqual({ tab: 'active' })
    expect(readPlace({ part: 'nowhere', menu: 'x', preview: 'usr_1', status: 'DEAD' })).toEqual({})
    expect(readPlace({ part: 'deliveries', status: 'dead', event: ['CREATED'], time: '1y', delivery: 'req_1' })).toEqual({ part: 'deliveries' })
  })

  it('restores the delivery log with its filters and what is open in it', () => {
    const place = { part: 'deliveries', status: 'DEAD', event: 'TEST', time: '7d', delivery: 'dlv_0a-B' }
    expect(readPlace(place)).toEqual(place)
    expect(readPlace({ menu: 'accounts', preview: 'acc_1' })).toEqual({ menu: 'accounts', preview: 'acc_1' })
  })
})

describe('the filter of the delivery log', () => {
  const at = Date.parse('2026-11-28T12:00:00Z')

  it('asks for this integration alone', () => {
    expect(deliveryFilter('int_1', {}, at)).toEqual({ integrationId: 'int_1' })
    expect(isFiltered({})).toBe(false)
  })

  it('asks for a status, an event and a time', () => {
    expect(deliveryFilter('int_1', { status: 'DEAD', event: 'CREATED', time: '1h' }, at)).toEqual({ integrationId: 'int_1', status: ['DEAD'], eventTypes: ['CREATED'], owedAt: { from: '2026-11-28T11:00:00.000Z' } })
  })

  it('asks for test messages by their kind: they are about no event', () => {
    expect(deliveryFilter('int_1', { event: 'TEST' }, at)).toEqual({ integrationId: 'int_1', kind: 'TEST' })
  })
})
