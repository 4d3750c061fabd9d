const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=["assets/PasswordForm-C-cRNRi1.js","assets/index-C6BrXdzw.js","assets/index-Cco10hXD.css","assets/change-CWalrRjq.js","assets/client-BkVPQHHz.js","assets/urql-core-Dg3exIiL.js","assets/people.module-bJt9cT92.js","assets/people-CuR-P5ka.css","assets/Form-DqqzU8x_.js","assets/Modal-nPl9u-9D.js","assets/NativeScrollArea-TfWngZzj.js","assets/OptionalPortal-958C8PEp.js","assets/FocusTrap-CtHLcRAC.js","assets/ScrollArea-DZH9bo0t.js","assets/ActButton-DKO3bMdZ.js","assets/Standing-CdelLZ_2.js","assets/useRefused-cBpEfL1L.js"])))=>i.map(i=>d[i]);
import{An as e,Et as t,G as n,H as r,I as i,K as a,Ki as o,Ln as s,N as c,P as l,Rn as u,Sr as d,St as f,T as p,Tn as m,Tr as h,U as g,_n as _,ii as v,jr as y,q as b,vn as x,w as S,zi as C,zr as w}from"./index-C6BrXdzw.js";import{t as T}from"./read-BRYpMXcX.js";import{n as E,t as D}from"./Sessions-BfwoqK_e.js";import{A as O,N as k,l as A,s as j,t as M,x as N}from"./people.module-bJt9cT92.js";import{t as P}from"./Tokens-Cs1ThE1J.js";import{t as F}from"./ActButton-DKO3bMdZ.js";import{t as I}from"./Radio-__rubv8f.js";import{t as L}from"./Select-C7nLuDrl.js";import{t as R}from"./Switch-FTCbmP7s.js";import{t as z}from"./use-mantine-color-scheme-BR6Bxuls.js";import{t as ee}from"./change-CWalrRjq.js";import{t as B}from"./client-BkVPQHHz.js";import{t as V}from"./Standing-CdelLZ_2.js";var H=o(C(),1),U=t(`
    query ReadProfile($me: ID!) {
      viewer {
        userId
        user {
          id
          name
          email
          role
          federated
          timeZone
          sessions(first: 100) { nodes { ...SessionRow } }
          tokens(first: 100) { nodes { ...TokenRow } }
        }
      }
      slackLinks(filter: { userId: $me }, first: 20) { nodes { ...LinkRow } }
    }
  `,[N,O,k]),W=t(`
  mutation SetPassword($input: SetPasswordInput!) {
    result: setPassword(input: $input) {
      userErrors { code field message }
    }
  }
`),G=t(`
  mutation SetTimeZone($input: SetTimeZoneInput!) {
    result: setTimeZone(input: $input) {
      user { id timeZone }
      userErrors { code field message }
    }
  }
`),K=t(`
  query ReadTimeZone {
    viewer { user { id timeZone } }
  }
`),q=v(),J=`device`,Y={"Africa/Asmera":`Africa/Asmara`,"America/Buenos_Aires":`America/Argentina/Buenos_Aires`,"America/Godthab":`America/Nuuk`,"Asia/Calcutta":`Asia/Kolkata`,"Asia/Katmandu":`Asia/Kathmandu`,"Asia/Rangoon":`Asia/Yangon`,"Asia/Saigon":`Asia/Ho_Chi_Minh`,"Atlantic/Faeroe":`Atlantic/Faroe`,"Europe/Kiev":`Europe/Kyiv`,"Pacific/Enderbury":`Pacific/Kanton`,"Pacific/Ponape":`Pacific/Pohnpei`,"Pacific/Truk":`Pacific/Chuuk`};function X({zone:e}){return(0,q.jsx)(`section`,{className:`card`,"aria-labelledby":`settings`,children:(0,q.jsxs)(h,{p:`md`,gap:`lg`,children:[(0,q.jsx)(d,{order:2,id:`settings`,children:`Settings`}),(0,q.jsx)(Z,{zone:e}),(0,q.jsx)(Q,{}),(0,q.jsx)($,{})]})})}function Z({zone:e}){let{live:t}=s(),[n,r]=(0,H.useState)(e),i=(0,H.useMemo)(()=>{let t=Intl.supportedValuesOf(`timeZone`).map(e=>Y[e]??e);return[{value:J,label:`As this device (${_()})`},...[...new Set([...t,`UTC`,...e?[e]:[]])].sort().map(e=>({value:e,label:e.replaceAll(`_`,` `)}))]},[e]),a=ee(G,{holds:async e=>{let{data:t,error:n}=await B.query(K,{},{requestPolicy:`network-only`}).toPromise();return n||!t?.viewer?.user?void 0:t.viewer.user.timeZone===(e.timeZone??null)},notDone:`This did not arrive, and the zone is as before. Choose it once more.`,at:j});async function o(e){if(e===null)return;let t=e===J?null:e,i=n;r(t),(await a.send({timeZone:t}))?.is===`done`?(x(t),p()):r(i)}return(0,q.jsxs)(`div`,{children:[(0,q.jsx)(L,{label:`Time zone`,description:`By which times are shown and read, wherever you sign in.`,data:i,value:n??J,onChange:e=>void o(e),searchable:!0,limit:50,nothingFoundMessage:`No zone is called so.`,allowDeselect:!1,readOnly:!t||a.busy,error:a.wrong.timeZone}),(0,q.jsx)(y,{size:`sm`,c:`dimmed`,mt:4,role:`status`,children:t?`It is ${S(u(),u())} there.`:m}),(0,q.jsx)(V,{of:a})]})}function Q(){let{colorScheme:e,setColorScheme:t}=z();return(0,q.jsx)(I.Group,{size:`md`,label:`Colours`,description:`On this device.`,value:e,onChange:e=>t(e),children:(0,q.jsxs)(h,{gap:`xs`,mt:`xs`,children:[(0,q.jsx)(I,{value:`auto`,label:`As the system`}),(0,q.jsx)(I,{value:`light`,label:`Light`}),(0,q.jsx)(I,{value:`dark`,label:`Dark`})]})})}function $(){let[e,t]=(0,H.useState)(r);return(0,q.jsx)(R,{label:`Shortcuts of single letters`,description:`On this device. Off, letters do nothing outside of fields.`,checked:e,onChange:e=>{t(e.currentTarget.checked),g(e.currentTarget.checked)}})}var te=(0,H.lazy)(async()=>({default:(await n(async()=>{let{PasswordForm:e}=await import(`./PasswordForm-C-cRNRi1.js`);return{PasswordForm:e}},__vite__mapDeps([0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]))).PasswordForm}));function ne(){let t=a(),{live:n}=s(),[r,o]=(0,H.useState)(!1),u=(0,H.useRef)(null),[{data:p,error:m},g]=T({query:U,variables:{me:t.id}}),_=()=>g({requestPolicy:`network-only`});f(e=>e===`again`&&_()),c(`My profile`);let v=e(m),x=p?.viewer?.user;if(b(x&&!x.federated?[{label:`Change your password`,run:()=>o(!0)}]:[]),!x)return(0,q.jsx)(l,{title:`My profile`,wrong:v,what:`Your profile could not be read`,again:_});let S=x.sessions?.nodes??[];return(0,q.jsxs)(h,{gap:`lg`,children:[(0,q.jsxs)(`div`,{children:[(0,q.jsx)(d,{order:1,children:`My profile`}),(0,q.jsxs)(y,{c:`dimmed`,children:[(0,q.jsx)(`bdi`,{children:x.name}),` · `,(0,q.jsx)(`bdi`,{children:x.email}),` · `,A[x.role]]})]}),v&&(0,q.jsx)(i,{what:`This could not be read again`,trouble:v,again:_}),(0,q.jsxs)(`div`,{className:M.columns,children:[(0,q.jsxs)(h,{gap:`lg`,miw:0,children:[(0,q.jsx)(D,{sessions:S,again:_}),(0,q.jsx)(`div`,{className:`card`,children:(0,q.jsx)(P,{tokens:x.tokens?.nodes??[],owner:{kind:`self`},again:_})}),(0,q.jsx)(E,{links:p?.slackLinks?.nodes??[],none:(0,q.jsxs)(q.Fragment,{children:[`No Slack account is yours. Type `,(0,q.jsx)(`span`,{className:`mono`,children:`/procyon login`}),` in Slack to link one.`]}),again:_})]}),(0,q.jsxs)(h,{gap:`lg`,children:[(0,q.jsx)(X,{zone:x.timeZone}),(0,q.jsx)(`section`,{className:`card`,"aria-labelledby":`password`,children:(0,q.jsxs)(h,{p:`md`,gap:`sm`,children:[(0,q.jsx)(d,{order:2,id:`password`,children:`Password`}),(0,q.jsx)(y,{size:`sm`,c:`dimmed`,children:x.federated?`You sign in through the identity provider, and change your password there.`:`To change it ends all of your sessions, also this one.`}),!x.federated&&(0,q.jsx)(w,{children:(0,q.jsx)(F,{ref:u,variant:`default`,off:!n,onClick:()=>o(!0),children:`Change password…`})})]})})]})]}),(0,q.jsx)(H.Suspense,{children:r&&(0,q.jsx)(te,{sessions:S.length,onClose:()=>{o(!1),setTimeout(()=>u.current?.focus())}})})]})}export{ne as ProfilePage,W as t};