import{n as e}from"./rolldown-runtime-WkwZ5CU-.js";import{Bn as t,Br as n,Dn as r,M as i,Mn as a,Nt as o,U as s,Un as c,ar as l,vt as u,wn as d,z as f}from"./index-BooAi1Q9.js";import{t as p}from"./Select-DR3obqqe.js";import{t as m}from"./use-debounced-value-DSmQW4Io.js";import{r as h}from"./urql.es-D2-QOp9j.js";var g=e(n(),1),_=l(),v=u(`
  query FindTargets($search: String) {
    accounts(search: $search, first: 8) { nodes { id name provider } }
    resources(search: $search, first: 20) { nodes { id name kind account { id name } gateway { id name } } }
  }
`),y=u(`
  query ReadRoutedAccount($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Account { name }
    }
    resources(accountId: $id, first: 1) { nodes { id roles } }
  }
`),b=u(`
  query ReadResource($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Resource { name kind roles account { id name } gateway { id name } }
    }
  }
`),x=u(`
  query Preview($items: [AccessRequestItemInput!]!) {
    notificationPreview(items: $items) {
      routes { integrationId integrationName }
    }
  }
`);function S({integrationId:e,target:n,onTarget:l}){let[u,S]=(0,g.useState)(``),[C]=m(u.trim(),200),[{data:w,fetching:T}]=h({query:v,variables:{search:C||null}}),E=n?.startsWith(`acc_`)??!1,D={id:n??``},[{data:O,error:k},A]=h({query:y,variables:D,pause:!E,requestPolicy:`network-only`}),[{data:j,error:M},N]=h({query:b,variables:D,pause:E||n===void 0,requestPolicy:`network-only`}),P=E?O?.node:j?.node,F=E&&O?.node?.__typename===`Account`&&O.node.id===n?O.node:null,I=!E&&j?.node?.__typename===`Resource`&&j.node.id===n?j.node:null,L=F??I,R=I??(F?O?.resources?.nodes[0]:void 0),z=R?[{resourceId:R.id,role:R.roles[0]??null}]:[],[{data:B,error:V},H]=h({query:x,variables:{items:z},pause:z.length===0,requestPolicy:`network-only`}),U=I?[I.name,I.account?.name??I.gateway?.name].filter(Boolean).join(` · `):F?.name??``,W=(w?.accounts?.nodes??[]).map(e=>({value:e.id,label:e.name})),G=(w?.resources?.nodes??[]).map(e=>({value:e.id,label:[e.name,e.account?.name??e.gateway?.name??i[e.kind]].filter(Boolean).join(` · `)}));n&&U&&![...W,...G].some(e=>e.value===n)&&(E?W:G).unshift({value:n,label:U});let K=o((E?k:M)??V),q=B?.notificationPreview?.routes;return(0,_.jsx)(`section`,{className:`card`,"aria-labelledby":`routing`,children:(0,_.jsxs)(r,{p:`md`,gap:`sm`,children:[(0,_.jsx)(d,{order:2,id:`routing`,children:`Routing preview`}),(0,_.jsx)(p,{label:`Account or resource`,description:`Which channels hear of a request for it?`,placeholder:`Find one by its name`,searchable:!0,clearable:!0,clearButtonProps:{"aria-label":`Clear the account or resource`},value:n??null,onChange:e=>l(e??void 0),onSearchChange:e=>S(e===U||[...W,...G].some(t=>t.label===e)?``:e),filter:({options:e})=>e,data:[{group:`Accounts`,items:W},{group:`Resources`,items:G}].filter(e=>e.items.length>0),nothingFoundMessage:T?`Searching…`:`No account or resource is called so.`,maxDropdownHeight:320}),(0,_.jsx)(`div`,{role:`status`,style:{minHeight:44},children:n===void 0?null:K?(0,_.jsx)(f,{what:`The routing could not be read`,trouble:K,again:()=>{E?A({requestPolicy:`network-only`}):N({requestPolicy:`network-only`}),z.length>0&&H({requestPolicy:`network-only`})}}):P===null?(0,_.jsx)(a,{c:`wait`,children:`This account or resource does not exist any more.`}):F&&z.length===0?(0,_.jsxs)(a,{c:`wait`,children:[(0,_.jsx)(`bdi`,{children:F.name}),` has no resource yet: nobody can ask for anything in it.`]}):!q||!L?(0,_.jsx)(c,{size:`sm`,"aria-label":`Loading`}):q.length===0?(0,_.jsxs)(a,{c:`wait`,children:[`No channel hears of a request for `,(0,_.jsx)(`bdi`,{children:U}),`. Link its account here, or select a notification channel.`]}):(0,_.jsxs)(t,{gap:`xs`,align:`baseline`,children:[(0,_.jsxs)(a,{children:[(0,_.jsx)(`bdi`,{children:U}),` →`]}),q.map((t,n)=>(0,_.jsxs)(a,{fw:t.integrationId===e?600:400,children:[t.integrationId===e?(0,_.jsxs)(_.Fragment,{children:[(0,_.jsx)(`bdi`,{children:t.integrationName}),` (this one)`]}):(0,_.jsx)(s,{to:`/integrations/$id`,params:{id:t.integrationId},children:(0,_.jsx)(`bdi`,{children:t.integrationName})}),n<q.length-1&&`,`]},t.integrationId)),!q.some(t=>t.integrationId===e)&&(0,_.jsx)(a,{c:`dimmed`,children:`This one does not.`})]})})]})})}export{S as Routing};