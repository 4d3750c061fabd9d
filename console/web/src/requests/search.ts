import { day, id, moment, some, text } from '../ui/search.ts'
import type { Status } from '../ui/words.ts'
import { dayStart } from '../ui/zone.ts'

export const tabs = {
  pending: { label: 'Pending Requests', statuses: ['PENDING'] },
  approved: { label: 'Approved Requests', statuses: ['APPROVED', 'ACTIVE'] },
  history: { label: 'History', statuses: ['EXPIRED', 'CLOSED', 'REVOKED', 'DENIED', 'CANCELED', 'TIMED_OUT', 'FAILED'] },
} as const satisfies Record<string, { label: string; statuses: readonly Status[] }>

export type Tab = keyof typeof tabs

/** The tab that lists a request of this status. */
export const tabOf = (status: Status): Tab => (Object.keys(tabs) as Tab[]).find((t) => (tabs[t].statuses as readonly Status[]).includes(status)) ?? 'history'

/** What narrows the list; days are of the viewer's zone. */
export type ListFilter = {
  words?: string
  /** The first and the last day, "2026-11-27". */
  from?: string
  to?: string
  /** Asked at this moment or later, and before this one. */
  since?: string
  until?: string
  person?: string
  reviewer?: string
  status?: Status[]
  account?: string
  resource?: string
  ticket?: string
}

/** What the address of the list holds; nothing in it is empty or too long, whatever was typed there. */
export type ListSearch = ListFilter & {
  tab?: 'pending' | 'approved' | 'history'
  /** The day to which the list was taken: what is newer lies above. */
  at?: string
  /** The request that is shown beside the list. */
  open?: string
  act?: 'approve' | 'deny'
}

/** Reads an address, and leaves out what means nothing. */
export function readSearch(s: Record<string, unknown>): ListSearch {
  const tab = s['tab'] === 'approved' || s['tab'] === 'history' ? s['tab'] : undefined
  const within: readonly Status[] = tabs[tab ?? 'pending'].statuses
  const asked = Array.isArray(s['status']) ? s['status'] : [s['status']]
  const status = within.filter((one) => asked.includes(one))
  const [from, to] = [day(s['from']), day(s['to'])]
  const turned = from !== undefined && to !== undefined && from > to
  const open = id(s['open'])
  return some({
    tab,
    words: text(s['words'], 200),
    from: turned ? to : from,
    to: turned ? from : to,
    since: moment(s['since']),
    until: moment(s['until']),
    person: id(s['person']),
    reviewer: id(s['reviewer']),
    status: status.length === 0 || status.length === within.length ? undefined : [...status],
    account: id(s['account']),
    resource: id(s['resource']),
    ticket: text(s['ticket'], 80),
    at: day(s['at']),
    open,
    act: open !== undefined && (s['act'] === 'approve' || s['act'] === 'deny') ? s['act'] : undefined,
  }) as ListSearch
}

const parts = ['words', 'from', 'to', 'since', 'until', 'person', 'reviewer', 'status', 'account', 'resource', 'ticket'] as const

/** Whether anything but the tab narrows the list. */
export const isFiltered = (s: ListSearch): boolean => parts.some((p) => s[p] !== undefined)

/** The same place without what narrows it. */
export const cleared = (s: ListSearch): ListSearch => some({ ...s, ...Object.fromEntries(parts.map((p) => [p, undefined])) }) as ListSearch

/** Another tab: its statuses are others, and so is what is open beside it. */
export const inTab = (s: ListSearch, tab: Tab): ListSearch => some({ ...s, tab: tab === 'pending' ? undefined : tab, status: undefined, at: undefined, open: undefined, act: undefined }) as ListSearch

export type RequestFilter = {
  status: Status[]
  search?: string
  requesterId?: string
  reviewerId?: string
  accountId?: string
  resourceId?: string
  ticket?: string
  createdAt?: { from?: string; to?: string }
}

/**
 * What the API is asked for. A list that was taken to a day has two parts, each a list of
 * its own: what was asked until the end of that day, and what was asked since.
 */
export function requestFilter(s: ListSearch, part: 'newer' | 'older' = 'older'): RequestFilter {
  let from = s.from === undefined ? undefined : dayStart(s.from)
  let to = s.to === undefined ? undefined : dayStart(s.to, 1)
  const after = (d: Date) => (from = from && from > d ? from : d)
  const before = (d: Date) => (to = to && to < d ? to : d)
  if (s.since !== undefined) after(new Date(s.since))
  if (s.until !== undefined) before(new Date(s.until))
  if (s.at !== undefined) {
    if (part === 'older') before(dayStart(s.at, 1))
    else after(dayStart(s.at, 1))
  }
  return some({
    status: s.status ?? [...tabs[s.tab ?? 'pending'].statuses],
    search: s.words,
    requesterId: s.person,
    reviewerId: s.reviewer,
    accountId: s.account,
    resourceId: s.resource,
    ticket: s.ticket,
    createdAt: from || to ? some({ from: from?.toISOString(), to: to?.toISOString() }) : undefined,
  }) as RequestFilter
}
