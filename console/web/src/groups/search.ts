// What the addresses of these pages hold. What means nothing there is left out.
import { one, some, text } from '../ui/search.ts'

export const sources = ['LOCAL', 'OIDC', 'SCIM'] as const

export type Source = (typeof sources)[number]

/** What narrows the list, and the form that is open over it. */
export type GroupsSearch = { words?: string; source?: Source; add?: true }

export function readGroups(s: Record<string, unknown>): GroupsSearch {
  return some<GroupsSearch>({ words: text(s['words']), source: one(s['source'], sources), add: s['add'] === true || s['add'] === 'true' ? (true as const) : undefined } as GroupsSearch)
}

export const acts = ['rename', 'add', 'delete'] as const

/** What is about to be done to a group. */
export type Act = (typeof acts)[number]

export type GroupSearch = { words?: string; act?: Act }

export const readGroup = (s: Record<string, unknown>): GroupSearch => some<GroupSearch>({ words: text(s['words']), act: one(s['act'], acts) } as GroupSearch)
