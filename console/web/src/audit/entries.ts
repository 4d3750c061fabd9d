import { ask } from '../api/ask.ts'
import { graphql, type FragmentOf } from '../api/graphql.ts'
import { noAnswer, type Trouble } from '../api/trouble.ts'
import type { Page, Part, Place } from '../ui/endless.ts'
import { events, via } from '../ui/words.ts'
import { journalFilter, kinds, type AuditSearch, type Kind } from './search.ts'

const EntryRow = graphql(`
  fragment EntryRow on JournalEntry {
    seq
    at
    type
    subjectId
    subjectKind
    subjectName
    actor { kind name via actingService }
  }
`)

export type EntryRow = FragmentOf<typeof EntryRow> & { id: string }

const ReadJournal = graphql(
  `
    query ReadJournal($filter: JournalFilter!, $first: Int, $after: String, $last: Int, $before: String) {
      journal(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
        edges { cursor node { ...EntryRow } }
        pageInfo { startCursor endCursor hasNextPage hasPreviousPage }
        totalCount
      }
    }
  `,
  [EntryRow],
)

/**
 * A page of what an address names, the newest first: the journal itself has the oldest first.
 * How many there are in all is told where the server knows it without counting.
 */
export async function readEntries(search: AuditSearch, part: Part, place: Place): Promise<(Page<EntryRow> & { total: number | null }) | Trouble> {
  const turned = 'first' in place ? { last: place.first, before: place.after } : { first: place.last, after: place.before }
  const { data, error } = await ask(ReadJournal, { filter: journalFilter(search, part), ...turned })
  const list = data?.journal
  if (!list) return noAnswer(error)
  const { startCursor, endCursor, hasNextPage, hasPreviousPage } = list.pageInfo
  return {
    edges: list.edges.map((e) => ({ cursor: e.cursor, node: { ...e.node, id: String(e.node.seq) } })).reverse(),
    startCursor: endCursor,
    endCursor: startCursor,
    hasNextPage: hasPreviousPage,
    hasPreviousPage: hasNextPage,
    total: list.totalCount,
  }
}

const ReadEntry = graphql(
  `
    query ReadEntry($seq: Int!) {
      journalEntry(seq: $seq) { ...EntryRow cursor version data hash prevHash before after }
    }
  `,
  [EntryRow],
)

/** An entry with what changed by it; null where there is none. */
export async function readEntry(seq: number) {
  const { data, error } = await ask(ReadEntry, { seq })
  if (!data || error) return noAnswer(error)
  return data.journalEntry && { ...data.journalEntry, id: String(seq) }
}

export type EntryDetail = Exclude<Awaited<ReturnType<typeof readEntry>>, Trouble | null>

/** What somebody did, before what they did it to: "changed", "set the password of". */
const verbs: Record<string, string> = {
  CREATED: 'added', UPDATED: 'changed', DELETED: 'deleted', ACCEPTED: 'accepted', INSTALLED: 'installed', UNINSTALLED: 'uninstalled',
  LINKED: 'linked', UNLINKED: 'unlinked', LINK_REQUESTED: 'asked to link', LINK_AGREED: 'agreed to link', PASSWORD_SET: 'set the password of',
  SESSIONS_ENDED: 'ended sessions of', TOKEN_ISSUED: 'made a token of', TOKEN_REVOKED: 'revoked a token of', CONSUMER_RESET: 'reset a consumer of', CONSUMER_DELETED: 'deleted a consumer of',
}

/** The same of access requests, where the word for the type is no such verb. */
const requestVerbs: Record<string, string> = {
  ACTIVATED: 'put in force', POLICY_CHANGED: 'looked anew at who decides', REMINDED: 'reminded who can decide', ESCALATED: 'let more people decide', EXPIRED: 'ended', FAILED: 'could not set up', EXTENSION_REQUESTED: 'asked to extend', EXTENSION_DENIED: 'denied to extend',
}

/** A type in words; of access requests, as everywhere in the console. */
export const typeWords = (type: string): string => events[type] ?? type.charAt(0) + type.slice(1).toLowerCase().replaceAll('_', ' ')

export const verb = (e: Pick<EntryRow, 'type' | 'subjectKind'>): string =>
  (e.subjectKind === 'ACCESS_REQUEST' ? (requestVerbs[e.type] ?? events[e.type]) : e.subjectKind === 'POLICY_SET' ? 'changed' : verbs[e.type])?.toLowerCase() ?? typeWords(e.type).toLowerCase()

/** Who did it: a person or a service by name, or what works without one. */
export const whoOf = (e: Pick<EntryRow, 'actor'>): string => (e.actor.kind !== 'SYSTEM' ? e.actor.name : e.actor.via === 'cli' ? 'The command line' : 'Procyon')

/** What it is of, by name; there is one set of policies, which needs none. */
export const nameOf = (e: EntryRow): string => e.subjectName ?? (e.subjectKind === 'POLICY_SET' ? 'the policies' : `…${e.subjectId.slice(-8)}`)
export const kindOf = (e: EntryRow): string => kinds[e.subjectKind]

/** "from Slack", "by notifier": through what somebody did it; "" where that goes without saying. */
export function through(e: Pick<EntryRow, 'actor'>): string {
  if (e.actor.kind === 'SYSTEM') return ''
  const way = via[e.actor.via ?? ''] ?? ''
  return e.actor.actingService && e.actor.via !== 'slack' ? `${way} by ${e.actor.actingService}`.trim() : way
}

/** The types that can be chosen, of one kind of objects where that is chosen. */
export const typesOf = (kind: Kind | undefined): string[] => (kind === 'ACCESS_REQUEST' ? Object.keys(events) : [...new Set([...(kind ? [] : Object.keys(events)), ...Object.keys(verbs)])])

export type Difference = { field: string; before: string; after: string }

const shown = (v: unknown): string => (v === undefined ? '' : typeof v === 'string' ? v : JSON.stringify(v, null, 1))

/** The fields of two states that differ, those of objects in them by their path. */
export function differences(before: unknown, after: unknown, path = ''): Difference[] {
  const plain = (v: unknown): v is Record<string, unknown> => typeof v === 'object' && v !== null && !Array.isArray(v)
  if (plain(before ?? {}) && plain(after ?? {}) && (plain(before) || plain(after))) {
    const [b, a] = [(before ?? {}) as Record<string, unknown>, (after ?? {}) as Record<string, unknown>]
    return [...new Set([...Object.keys(b), ...Object.keys(a)])].flatMap((k) => differences(b[k], a[k], path ? `${path}.${k}` : k))
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ field: path, before: shown(before), after: shown(after) }]
}
