import { fieldErrors, type UserError } from '../api/trouble.ts'
import { count, listed, statuses } from '../ui/words.ts'
import type { Holder, Item } from './operations.ts'

export const providers: Record<string, string> = {
  AWS: 'Amazon Web Services',
  GCP: 'Google Cloud',
  AZURE: 'Microsoft Azure',
  SNOWFLAKE: 'Snowflake',
  OCI: 'Oracle Cloud',
  ALIBABA: 'Alibaba Cloud',
  OTHER: 'Another one',
}

const fields = ['name', 'kind', 'provider', 'externalId', 'accountId', 'gatewayId', 'roles']

/** What the server finds wrong with a form of the catalog, at its fields. */
export const itemErrors = (errors: readonly UserError[]): Record<string, string> => fieldErrors(errors, fields)

/** Servers may stand alone. */
export const standsAlone = (kind: string): boolean => kind === 'PRIVATE_SERVER' || kind === 'WINDOWS_SERVER'

/** What of a request concerns an item of the catalog: "orders-db reader". */
export function rolesIn(h: Holder, item: Item): string {
  const mine = h.items.filter((i) => (item.__typename === 'Resource' ? i.resourceId : item.__typename === 'Account' ? i.accountId : i.gatewayId) === item.id)
  return listed(mine.map((i) => (item.__typename === 'Resource' ? (i.role ?? 'access') : i.role ? `${i.resourceName} ${i.role}` : i.resourceName)), 'and', 4)
}

/** What ends with a resource, or roles of it, by number and name; "" where nothing does. */
export function endsWith(holders: readonly Holder[], more: boolean): string {
  if (holders.length === 0) return ''
  const running = holders.filter((h) => h.status === 'ACTIVE')
  const open = holders.filter((h) => h.status !== 'ACTIVE')
  const named = (some: readonly Holder[]) => listed([...new Set(some.map((h) => h.requester.name))], 'and', 4)
  const parts = [
    ...(running.length > 0 ? [`${count(running.length, 'access').replace(/accesss$/, 'accesses')} (${named(running)})`] : []),
    ...(open.length > 0 ? [`${count(open.length, 'open request')} (${named(open)})`] : []),
  ]
  return `${more ? 'At least ' : ''}${listed(parts)}`
}

/** Where a request stands, in a word. */
export const wordOf = (h: Holder): string => statuses[h.status].word
