import{s as e}from"./Standing-8qfs2ioU.js";import{t}from"./client-Bv1zs23n.js";import{Fn as n,W as r,Z as i,cr as a,ct as o,dt as s,et as c,ft as l,j as u,ot as d,xt as f}from"./index-BDfjifyD.js";import{p}from"./rules-CAexWWas.js";var m=l(`outline`,`arrow-forward-up`,`ArrowForwardUp`,[[`path`,{d:`M15 14l4 -4l-4 -4`,key:`svg-0`}],[`path`,{d:`M19 10h-11a4 4 0 1 0 0 8h1`,key:`svg-1`}]]),h=l(`outline`,`player-pause`,`PlayerPause`,[[`path`,{d:`M6 6a1 1 0 0 1 1 -1h2a1 1 0 0 1 1 1v12a1 1 0 0 1 -1 1h-2a1 1 0 0 1 -1 -1l0 -12`,key:`svg-0`}],[`path`,{d:`M14 6a1 1 0 0 1 1 -1h2a1 1 0 0 1 1 1v12a1 1 0 0 1 -1 1h-2a1 1 0 0 1 -1 -1l0 -12`,key:`svg-1`}]]),g={columns:`_columns_rzf2r_1`,row:`_row_rzf2r_3`,list:`_list_rzf2r_4`,main:`_main_rzf2r_6`,name:`_name_rzf2r_7`,tools:`_tools_rzf2r_8`,tabs:`_tabs_rzf2r_11`,log:`_log_rzf2r_14`,rows:`_rows_rzf2r_16`,entry:`_entry_rzf2r_17`,cut:`_cut_rzf2r_21`,what:`_what_rzf2r_23`,over:`_over_rzf2r_27`,age:`_age_rzf2r_28`,end:`_end_rzf2r_29`,narrow:`_narrow_rzf2r_30`,error:`_error_rzf2r_31`,first:`_first_rzf2r_33`,small:`_small_rzf2r_34`,new:`_new_rzf2r_35`,next:`_next_rzf2r_37`,title:`_title_rzf2r_38`,tab:`_tab_rzf2r_11`},_=f(`
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
`),v=f(`
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
`),y=f(`
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
`),b=f(`
    query ReadIntegration($id: ID!) {
      node(id: $id) {
        __typename
        id
        ... on Integration { ...IntegrationDetail }
      }
    }
  `,[y]);async function x(e){let{data:n,error:r}=await t.query(b,{id:e},{requestPolicy:`network-only`}).toPromise();if(!r&&n)return n.node?.__typename===`Integration`?n.node:null}var S=f(`
  mutation CreateIntegration($input: CreateIntegrationInput!) {
    result: createIntegration(input: $input) {
      integration { id name }
      userErrors { code field message }
    }
  }
`),C=f(`
  query ReadCreated($key: String!) {
    created(kind: INTEGRATION, idempotencyKey: $key) { __typename id }
  }
`),w=f(`
    mutation UpdateIntegration($input: UpdateIntegrationInput!) {
      result: updateIntegration(input: $input) {
        integration { ...IntegrationDetail }
        userErrors { code field message }
      }
    }
  `,[y]),T=f(`
  mutation DeleteIntegration($input: DeleteIntegrationInput!) {
    result: deleteIntegration(input: $input) {
      deletedIntegrationId
      userErrors { code field message }
    }
  }
`),E=f(`
    mutation SetAccounts($input: SetIntegrationAccountsInput!) {
      result: setIntegrationAccounts(input: $input) {
        integration { ...IntegrationDetail }
        userErrors { code field message }
      }
    }
  `,[y]),D=f(`
    mutation SetChannels($input: SetNotificationChannelsInput!) {
      result: setNotificationChannels(input: $input) {
        integration { ...IntegrationDetail }
        userErrors { code field message }
      }
    }
  `,[y]),O=f(`
    mutation TestIntegration($input: TestIntegrationInput!) {
      result: testIntegration(input: $input) {
        delivery { ...DeliveryDetail }
        userErrors { code field message }
      }
    }
  `,[_]),k=f(`
    mutation Redeliver($input: RedeliverInput!) {
      result: redeliver(input: $input) {
        delivery { ...DeliveryDetail }
        userErrors { code field message }
      }
    }
  `,[_]),A=f(`
    query ReadDelivery($id: ID!) {
      node(id: $id) {
        __typename
        id
        ... on Delivery { ...DeliveryDetail }
      }
    }
  `,[_]);async function j(e){let{data:n,error:r}=await t.query(A,{id:e},{requestPolicy:`network-only`}).toPromise();if(!r&&n)return n.node?.__typename===`Delivery`?n.node:null}var M=f(`
    query ReadTests($id: ID!) {
      deliveries(filter: { integrationId: $id, kind: TEST }, first: 1) { nodes { ...DeliveryDetail } }
    }
  `,[_]);async function N(e){let{data:n,error:r}=await t.query(M,{id:e},{requestPolicy:`network-only`}).toPromise();if(!r&&n?.deliveries)return n.deliveries.nodes[0]??null}var P=a();function F({what:e,children:t}){let a=i();return a.admin?t:(0,P.jsxs)(r,{title:e,children:[`Only administrators can open this page. You are signed in as `,(0,P.jsx)(`bdi`,{children:a.name}),(0,P.jsxs)(n,{span:!0,c:`dimmed`,children:[` `,a.email]}),`, who is not one: ask an administrator, or sign in as one.`]})}var I={ENABLED:o,DISABLED:h,BROKEN:s,PENDING:d,DELIVERED:o,DEAD:c,SUPERSEDED:m};function L({of:t}){let{word:n,tone:r}=t in p?p[t]:u[t],i=I[t];return(0,P.jsx)(e,{variant:`light`,color:r,tt:`none`,size:`lg`,radius:`xl`,fw:600,fz:`xs`,leftSection:(0,P.jsx)(i,{size:14,"aria-hidden":!0}),style:{flex:`none`},children:n})}export{g as _,_ as a,b as c,D as d,O as f,N as g,x as h,T as i,k as l,j as m,F as n,v as o,w as p,S as r,C as s,L as t,E as u};