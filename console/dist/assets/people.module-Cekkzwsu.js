import{Ct as e,Gt as t,_ as n,qt as r,yn as i}from"./index-CF7BXYAz.js";import{t as a}from"./client-CoCg00zy.js";var o=80;function s(e,t=`Dev Doe`){let n=[...e.trim()].length;return n===0?`Give a name, such as ${t}.`:n>o?`A name has at most ${o} characters; this one has ${n}.`:null}function c(e){let t=e.trim();return t===``?`Give the e-mail address.`:/^[^\s@<>]+@[^\s@<>]+$/.test(t)?null:`This is not an e-mail address. It looks like dev@example.com.`}var l=e=>i(e,[`name`,`email`,`role`,`scopes`,`ttl`,`currentPassword`,`password`,`timeZone`]),u={ADMIN:`Administrator`,MEMBER:`Member`},d=e=>e?{word:`Disabled`,tone:`over`}:{word:`Can sign in`,tone:`good`},f=(e,n,r=`${n}s`)=>e>=100?`100 or more ${r}`:`${t(e)} ${e===1?n:r}`;function p(e,t,i,a){let o=a.slice(0,6).map(e=>n(e.items)),s=e-o.length;return o.length===0?f(e,t,i):`${f(e,t,i)} (${s>0?`${o.join(`, `)} and ${e>=100?`more`:`${s} more`}`:r(o,`and`,6)})`}function m(e){let t=[e.accessCount>0&&p(e.accessCount,`access`,`accesses`,e.accesses),e.requestCount>0&&p(e.requestCount,`request that waits`,`requests that wait`,e.requests),e.sessionCount>0&&f(e.sessionCount,`session`),e.tokenCount>0&&f(e.tokenCount,`token`),e.slackLinkCount>0&&f(e.slackLinkCount,`Slack link`)].filter(e=>e!==!1);return t.length===0?`Nothing of theirs is open: no access, request, session, token or Slack link.`:`Ends ${r(t)}.`}function h(e,i){if(i.count===0)return``;let a=`${e} can no longer decide ${f(i.count,`request that waits`,`requests that wait`)}`;if(i.undecidedCount===0)return`${a}; others can.`;let o=i.undecided.slice(0,6).map(e=>e.requester?`${e.requester.name}: ${n(e.items)}`:n(e.items)),s=i.undecidedCount-o.length;return`${a}. Nobody else can decide ${i.undecidedCount===i.count&&i.count===1?`it`:`${t(i.undecidedCount)} of them`}: ${s>0?`${o.join(`, `)} and ${s} more`:r(o,`and`,6)}.`}var g=e(`
  fragment PersonRow on User {
    id
    name
    email
    role
    disabled
    lastSeenAt
    slackLinks { id }
  }
`),_=e(`
  fragment PersonDetail on User {
    id
    name
    email
    role
    disabled
    federated
    createdAt
    lastSeenAt
  }
`),v=e(`
  fragment SessionRow on Session { id createdAt lastSeenAt expiresAt current }
`),y=e(`
  fragment TokenRow on Token { id name scopes createdAt expiresAt lastUsedAt current }
`),b=e(`
  fragment LinkRow on SlackLink { id status waitsBecause slackUserId slackName slackEmail createdAt workspace { id name } }
`),x=e(`
    fragment ServiceRow on ServiceAccount {
      id
      name
      disabled
      createdAt
      worksHere
      tokens(first: 20) {
        nodes { ...TokenRow }
        pageInfo { hasNextPage }
      }
    }
  `,[y]),S=e(`
    mutation CreateUser($input: CreateUserInput!) {
      result: createUser(input: $input) {
        user { ...PersonDetail }
        oneTimePassword
        userErrors { code field message }
      }
    }
  `,[_]),C=e(`
    mutation UpdateUser($input: UpdateUserInput!) {
      result: updateUser(input: $input) {
        user { ...PersonDetail }
        userErrors { code field message }
      }
    }
  `,[_]),w=e(`
    mutation SetUserRole($input: SetUserRoleInput!) {
      result: setUserRole(input: $input) {
        user { ...PersonDetail }
        userErrors { code field message }
      }
    }
  `,[_]),T=e(`
    mutation DisableUser($input: DisableUserInput!) {
      result: disableUser(input: $input) {
        user { ...PersonDetail }
        userErrors { code field message }
      }
    }
  `,[_]),E=e(`
    mutation EnableUser($input: EnableUserInput!) {
      result: enableUser(input: $input) {
        user { ...PersonDetail }
        userErrors { code field message }
      }
    }
  `,[_]),D=e(`
  mutation ResetPassword($input: ResetPasswordInput!) {
    result: resetPassword(input: $input) {
      oneTimePassword
      userErrors { code field message }
    }
  }
`),O=e(`
  mutation EndSession($input: EndSessionInput!) {
    result: endSession(input: $input) {
      endedSessionId
      userErrors { code field message }
    }
  }
`),k=e(`
  mutation EndSessions($input: EndSessionsInput!) {
    result: endSessions(input: $input) {
      endedCount
      userErrors { code field message }
    }
  }
`),A=e(`
    mutation CreateToken($input: CreateTokenInput!) {
      result: createToken(input: $input) {
        token { ...TokenRow }
        secret
        userErrors { code field message }
      }
    }
  `,[y]),j=e(`
  mutation RevokeToken($input: RevokeTokenInput!) {
    result: revokeToken(input: $input) {
      revokedTokenId
      userErrors { code field message }
    }
  }
`),M=e(`
  mutation RemoveLink($input: RemoveSlackLinkInput!) {
    result: removeSlackLink(input: $input) {
      userErrors { code field message }
    }
  }
`),N=e(`
  mutation CreateServiceAccount($input: CreateServiceAccountInput!) {
    result: createServiceAccount(input: $input) {
      serviceAccount { id name }
      userErrors { code field message }
    }
  }
`),P=e(`
  mutation DisableServiceAccount($input: DisableServiceAccountInput!) {
    result: disableServiceAccount(input: $input) {
      serviceAccount { id disabled }
      userErrors { code field message }
    }
  }
`),F=e(`
  mutation EnableServiceAccount($input: EnableServiceAccountInput!) {
    result: enableServiceAccount(input: $input) {
      serviceAccount { id disabled }
      userErrors { code field message }
    }
  }
`),I=e(`
  query ReadCreatedHere($kind: CreatedKind!, $key: String!) {
    created(kind: $kind, idempotencyKey: $key) { __typename id }
  }
`);async function L(e,t){let{data:n,error:r}=await a.query(I,{kind:e,key:t},{requestPolicy:`network-only`}).toPromise();return r||!n?void 0:n.created?.id??null}var R=e(`
    query ReadOne($id: ID!) {
      node(id: $id) {
        __typename
        id
        ... on User { ...PersonDetail }
        ... on ServiceAccount { disabled }
      }
    }
  `,[_]),z=e=>a.query(R,{id:e},{requestPolicy:`network-only`}).toPromise();async function B(e,t){let{data:n,error:r}=await z(e);if(!r&&n)return n.node?.__typename===`User`&&t(n.node)}async function V(e){let{data:t,error:n}=await z(e);return n||t?.node?.__typename!==`ServiceAccount`?void 0:t.node.disabled}async function H(e){let{data:t,error:n}=await z(e);return n||!t?void 0:t.node===null}var U={tools:`_tools_h6i1d_1`,add:`_add_h6i1d_4`,list:`_list_h6i1d_5`,person:`_person_h6i1d_8`,name:`_name_h6i1d_11`,cell:`_cell_h6i1d_15`,above:`_above_h6i1d_16`,row:`_row_h6i1d_17`,main:`_main_h6i1d_18`,facts:`_facts_h6i1d_19`,scope:`_scope_h6i1d_22`,email:`_email_h6i1d_25`,role:`_role_h6i1d_26`,seen:`_seen_h6i1d_27`,slack:`_slack_h6i1d_28`,menu:`_menu_h6i1d_29`,columns:`_columns_h6i1d_37`};export{m as A,V as C,s as D,c as E,d as M,u as N,f as O,B as S,L as T,x as _,P as a,y as b,E as c,b as d,_ as f,j as g,D as h,S as i,l as j,h as k,O as l,M as m,N as n,T as o,g as p,A as r,F as s,U as t,k as u,v,H as w,C as x,w as y};