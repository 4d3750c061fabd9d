import { one, some, text } from '../ui/search.ts'

/** What the address of the API's page holds. */
export type Place = {
  tab?: 'schema' | 'errors'
  /** The type that is shown. */
  type?: string
  words?: string
}

export function readPlace(s: Record<string, unknown>): Place {
  const tab = one(s['tab'], ['schema', 'errors'] as const)
  if (tab !== 'schema') return some<Place>({ tab } as Place)
  const type = text(s['type'], 100)
  return some<Place>({ tab, type: type && /^\w+$/.test(type) ? type : undefined, words: text(s['words']) } as Place)
}
