// What the addresses of these pages hold. What means nothing there is left out.
import { id, one, some, text } from '../ui/search.ts'

export const userStatuses = ['ENABLED', 'DISABLED'] as const
export const roles = ['ADMIN', 'MEMBER'] as const

export type UserStatus = (typeof userStatuses)[number]
export type Role = (typeof roles)[number]

/** Which of the lists, or how the directory's calls go; what narrows it, and what is open over it. */
export type PeopleSearch = {
  tab?: 'services' | 'directory'
  words?: string
  status?: UserStatus
  role?: Role
  /** The form that adds a person, or a service account. */
  add?: true
  /** The service account that stands first. */
  account?: string
}

export function readPeople(s: Record<string, unknown>): PeopleSearch {
  const add = s['add'] === true || s['add'] === 'true' ? (true as const) : undefined
  if (s['tab'] === 'directory') return { tab: 'directory' }
  if (s['tab'] === 'services') return some<PeopleSearch>({ tab: 'services', add, account: id(s['account'], 'svc') } as PeopleSearch)
  return some<PeopleSearch>({ words: text(s['words']), status: one(s['status'], userStatuses), role: one(s['role'], roles), add } as PeopleSearch)
}

export const acts = ['change', 'role', 'password', 'sessions', 'disable', 'enable', 'manager', 'join', 'separate', 'handOver'] as const

/** What is about to be done to a person. */
export type Act = (typeof acts)[number]

export type PersonSearch = { act?: Act }

export const readPerson = (s: Record<string, unknown>): PersonSearch => some<PersonSearch>({ act: one(s['act'], acts) } as PersonSearch)
