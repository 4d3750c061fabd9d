import { reasonError } from '../requests/limits.ts'
import type { Item, RequestDetail } from '../requests/fragments.ts'
import { itemLabel } from '../requests/terms.ts'
import type { FieldErrors } from '../api/change.ts'
import { fieldErrors, type UserError } from '../api/trouble.ts'
import { seconds, toISO, words } from '../ui/duration.ts'
import { listed } from '../ui/words.ts'
import { dayOf, local as localAt, momentOf, pad } from '../ui/zone.ts'

/** A resource and a role in the queue, with what it is called. */
export type Wanted = { resourceId: string; role: string | null; resourceName: string; resourceKind: string; place: string | null }

/** What the form holds. Moments are the viewer's clock, "2026-11-28 20:00:00", as the picker has them. */
export type Draft = {
  items: Wanted[]
  duration: string
  start: 'now' | 'then'
  startsAt: string
  reason: string
  ticket: string
  /** Of an edit: the request as it was shown when this was begun. */
  seen: RequestDetail | null
}

export type AskLimits = {
  minDuration: string
  maxDuration: string
  minReasonLength: number
  maxReasonLength: number
  maxTicketLength: number
  maxItems: number
  maxStartAhead: string
  /** What policies want of what is asked for, once that is known. */
  ticketNeeded?: boolean
  ticketExamples?: readonly string[]
}

/** In the order in which they are on the page: the first that is wrong gets the focus. */
export const fields = ['items', 'duration', 'startsAt', 'reason', 'ticket'] as const
export type Field = (typeof fields)[number]

/** The field of one item of the queue, by its place. */
export const atItem = (place: number): string => `items.${place}`

export const same = (a: { resourceId: string; role: string | null }, b: { resourceId: string; role: string | null }): boolean => a.resourceId === b.resourceId && a.role === b.role

/** A moment as the picker has it, in the viewer's zone. */
export function local(ms: number): string {
  const l = localAt(ms)
  return `${dayOf(ms)} ${pad(l.hour)}:${pad(l.minute)}:${pad(l.second)}`
}

/** What the picker has, in milliseconds; NaN where it is empty or no moment. */
export function ofLocal(text: string): number {
  const [, year, month, day, hour, minute, second] = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d)(?::(\d\d))?$/.exec(text)?.map(Number) ?? []
  if (year === undefined) return NaN
  return momentOf({ year, month: month!, day: day!, hour: hour!, minute: minute!, second: second || 0 })
}

export function empty(limits: AskLimits): Draft {
  const most = seconds(limits.maxDuration)
  return { items: [], duration: toISO(Math.min(3600, most)), start: 'now', startsAt: '', reason: '', ticket: '', seen: null }
}

const wanted = (i: Item): Wanted => ({
  resourceId: i.resourceId,
  role: i.role,
  resourceName: i.resourceName,
  resourceKind: i.resourceKind,
  place: i.accountName ?? i.gatewayName,
})

/** A form filled from an earlier request, and what of it can't be asked for any more. */
export function fromEarlier(r: RequestDetail, limits: AskLimits): { draft: Draft; left: { label: string; why: string }[]; shortened: string | null } {
  const most = seconds(limits.maxDuration)
  const asked = seconds(r.requestedDuration)
  const items: readonly Item[] = r.items
  return {
    draft: { ...empty(limits), items: items.filter((i) => !i.unavailable).map(wanted), duration: toISO(Math.min(asked, most)), reason: r.reason, ticket: r.ticket ?? '' },
    left: items.flatMap((i) => (i.unavailable ? [{ label: itemLabel(i), why: i.unavailable }] : [])),
    shortened: asked > most ? `It was for ${words(asked)}; at most ${words(most)} is allowed now.` : null,
  }
}

/** A form that edits a request. Its start stays, also where it has passed. */
export function forEdit(r: RequestDetail, limits: AskLimits): { draft: Draft; left: { label: string; why: string }[]; shortened: string | null } {
  const filled = fromEarlier(r, limits)
  return { ...filled, draft: { ...filled.draft, ...startOf(r), seen: r } }
}

const startOf = (r: RequestDetail): Pick<Draft, 'start' | 'startsAt'> => (r.startsAt ? { start: 'then', startsAt: local(Date.parse(r.startsAt)) } : { start: 'now', startsAt: '' })

/** The draft on top of a newer version: what was typed stays, what was not touched follows. */
export function rebased(draft: Draft, is: RequestDetail, limits: AskLimits): Draft {
  if (!draft.seen) return draft
  const was = forEdit(draft.seen, limits).draft
  const now = forEdit(is, limits).draft
  const touched = (name: keyof Draft) => JSON.stringify(draft[name]) !== JSON.stringify(was[name])
  const start = touched('start') || touched('startsAt') ? draft : now
  return {
    items: touched('items') ? draft.items : now.items,
    duration: touched('duration') ? draft.duration : now.duration,
    start: start.start,
    startsAt: start.startsAt,
    reason: touched('reason') ? draft.reason : now.reason,
    ticket: touched('ticket') ? draft.ticket : now.ticket,
    seen: is,
  }
}

const startMoved = (d: Draft): boolean => d.start === 'then' && !(d.seen?.startsAt && local(Date.parse(d.seen.startsAt)) === d.startsAt)

/** What is wrong with what was typed, by field; the server has the last word. */
export function check(d: Draft, limits: AskLimits, at: number): FieldErrors {
  const out: FieldErrors = {}
  if (d.items.length === 0) out['items'] = 'Choose at least one resource.'
  if (d.items.length > limits.maxItems) out['items'] = `Choose at most ${limits.maxItems} resources; these are ${d.items.length}.`
  if (startMoved(d)) {
    const start = ofLocal(d.startsAt)
    if (Number.isNaN(start)) out['startsAt'] = 'Choose when it should start.'
    else if (start < at - 60_000) out['startsAt'] = 'This moment has passed.'
    else if (start > at + seconds(limits.maxStartAhead) * 1000) out['startsAt'] = `A start can be at most ${words(seconds(limits.maxStartAhead))} ahead.`
  }
  const why = reasonError(d.reason, limits)
  if (why) out['reason'] = why
  if (limits.ticketNeeded && d.ticket.trim() === '') out['ticket'] = `A ticket is needed${suchAs(limits)}.`
  return out
}

/** ", such as OPS-12"; nothing where any ticket will do. */
export const suchAs = (limits: AskLimits): string => (limits.ticketExamples?.length ? `, such as ${listed(limits.ticketExamples, 'and')}` : '')

/** Items as they are sent. */
export const refs = (items: readonly Wanted[]) => items.map((i) => ({ resourceId: i.resourceId, ...(i.role === null ? {} : { role: i.role }) }))

/** What is sent to ask. */
export function createInput(d: Draft, allowDuplicate: boolean) {
  return {
    items: refs(d.items),
    duration: d.duration,
    reason: d.reason.trim(),
    ticket: d.ticket.trim() || null,
    startsAt: d.start === 'then' ? new Date(ofLocal(d.startsAt)).toISOString() : null,
    allowDuplicate,
  }
}

/** What is sent to change a request: all but a start that stays, for the version that was shown. */
export function updateInput(d: Draft & { seen: RequestDetail }, allowDuplicate: boolean) {
  return {
    requestId: d.seen.id,
    expectedVersion: d.seen.version,
    items: refs(d.items),
    duration: d.duration,
    reason: d.reason.trim(),
    ticket: d.ticket.trim(), // empty clears it; left out it would stay
    ...(startMoved(d) ? { startsAt: new Date(ofLocal(d.startsAt)).toISOString() } : {}),
    allowDuplicate,
  }
}

/** The server's errors at the fields of this form; those of an item by its place in the queue. */
export const wrongOf = (errors: readonly UserError[]): FieldErrors =>
  fieldErrors(errors, ([name, place]) => (name === 'items' && place !== undefined ? atItem(Number(place)) : fields.find((f) => f === name)))
