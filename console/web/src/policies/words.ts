import { seconds, words as length } from '../ui/duration.ts'
import { count, kinds, listed } from '../ui/words.ts'
import type { Approvers, Guardrail, Policy, Step, What, Who } from './operations.ts'

type Subject = { subjectId: string; name: string | null }

const most = 12
const or = (names: readonly string[]) => listed(names, 'or', most)

/** What a subject is called; one that was removed by the end of its ID. */
export const nameOf = (s: Subject): string => s.name ?? `…${s.subjectId.slice(-6)} (removed)`

const people = (w: { users: readonly Subject[]; groups: readonly Subject[] }): string[] => [...w.users.map(nameOf), ...w.groups.map((g) => `the group ${nameOf(g)}`)]

/** "Everyone", "Ada or the group Ops", "Nobody". */
export function whoWords(w: Who): string {
  if (w.everyone) return 'Everyone'
  const names = people(w)
  return names.length === 0 ? 'Nobody' : capital(or(names))
}

/** "Database at Production, with the role reader, tagged env=prod"; "Everything". */
export function whatWords(w: What): string {
  const places = [...w.accounts, ...w.gateways, ...w.resources].map(nameOf)
  const parts = [w.kinds.length > 0 ? or(w.kinds.map((k) => kinds[k] ?? k)) : 'Everything']
  if (places.length > 0) parts[0] += ` at ${or(places)}`
  if (w.roles.length > 0) parts.push(`with the role ${or(w.roles)}`)
  if (w.tags.length > 0) parts.push(`tagged ${listed(w.tags.map((t) => (t.value ? `${t.key}=${t.value}` : t.key)), 'and', most)}`)
  return parts.join(', ')
}

function approverWords(a: Approvers): string {
  const names = people(a)
  if (a.owners) names.push('the owners')
  if (a.manager) names.push('their manager')
  if (a.administrators) names.push('the administrators')
  return names.length === 0 ? 'nobody yet' : or(names)
}

/** "Review: 2 of Ada, the group Ops or the administrators; reminded every 30 minutes". */
export function stepWords(s: Step): string {
  const out = [`${s.name ? `${s.name}: ` : ''}${s.need === 1 ? 'one' : s.need} of ${approverWords(s)}`]
  if (s.remindEvery !== null) out.push(`reminded every ${length(seconds(s.remindEvery))}`)
  if (s.escalation) out.push(`after ${length(seconds(s.escalation.after))} also ${approverWords(s.escalation)}`)
  if (s.endAfter !== null) out.push(`over after ${length(seconds(s.endAfter))}`)
  return out.join('; ')
}

/** What a policy requires beside approvals, a sentence each. */
export function limitWords(p: Policy): string[] {
  if (p.refuse !== null) return [`Refused: ${p.refuse}`]
  const out: string[] = []
  if (p.maxDuration !== null) out.push(`At most ${length(seconds(p.maxDuration))}`)
  if (!p.extensions) out.push('No extensions')
  if (p.maxStartAhead !== null) out.push(`Starts at most ${length(seconds(p.maxStartAhead))} ahead`)
  if (p.minReasonLength > 0) out.push(`A reason of at least ${count(p.minReasonLength, 'character')}`)
  if (p.ticketNeeded) out.push(p.ticketExample ? `A ticket such as ${p.ticketExample}` : 'A ticket')
  if (p.approveInConsole) out.push('Approved in the console alone')
  if (p.hideApprovers) out.push('Requesters don’t see who is asked')
  return out
}

/** What a guardrail does, a sentence each. */
export function guardWords(g: Guardrail): string[] {
  const out: string[] = []
  if (g.refuse !== null) out.push(`Refused: ${g.refuse}`)
  if (g.maxDuration !== null) out.push(`At most ${length(seconds(g.maxDuration))}`)
  if (g.signInWithin !== null) out.push(`Approved in the console alone, within ${length(seconds(g.signInWithin))} of a sign-in`)
  else if (g.approveInConsole) out.push('Approved in the console alone')
  if (g.step) out.push(`Approved besides by ${stepWords(g.step)}`)
  return out
}

/** The text with a capital first letter. */
export const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1)
