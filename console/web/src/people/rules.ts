import { fieldErrors, type UserError } from '../api/trouble.ts'
import { what } from '../requests/terms.ts'
import { grouped, listed, type Tone } from '../ui/words.ts'
import type { Role } from './search.ts'

// What forms check before anything is sent, and the sentences of these pages. The server
// judges all of it again.

const longestName = 80

/** What is wrong with a name; null where nothing is. Characters are counted as people count them. */
export function checkName(name: string, example = 'Dev Doe'): string | null {
  const length = [...name.trim()].length
  if (length === 0) return `Give a name, such as ${example}.`
  if (length > longestName) return `A name has at most ${longestName} characters; this one has ${length}.`
  return null
}

export function checkEmail(email: string): string | null {
  const given = email.trim()
  if (given === '') return 'Give the e-mail address.'
  if (!/^[^\s@<>]+@[^\s@<>]+$/.test(given)) return 'This is not an e-mail address. It looks like dev@example.com.'
  return null
}

/** The server's errors at the fields of the forms here; what is of no field is under ''. */
export const formErrors = (errors: readonly UserError[]): Record<string, string> => fieldErrors(errors, ['name', 'email', 'role', 'scopes', 'ttl', 'currentPassword', 'password', 'timeZone'])

export const roleWords: Record<Role, string> = { ADMIN: 'Administrator', MEMBER: 'Member' }

export const personState = (disabled: boolean): { word: string; tone: Tone } => (disabled ? { word: 'Disabled', tone: 'over' } : { word: 'Can sign in', tone: 'good' })

/** "1 access", "2 accesses", "100 or more accesses": the API counts to 100. */
export const counted = (n: number, one: string, many = `${one}s`): string => (n >= 100 ? `100 or more ${many}` : `${grouped(n)} ${n === 1 ? one : many}`)

type Named = { items: readonly { resourceName: string; role: string | null }[]; requester?: { name: string } }

/** "2 accesses (orders-db reader and grafana)"; those that are not named are counted. */
function named(n: number, one: string, many: string, list: readonly Named[]): string {
  const names = list.slice(0, 6).map((r) => what(r.items))
  const rest = n - names.length
  if (names.length === 0) return counted(n, one, many)
  return `${counted(n, one, many)} (${rest > 0 ? `${names.join(', ')} and ${n >= 100 ? 'more' : `${rest} more`}` : listed(names, 'and', 6)})`
}

export type Ends = {
  accessCount: number
  accesses: readonly Named[]
  requestCount: number
  requests: readonly Named[]
  sessionCount: number
  tokenCount: number
  slackLinkCount: number
}

/** What ends with a person who is disabled: "Ends 2 accesses (…), 1 request (…) and 3 sessions." */
export function endsWords(e: Ends): string {
  const parts = [
    e.accessCount > 0 && named(e.accessCount, 'access', 'accesses', e.accesses),
    e.requestCount > 0 && named(e.requestCount, 'request that waits', 'requests that wait', e.requests),
    e.sessionCount > 0 && counted(e.sessionCount, 'session'),
    e.tokenCount > 0 && counted(e.tokenCount, 'token'),
    e.slackLinkCount > 0 && counted(e.slackLinkCount, 'Slack link'),
  ].filter((p) => p !== false)
  return parts.length === 0 ? 'Nothing of theirs is open: no access, request, session, token or Slack link.' : `Ends ${listed(parts)}.`
}

export type Decisions = { count: number; undecidedCount: number; undecided: readonly Named[] }

/** What a person can no longer decide; '' where that is nothing. */
export function decisionsWords(name: string, d: Decisions): string {
  if (d.count === 0) return ''
  const waits = `${name} can no longer decide ${counted(d.count, 'request that waits', 'requests that wait')}`
  if (d.undecidedCount === 0) return `${waits}; others can.`
  const which = d.undecided.slice(0, 6).map((r) => (r.requester ? `${r.requester.name}: ${what(r.items)}` : what(r.items)))
  const rest = d.undecidedCount - which.length
  return `${waits}. Nobody else can decide ${d.undecidedCount === d.count && d.count === 1 ? 'it' : `${grouped(d.undecidedCount)} of them`}: ${rest > 0 ? `${which.join(', ')} and ${rest} more` : listed(which, 'and', 6)}.`
}
