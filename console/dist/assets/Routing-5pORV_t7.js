import{Ar as e,Gi as t,I as n,Qt as r,Ri as i,Rr as a,Tt as o,V as s,Vr as c,en as l,kn as u,ri as d,wr as f,xr as p}from"./index-C7t3oi2S.js";import{t as m}from"./Select-CK13XAiD.js";import{t as h}from"./use-debounced-value-BJo12p2o.js";import{r as g}from"./urql.es-BfJov1kp.js";var _=t(i(),1),v=d(),y=o(`
  query FindTargets($search: String) {
    accounts(search: $search, first: 8) { nodes { id name provider } }
    resources(search: $search, first: 20) { nodes { id name kind account { id name } gateway { id name } } }
  }
`),b=o(`
  query ReadRoutedAccount($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Account { name }
    }
    resources(accountId: $id, first: 1) { nodes { id roles } }
  }
`),x=o(`
  query ReadResource($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Resource { name kind roles account { id name } gateway { id name } }
    }
  }
`),S=o(`
  query Preview($items: [AccessRequestItemInput!]!) {
    notificationPreview(items: $items) {
      routes { integrationId integrationName }
      silentRoutes { integrationId integrationName integrationStatus }
    }
  }
`);function C({integrationId:t,target:i,onTarget:o}){let[d,C]=(0,_.useState)(``),[w]=h(d.trim(),200),[{data:T,fetching:E}]=g({query:y,variables:{search:w||null}}),D=i?.startsWith(`acc_`)??!1,O={id:i??``},[{data:k,error:A},j]=g({query:b,variables:O,pause:!D,requestPolicy:`network-only`}),[{data:M,error:N},P]=g({query:x,variables:O,pause:D||i===void 0,requestPolicy:`network-only`}),F=D?k?.node:M?.node,I=D&&k?.node?.__typename===`Account`&&k.node.id===i?k.node:null,L=!D&&M?.node?.__typename===`Resource`&&M.node.id===i?M.node:null,R=I??L,z=L??(I?k?.resources?.nodes[0]:void 0),B=z?[{resourceId:z.id,role:z.roles[0]??null}]:[],[{data:V,error:H},U]=g({query:S,variables:{items:B},pause:B.length===0,requestPolicy:`network-only`}),W=L?[L.name,L.account?.name??L.gateway?.name].filter(Boolean).join(` · `):I?.name??``,G=(T?.accounts?.nodes??[]).map(e=>({value:e.id,label:e.name})),K=(T?.resources?.nodes??[]).map(e=>({value:e.id,label:[e.name,e.account?.name??e.gateway?.name??r[e.kind]].filter(Boolean).join(` · `)}));i&&W&&![...G,...K].some(e=>e.value===i)&&(D?G:K).unshift({value:i,label:W});let q=u((D?A:N)??H),J=V?.notificationPreview?.routes,Y=l(V?.notificationPreview?.silentRoutes??[]);return(0,v.jsx)(`section`,{className:`card`,"aria-labelledby":`routing`,children:(0,v.jsxs)(f,{p:`md`,gap:`sm`,children:[(0,v.jsx)(p,{order:2,id:`routing`,children:`Routing preview`}),(0,v.jsx)(m,{label:`Account or resource`,description:`Which channels hear of a request for it?`,placeholder:`Find one by its name`,searchable:!0,clearable:!0,clearButtonProps:{"aria-label":`Clear the account or resource`},value:i??null,onChange:e=>o(e??void 0),onSearchChange:e=>C(e===W||[...G,...K].some(t=>t.label===e)?``:e),filter:({options:e})=>e,data:[{group:`Accounts`,items:G},{group:`Resources`,items:K}].filter(e=>e.items.length>0),nothingFoundMessage:E?`Searching…`:`No account or resource is called so.`}),(0,v.jsx)(`div`,{role:`status`,style:{minHeight:44},children:i===void 0?null:q?(0,v.jsx)(n,{what:`The routing could not be read`,trouble:q,again:()=>{D?j({requestPolicy:`network-only`}):P({requestPolicy:`network-only`}),B.length>0&&U({requestPolicy:`network-only`})}}):F===null?(0,v.jsx)(e,{c:`wait`,children:`This account or resource does not exist any more.`}):I&&B.length===0?(0,v.jsxs)(e,{c:`wait`,children:[(0,v.jsx)(`bdi`,{children:I.name}),` has no resource yet: nobody can ask for anything in it.`]}):!J||!R?(0,v.jsx)(c,{size:`sm`,role:`progressbar`,"aria-label":`Loading`}):J.length===0?(0,v.jsxs)(e,{c:`wait`,children:[`No channel hears of a request for `,(0,v.jsx)(`bdi`,{children:W}),`. `,Y?`${Y}.`:`Link its account here, or select a notification channel.`]}):(0,v.jsxs)(a,{gap:`xs`,align:`baseline`,children:[(0,v.jsxs)(e,{children:[(0,v.jsx)(`bdi`,{children:W}),` →`]}),J.map((n,r)=>(0,v.jsxs)(e,{fw:n.integrationId===t?600:400,children:[n.integrationId===t?(0,v.jsxs)(v.Fragment,{children:[(0,v.jsx)(`bdi`,{children:n.integrationName}),` (this one)`]}):(0,v.jsx)(s,{to:`/integrations/$id`,params:{id:n.integrationId},children:(0,v.jsx)(`bdi`,{children:n.integrationName})}),r<J.length-1&&`,`]},n.integrationId)),!J.some(e=>e.integrationId===t)&&(0,v.jsx)(e,{c:`dimmed`,children:`This one does not.`})]})})]})})}export{C as Routing};