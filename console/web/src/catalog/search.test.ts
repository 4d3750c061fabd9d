import { describe, expect, it } from 'vitest'
import { readCatalogSearch, readImportSearch } from './search.ts'

describe('the address of the catalog', () => {
  it('restores what it says, and leaves out what means nothing', () => {
    const whole = { words: 'db', kind: 'DATABASE', account: 'acc_1', open: 'res_1', act: 'edit' } as const
    expect(readCatalogSearch(whole)).toEqual(whole)
    expect(readCatalogSearch({ tab: 'accounts', kind: 'DATABASE', account: 'acc_1', open: 'acc_2' })).toEqual({ tab: 'accounts', open: 'acc_2' })
    expect(readCatalogSearch({ tab: 'resources', words: ' ', kind: 'DB', account: 'res_1', open: 'usr_1', act: 'delete' })).toEqual({})
    expect(readCatalogSearch({ act: 'add', account: 'acc_1', gateway: 'gw_1' })).toEqual({ act: 'add', account: 'acc_1' })
    expect(readCatalogSearch({ act: 'edit' })).toEqual({})
    expect(readCatalogSearch({ open: 'res_1', act: 'tags' })).toEqual({ open: 'res_1', act: 'tags' })
    expect(readCatalogSearch({ open: 'gw_1', act: 'tags' })).toEqual({ open: 'gw_1' })
  })
  it('says which file was checked', () => {
    expect(readImportSearch({ import: 'imp_1', rows: 'wrong' })).toEqual({ import: 'imp_1', rows: 'wrong' })
    expect(readImportSearch({ import: 'req_1', rows: 'all' })).toEqual({})
  })
})
