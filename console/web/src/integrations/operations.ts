import { client } from '../api/client.ts'
import { graphql, type FragmentOf } from '../api/graphql.ts'

export const DeliveryDetail = graphql(`
  fragment DeliveryDetail on Delivery {
    id
    kind
    eventType
    requestId
    integrationId
    integrationName
    status
    attempts { at outcome statusCode error tookMs }
    attemptCount
    nextAttemptAt
    createdAt
    owedAt
    deliveredAt
    route { otherItemCount items { resourceName role } }
  }
`)

export type DeliveryDetail = FragmentOf<typeof DeliveryDetail>

/** An integration as the list shows it. */
export const IntegrationRow = graphql(`
  fragment IntegrationRow on Integration {
    id
    name
    kind
    status
    mend
    accounts { id name }
    gateways
    privateServers
    deadCount
    lastDelivery { id owedAt deliveredAt }
  }
`)

export type IntegrationRow = FragmentOf<typeof IntegrationRow>

/** An integration as its own page shows it. */
export const IntegrationDetail = graphql(`
  fragment IntegrationDetail on Integration {
    id
    name
    kind
    status
    brokenReason
    mend
    webhookUrlMasked
    slackChannel { channelId listed { id name private } workspace { id name domain slackId } }
    events
    accounts { id name provider externalId }
    gateways
    privateServers
    createdAt
    pendingCount
    deadCount
  }
`)

export type IntegrationDetail = FragmentOf<typeof IntegrationDetail>

export const ReadIntegration = graphql(
  `
    query ReadIntegration($id: ID!) {
      node(id: $id) {
        __typename
        id
        ... on Integration { ...IntegrationDetail }
      }
    }
  `,
  [IntegrationDetail],
)

/** The integration as it is now; undefined where that can't be told, null where it is gone. */
export async function readIntegration(id: string): Promise<IntegrationDetail | null | undefined> {
  const { data, error } = await client.query(ReadIntegration, { id }, { requestPolicy: 'network-only' }).toPromise()
  if (error || !data) return undefined
  return data.node?.__typename === 'Integration' ? data.node : null
}

export const CreateIntegration = graphql(`
  mutation CreateIntegration($input: CreateIntegrationInput!) {
    result: createIntegration(input: $input) {
      integration { id name }
      userErrors { code field message }
    }
  }
`)

/** What was added by a call whose answer was lost. */
export const ReadCreated = graphql(`
  query ReadCreated($key: String!) {
    created(kind: INTEGRATION, idempotencyKey: $key) { __typename id }
  }
`)

export const UpdateIntegration = graphql(
  `
    mutation UpdateIntegration($input: UpdateIntegrationInput!) {
      result: updateIntegration(input: $input) {
        integration { ...IntegrationDetail }
        userErrors { code field message }
      }
    }
  `,
  [IntegrationDetail],
)

export const DeleteIntegration = graphql(`
  mutation DeleteIntegration($input: DeleteIntegrationInput!) {
    result: deleteIntegration(input: $input) {
      deletedIntegrationId
      userErrors { code field message }
    }
  }
`)

export const SetAccounts = graphql(
  `
    mutation SetAccounts($input: SetIntegrationAccountsInput!) {
      result: setIntegrationAccounts(input: $input) {
        integration { ...IntegrationDetail }
        userErrors { code field message }
      }
    }
  `,
  [IntegrationDetail],
)

export const SetChannels = graphql(
  `
    mutation SetChannels($input: SetNotificationChannelsInput!) {
      result: setNotificationChannels(input: $input) {
        integration { ...IntegrationDetail }
        userErrors { code field message }
      }
    }
  `,
  [IntegrationDetail],
)

export const TestIntegration = graphql(
  `
    mutation TestIntegration($input: TestIntegrationInput!) {
      result: testIntegration(input: $input) {
        delivery { ...DeliveryDetail }
        userErrors { code field message }
      }
    }
  `,
  [DeliveryDetail],
)

export const Redeliver = graphql(
  `
    mutation Redeliver($input: RedeliverInput!) {
      result: redeliver(input: $input) {
        delivery { ...DeliveryDetail }
        userErrors { code field message }
      }
    }
  `,
  [DeliveryDetail],
)

const ReadDelivery = graphql(
  `
    query ReadDelivery($id: ID!) {
      node(id: $id) {
        __typename
        id
        ... on Delivery { ...DeliveryDetail }
      }
    }
  `,
  [DeliveryDetail],
)

/** A delivery as it is now; undefined where that can't be told, null where it is gone. */
export async function readDelivery(id: string): Promise<DeliveryDetail | null | undefined> {
  const { data, error } = await client.query(ReadDelivery, { id }, { requestPolicy: 'network-only' }).toPromise()
  if (error || !data) return undefined
  return data.node?.__typename === 'Delivery' ? data.node : null
}

const ReadTests = graphql(
  `
    query ReadTests($id: ID!) {
      deliveries(filter: { integrationId: $id, kind: TEST }, first: 1) { nodes { ...DeliveryDetail } }
    }
  `,
  [DeliveryDetail],
)

/** The last test message that an integration was owed; undefined where that can't be told, null where there is none. */
export async function readLastTest(id: string): Promise<DeliveryDetail | null | undefined> {
  const { data, error } = await client.query(ReadTests, { id }, { requestPolicy: 'network-only' }).toPromise()
  if (error || !data?.deliveries) return undefined
  return data.deliveries.nodes[0] ?? null
}
