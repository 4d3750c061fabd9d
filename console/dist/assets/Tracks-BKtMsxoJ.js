import{$t as e,Ar as t,Gi as n,Ri as r,Tt as i,f as a,jr as o,qt as s,ri as c,ut as l,wr as u,xr as d}from"./index-C7t3oi2S.js";var f=n(r(),1);function p(){let e=(0,f.useRef)(null),[t,n]=(0,f.useState)(!1);return{ref:(0,f.useCallback)(t=>{typeof IntersectionObserver<`u`&&(e.current?.disconnect(),t?(e.current=new IntersectionObserver(e=>{let t=e[e.length-1];n(t.isIntersecting)}),e.current.observe(t)):(e.current=null,n(!1)))},[]),inViewport:t}}var m=c(),h=i(`
  fragment RequestTracks on AccessRequest {
    tracks {
      policyId
      policyName
      policyVersion
      resourceIds
      refusedBecause
      approveInConsole
      guardrails
      steps {
        name
        need
        status
        lacking
        approvedBy
        guardrail
        approvers { approverId name by }
      }
    }
  }
`),g=e=>e.every(e=>e.policyVersion===0&&e.guardrails.length===0&&e.refusedBecause===null);function _({request:e,open:t,items:n}){return g(e.tracks)?null:(0,m.jsx)(`section`,{className:`card`,"aria-labelledby":`tracks`,children:(0,m.jsxs)(u,{p:`md`,gap:`md`,children:[(0,m.jsx)(d,{order:2,id:`tracks`,children:`How it is decided`}),e.tracks.map((r,i)=>(0,m.jsx)(v,{track:r,when:t?`open`:`over`,items:e.tracks.length>1?n.filter(e=>r.resourceIds.includes(e.resourceId)).map(a):[]},i))]})})}function v({track:n,when:r,items:i}){return(0,m.jsxs)(u,{gap:4,children:[(0,m.jsx)(d,{order:3,fz:`md`,children:(0,m.jsx)(`bdi`,{children:n.policyName})}),i.length>0&&(0,m.jsxs)(t,{size:`sm`,c:`dimmed`,children:[`For `,(0,m.jsx)(`bdi`,{children:e(i,`and`,20)})]}),n.guardrails.length>0&&(0,m.jsxs)(t,{size:`sm`,c:`dimmed`,children:[n.guardrails.length===1?`Guardrail`:`Guardrails`,`: `,(0,m.jsx)(`bdi`,{children:e(n.guardrails,`and`,20)})]}),n.refusedBecause===null?n.steps.length===0?(0,m.jsx)(t,{size:`sm`,children:`Nobody has to approve it.`}):(0,m.jsx)(u,{component:`ol`,gap:`xs`,m:0,pl:`lg`,fz:`sm`,children:n.steps.map((e,t)=>(0,m.jsx)(`li`,{"aria-current":r===`open`&&e.status===`PRESENT`?`step`:void 0,children:(0,m.jsx)(y,{step:e,when:r})},t))}):(0,m.jsx)(o,{color:`bad`,variant:`light`,icon:(0,m.jsx)(l,{"aria-hidden":!0}),title:`Nobody gets this`,children:(0,m.jsx)(`bdi`,{children:n.refusedBecause})}),n.approveInConsole&&(0,m.jsx)(t,{size:`sm`,c:`dimmed`,children:`Approvals are taken in the console alone.`})]})}function y({step:n,when:r}){let i=[n.name,n.guardrail&&`asked for by the guardrail ${n.guardrail}`].filter(Boolean).join(`, `);return(0,m.jsxs)(m.Fragment,{children:[i&&(0,m.jsx)(t,{size:`sm`,fw:600,children:(0,m.jsx)(`bdi`,{children:i})}),n.approvedBy.length>0&&(0,m.jsxs)(t,{size:`sm`,children:[`Approved by `,(0,m.jsx)(`bdi`,{children:e(n.approvedBy,`and`,10)}),`.`]}),(0,m.jsx)(t,{size:`sm`,c:r!==`over`&&n.status===`PRESENT`?void 0:`dimmed`,children:(0,m.jsx)(`bdi`,{children:b(n,r)})})]})}function b(e,t){if(e.status===`MET`)return e.approvedBy.length>0?`Met.`:`Met: nobody had to approve.`;let n=x(e.approvers);return t===`over`?`Needed ${s(e.need,`approval`)} ${n}.`:e.status===`PRESENT`&&t===`ahead`?`Needs ${s(e.need,`approval`)} ${n}.`:e.status===`PRESENT`?`Waits for ${s(e.lacking,e.approvedBy.length>0?`more approval`:`approval`)} ${n}.`:`Then needs ${s(e.need,`approval`)} ${n}.`}function x(t){if(t===null)return`of people who are kept from you`;if(t.length===0)return`of nobody: there is no one left who could`;let n=t.map(e=>e.approverId===`administrators`?`an administrator`:(e.name??`somebody who was removed`)+{NAME:``,OWNER:` (owner)`,MANAGER:` (manager)`}[e.by]);return`of ${e(n,`or`,10)}`}export{p as a,g as i,h as n,_ as r,v as t};