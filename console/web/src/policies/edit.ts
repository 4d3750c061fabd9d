import type { Approvers, Escalation, Guardrail, Policy, Problem, Rules, SetInput, Step, What, Who } from './operations.ts'

const fresh = 'new-'
const freshID = () => fresh + crypto.randomUUID()
const idOf = (id: string) => (id.startsWith(fresh) ? undefined : id)

const nobody: Who = { everyone: false, users: [], groups: [] }
const everything: What = { accounts: [], gateways: [], resources: [], kinds: [], roles: [], tags: [] }

/** A step as a form begins with it. */
export const newStep = (): Step => ({ name: null, need: 1, users: [], groups: [], administrators: true, owners: false, manager: false, remindEvery: null, escalation: null, endAfter: null })

/** An escalation as a form begins with it. */
export const newEscalation = (): Escalation => ({ after: 'PT1H', users: [], groups: [], administrators: true, owners: false, manager: false })

export const newPolicy = (): Policy => ({
  policyId: freshID(), name: '', who: { ...nobody, everyone: true }, what: everything, refuse: null, maxDuration: 'PT8H', maxStartAhead: null, extensions: true,
  minReasonLength: 0, ticketNeeded: false, ticketPattern: null, ticketExample: null, approveInConsole: false, hideApprovers: false, steps: [newStep()],
})

export const newGuardrail = (): Guardrail => ({ guardrailId: freshID(), name: '', except: nobody, what: everything, condition: null, refuse: null, maxDuration: null, approveInConsole: false, signInWithin: null, step: null })

const ids = (of: readonly { subjectId: string }[]) => of.map((s) => s.subjectId)
const whoInput = (w: Who) => ({ everyone: w.everyone, userIds: w.everyone ? [] : ids(w.users), groupIds: w.everyone ? [] : ids(w.groups) })
const whatInput = (w: What) => ({
  accountIds: ids(w.accounts), gatewayIds: ids(w.gateways), resourceIds: ids(w.resources), kinds: [...w.kinds], roles: [...w.roles], tags: w.tags.map(({ key, value }) => ({ key, value })),
})
const approversInput = (a: Approvers) => ({ userIds: ids(a.users), groupIds: ids(a.groups), administrators: a.administrators, owners: a.owners, manager: a.manager })
const stepInput = (s: Step) => ({
  name: s.name, need: s.need, ...approversInput(s), remindEvery: s.remindEvery, endAfter: s.endAfter,
  escalation: s.escalation && { after: s.escalation.after, ...approversInput(s.escalation) },
})

function policyInput(p: Policy): SetInput['policies'][number] {
  const base = { policyId: idOf(p.policyId), name: p.name.trim(), who: whoInput(p.who), what: whatInput(p.what) }
  if (p.refuse !== null) return { ...base, refuse: p.refuse, extensions: true, minReasonLength: 0, ticketNeeded: false, approveInConsole: false, hideApprovers: false, steps: [] }
  return {
    ...base, maxDuration: p.maxDuration, maxStartAhead: p.maxStartAhead, extensions: p.extensions, minReasonLength: p.minReasonLength, ticketNeeded: p.ticketNeeded,
    ticketPattern: p.ticketNeeded ? p.ticketPattern : null, ticketExample: p.ticketNeeded ? p.ticketExample : null,
    approveInConsole: p.approveInConsole, hideApprovers: p.hideApprovers, steps: p.steps.map(stepInput),
  }
}

/** Guardrails and policies as the API takes them. */
export const inputOf = (r: Rules): SetInput => ({
  policies: r.policies.map(policyInput),
  guardrails: r.guardrails.map((g) => ({
    guardrailId: idOf(g.guardrailId), name: g.name.trim(), except: whoInput(g.except), what: whatInput(g.what), condition: g.condition, refuse: g.refuse, maxDuration: g.maxDuration,
    approveInConsole: g.approveInConsole, signInWithin: g.signInWithin, step: g.step ? stepInput(g.step) : null,
  })),
})

/** Whether two sets say the same, whatever IDs new ones got. */
export const same = (a: Rules, b: Rules): boolean => plain(a) === plain(b)
const plain = (r: Rules) => JSON.stringify(inputOf(r), (key, value: unknown) => (key === 'policyId' || key === 'guardrailId' ? undefined : value))

/** The list with one of it a place further up or down; as it was where it can't. The last one stays the last. */
export function moved<T>(list: readonly T[], from: number, by: -1 | 1): readonly T[] {
  const to = from + by
  if (!canMove(list.length, from, by)) return list
  const out = [...list]
  out.splice(to, 0, ...out.splice(from, 1))
  return out
}

export const canMove = (length: number, from: number, by: -1 | 1): boolean => from >= 0 && from < length - 1 && from + by >= 0 && from + by < length - 1

/** The list with another in the place of one of the same ID, or before the last one where it is new; guardrails have no order. */
export function placed<T>(list: readonly T[], one: T, idOf: (of: T) => string, beforeLast: boolean): readonly T[] {
  if (list.some((x) => idOf(x) === idOf(one))) return list.map((x) => (idOf(x) === idOf(one) ? one : x))
  return beforeLast ? [...list.slice(0, -1), one, ...list.slice(-1)] : [...list, one]
}

/** What is said of a part, such as policies.3: the rest of its path and the message. */
export const under = (problems: readonly Problem[], part: string): readonly Problem[] =>
  problems.flatMap((p) => (p.at === part ? [{ ...p, at: '' }] : p.at.startsWith(`${part}.`) ? [{ ...p, at: p.at.slice(part.length + 1) }] : []))

/** The errors at the fields of a form: a problem is at the first field whose path it begins with, else under ''. */
export function atFields(problems: readonly Problem[], fields: readonly string[]): Record<string, string> {
  const out: Record<string, string> = {}
  for (const p of problems.filter((x) => !x.warning)) {
    const field = fields.find((f) => p.at === f || p.at.startsWith(`${f}.`)) ?? ''
    out[field] = out[field] ? `${out[field]} ${p.message}` : p.message
  }
  return out
}
