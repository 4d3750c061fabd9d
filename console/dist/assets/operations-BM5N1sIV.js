import{t as e}from"./client-CRRpibaR.js";import{Dt as t}from"./index-Vbq9x3m8.js";var n=t(`
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
`),r=t(`
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
`),i=t(`
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
`),a=t(`
    query ReadIntegration($id: ID!) {
      node(id: $id) {
        __typename
        id
        ... on Integration { ...IntegrationDetail }
      }
    }
  `,[i]);async function o(t){let{data:n,error:r}=await e.query(a,{id:t},{requestPolicy:`network-only`}).toPromise();if(!r&&n)return n.node?.__typename===`Integration`?n.node:null}var s=t(`
  mutation CreateIntegration($input: CreateIntegrationInput!) {
    result: createIntegration(input: $input) {
      integration { id name }
      userErrors { code field message }
    }
  }
`),c=t(`
  query ReadCreated($key: String!) {
    created(kind: INTEGRATION, idempotencyKey: $key) { __typename id }
  }
`),l=t(`
    mutation UpdateIntegration($input: UpdateIntegrationInput!) {
      result: updateIntegration(input: $input) {
        integration { ...IntegrationDetail }
        userErrors { code field message }
      }
    }
  `,[i]),u=t(`
  mutation DeleteIntegration($input: DeleteIntegrationInput!) {
    result: deleteIntegration(input: $input) {
      deletedIntegrationId
      userErrors { code field message }
    }
  }
`),d=t(`
    mutation SetAccounts($input: SetIntegrationAccountsInput!) {
      result: setIntegrationAccounts(input: $input) {
        integration { ...IntegrationDetail }
        userErrors { code field message }
      }
    }
  `,[i]),f=t(`
    mutation SetChannels($input: SetNotificationChannelsInput!) {
      result: setNotificationChannels(input: $input) {
        integration { ...IntegrationDetail }
        userErrors { code field message }
      }
    }
  `,[i]),p=t(`
    mutation TestIntegration($input: TestIntegrationInput!) {
      result: testIntegration(input: $input) {
        delivery { ...DeliveryDetail }
        userErrors { code field message }
      }
    }
  `,[n]),m=t(`
    mutation Redeliver($input: RedeliverInput!) {
      result: redeliver(input: $input) {
        delivery { ...DeliveryDetail }
        userErrors { code field message }
      }
    }
  `,[n]),h=t(`
    query ReadDelivery($id: ID!) {
      node(id: $id) {
        __typename
        id
        ... on Delivery { ...DeliveryDetail }
      }
    }
  `,[n]);async function g(t){let{data:n,error:r}=await e.query(h,{id:t},{requestPolicy:`network-only`}).toPromise();if(!r&&n)return n.node?.__typename===`Delivery`?n.node:null}var _=t(`
    query ReadTests($id: ID!) {
      deliveries(filter: { integrationId: $id, kind: TEST }, first: 1) { nodes { ...DeliveryDetail } }
    }
  `,[n]);async function v(t){let{data:n,error:r}=await e.query(_,{id:t},{requestPolicy:`network-only`}).toPromise();if(!r&&n?.deliveries)return n.deliveries.nodes[0]??null}export{c as a,d as c,l as d,g as f,r as i,f as l,v as m,u as n,a as o,o as p,n as r,m as s,s as t,p as u};