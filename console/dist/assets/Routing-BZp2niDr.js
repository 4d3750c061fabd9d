import{$t as e,An as t,Et as n,Hr as r,I as i,Ki as a,Sr as o,Tr as s,V as c,ii as l,jr as u,tn as d,zi as f,zr as p}from"./index-C6BrXdzw.js";import{t as m}from"./Select-C7nLuDrl.js";import{t as h}from"./use-debounced-value-Bp9-fz6d.js";import{r as g}from"./urql.es-DL9gTkU_.js";var _=a(f(),1),v=l(),y=n(`
  query FindTargets($search: String) {
    accounts(search: $search, first: 8) { nodes { id name provider } }
    resources(search: $search, first: 20) { nodes { id name kind account { id name } gateway { id name } } }
  }
`),b=n(`
  query ReadRoutedAccount($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Account { name }
    }
    resources(accountId: $id, first: 1) { nodes { id roles } }
  }
`),x=n(`
  query ReadResource($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Resource { name kind roles account { id name } gateway { id name } }
    }
  }
`),S=n(`
  query Preview($items: [AccessRequestItemInput!]!) {
    notificationPreview(items: $items) {
      routes { integrationId integrationName }
      silentRoutes { integrationId integrationName integrationStatus }
    }
  }
`);function C({integrationId:n,target:a,onTarget:l}){let[f,C]=(0,_.useState)(``),[w]=h(f.trim(),200),[{data:T,fetching:E}]=g({query:y,variables:{search:w||null}}),D=a?.startsWith(`acc_`)??!1,O={id:a??``},[{data:k,error:A},j]=g({query:b,variables:O,pause:!D,requestPolicy:`network-only`}),[{data:M,error:N},P]=g({query:x,variables:O,pause:D||a===void 0,requestPolicy:`network-only`}),F=D?k?.node:M?.node,I=D&&k?.node?.__typename===`Account`&&k.node.id===a?k.node:null,L=!D&&M?.node?.__typename===`Resource`&&M.node.id===a?M.node:null,R=I??L,z=L??(I?k?.resources?.nodes[0]:void 0),B=z?[{resourceId:z.id,role:z.roles[0]??null}]:[],[{data:V,error:H},U]=g({query:S,variables:{items:B},pause:B.length===0,requestPolicy:`network-only`}),W=L?[L.name,L.account?.name??L.gateway?.name].filter(Boolean).join(` · `):I?.name??``,G=(T?.accounts?.nodes??[]).map(e=>({value:e.id,label:e.name})),K=(T?.resources?.nodes??[]).map(t=>({value:t.id,label:[t.name,t.account?.name??t.gateway?.name??e[t.kind]].filter(Boolean).join(` · `)}));a&&W&&![...G,...K].some(e=>e.value===a)&&(D?G:K).unshift({value:a,label:W});let q=t((D?A:N)??H),J=V?.notificationPreview?.routes,Y=d(V?.notificationPreview?.silentRoutes??[]);return(0,v.jsx)(`section`,{className:`card`,"aria-labelledby":`routing`,children:(0,v.jsxs)(s,{p:`md`,gap:`sm`,children:[(0,v.jsx)(o,{order:2,id:`routing`,children:`Routing preview`}),(0,v.jsx)(m,{label:`Account or resource`,description:`Which channels hear of a request for it?`,placeholder:`Find one by its name`,searchable:!0,clearable:!0,clearButtonProps:{"aria-label":`Clear the account or resource`},value:a??null,onChange:e=>l(e??void 0),onSearchChange:e=>C(e===W||[...G,...K].some(t=>t.label===e)?``:e),filter:({options:e})=>e,data:[{group:`Accounts`,items:G},{group:`Resources`,items:K}].filter(e=>e.items.length>0),nothingFoundMessage:E?`Searching…`:`No account or resource is called so.`}),(0,v.jsx)(`div`,{role:`status`,style:{minHeight:44},children:a===void 0?null:q?(0,v.jsx)(i,{what:`The routing could not be read`,trouble:q,again:()=>{D?j({requestPolicy:`network-only`}):P({requestPolicy:`network-only`}),B.length>0&&U({requestPolicy:`network-only`})}}):F===null?(0,v.jsx)(u,{c:`wait`,children:`This account or resource does not exist any more.`}):I&&B.length===0?(0,v.jsxs)(u,{c:`wait`,children:[(0,v.jsx)(`bdi`,{children:I.name}),` has no resource yet: nobody can ask for anything in it.`]}):!J||!R?(0,v.jsx)(r,{size:`sm`,role:`progressbar`,"aria-label":`Loading`}):J.length===0?(0,v.jsxs)(u,{c:`wait`,children:[`No channel hears of a request for `,(0,v.jsx)(`bdi`,{children:W}),`. `,Y?`${Y}.`:`Link its account here, or select a notification channel.`]}):(0,v.jsxs)(p,{gap:`xs`,align:`baseline`,children:[(0,v.jsxs)(u,{children:[(0,v.jsx)(`bdi`,{children:W}),` →`]}),J.map((e,t)=>(0,v.jsxs)(u,{fw:e.integrationId===n?600:400,children:[e.integrationId===n?(0,v.jsxs)(v.Fragment,{children:[(0,v.jsx)(`bdi`,{children:e.integrationName}),` (this one)`]}):(0,v.jsx)(c,{to:`/integrations/$id`,params:{id:e.integrationId},children:(0,v.jsx)(`bdi`,{children:e.integrationName})}),t<J.length-1&&`,`]},e.integrationId)),!J.some(e=>e.integrationId===n)&&(0,v.jsx)(u,{c:`dimmed`,children:`This one does not.`})]})})]})})}export{C as Routing};