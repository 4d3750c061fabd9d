import{A as e,An as t,Dt as n,N as r,Nn as i,Yt as a,en as o,tn as s}from"./index-Vbq9x3m8.js";var c=n(`
  fragment WhoNamed on PolicyWho { everyone users { subjectId name } groups { subjectId name } }
`),l=n(`
  fragment WhatNamed on PolicyWhat {
    accounts { subjectId name } gateways { subjectId name } resources { subjectId name }
    kinds roles tags { key value }
  }
`),u=n(`
  fragment StepNamed on PolicyStep {
    name need administrators owners manager users { subjectId name } groups { subjectId name }
    remindEvery endAfter escalation { after administrators owners manager users { subjectId name } groups { subjectId name } }
  }
`),d=n(`
    fragment PolicyRow on Policy {
      policyId name who { ...WhoNamed } what { ...WhatNamed } refuse maxDuration maxStartAhead extensions minReasonLength
      ticketNeeded ticketPattern ticketExample approveInConsole hideApprovers
    }
  `,[c,l]),f=n(`
    fragment GuardrailRow on Guardrail {
      guardrailId name except { ...WhoNamed } what { ...WhatNamed } condition refuse maxDuration approveInConsole signInWithin step { ...StepNamed }
    }
  `,[c,l,u]),p=n(`fragment PoliciesPart on PolicySet { version changedAt changedBy { actorId name } policies { ...PolicyRow } }`,[d]),m=n(`fragment StepsPart on PolicySet { version policies { policyId steps { ...StepNamed } } }`,[u]),h=n(`fragment GuardrailsPart on PolicySet { version guardrails { ...GuardrailRow } }`,[f]);function g([e,t,n]){let r=new Map(t.policies.map(e=>[e.policyId,e.steps]));return{...e,policies:e.policies.map(e=>({...e,steps:r.get(e.policyId)??[]})),guardrails:n.guardrails}}var _=n(`query ReadPolicies { policySet { ...PoliciesPart } }`,[p]),v=n(`query ReadSteps { policySet { ...StepsPart } }`,[m]),y=n(`query ReadGuardrails { policySet { ...GuardrailsPart } }`,[h]);async function b(e=3){let[n,r,a]=await Promise.all([i(_,{}),i(v,{}),i(y,{})]),o=n.data?.policySet,s=r.data?.policySet,c=a.data?.policySet;return!o||!s||!c?t(n.error??r.error??a.error):o.version===s.version&&o.version===c.version?g([o,s,c]):e>1?b(e-1):{kind:`failed`,message:`The policies are being changed. Try again.`}}var x=n(`query ReadOldPolicies($version: Int!) { policyVersion(version: $version) { set { ...PoliciesPart } } }`,[p]),S=n(`query ReadOldSteps($version: Int!) { policyVersion(version: $version) { set { ...StepsPart } } }`,[m]),C=n(`query ReadOldGuardrails($version: Int!) { policyVersion(version: $version) { set { ...GuardrailsPart } } }`,[h]);async function w(e){let[n,r,a]=await Promise.all([i(x,{version:e}),i(S,{version:e}),i(C,{version:e})]),[o,s,c]=[n.data?.policyVersion?.set,r.data?.policyVersion?.set,a.data?.policyVersion?.set];if(!o||!s||!c)return t(n.error??r.error??a.error);let{policies:l,guardrails:u}=g([o,s,c]);return{policies:l,guardrails:u}}var T=n(`
  mutation SetPolicies($input: SetPoliciesInput!) {
    result: setPolicies(input: $input) { policySet { version } warnings { field message } userErrors { code field message } }
  }
`);async function E(e,n){let{data:r,error:a}=await i(T,{input:{set:e,expectedVersion:n,dryRun:!0}}),o=r?.result;if(!o)return t(a);let s=e=>e.replace(/^(input\.)?set\./,``);return[...o.userErrors.filter(e=>e.code!==`CONFLICT`).map(e=>({at:s((e.field??[]).join(`.`)),message:e.message,warning:!1})),...o.warnings.map(e=>({at:s(e.field),message:e.message,warning:!0}))]}var D=n(`
  query FindPlaced($search: String) {
    accounts(search: $search, first: 10) { nodes { id name } }
    gateways(search: $search, first: 10) { nodes { id name } }
    resources(search: $search, first: 20) { nodes { id name } }
  }
`);async function O(e){let{data:t}=await i(D,{search:e||null});return[...t?.accounts?.nodes??[],...t?.gateways?.nodes??[],...t?.resources?.nodes??[]].map(({id:e,name:t})=>({subjectId:e,name:t}))}var k=n(`
  query FindTried($search: String) {
    resources(search: $search, first: 20) { nodes { id name roles account { name } gateway { name } } }
  }
`);async function A(e){let{data:t}=await i(k,{search:e||null});return t?.resources?.nodes??[]}var j=n(`
  query TryPolicies($input: ExplainAccessInput!) {
    explainAccess(input: $input) {
      approvedAtOnce approvers maxDuration refusal { field message } tracks { policyName resourceIds refusedBecause guardrails steps { name need guardrail } }
    }
  }
`);async function M(e,n){let{data:r,error:a}=await i(j,{input:{...e,...n?{draft:n}:{}}});return r?.explainAccess??t(a)}var N=n(`
  query RehearsePolicies($input: RehearsePoliciesInput!) {
    rehearsePolicies(input: $input) {
      requestCount goneCount otherPolicyCount otherApproversCount refusedCount allowedCount approvedAtOnceCount differingCount
      differing { requestId requesterName items askedAt before after }
    }
  }
`);async function P(e){let{data:n,error:r}=await i(N,{input:{set:e}});return n?.rehearsePolicies??t(r)}var F={list:`_list_yzvmk_1`,rule:`_rule_yzvmk_2`,facts:`_facts_yzvmk_4`,steps:`_steps_yzvmk_7`,changes:`_changes_yzvmk_8`,edits:`_edits_yzvmk_9`,when:`_when_yzvmk_13`,rehearsed:`_rehearsed_yzvmk_18`},I=12,L=e=>s(e,`or`,I),R=e=>e.name??`…${e.subjectId.slice(-6)} (removed)`,z=e=>[...e.users.map(R),...e.groups.map(e=>`the group ${R(e)}`)];function B(e){if(e.everyone)return`Everyone`;let t=z(e);return t.length===0?`Nobody`:K(L(t))}function V(e){let t=[...e.accounts,...e.gateways,...e.resources].map(R),n=[e.kinds.length>0?L(e.kinds.map(e=>o[e]??e)):`Everything`];return t.length>0&&(n[0]+=` at ${L(t)}`),e.roles.length>0&&n.push(`with the role ${L(e.roles)}`),e.tags.length>0&&n.push(`tagged ${s(e.tags.map(e=>e.value?`${e.key}=${e.value}`:e.key),`and`,I)}`),n.join(`, `)}function H(e){let t=z(e);return e.owners&&t.push(`the owners`),e.manager&&t.push(`their manager`),e.administrators&&t.push(`the administrators`),t.length===0?`nobody yet`:L(t)}function U(t){let n=[`${t.name?`${t.name}: `:``}${t.need===1?`one`:t.need} of ${H(t)}`];return t.remindEvery!==null&&n.push(`reminded every ${r(e(t.remindEvery))}`),t.escalation&&n.push(`after ${r(e(t.escalation.after))} also ${H(t.escalation)}`),t.endAfter!==null&&n.push(`over after ${r(e(t.endAfter))}`),n.join(`; `)}function W(t){if(t.refuse!==null)return[`Refused: ${t.refuse}`];let n=[];return t.maxDuration!==null&&n.push(`At most ${r(e(t.maxDuration))}`),t.extensions||n.push(`No extensions`),t.maxStartAhead!==null&&n.push(`Starts at most ${r(e(t.maxStartAhead))} ahead`),t.minReasonLength>0&&n.push(`A reason of at least ${a(t.minReasonLength,`character`)}`),t.ticketNeeded&&n.push(t.ticketExample?`A ticket such as ${t.ticketExample}`:`A ticket`),t.approveInConsole&&n.push(`Approved in the console alone`),t.hideApprovers&&n.push(`Requesters don’t see who is asked`),n}function G(t){let n=[];return t.refuse!==null&&n.push(`Refused: ${t.refuse}`),t.maxDuration!==null&&n.push(`At most ${r(e(t.maxDuration))}`),t.signInWithin===null?t.approveInConsole&&n.push(`Approved in the console alone`):n.push(`Approved in the console alone, within ${r(e(t.signInWithin))} of a sign-in`),t.step&&n.push(`Approved besides by ${U(t.step)}`),n}var K=e=>e.slice(0,1).toUpperCase()+e.slice(1);export{U as a,F as c,O as d,A as f,M as g,P as h,R as i,T as l,b as m,G as n,V as o,w as p,W as r,B as s,K as t,E as u};