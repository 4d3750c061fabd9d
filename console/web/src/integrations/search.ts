import { id, one, some, text } from '../ui/search.ts'
import { eventTypes, type EventType } from '../ui/words.ts'

// What the addresses of these pages hold. What means nothing there is left out.

export const statuses = ['ENABLED', 'DISABLED', 'BROKEN'] as const
export type IntegrationStatus = (typeof statuses)[number]

/** Which of the two lists: all kinds that can be added, or those that are. */
export type Tab = {
  tab?: 'active'
  /** The form that is open among all kinds. */
  add?: 'webhook' | 'channel'
  /** What was added just now: it stands first and has the focus. */
  fresh?: string
  words?: string
  status?: IntegrationStatus
}

export const deliveryStatuses = ['PENDING', 'DELIVERED', 'DEAD', 'SUPERSEDED'] as const
export type DeliveryStatus = (typeof deliveryStatuses)[number]

export const spans = { '1h': ['Last hour', 3600], '24h': ['Last 24 hours', 86_400], '7d': ['Last 7 days', 604_800], '30d': ['Last 30 days', 2_592_000] } as const
type Span = keyof typeof spans

/** What narrows the delivery log. */
export type LogFilter = { status?: DeliveryStatus; event?: EventType | 'TEST'; time?: Span }

/** Which part of an integration's page, and what is open there. */
export type Place = LogFilter & {
  part?: 'deliveries' | 'events'
  /** The accounts are being chosen. */
  menu?: 'accounts'
  /** What the routing preview is of: an account or a resource. */
  preview?: string
  /** The delivery that is shown. */
  delivery?: string
}

export function readTab(s: Record<string, unknown>): Tab {
  if (s['tab'] !== 'active') return some<Tab>({ add: one(s['add'], ['webhook', 'channel']) } as Tab)
  return some<Tab>({ tab: 'active', fresh: id(s['fresh'], 'int'), words: text(s['words']), status: one(s['status'], statuses) } as Tab)
}

export function readPlace(s: Record<string, unknown>): Place {
  const part = one(s['part'], ['deliveries', 'events'])
  if (part === 'events') return { part }
  if (part === 'deliveries') {
    return some<Place>({
      part,
      status: one(s['status'], deliveryStatuses),
      event: one(s['event'], [...eventTypes, 'TEST']),
      time: one(s['time'], Object.keys(spans) as Span[]),
      delivery: id(s['delivery'], 'dlv'),
    } as Place)
  }
  return some<Place>({ menu: one(s['menu'], ['accounts']), preview: id(s['preview'], 'acc', 'res') } as Place)
}

export const isFiltered = (s: LogFilter): boolean => s.status !== undefined || s.event !== undefined || s.time !== undefined

/** What the API is asked for: the log of one integration, as it is filtered at a moment. */
export function deliveryFilter(integrationId: string, s: LogFilter, at: number) {
  return {
    integrationId,
    ...(s.status ? { status: [s.status] } : {}),
    ...(s.event === 'TEST' ? { kind: 'TEST' as const } : s.event ? { eventTypes: [s.event] } : {}),
    ...(s.time ? { owedAt: { from: new Date(at - spans[s.time][1] * 1000).toISOString() } } : {}),
  }
}
