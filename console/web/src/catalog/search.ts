import { id, one, some, text } from '../ui/search.ts'
import { kinds } from '../ui/words.ts'

export const tabs = {
  resources: { label: 'Resources', noun: 'resource' },
  accounts: { label: 'Accounts', noun: 'account' },
  gateways: { label: 'Gateways', noun: 'gateway' },
} as const

export type Tab = keyof typeof tabs

const names = Object.keys(tabs) as Tab[]
export const kindNames = Object.keys(kinds)

/** What is done with what is shown beside the list; only resources have tags. */
export type ItemAct = 'edit' | 'delete' | 'owners' | 'tags'

/** What the address of the catalog holds; resources stand at the plain one. */
export type CatalogSearch = {
  tab?: Exclude<Tab, 'resources'>
  words?: string
  /** Resources alone are narrowed by these. */
  kind?: string
  account?: string
  gateway?: string
  /** What is shown beside the list, and what is done with it or added. */
  open?: string
  act?: 'add' | ItemAct
}

/** Reads an address, and leaves out what means nothing. */
export function readCatalogSearch(s: Record<string, unknown>): CatalogSearch {
  const tab = one(s['tab'], names.slice(1)) as CatalogSearch['tab']
  const open = id(s['open'], 'res', 'acc', 'gw')
  const act = one(s['act'], ['add', 'edit', 'delete', 'owners', 'tags'] as const)
  const account = tab ? undefined : id(s['account'], 'acc')
  return some<CatalogSearch>({
    tab,
    words: text(s['words'], 200),
    kind: tab ? undefined : one(s['kind'], kindNames),
    account,
    gateway: tab || account ? undefined : id(s['gateway'], 'gw'),
    open,
    act: act === 'add' || (open && (act !== 'tags' || open.startsWith('res_'))) ? act : undefined,
  })
}

/** What the address of an import holds: the file that was checked, and which of its rows are shown. */
export type ImportSearch = { import?: string; rows?: 'wrong' | 'changed' | 'refused' }

export function readImportSearch(s: Record<string, unknown>): ImportSearch {
  return some<ImportSearch>({ import: id(s['import'], 'imp'), rows: one(s['rows'], ['wrong', 'changed', 'refused'] as const) })
}
