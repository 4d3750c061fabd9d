import{An as e,Dt as t,Nn as n,Qt as r,an as i,dn as a,fn as o}from"./index-Vbq9x3m8.js";var s=t(`
  fragment EntryRow on JournalEntry {
    seq
    at
    type
    subjectId
    subjectKind
    subjectName
    actor { kind name via actingService }
  }
`),c=t(`
    query ReadJournal($filter: JournalFilter!, $first: Int, $after: String, $last: Int, $before: String) {
      journal(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
        edges { cursor node { ...EntryRow } }
        pageInfo { startCursor endCursor hasNextPage hasPreviousPage }
        totalCount
      }
    }
  `,[s]);async function l(t,r,i){let o=`first`in i?{last:i.first,before:i.after}:{first:i.last,after:i.before},{data:s,error:l}=await n(c,{filter:a(t,r),...o}),u=s?.journal;if(!u)return e(l);let{startCursor:d,endCursor:f,hasNextPage:p,hasPreviousPage:m}=u.pageInfo;return{edges:u.edges.map(e=>({cursor:e.cursor,node:{...e.node,id:String(e.node.seq)}})).reverse(),startCursor:f,endCursor:d,hasNextPage:m,hasPreviousPage:p,total:u.totalCount}}var u=t(`
    query ReadEntry($seq: Int!) {
      journalEntry(seq: $seq) { ...EntryRow cursor version data hash prevHash before after }
    }
  `,[s]);async function d(t){let{data:r,error:i}=await n(u,{seq:t});return!r||i?e(i):r.journalEntry&&{...r.journalEntry,id:String(t)}}var f={CREATED:`added`,UPDATED:`changed`,DELETED:`deleted`,ACCEPTED:`accepted`,INSTALLED:`installed`,UNINSTALLED:`uninstalled`,LINKED:`linked`,UNLINKED:`unlinked`,LINK_REQUESTED:`asked to link`,LINK_AGREED:`agreed to link`,PASSWORD_SET:`set the password of`,SESSIONS_ENDED:`ended sessions of`,TOKEN_ISSUED:`made a token of`,TOKEN_REVOKED:`revoked a token of`,CONSUMER_RESET:`reset a consumer of`,CONSUMER_DELETED:`deleted a consumer of`},p={ACTIVATED:`put in force`,POLICY_CHANGED:`looked anew at who decides`,REMINDED:`reminded who can decide`,ESCALATED:`let more people decide`,EXPIRED:`ended`,FAILED:`could not set up`,EXTENSION_REQUESTED:`asked to extend`,EXTENSION_DENIED:`denied to extend`},m=e=>r[e]??e.charAt(0)+e.slice(1).toLowerCase().replaceAll(`_`,` `),h=e=>(e.subjectKind===`ACCESS_REQUEST`?p[e.type]??r[e.type]:e.subjectKind===`POLICY_SET`?`changed`:f[e.type])?.toLowerCase()??m(e.type).toLowerCase(),g=e=>e.actor.kind===`SYSTEM`?e.actor.via===`cli`?`The command line`:`Procyon`:e.actor.name,_=e=>e.subjectName??(e.subjectKind===`POLICY_SET`?`the policies`:`…${e.subjectId.slice(-8)}`),v=e=>o[e.subjectKind];function y(e){if(e.actor.kind===`SYSTEM`)return``;let t=i[e.actor.via??``]??``;return e.actor.actingService&&e.actor.via!==`slack`?`${t} by ${e.actor.actingService}`.trim():t}var b=e=>e===`ACCESS_REQUEST`?Object.keys(r):[...new Set([...e?[]:Object.keys(r),...Object.keys(f)])],x=e=>e===void 0?``:typeof e==`string`?e:JSON.stringify(e,null,1);function S(e,t,n=``){let r=e=>typeof e==`object`&&!!e&&!Array.isArray(e);if(r(e??{})&&r(t??{})&&(r(e)||r(t))){let[r,i]=[e??{},t??{}];return[...new Set([...Object.keys(r),...Object.keys(i)])].flatMap(e=>S(r[e],i[e],n?`${n}.${e}`:e))}return JSON.stringify(e)===JSON.stringify(t)?[]:[{field:n,before:x(e),after:x(t)}]}export{d as a,b as c,l as i,h as l,v as n,y as o,_ as r,m as s,S as t,g as u};