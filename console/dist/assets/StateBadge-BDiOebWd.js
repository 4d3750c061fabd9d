import{s as e}from"./Standing-Ka2e0BX_.js";import{t}from"./client-B1aMPKLc.js";import{Fn as n,H as r,M as i,Mt as a,O as o,Q as s,Y as c,cr as l,it as u,k as d,lt as f,ot as p,ut as m,xt as h}from"./index-COj8e96T.js";var g=m(`outline`,`arrow-forward-up`,`ArrowForwardUp`,[[`path`,{d:`M15 14l4 -4l-4 -4`,key:`svg-0`}],[`path`,{d:`M19 10h-11a4 4 0 1 0 0 8h1`,key:`svg-1`}]]),_=m(`outline`,`player-pause`,`PlayerPause`,[[`path`,{d:`M6 6a1 1 0 0 1 1 -1h2a1 1 0 0 1 1 1v12a1 1 0 0 1 -1 1h-2a1 1 0 0 1 -1 -1l0 -12`,key:`svg-0`}],[`path`,{d:`M14 6a1 1 0 0 1 1 -1h2a1 1 0 0 1 1 1v12a1 1 0 0 1 -1 1h-2a1 1 0 0 1 -1 -1l0 -12`,key:`svg-1`}]]),v={columns:`_columns_38dm4_1`,row:`_row_38dm4_3`,list:`_list_38dm4_4`,main:`_main_38dm4_6`,name:`_name_38dm4_7`,tools:`_tools_38dm4_8`,tabs:`_tabs_38dm4_11`,log:`_log_38dm4_14`,entry:`_entry_38dm4_15`,cut:`_cut_38dm4_16`,what:`_what_38dm4_18`,over:`_over_38dm4_21`,age:`_age_38dm4_22`,narrow:`_narrow_38dm4_23`,error:`_error_38dm4_24`,first:`_first_38dm4_26`,small:`_small_38dm4_27`,new:`_new_38dm4_28`,next:`_next_38dm4_30`,title:`_title_38dm4_31`,tab:`_tab_38dm4_11`},y=h(`
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
`),b=h(`
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
`),x=h(`
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
`),S=h(`
    query ReadIntegration($id: ID!) {
      node(id: $id) {
        __typename
        id
        ... on Integration { ...IntegrationDetail }
      }
    }
  `,[x]);async function C(e){let{data:n,error:r}=await t.query(S,{id:e},{requestPolicy:`network-only`}).toPromise();if(!r&&n)return n.node?.__typename===`Integration`?n.node:null}var w=h(`
  mutation CreateIntegration($input: CreateIntegrationInput!) {
    result: createIntegration(input: $input) {
      integration { id name }
      userErrors { code field message }
    }
  }
`),T=h(`
  query ReadCreated($key: String!) {
    created(kind: INTEGRATION, idempotencyKey: $key) { __typename id }
  }
`),E=h(`
    mutation UpdateIntegration($input: UpdateIntegrationInput!) {
      result: updateIntegration(input: $input) {
        integration { ...IntegrationDetail }
        userErrors { code field message }
      }
    }
  `,[x]),D=h(`
  mutation DeleteIntegration($input: DeleteIntegrationInput!) {
    result: deleteIntegration(input: $input) {
      deletedIntegrationId
      userErrors { code field message }
    }
  }
`),O=h(`
    mutation SetAccounts($input: SetIntegrationAccountsInput!) {
      result: setIntegrationAccounts(input: $input) {
        integration { ...IntegrationDetail }
        userErrors { code field message }
      }
    }
  `,[x]),k=h(`
    mutation SetChannels($input: SetNotificationChannelsInput!) {
      result: setNotificationChannels(input: $input) {
        integration { ...IntegrationDetail }
        userErrors { code field message }
      }
    }
  `,[x]),A=h(`
    mutation TestIntegration($input: TestIntegrationInput!) {
      result: testIntegration(input: $input) {
        delivery { ...DeliveryDetail }
        userErrors { code field message }
      }
    }
  `,[y]),j=h(`
    mutation Redeliver($input: RedeliverInput!) {
      result: redeliver(input: $input) {
        delivery { ...DeliveryDetail }
        userErrors { code field message }
      }
    }
  `,[y]),M=h(`
    query ReadDelivery($id: ID!) {
      node(id: $id) {
        __typename
        id
        ... on Delivery { ...DeliveryDetail }
      }
    }
  `,[y]);async function N(e){let{data:n,error:r}=await t.query(M,{id:e},{requestPolicy:`network-only`}).toPromise();if(!r&&n)return n.node?.__typename===`Delivery`?n.node:null}var ee=h(`
    query ReadTests($id: ID!) {
      deliveries(filter: { integrationId: $id, kind: TEST }, first: 1) { nodes { ...DeliveryDetail } }
    }
  `,[y]);async function P(e){let{data:n,error:r}=await t.query(ee,{id:e},{requestPolicy:`network-only`}).toPromise();if(!r&&n?.deliveries)return n.deliveries.nodes[0]??null}var F=l(),I=80,L=2e3;function R(e){let t=[...e.trim()].length;return t===0?`Give it a name, such as the channel’s.`:t>I?`A name has at most ${I} characters; this one has ${t}.`:null}function z(e){if(e.trim()===``)return`Paste the webhook’s URL from Slack.`;if(e.trim()!==e)return`The URL begins or ends with a space. Take it out.`;if(/\s/.test(e))return`A URL has no spaces. Copy it again from Slack.`;if(e.length>L)return`A URL has at most ${L} characters; this one has ${e.length}.`;let t=URL.canParse(e)?new URL(e):null;return!t||!/^https?:$/.test(t.protocol)||!/^https?:\/\//i.test(e)?`This is not a webhook’s URL. It looks like https://hooks.slack.com/services/T…/B…/….`:null}function B(e){let t=e.trim();return t===``?`Choose a channel, or give its ID.`:t.startsWith(`#`)?`This is a name. Give the ID, such as C0123ABCD: in Slack it stands at the end of the channel’s details.`:/^[A-Z][A-Z0-9]{1,30}$/.test(t)?null:`This is not a channel’s ID. It looks like C0123ABCD.`}var V=e=>{let t=e.trim();return t===``?t:`${t[0].toUpperCase()}${t.slice(1)}${/[.!?…]$/.test(t)?``:`.`}`},H=/^webhooks may not go to this host; allowed are: (.+)$/;function U(e,t={}){let n=`webhookUrl`in t?String(t.webhookUrl):``;return a(e,([e,t])=>e===`slackChannel`?t===`workspaceId`?t:`channelId`:[`name`,`webhookUrl`,`events`,`accountIds`].find(t=>t===e),e=>{let t=H.exec(e.message)?.[1];return t&&URL.canParse(n)?`This URL is of ${new URL(n).host}; paste one of ${i(t.split(`, `),`or`)}.`:V(e.message)})}var W={ENABLED:{word:`Works`,tone:`good`},DISABLED:{word:`Disabled`,tone:`over`},BROKEN:{word:`Broken`,tone:`bad`}},G=`GateWay Notification Channel`,K=`Private Server Notification Channel`;function q(e,t=4){let n=e.accounts.map(e=>e.name);return e.gateways&&n.push(`resources behind gateways`),e.privateServers&&n.push(`private servers`),i(n,`and`,t)}function J(e){let t=`${e.tookMs.toLocaleString(`en`)} ms`,n=e.statusCode===null?`no answer`:`HTTP ${e.statusCode}`,r=e.outcome===`DELIVERED`?`ok`:e.error??`failed`;return`${r.startsWith(`Slack`)?``:`Slack: `}${r}, ${n}, ${t}`}var Y=e=>e>=100?`100+`:String(e);function X(e,t){let n=q(e,6),r=t>0?` ${o(t,`notification`).replace(`100 `,`100 or more `)} that ${t===1?`waits`:`wait`} for it ${t===1?`is`:`are`} not sent.`:``;return`${n===``?`It hears of nothing now.`:`Nothing about ${n} reaches it any more.`}${r}`}function Z({what:e,children:t}){let i=c();return i.admin?t:(0,F.jsxs)(r,{title:e,children:[`Only administrators can open this page. You are signed in as `,(0,F.jsx)(`bdi`,{children:i.name}),(0,F.jsxs)(n,{span:!0,c:`dimmed`,children:[` `,i.email]}),`, who is not one: ask an administrator, or sign in as one.`]})}var Q={ENABLED:p,DISABLED:_,BROKEN:f,PENDING:u,DELIVERED:p,DEAD:s,SUPERSEDED:g};function $({of:t}){let{word:n,tone:r}=t in W?W[t]:d[t],i=Q[t];return(0,F.jsx)(e,{variant:`light`,color:r,tt:`none`,size:`lg`,radius:`xl`,fw:600,fz:`xs`,leftSection:(0,F.jsx)(i,{size:14,"aria-hidden":!0}),style:{flex:`none`},children:n})}export{k as C,C as D,N as E,P as O,O as S,E as T,y as _,B as a,S as b,X as c,q as d,V as f,D as g,w as h,Y as i,v as k,U as l,W as m,Z as n,R as o,K as p,J as r,z as s,$ as t,G as u,b as v,A as w,j as x,T as y};