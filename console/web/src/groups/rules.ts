import { fieldErrors, type UserError } from '../api/trouble.ts'
import type { Source } from './search.ts'

/** Who keeps a group, in a word or two. */
export const sourceWords: Record<Source, string> = { LOCAL: 'Kept here', OIDC: 'From sign-ins', SCIM: 'From the directory' }

/** Who keeps a group and its members, and where that is changed. */
export const keeping: Record<Source, string> = {
  LOCAL: 'Administrators keep this group here: they put people into it, and take them out.',
  OIDC: 'Sign-ins keep this group: who is in it is what the identity provider says when they sign in, and counts for a day. Change it there.',
  SCIM: 'The directory keeps this group, its name and who is in it. Change it there.',
}

/** Why a group's members, or its name, can't be changed here; null where they can. */
export function offBecause(source: Source, what: 'members' | 'name'): string | null {
  if (source === 'SCIM') return `The directory keeps ${what === 'name' ? 'the name' : 'who is in it'}.`
  if (source === 'OIDC' && what === 'members') return 'Sign-ins keep who is in it.'
  return null
}

const longestName = 256

/** What is wrong with a group's name; null where nothing is. */
export function checkGroupName(name: string): string | null {
  const length = [...name.trim()].length
  if (length === 0) return 'Give a name, such as Database owners.'
  if (length > longestName) return `A name has at most ${longestName} characters; this one has ${length}.`
  return null
}

export const groupErrors = (errors: readonly UserError[]): Record<string, string> => fieldErrors(errors, (path) => ({ name: 'name', addUserIds: 'people' })[path[0] ?? ''])
