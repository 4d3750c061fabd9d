import { now } from '../api/clock.ts'
import { seconds, short, words } from '../ui/duration.ts'
import { clock } from '../ui/now.ts'
import type { RequestDetail, RequestRow } from './fragments.ts'

/** What a decision is about: the request itself, or the extension that waits on it. */
export type Subject = 'REQUEST' | 'EXTENSION'

type Labelled = { resourceName: string; role: string | null }

export const itemLabel = (i: Labelled): string => (i.role ? `${i.resourceName} ${i.role}` : i.resourceName)

/** "orders-db reader", "orders-db reader and 2 more". */
export function what(items: readonly Labelled[]): string {
  const first = items[0]
  if (!first) return 'nothing'
  return items.length === 1 ? itemLabel(first) : `${itemLabel(first)} and ${items.length - 1} more`
}

export const subjectOf = (r: Pick<RequestRow, 'status' | 'extension'>): Subject | null =>
  r.status === 'PENDING' ? 'REQUEST' : r.status === 'ACTIVE' && r.extension ? 'EXTENSION' : null

/** "2 h", or "8 h, granted 2 h" where they differ. */
export function length(r: Pick<RequestRow, 'requestedDuration' | 'grantedDuration'>): string {
  const asked = short(seconds(r.requestedDuration))
  return r.grantedDuration && r.grantedDuration !== r.requestedDuration ? `${asked}, granted ${short(seconds(r.grantedDuration))}` : asked
}

/** What somebody asks for now, for how long and why: of an extension that waits, its own. */
export function asks(r: Pick<RequestRow, 'status' | 'extension' | 'requestedDuration' | 'grantedDuration' | 'reason'>): { length: string; reason: string } {
  if (subjectOf(r) === 'EXTENSION' && r.extension) return { length: `${short(seconds(r.extension.duration))} longer`, reason: r.extension.reason }
  return { length: length(r), reason: r.reason }
}

/** When the access would end if it were approved now, for so many seconds. */
function endIfApproved(r: RequestDetail, subject: Subject, length: number, at = now()): number {
  if (subject === 'EXTENSION' && r.extension && r.grant) return Date.parse(r.grant.expiresAt) + length * 1000
  const start = r.startsAt ? Math.max(at, Date.parse(r.startsAt)) : at
  return start + length * 1000
}

/** The sentence above the buttons: who gets what, for how long, until when. */
export function proposal(r: RequestDetail, subject: Subject, length: number, at = now()): string {
  const end = clock(endIfApproved(r, subject, length, at), at)
  if (subject === 'EXTENSION') return `${r.requester.name} keeps this for ${words(length)} longer, until ${end}.`
  // What begins with the approval ends a little later than it would now.
  if (!r.startsAt || Date.parse(r.startsAt) <= at) return `${r.requester.name} gets this for ${words(length)}, until about ${end}.`
  return `${r.requester.name} gets this from ${clock(Date.parse(r.startsAt), at)} for ${words(length)}, until ${end}.`
}

/** The same where it is denied. */
export function refusal(r: RequestDetail, subject: Subject, at = now()): string {
  if (subject === 'EXTENSION' && r.grant) return `${r.requester.name} keeps this until ${clock(Date.parse(r.grant.expiresAt), at)}, and no longer.`
  return `${r.requester.name} does not get this.`
}

type Difference = { label: string; was: string; is: string }

const itemLine = (i: RequestDetail['items'][number]) => [itemLabel(i), i.accountName ?? i.gatewayName].filter(Boolean).join(' · ')

/** What of the terms is another than what was seen; old and new beside each other. */
export function differences(seen: RequestDetail, is: RequestDetail): Difference[] {
  const row = (label: string, f: (r: RequestDetail) => string): Difference[] => (f(seen) === f(is) ? [] : [{ label, was: f(seen) || 'none', is: f(is) || 'none' }])
  return [
    ...row('Items', (r) => r.items.map(itemLine).join('\n')),
    ...row('Duration', (r) => short(seconds(r.requestedDuration))),
    ...row('Start', (r) => (r.startsAt ? clock(Date.parse(r.startsAt), now()) : 'as soon as it is approved')),
    ...row('Reason', (r) => r.reason),
    ...row('Ticket', (r) => r.ticket ?? ''),
    ...row('Extension', (r) => (r.extension ? `${short(seconds(r.extension.duration))} longer: ${r.extension.reason}` : '')),
  ]
}
