import { ask } from '../api/ask.ts'
import { graphql, type FragmentOf, type ResultOf } from '../api/graphql.ts'
import { noAnswer, type Trouble } from '../api/trouble.ts'
import type { Page } from '../ui/endless.ts'
import type { CatalogSearch } from './search.ts'

export const ResourceRow = graphql(`
  fragment ResourceRow on Resource {
    __typename
    id
    name
    kind
    roles
    createdAt
    account { id name }
    gateway { id name }
  }
`)

export const AccountRow = graphql(`
  fragment AccountRow on Account { __typename id name provider externalId createdAt }
`)

export const GatewayRow = graphql(`
  fragment GatewayRow on Gateway { __typename id name createdAt }
`)

/** A resource, an account or a gateway, as the list and what stands beside it show it. */
export type Item = FragmentOf<typeof ResourceRow> | FragmentOf<typeof AccountRow> | FragmentOf<typeof GatewayRow>
export type ResourceItem = Extract<Item, { __typename: 'Resource' }>

const ReadResources = graphql(
  `
    query ReadResources($search: String, $accountId: ID, $gatewayId: ID, $kinds: [ResourceKind!], $first: Int, $after: String, $last: Int, $before: String) {
      list: resources(search: $search, accountId: $accountId, gatewayId: $gatewayId, kinds: $kinds, first: $first, after: $after, last: $last, before: $before) {
        edges { cursor node { ...ResourceRow } }
        pageInfo { startCursor endCursor hasNextPage hasPreviousPage }
        totalCount
      }
    }
  `,
  [ResourceRow],
)

const ReadAccounts = graphql(
  `
    query ReadAccounts($search: String, $first: Int, $after: String, $last: Int, $before: String) {
      list: accounts(search: $search, first: $first, after: $after, last: $last, before: $before) {
        edges { cursor node { ...AccountRow } }
        pageInfo { startCursor endCursor hasNextPage hasPreviousPage }
        totalCount
      }
    }
  `,
  [AccountRow],
)

const ReadGateways = graphql(
  `
    query ReadGateways($search: String, $first: Int, $after: String, $last: Int, $before: String) {
      list: gateways(search: $search, first: $first, after: $after, last: $last, before: $before) {
        edges { cursor node { ...GatewayRow } }
        pageInfo { startCursor endCursor hasNextPage hasPreviousPage }
        totalCount
      }
    }
  `,
  [GatewayRow],
)

type Where = { first: number; after: string | null } | { last: number; before: string | null }
type Kind = NonNullable<ResourceItem['kind']>

/** Reads a page of what an address lists, and how much there is, where that is known. */
export async function readItems(s: CatalogSearch, where: Where): Promise<(Page<Item> & { total: number | null }) | Trouble> {
  const search = s.words ?? null
  const { data, error } =
    s.tab === 'accounts'
      ? await ask(ReadAccounts, { search, ...where })
      : s.tab === 'gateways'
        ? await ask(ReadGateways, { search, ...where })
        : await ask(ReadResources, { search, accountId: s.account ?? null, gatewayId: s.gateway ?? null, kinds: s.kind ? [s.kind as Kind] : null, ...where })
  const list = data?.list
  if (!list) return noAnswer(error)
  return { edges: list.edges as { cursor: string; node: Item }[], ...list.pageInfo, total: list.totalCount }
}

const ReadItem = graphql(
  `
    query ReadItem($id: ID!) {
      node(id: $id) {
        __typename
        ... on Resource { ...ResourceRow }
        ... on Account { ...AccountRow }
        ... on Gateway { ...GatewayRow }
      }
    }
  `,
  [ResourceRow, AccountRow, GatewayRow],
)

/** What has an ID, as it is now; undefined where that can't be told, null where it is gone. */
export async function readItem(id: string): Promise<Item | null | undefined> {
  const { data, error } = await ask(ReadItem, { id })
  if (error || !data) return undefined
  const n = data.node
  return n && (n.__typename === 'Resource' || n.__typename === 'Account' || n.__typename === 'Gateway') ? n : null
}

const ReadHolders = graphql(`
  query ReadHolders($filter: AccessRequestFilter!) {
    accessRequests(filter: $filter, first: 50) {
      nodes {
        id
        status
        requester { userId name }
        items { resourceId resourceName role accountId gatewayId }
        grant { startsAt expiresAt }
      }
      pageInfo { hasNextPage }
    }
  }
`)

export type Holder = NonNullable<ResultOf<typeof ReadHolders>['accessRequests']>['nodes'][number]

/** The open requests that name something: who holds it now, and who may soon. */
export async function readHolders(item: Item): Promise<{ holders: readonly Holder[]; more: boolean } | Trouble> {
  const of = item.__typename === 'Resource' ? { resourceId: item.id } : item.__typename === 'Account' ? { accountId: item.id } : { gatewayId: item.id }
  const { data, error } = await ask(ReadHolders, { filter: { ...of, status: ['ACTIVE', 'APPROVED', 'PENDING'] } })
  const list = data?.accessRequests
  return list ? { holders: list.nodes, more: list.pageInfo.hasNextPage } : noAnswer(error)
}

const FindPlaces = graphql(`
  query FindPlaces($search: String, $accounts: Boolean!) {
    accounts(search: $search, first: 20) @include(if: $accounts) { nodes { id name } }
    gateways(search: $search, first: 20) @skip(if: $accounts) { nodes { id name } }
  }
`)

/** Accounts, or gateways, by a part of the name. */
export async function findPlaces(of: 'account' | 'gateway', search: string): Promise<readonly { id: string; name: string }[]> {
  const { data } = await ask(FindPlaces, { search: search || null, accounts: of === 'account' })
  return (of === 'account' ? data?.accounts?.nodes : data?.gateways?.nodes) ?? []
}

export const CreateResource = graphql(`
  mutation CreateResource($input: CreateResourceInput!) {
    result: createResource(input: $input) { resource { id } userErrors { code field message } }
  }
`)
export const CreateAccount = graphql(`
  mutation CreateAccount($input: CreateAccountInput!) {
    result: createAccount(input: $input) { account { id } userErrors { code field message } }
  }
`)
export const CreateGateway = graphql(`
  mutation CreateGateway($input: CreateGatewayInput!) {
    result: createGateway(input: $input) { gateway { id } userErrors { code field message } }
  }
`)
export const UpdateResource = graphql(`
  mutation UpdateResource($input: UpdateResourceInput!) {
    result: updateResource(input: $input) { resource { id } endedRequests { count } userErrors { code field message } }
  }
`)
export const UpdateAccount = graphql(`
  mutation UpdateAccount($input: UpdateAccountInput!) {
    result: updateAccount(input: $input) { account { id } userErrors { code field message } }
  }
`)
export const UpdateGateway = graphql(`
  mutation UpdateGateway($input: UpdateGatewayInput!) {
    result: updateGateway(input: $input) { gateway { id } userErrors { code field message } }
  }
`)
export const DeleteResource = graphql(`
  mutation DeleteResource($input: DeleteResourceInput!) {
    result: deleteResource(input: $input) { deletedResourceId userErrors { code field message } }
  }
`)
export const DeleteAccount = graphql(`
  mutation DeleteAccount($input: DeleteAccountInput!) {
    result: deleteAccount(input: $input) { deletedAccountId userErrors { code field message } }
  }
`)
export const DeleteGateway = graphql(`
  mutation DeleteGateway($input: DeleteGatewayInput!) {
    result: deleteGateway(input: $input) { deletedGatewayId userErrors { code field message } }
  }
`)

const ReadCreatedItem = graphql(`
  query ReadCreatedItem($kind: CreatedKind!, $key: String!) { created(kind: $kind, idempotencyKey: $key) { __typename id } }
`)

/** The ID of what a call with a key has added; null where it has not, undefined where that can't be told. */
export async function readCreated(kind: 'ACCOUNT' | 'GATEWAY' | 'RESOURCE', key: string): Promise<string | null | undefined> {
  const { data, error } = await ask(ReadCreatedItem, { kind, key })
  return error ? undefined : (data?.created?.id ?? null)
}
