import{s as e}from"./Standing-CUsRpG_m.js";import{t}from"./client-maxjU7bX.js";import{A as n,J as r,Mn as i,V as a,Z as o,ar as s,at as c,ct as l,lt as u,rt as d,vt as f}from"./index-BooAi1Q9.js";import{p}from"./rules-Bx8SExB8.js";var m=u(`outline`,`player-pause`,`PlayerPause`,[[`path`,{d:`M6 6a1 1 0 0 1 1 -1h2a1 1 0 0 1 1 1v12a1 1 0 0 1 -1 1h-2a1 1 0 0 1 -1 -1l0 -12`,key:`svg-0`}],[`path`,{d:`M14 6a1 1 0 0 1 1 -1h2a1 1 0 0 1 1 1v12a1 1 0 0 1 -1 1h-2a1 1 0 0 1 -1 -1l0 -12`,key:`svg-1`}]]),h={columns:`_columns_1lktw_1`,row:`_row_1lktw_3`,list:`_list_1lktw_4`,main:`_main_1lktw_6`,name:`_name_1lktw_7`,tools:`_tools_1lktw_8`,tabs:`_tabs_1lktw_11`,log:`_log_1lktw_14`,rows:`_rows_1lktw_16`,entry:`_entry_1lktw_17`,cut:`_cut_1lktw_21`,what:`_what_1lktw_23`,over:`_over_1lktw_27`,age:`_age_1lktw_28`,end:`_end_1lktw_29`,narrow:`_narrow_1lktw_30`,error:`_error_1lktw_31`,first:`_first_1lktw_33`,small:`_small_1lktw_34`,new:`_new_1lktw_35`,next:`_next_1lktw_37`,title:`_title_1lktw_38`,tab:`_tab_1lktw_11`},g=f(`
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
`),_=f(`
  fragment IntegrationRow on Integration {
    id
    name
    kind
    status
    brokenReason
    accounts { id name }
    gateways
    privateServers
    deadCount
    lastDelivery { id owedAt deliveredAt }
  }
`),v=f(`
  fragment IntegrationDetail on Integration {
    id
    name
    kind
    status
    brokenReason
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
`),y=f(`
    query ReadIntegration($id: ID!) {
      node(id: $id) {
        __typename
        id
        ... on Integration { ...IntegrationDetail }
      }
    }
  `,[v]);async function b(e){let{data:n,error:r}=await t.query(y,{id:e},{requestPolicy:`network-only`}).toPromise();if(!r&&n)return n.node?.__typename===`Integration`?n.node:null}var x=f(`
  mutation CreateIntegration($input: CreateIntegrationInput!) {
    result: createIntegration(input: $input) {
      integration { id name }
      userErrors { code field message }
    }
  }
`),S=f(`
  query ReadCreated($key: String!) {
    created(kind: INTEGRATION, idempotencyKey: $key) { __typename id }
  }
`),C=f(`
    mutation UpdateIntegration($input: UpdateIntegrationInput!) {
      result: updateIntegration(input: $input) {
        integration { ...IntegrationDetail }
        userErrors { code field message }
      }
    }
  `,[v]),w=f(`
  mutation DeleteIntegration($input: DeleteIntegrationInput!) {
    result: deleteIntegration(input: $input) {
      deletedIntegrationId
      userErrors { code field message }
    }
  }
`),T=f(`
    mutation SetAccounts($input: SetIntegrationAccountsInput!) {
      result: setIntegrationAccounts(input: $input) {
        integration { ...IntegrationDetail }
        userErrors { code field message }
      }
    }
  `,[v]),E=f(`
    mutation SetChannels($input: SetNotificationChannelsInput!) {
      result: setNotificationChannels(input: $input) {
        integration { ...IntegrationDetail }
        userErrors { code field message }
      }
    }
  `,[v]),D=f(`
    mutation TestIntegration($input: TestIntegrationInput!) {
      result: testIntegration(input: $input) {
        delivery { ...DeliveryDetail }
        userErrors { code field message }
      }
    }
  `,[g]),O=f(`
    mutation Redeliver($input: RedeliverInput!) {
      result: redeliver(input: $input) {
        delivery { ...DeliveryDetail }
        userErrors { code field message }
      }
    }
  `,[g]),k=f(`
    query ReadDelivery($id: ID!) {
      node(id: $id) {
        __typename
        id
        ... on Delivery { ...DeliveryDetail }
      }
    }
  `,[g]);async function A(e){let{data:n,error:r}=await t.query(k,{id:e},{requestPolicy:`network-only`}).toPromise();if(!r&&n)return n.node?.__typename===`Delivery`?n.node:null}var j=f(`
    query ReadTests($id: ID!) {
      deliveries(filter: { integrationId: $id, kind: TEST }, first: 1) { nodes { ...DeliveryDetail } }
    }
  `,[g]);async function M(e){let{data:n,error:r}=await t.query(j,{id:e},{requestPolicy:`network-only`}).toPromise();if(!r&&n?.deliveries)return n.deliveries.nodes[0]??null}var N=s();function P({what:e,children:t}){let n=r();return n.admin?t:(0,N.jsxs)(a,{title:e,children:[`Only administrators can open this page. You are signed in as `,(0,N.jsx)(`bdi`,{children:n.name}),(0,N.jsxs)(i,{span:!0,c:`dimmed`,children:[` `,n.email]}),`, who is not one: ask an administrator, or sign in as one.`]})}var F={ENABLED:c,DISABLED:m,BROKEN:l,PENDING:d,DELIVERED:c,DEAD:o};function I({of:t}){let{word:r,tone:i}=t in p?p[t]:n[t],a=F[t];return(0,N.jsx)(e,{variant:`light`,color:i,tt:`none`,size:`lg`,radius:`xl`,fw:600,fz:`xs`,leftSection:(0,N.jsx)(a,{size:14,"aria-hidden":!0}),style:{flex:`none`},children:r})}export{h as _,g as a,y as c,E as d,D as f,M as g,b as h,w as i,O as l,A as m,P as n,_ as o,C as p,x as r,S as s,I as t,T as u};