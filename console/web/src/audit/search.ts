import type { graphql } from '../api/graphql.ts'
import { dayOf, dayStart, pad } from '../ui/zone.ts'
import { day, id, one, some, text } from '../ui/search.ts'

export type Kind = ReturnType<typeof graphql.scalar<'SubjectKind'>>

export const kinds = {
  ACCESS_REQUEST: 'Access request',
  ACCOUNT: 'Account',
  GATEWAY: 'Gateway',
  RESOURCE: 'Resource',
  INTEGRATION: 'Integration',
  USER: 'Person',
  GROUP: 'Group',
  SERVICE_ACCOUNT: 'Service account',
  POLICY_SET: 'Policies',
  SLACK_WORKSPACE: 'Slack workspace',
  CATALOG_IMPORT: 'Catalog import',
  SLACK_LINK: 'Link to Slack',
} satisfies Record<Kind, string>

/** What narrows the journal; days are of the viewer's zone. */
export type AuditFilter = {
  words?: string
  /** A person, a service, `system` or `operator`. */
  who?: string
  /** An object, by its ID. */
  object?: string
  kind?: Kind
  type?: string
  from?: string
  to?: string
}

/** What the address of the page holds. */
export type AuditSearch = AuditFilter & {
  /** The day to which the list was taken: what is newer lies above. */
  at?: string
  /** The place of the entry that is shown. */
  entry?: number
}

/** Reads an address, and leaves out what means nothing. */
export function readAudit(s: Record<string, unknown>): AuditSearch {
  const [from, to] = [day(s['from']), day(s['to'])]
  const turned = from !== undefined && to !== undefined && from > to
  const entry = Number(s['entry'])
  const type = text(s['type'], 40)
  return some({
    words: text(s['words'], 200),
    who: one(s['who'], ['system', 'operator']) ?? id(s['who'], 'usr', 'svc'),
    object: id(s['object']),
    kind: one(s['kind'], Object.keys(kinds) as Kind[]),
    type: type && /^[A-Z_]+$/.test(type) ? type : undefined,
    from: turned ? to : from,
    to: turned ? from : to,
    at: day(s['at']),
    entry: Number.isSafeInteger(entry) && entry > 0 ? entry : undefined,
  }) as AuditSearch
}

export const without: Record<'who' | 'object' | 'kind' | 'type' | 'time', Partial<Record<keyof AuditFilter, undefined>>> = {
  who: { who: undefined },
  object: { object: undefined },
  kind: { kind: undefined },
  type: { type: undefined },
  time: { from: undefined, to: undefined },
}

const parts = ['words', 'who', 'object', 'kind', 'type', 'from', 'to'] as const

export const isFiltered = (s: AuditSearch): boolean => parts.some((p) => s[p] !== undefined)

/** Another filter: what was open, and the day it was taken to, were of the one before. */
export const narrowed = (s: AuditSearch, change: { [K in keyof AuditFilter]?: AuditFilter[K] | undefined }): AuditSearch => some({ ...s, ...change, entry: undefined }) as AuditSearch

/** The same place without what narrows it. */
export const cleared = (s: AuditSearch): AuditSearch => narrowed(s, Object.fromEntries(parts.map((p) => [p, undefined])))

/** Approvals of the calendar month before this one, in the viewer's zone. */
export function approvedLastMonth(now: number): AuditSearch {
  const [year, month] = dayOf(now).split('-').map(Number) as [number, number]
  const last = new Date(Date.UTC(year, month - 1, 0)) // the day before this month's first
  const its = `${last.getUTCFullYear()}-${pad(last.getUTCMonth() + 1)}`
  return { kind: 'ACCESS_REQUEST', type: 'APPROVED', from: `${its}-01`, to: `${its}-${pad(last.getUTCDate())}` }
}

/** What the API is asked for: of a list that was taken to a day, what is until its end, or since. */
export function journalFilter(s: AuditSearch, part: 'newer' | 'older' = 'older') {
  let from = s.from === undefined ? undefined : dayStart(s.from)
  let to = s.to === undefined ? undefined : dayStart(s.to, 1)
  if (s.at !== undefined) {
    const at = dayStart(s.at, 1)
    if (part === 'older') to = to && to < at ? to : at
    else from = from && from > at ? from : at
  }
  return some<{ words?: string; actorId?: string; subjectId?: string; kinds?: Kind[]; types?: string[]; at?: { from?: string; to?: string } }>({
    words: s.words,
    actorId: s.who,
    subjectId: s.object,
    kinds: s.kind && [s.kind],
    types: s.type === undefined ? undefined : [s.type],
    at: from || to ? some<{ from?: string; to?: string }>({ from: from?.toISOString(), to: to?.toISOString() }) : undefined,
  })
}

/** The address of an export of what the list shows, whichever day it was taken to. */
export function exportAddress(s: AuditSearch, format: string): string {
  const f = journalFilter({ ...s, at: undefined } as unknown as AuditSearch)
  const q = new URLSearchParams({ format })
  const add = (name: string, value: string | undefined) => value !== undefined && q.set(name, value)
  add('words', f.words)
  add('actorId', f.actorId)
  add('subjectId', f.subjectId)
  add('kinds', f.kinds?.[0])
  add('types', f.types?.[0])
  add('from', f.at?.from)
  add('to', f.at?.to)
  return `/export/journal?${q}`
}
