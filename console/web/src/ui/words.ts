// One word for one thing, the same as in Slack and in the API's statuses.

import type { graphql } from '../api/graphql.ts'

/** What can happen to a request. */
export type EventType = ReturnType<typeof graphql.scalar<'RequestEventType'>>

export type Tone = 'good' | 'wait' | 'bad' | 'over'

export type Status = 'PENDING' | 'APPROVED' | 'ACTIVE' | 'EXPIRED' | 'CLOSED' | 'REVOKED' | 'DENIED' | 'CANCELED' | 'TIMED_OUT' | 'FAILED'

export const statuses: Record<Status, { word: string; tone: Tone; text: string }> = {
  PENDING: { word: 'Pending', tone: 'wait', text: 'Waits for a decision.' },
  APPROVED: { word: 'Approved', tone: 'good', text: 'Approved, and not yet in force.' },
  ACTIVE: { word: 'Active', tone: 'good', text: 'In force.' },
  EXPIRED: { word: 'Expired', tone: 'over', text: 'Was in force, and ran out.' },
  CLOSED: { word: 'Closed', tone: 'over', text: 'Closed by the requester before its end.' },
  REVOKED: { word: 'Revoked', tone: 'bad', text: 'Ended by an administrator or approver before its time.' },
  DENIED: { word: 'Denied', tone: 'bad', text: 'An approver decided against it.' },
  CANCELED: { word: 'Canceled', tone: 'over', text: 'Canceled by the requester, or ended because something that it rests on is gone.' },
  TIMED_OUT: { word: 'Timed out', tone: 'over', text: 'Nobody decided in time.' },
  FAILED: { word: 'Failed', tone: 'bad', text: 'The access could not be set up.' },
}

/** Where a notification stands. */
export const deliveryStates = {
  PENDING: { word: 'Waiting', tone: 'wait' },
  DELIVERED: { word: 'Delivered', tone: 'good' },
  DEAD: { word: 'Given up', tone: 'bad' },
  SUPERSEDED: { word: 'Replaced', tone: 'over' },
} as const satisfies Record<string, { word: string; tone: Tone }>

/** What a step of the time line was; where who is true the sentence goes on from a name. */
export function step(type: string): { words: string; who: boolean } {
  const by: Record<string, string> = {
    CREATED: 'asked for access',
    UPDATED: 'changed the request',
    REVIEWED: 'approved their part of the request',
    APPROVED: 'approved the request',
    DENIED: 'denied the request',
    CANCELED: 'canceled the request',
    CLOSED: 'closed the access',
    REVOKED: 'revoked the access',
    EXTENSION_REQUESTED: 'asked for an extension',
    EXTENDED: 'approved the extension',
    EXTENSION_DENIED: 'denied the extension',
  }
  const alone: Record<string, string> = {
    TIMED_OUT: 'The request timed out: nobody decided',
    ACTIVATED: 'The access came into force',
    POLICY_CHANGED: 'The policies changed, and so did who decides',
    REMINDED: 'Reminded those who can decide',
    ESCALATED: 'Waited so long that more people can decide',
    EXPIRED: 'The access expired',
    FAILED: 'The access could not be set up',
  }
  const words = by[type]
  return words ? { words, who: true } : { words: alone[type] ?? type, who: false }
}

export const events: Record<string, string> = {
  CREATED: 'Requested',
  UPDATED: 'Changed',
  REVIEWED: 'Reviewed',
  APPROVED: 'Approved',
  DENIED: 'Denied',
  CANCELED: 'Canceled',
  TIMED_OUT: 'Timed out',
  ACTIVATED: 'In force',
  POLICY_CHANGED: 'Policy changed',
  REMINDED: 'Reminded',
  ESCALATED: 'Escalated',
  EXTENSION_REQUESTED: 'Extension requested',
  EXTENDED: 'Extended',
  EXTENSION_DENIED: 'Extension denied',
  EXPIRED: 'Expired',
  CLOSED: 'Closed',
  REVOKED: 'Revoked',
  FAILED: 'Failed',
} satisfies Record<EventType, string>

/** All of them, in the order in which they are offered. */
export const eventTypes = Object.keys(events) as EventType[]

export const kinds: Record<string, string> = {
  CLOUD_ROLE: 'Cloud role',
  DATABASE: 'Database',
  KUBERNETES_CLUSTER: 'Kubernetes cluster',
  KAFKA_CLUSTER: 'Kafka cluster',
  APPLICATION: 'Application',
  PRIVATE_SERVER: 'Private server (SSH)',
  WINDOWS_SERVER: 'Windows server (RDP)',
}

export const via: Record<string, string> = { api: 'over the API', slack: 'from Slack', cli: 'from the command line' }

/** "Ada", "Ada and Bo", "Ada, Bo and Cy"; more than most are counted. */
export function listed(names: readonly string[], last: 'and' | 'or' = 'and', most = 5): string {
  const shown = names.length > most ? [...names.slice(0, most - 1), `${names.length - most + 1} more`] : [...names]
  if (shown.length < 2) return shown[0] ?? ''
  return `${shown.slice(0, -1).join(', ')} ${last} ${shown[shown.length - 1]}`
}

/** Why linked channels hear nothing: "Ops and Audit are broken, and Old is disabled"; "" of none. */
export function silence(routes: readonly { integrationName: string; integrationStatus: 'ENABLED' | 'DISABLED' | 'BROKEN' }[]): string {
  const said = (['BROKEN', 'DISABLED'] as const).flatMap((status) => {
    const names = routes.filter((r) => r.integrationStatus === status).map((r) => r.integrationName)
    return names.length === 0 ? [] : [`${listed(names)} ${names.length === 1 ? 'is' : 'are'} ${status.toLowerCase()}`]
  })
  return said.join(', and ')
}

/** "1,234,567". Intl would take 30 ms of a slow processor to be made ready. */
export const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ',')

export const count = (n: number, noun: string): string => `${grouped(n)} ${noun}${n === 1 ? '' : 's'}`

/** Whose doing something was. */
export const byWhom = (by: { actorId: string; name: string | null }): string => by.name ?? ({ operator: 'the command line', system: 'Procyon' }[by.actorId] ?? by.actorId)
