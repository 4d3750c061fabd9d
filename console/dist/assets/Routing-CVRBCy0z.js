import{Bi as e,Br as t,Cr as n,Dt as r,Er as i,H as a,L as o,Mr as s,Ur as c,ai as l,en as u,jn as d,nn as f,qi as p}from"./index-Vbq9x3m8.js";import{t as m}from"./Select-BBS1DB6f.js";import{t as h}from"./use-debounced-value-C84SDQBL.js";import{r as g}from"./urql.es-BUfX80OU.js";var _=p(e(),1),v=l(),y=r(`
  query FindTargets($search: String) {
    accounts(search: $search, first: 8) { nodes { id name provider } }
    resources(search: $search, first: 20) { nodes { id name kind account { id name } gateway { id name } } }
  }
`),b=r(`
  query ReadRoutedAccount($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Account { name }
    }
    resources(accountId: $id, first: 1) { nodes { id roles } }
  }
`),x=r(`
  query ReadResource($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Resource { name kind roles account { id name } gateway { id name } }
    }
  }
`),S=r(`
  query Preview($items: [AccessRequestItemInput!]!) {
    notificationPreview(items: $items) {
      routes { integrationId integrationName }
      silentRoutes { integrationId integrationName integrationStatus }
    }
  }
`);function C({integrationId:e,target:r,onTarget:l}){let[p,C]=(0,_.useState)(``),[w]=h(p.trim(),200),[{data:T,fetching:E}]=g({query:y,variables:{search:w||null}}),D=r?.startsWith(`acc_`)??!1,O={id:r??``},[{data:k,error:A},j]=g({query:b,variables:O,pause:!D,requestPolicy:`network-only`}),[{data:M,error:N},P]=g({query:x,variables:O,pause:D||r===void 0,requestPolicy:`network-only`}),F=D?k?.node:M?.node,I=D&&k?.node?.__typename===`Account`&&k.node.id===r?k.node:null,L=!D&&M?.node?.__typename===`Resource`&&M.node.id===r?M.node:null,R=I??L,z=L??(I?k?.resources?.nodes[0]:void 0),B=z?[{resourceId:z.id,role:z.roles[0]??null}]:[],[{data:V,error:H},U]=g({query:S,variables:{items:B},pause:B.length===0,requestPolicy:`network-only`}),W=L?[L.name,L.account?.name??L.gateway?.name].filter(Boolean).join(` · `):I?.name??``,G=(T?.accounts?.nodes??[]).map(e=>({value:e.id,label:e.name})),K=(T?.resources?.nodes??[]).map(e=>({value:e.id,label:[e.name,e.account?.name??e.gateway?.name??u[e.kind]].filter(Boolean).join(` · `)}));r&&W&&![...G,...K].some(e=>e.value===r)&&(D?G:K).unshift({value:r,label:W});let q=d((D?A:N)??H),J=V?.notificationPreview?.routes,Y=f(V?.notificationPreview?.silentRoutes??[]);return(0,v.jsx)(`section`,{className:`card`,"aria-labelledby":`routing`,children:(0,v.jsxs)(i,{p:`md`,gap:`sm`,children:[(0,v.jsx)(n,{order:2,id:`routing`,children:`Routing preview`}),(0,v.jsx)(m,{label:`Account or resource`,description:`Which channels hear of a request for it?`,placeholder:`Find one by its name`,searchable:!0,clearable:!0,clearButtonProps:{"aria-label":`Clear the account or resource`},value:r??null,onChange:e=>l(e??void 0),onSearchChange:e=>C(e===W||[...G,...K].some(t=>t.label===e)?``:e),filter:({options:e})=>e,data:[{group:`Accounts`,items:G},{group:`Resources`,items:K}].filter(e=>e.items.length>0),nothingFoundMessage:E?`Searching…`:`No account or resource is called so.`}),(0,v.jsx)(`div`,{role:`status`,style:{minHeight:44},children:r===void 0?null:q?(0,v.jsx)(o,{what:`The routing could not be read`,trouble:q,again:()=>{D?j({requestPolicy:`network-only`}):P({requestPolicy:`network-only`}),B.length>0&&U({requestPolicy:`network-only`})}}):F===null?(0,v.jsx)(s,{c:`wait`,children:`This account or resource does not exist any more.`}):I&&B.length===0?(0,v.jsxs)(s,{c:`wait`,children:[(0,v.jsx)(`bdi`,{children:I.name}),` has no resource yet: nobody can ask for anything in it.`]}):!J||!R?(0,v.jsx)(c,{size:`sm`,role:`progressbar`,"aria-label":`Loading`}):J.length===0?(0,v.jsxs)(s,{c:`wait`,children:[`No channel hears of a request for `,(0,v.jsx)(`bdi`,{children:W}),`. `,Y?`${Y}.`:`Link its account here, or select a notification channel.`]}):(0,v.jsxs)(t,{gap:`xs`,align:`baseline`,children:[(0,v.jsxs)(s,{children:[(0,v.jsx)(`bdi`,{children:W}),` →`]}),J.map((t,n)=>(0,v.jsxs)(s,{fw:t.integrationId===e?600:400,children:[t.integrationId===e?(0,v.jsxs)(v.Fragment,{children:[(0,v.jsx)(`bdi`,{children:t.integrationName}),` (this one)`]}):(0,v.jsx)(a,{to:`/integrations/$id`,params:{id:t.integrationId},children:(0,v.jsx)(`bdi`,{children:t.integrationName})}),n<J.length-1&&`,`]},t.integrationId)),!J.some(t=>t.integrationId===e)&&(0,v.jsx)(s,{c:`dimmed`,children:`This one does not.`})]})})]})})}export{C as Routing};