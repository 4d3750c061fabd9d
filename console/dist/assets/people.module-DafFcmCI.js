import{$t as e,Dn as t,Dt as n,tn as r,v as i}from"./index-Vbq9x3m8.js";import{t as a}from"./client-CRRpibaR.js";var o=n(`
  fragment PersonRow on User {
    id
    name
    email
    role
    disabled
    lastSeenAt
    slackLinks { id }
    directory { removed }
  }
`),s=n(`
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
`),c=n(`
  fragment PersonPlace on User {
    groups(first: 100) {
      nodes { source counts countsUntil since by { actorId name } group { id name } }
      pageInfo { hasNextPage }
    }
    version
    manager { userId name email disabled counts since by { actorId name } }
    directory { userName externalId employeeNumber active removed createdAt changedAt }
    handedOver
    otherAccounts { id name email disabled }
    hasManyAccounts
    separation { employeeNumber since by { actorId name } }
    disabledBy
    enablingRefusedBecause
  }
`),l=n(`
  fragment SessionRow on Session { id createdAt lastSeenAt expiresAt current }
`),u=n(`
  fragment TokenRow on Token { id name scopes createdAt expiresAt lastUsedAt current }
`),d=n(`
  fragment LinkRow on SlackLink { id status waitsBecause slackUserId slackName slackEmail createdAt workspace { id name } }
`),f=n(`
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
  `,[u]),p=n(`
    mutation CreateUser($input: CreateUserInput!) {
      result: createUser(input: $input) {
        user { ...PersonDetail }
        oneTimePassword
        userErrors { code field message }
      }
    }
  `,[s]),m=n(`
    mutation UpdateUser($input: UpdateUserInput!) {
      result: updateUser(input: $input) {
        user { ...PersonDetail }
        userErrors { code field message }
      }
    }
  `,[s]),h=n(`
    mutation SetUserRole($input: SetUserRoleInput!) {
      result: setUserRole(input: $input) {
        user { ...PersonDetail }
        userErrors { code field message }
      }
    }
  `,[s]),g=n(`
    mutation DisableUser($input: DisableUserInput!) {
      result: disableUser(input: $input) {
        user { ...PersonDetail }
        userErrors { code field message }
      }
    }
  `,[s]),_=n(`
    mutation EnableUser($input: EnableUserInput!) {
      result: enableUser(input: $input) {
        user { ...PersonDetail }
        userErrors { code field message }
      }
    }
  `,[s]),v=n(`
  mutation SetManager($input: SetManagerInput!) {
    result: setManager(input: $input) {
      user { id }
      userErrors { code field message }
    }
  }
`),y=n(`
  mutation JoinUsers($input: JoinUsersInput!) {
    result: joinUsers(input: $input) {
      user { id }
      userErrors { code field message }
    }
  }
`),b=n(`
  mutation SeparateUser($input: SeparateUserInput!) {
    result: separateUser(input: $input) {
      user { id }
      userErrors { code field message }
    }
  }
`),x=n(`
  mutation HandOverUser($input: HandOverUserInput!) {
    result: handOverUser(input: $input) {
      user { id }
      userErrors { code field message }
    }
  }
`),S=n(`
  mutation ResetPassword($input: ResetPasswordInput!) {
    result: resetPassword(input: $input) {
      oneTimePassword
      userErrors { code field message }
    }
  }
`),C=n(`
  mutation EndSession($input: EndSessionInput!) {
    result: endSession(input: $input) {
      endedSessionId
      userErrors { code field message }
    }
  }
`),w=n(`
  mutation EndSessions($input: EndSessionsInput!) {
    result: endSessions(input: $input) {
      endedCount
      userErrors { code field message }
    }
  }
`),T=n(`
    mutation CreateToken($input: CreateTokenInput!) {
      result: createToken(input: $input) {
        token { ...TokenRow }
        secret
        userErrors { code field message }
      }
    }
  `,[u]),E=n(`
  mutation RevokeToken($input: RevokeTokenInput!) {
    result: revokeToken(input: $input) {
      revokedTokenId
      userErrors { code field message }
    }
  }
`),D=n(`
  mutation RemoveLink($input: RemoveSlackLinkInput!) {
    result: removeSlackLink(input: $input) {
      userErrors { code field message }
    }
  }
`),O=n(`
  mutation CreateServiceAccount($input: CreateServiceAccountInput!) {
    result: createServiceAccount(input: $input) {
      serviceAccount { id name }
      userErrors { code field message }
    }
  }
`),k=n(`
  mutation DisableServiceAccount($input: DisableServiceAccountInput!) {
    result: disableServiceAccount(input: $input) {
      serviceAccount { id disabled }
      userErrors { code field message }
    }
  }
`),A=n(`
  mutation EnableServiceAccount($input: EnableServiceAccountInput!) {
    result: enableServiceAccount(input: $input) {
      serviceAccount { id disabled }
      userErrors { code field message }
    }
  }
`),j=n(`
  query ReadCreatedHere($kind: CreatedKind!, $key: String!) {
    created(kind: $kind, idempotencyKey: $key) { __typename id }
  }
`);async function M(e,t){let{data:n,error:r}=await a.query(j,{kind:e,key:t},{requestPolicy:`network-only`}).toPromise();return r||!n?void 0:n.created?.id??null}var N=n(`
    query ReadOne($id: ID!) {
      node(id: $id) {
        __typename
        id
        ... on User { ...PersonDetail ...PersonPlace }
        ... on ServiceAccount { disabled }
      }
    }
  `,[s,c]),P=e=>a.query(N,{id:e},{requestPolicy:`network-only`}).toPromise();async function F(e,t){let{data:n,error:r}=await P(e);if(!r&&n)return n.node?.__typename===`User`&&t(n.node)}async function I(e){let{data:t,error:n}=await P(e);return n||t?.node?.__typename!==`ServiceAccount`?void 0:t.node.disabled}async function L(e){let{data:t,error:n}=await P(e);return n||!t?void 0:t.node===null}var R=80;function z(e,t=`Dev Doe`){let n=[...e.trim()].length;return n===0?`Give a name, such as ${t}.`:n>R?`A name has at most ${R} characters; this one has ${n}.`:null}function B(e){let t=e.trim();return t===``?`Give the e-mail address.`:/^[^\s@<>]+@[^\s@<>]+$/.test(t)?null:`This is not an e-mail address. It looks like dev@example.com.`}var V=e=>t(e,[`name`,`email`,`role`,`scopes`,`ttl`,`currentPassword`,`password`,`timeZone`]),H={ADMIN:`Administrator`,MEMBER:`Member`},U=e=>e?{word:`Disabled`,tone:`over`}:{word:`Can sign in`,tone:`good`},W=(t,n,r=`${n}s`)=>t>=100?`100 or more ${r}`:`${e(t)} ${t===1?n:r}`;function G(e,t,n,a){let o=a.slice(0,6).map(e=>i(e.items)),s=e-o.length;return o.length===0?W(e,t,n):`${W(e,t,n)} (${s>0?`${o.join(`, `)} and ${e>=100?`more`:`${s} more`}`:r(o,`and`,6)})`}function K(e){let t=[e.accessCount>0&&G(e.accessCount,`access`,`accesses`,e.accesses),e.requestCount>0&&G(e.requestCount,`request that waits`,`requests that wait`,e.requests),e.sessionCount>0&&W(e.sessionCount,`session`),e.tokenCount>0&&W(e.tokenCount,`token`),e.slackLinkCount>0&&W(e.slackLinkCount,`Slack link`)].filter(e=>e!==!1);return t.length===0?`Nothing of theirs is open: no access, request, session, token or Slack link.`:`Ends ${r(t)}.`}function q(t,n){if(n.count===0)return``;let a=`${t} can no longer decide ${W(n.count,`request that waits`,`requests that wait`)}`;if(n.undecidedCount===0)return`${a}; others can.`;let o=n.undecided.slice(0,6).map(e=>e.requester?`${e.requester.name}: ${i(e.items)}`:i(e.items)),s=n.undecidedCount-o.length;return`${a}. Nobody else can decide ${n.undecidedCount===n.count&&n.count===1?`it`:`${e(n.undecidedCount)} of them`}: ${s>0?`${o.join(`, `)} and ${s} more`:r(o,`and`,6)}.`}var J={tools:`_tools_8jm2a_1`,add:`_add_8jm2a_4`,list:`_list_8jm2a_5`,person:`_person_8jm2a_8`,name:`_name_8jm2a_11`,cell:`_cell_8jm2a_15`,above:`_above_8jm2a_16`,row:`_row_8jm2a_17`,main:`_main_8jm2a_18`,facts:`_facts_8jm2a_19`,scope:`_scope_8jm2a_22`,email:`_email_8jm2a_25`,role:`_role_8jm2a_26`,seen:`_seen_8jm2a_27`,from:`_from_8jm2a_28`,slack:`_slack_8jm2a_29`,menu:`_menu_8jm2a_30`,columns:`_columns_8jm2a_38`};export{l as A,c as C,E as D,S as E,F,I,L,h as M,u as N,b as O,m as P,M as R,s as S,D as T,C as _,q as a,y as b,U as c,T as d,p as f,_ as g,A as h,W as i,v as j,f as k,H as l,g as m,B as n,K as o,k as p,z as r,V as s,J as t,O as u,w as v,o as w,d as x,x as y};