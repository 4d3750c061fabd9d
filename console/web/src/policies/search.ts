import { one, some } from '../ui/search.ts'

/** What the address of the page holds. */
export type PoliciesSearch = {
  tab?: 'versions'
  /** The version that is shown. */
  version?: number
  /** With which it is compared, where that is not the one before; 0: what held before anybody changed any. */
  with?: number
}

const whole = (v: unknown, least: number): number | undefined => {
  const n = typeof v === 'string' && v !== '' ? Number(v) : v
  return typeof n === 'number' && Number.isInteger(n) && n >= least && n < 2 ** 31 ? n : undefined
}

export function readPoliciesSearch(s: Record<string, unknown>): PoliciesSearch {
  if (one(s['tab'], ['versions']) === undefined) return {}
  const version = whole(s['version'], 1)
  const other = version === undefined ? undefined : whole(s['with'], 0)
  return some<PoliciesSearch>({ tab: 'versions', version, with: other === version || other === (version ?? 0) - 1 ? undefined : other })
}
