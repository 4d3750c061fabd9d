import{s as e}from"./Standing-DlqMWnX_.js";import{t}from"./client-CXoeOP1D.js";import{A as n,Fn as r,Mt as i,P as a,W as o,Z as s,cr as c,ct as l,dt as u,et as d,ft as f,j as p,ot as m,xt as h}from"./index-gQqGDXeA.js";var g=f(`outline`,`arrow-forward-up`,`ArrowForwardUp`,[[`path`,{d:`M15 14l4 -4l-4 -4`,key:`svg-0`}],[`path`,{d:`M19 10h-11a4 4 0 1 0 0 8h1`,key:`svg-1`}]]),_=f(`outline`,`player-pause`,`PlayerPause`,[[`path`,{d:`M6 6a1 1 0 0 1 1 -1h2a1 1 0 0 1 1 1v12a1 1 0 0 1 -1 1h-2a1 1 0 0 1 -1 -1l0 -12`,key:`svg-0`}],[`path`,{d:`M14 6a1 1 0 0 1 1 -1h2a1 1 0 0 1 1 1v12a1 1 0 0 1 -1 1h-2a1 1 0 0 1 -1 -1l0 -12`,key:`svg-1`}]]),v={columns:`_columns_rzf2r_1`,row:`_row_rzf2r_3`,list:`_list_rzf2r_4`,main:`_main_rzf2r_6`,name:`_name_rzf2r_7`,tools:`_tools_rzf2r_8`,tabs:`_tabs_rzf2r_11`,log:`_log_rzf2r_14`,rows:`_rows_rzf2r_16`,entry:`_entry_rzf2r_17`,cut:`_cut_rzf2r_21`,what:`_what_rzf2r_23`,over:`_over_rzf2r_27`,age:`_age_rzf2r_28`,end:`_end_rzf2r_29`,narrow:`_narrow_rzf2r_30`,error:`_error_rzf2r_31`,first:`_first_rzf2r_33`,small:`_small_rzf2r_34`,new:`_new_rzf2r_35`,next:`_next_rzf2r_37`,title:`_title_rzf2r_38`,tab:`_tab_rzf2r_11`},y=h(`
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
  `,[y]);async function N(e){let{data:n,error:r}=await t.query(M,{id:e},{requestPolicy:`network-only`}).toPromise();if(!r&&n)return n.node?.__typename===`Delivery`?n.node:null}var P=h(`
    query ReadTests($id: ID!) {
      deliveries(filter: { integrationId: $id, kind: TEST }, first: 1) { nodes { ...DeliveryDetail } }
    }
  `,[y]);async function ee(e){let{data:n,error:r}=await t.query(P,{id:e},{requestPolicy:`network-only`}).toPromise();if(!r&&n?.deliveries)return n.deliveries.nodes[0]??null}var F=c(),I=80,L=2e3;function R(e){let t=[...e.trim()].length;return t===0?`Give it a name, such as the channel’s.`:t>I?`A name has at most ${I} characters; this one has ${t}.`:null}function z(e){if(e.trim()===``)return`Paste the webhook’s URL from Slack.`;if(e.trim()!==e)return`The URL begins or ends with a space. Take it out.`;if(/\s/.test(e))return`A URL has no spaces. Copy it again from Slack.`;if(e.length>L)return`A URL has at most ${L} characters; this one has ${e.length}.`;let t=URL.canParse(e)?new URL(e):null;return!t||!/^https?:$/.test(t.protocol)||!/^https?:\/\//i.test(e)?`This is not a webhook’s URL. It looks like https://hooks.slack.com/services/T…/B…/….`:null}function B(e){let t=e.trim();return t===``?`Choose a channel, or give its ID.`:t.startsWith(`#`)?`This is a name. Give the ID, such as C0123ABCD: in Slack it stands at the end of the channel’s details.`:/^[A-Z][A-Z0-9]{1,30}$/.test(t)?null:`This is not a channel’s ID. It looks like C0123ABCD.`}var V=e=>{let t=e.trim();return t===``?t:`${t[0].toUpperCase()}${t.slice(1)}${/[.!?…]$/.test(t)?``:`.`}`},H=/^webhooks may not go to this host; allowed are: (.+)$/;function U(e,t={}){let n=`webhookUrl`in t?String(t.webhookUrl):``;return i(e,([e,t])=>e===`slackChannel`?t===`workspaceId`?t:`channelId`:[`name`,`webhookUrl`,`events`,`accountIds`].find(t=>t===e),e=>{let t=H.exec(e.message)?.[1];return t&&URL.canParse(n)?`This URL is of ${new URL(n).host}; paste one of ${a(t.split(`, `),`or`)}.`:V(e.message)})}var W={ENABLED:{word:`Works`,tone:`good`},DISABLED:{word:`Disabled`,tone:`over`},BROKEN:{word:`Broken`,tone:`bad`}},G=`GateWay Notification Channel`,K=`Private Server Notification Channel`;function q(e,t=4){let n=e.accounts.map(e=>e.name);return e.gateways&&n.push(`resources behind gateways`),e.privateServers&&n.push(`private servers`),a(n,`and`,t)}function J(e){let t=`${e.tookMs.toLocaleString(`en`)} ms`,n=e.statusCode===null?`no answer`:`HTTP ${e.statusCode}`,r=e.outcome===`DELIVERED`?`ok`:e.error??`failed`;return`${r.startsWith(`Slack`)?``:`Slack: `}${r}, ${n}, ${t}`}var Y=e=>e>=100?`100+`:String(e);function X(e,t){let r=q(e,6),i=t>0?` ${n(t,`notification`).replace(`100 `,`100 or more `)} that ${t===1?`waits`:`wait`} for it ${t===1?`is`:`are`} not sent.`:``;return`${r===``?`It hears of nothing now.`:`Nothing about ${r} reaches it any more.`}${i}`}function Z({what:e,children:t}){let n=s();return n.admin?t:(0,F.jsxs)(o,{title:e,children:[`Only administrators can open this page. You are signed in as `,(0,F.jsx)(`bdi`,{children:n.name}),(0,F.jsxs)(r,{span:!0,c:`dimmed`,children:[` `,n.email]}),`, who is not one: ask an administrator, or sign in as one.`]})}var Q={ENABLED:l,DISABLED:_,BROKEN:u,PENDING:m,DELIVERED:l,DEAD:d,SUPERSEDED:g};function $({of:t}){let{word:n,tone:r}=t in W?W[t]:p[t],i=Q[t];return(0,F.jsx)(e,{variant:`light`,color:r,tt:`none`,size:`lg`,radius:`xl`,fw:600,fz:`xs`,leftSection:(0,F.jsx)(i,{size:14,"aria-hidden":!0}),style:{flex:`none`},children:n})}export{k as C,C as D,N as E,ee as O,O as S,E as T,y as _,B as a,S as b,X as c,q as d,V as f,D as g,w as h,Y as i,v as k,U as l,W as m,Z as n,R as o,K as p,J as r,z as s,$ as t,G as u,b as v,A as w,j as x,T as y};