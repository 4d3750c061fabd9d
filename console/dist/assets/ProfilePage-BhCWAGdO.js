const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=["assets/PasswordForm-DvG_SY0E.js","assets/index-5uU4x6My.js","assets/index-Cco10hXD.css","assets/Standing-B1dBgv1F.js","assets/client-CU_l4pPa.js","assets/urql-core-BZ0yxIN8.js","assets/people.module-BoQlr75-.js","assets/people-DKDBYuW2.css","assets/Form-YWdfbvkE.js","assets/Modal-DPahyfEJ.js","assets/NativeScrollArea-CPtIuouS.js","assets/OptionalPortal-ClwUdxOv.js","assets/FocusTrap-APluBIvo.js","assets/ScrollArea-9PE5xSlg.js","assets/useRefused-B0Zxh6xy.js"])))=>i.map(i=>d[i]);
import{An as e,Cr as t,Ct as n,G as r,H as i,I as a,K as o,Li as s,N as c,P as l,Sn as u,T as d,U as f,Xr as p,_n as m,_r as h,dn as g,ji as _,jr as v,kn as y,mr as b,q as x,un as S,w as C,yt as w}from"./index-5uU4x6My.js";import{t as T}from"./read-CamZ6XjH.js";import{n as E,t as D}from"./Sessions-DxW6vpEA.js";import{N as O,b as k,d as A,j,t as M,v as N}from"./people.module-BoQlr75-.js";import{t as P}from"./Tokens-DYvMAMTQ.js";import{n as F,r as I,t as L}from"./Standing-B1dBgv1F.js";import{t as R}from"./Radio-BOZptyP3.js";import{t as z}from"./Select-B0wGAHS0.js";import{t as ee}from"./Switch-DcUsvMaA.js";import{t as B}from"./use-mantine-color-scheme-BQ3cLHKy.js";import{t as V}from"./client-CU_l4pPa.js";var H=s(_(),1),U=n(`
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
  `,[A,N,k]),W=n(`
  mutation SetPassword($input: SetPasswordInput!) {
    result: setPassword(input: $input) {
      userErrors { code field message }
    }
  }
`),G=n(`
  mutation SetTimeZone($input: SetTimeZoneInput!) {
    result: setTimeZone(input: $input) {
      user { id timeZone }
      userErrors { code field message }
    }
  }
`),K=n(`
  query ReadTimeZone {
    viewer { user { id timeZone } }
  }
`),q=p(),J=`device`,Y={"Africa/Asmera":`Africa/Asmara`,"America/Buenos_Aires":`America/Argentina/Buenos_Aires`,"America/Godthab":`America/Nuuk`,"Asia/Calcutta":`Asia/Kolkata`,"Asia/Katmandu":`Asia/Kathmandu`,"Asia/Rangoon":`Asia/Yangon`,"Asia/Saigon":`Asia/Ho_Chi_Minh`,"Atlantic/Faeroe":`Atlantic/Faroe`,"Europe/Kiev":`Europe/Kyiv`,"Pacific/Enderbury":`Pacific/Kanton`,"Pacific/Ponape":`Pacific/Pohnpei`,"Pacific/Truk":`Pacific/Chuuk`};function X({zone:e}){return(0,q.jsx)(`section`,{className:`card`,"aria-labelledby":`settings`,children:(0,q.jsxs)(h,{p:`md`,gap:`lg`,children:[(0,q.jsx)(b,{order:2,id:`settings`,children:`Settings`}),(0,q.jsx)(Z,{zone:e}),(0,q.jsx)(Q,{}),(0,q.jsx)($,{})]})})}function Z({zone:n}){let{live:r}=y(),[i,a]=(0,H.useState)(n),o=(0,H.useMemo)(()=>{let e=Intl.supportedValuesOf(`timeZone`).map(e=>Y[e]??e);return[{value:J,label:`As this device (${S()})`},...[...new Set([...e,`UTC`,...n?[n]:[]])].sort().map(e=>({value:e,label:e.replaceAll(`_`,` `)}))]},[n]),s=I(G,{holds:async e=>{let{data:t,error:n}=await V.query(K,{},{requestPolicy:`network-only`}).toPromise();return n||!t?.viewer?.user?void 0:t.viewer.user.timeZone===(e.timeZone??null)},notDone:`This did not arrive, and the zone is as before. Choose it once more.`,at:j});async function c(e){if(e===null)return;let t=e===J?null:e,n=i;a(t),(await s.send({timeZone:t}))?.is===`done`?(g(t),d()):a(n)}return(0,q.jsxs)(`div`,{children:[(0,q.jsx)(z,{label:`Time zone`,description:`By which times are shown and read, wherever you sign in.`,data:o,value:i??J,onChange:e=>void c(e),searchable:!0,limit:50,nothingFoundMessage:`No zone is called so.`,allowDeselect:!1,readOnly:!r||s.busy,error:s.wrong.timeZone}),(0,q.jsx)(t,{size:`sm`,c:`dimmed`,mt:4,role:`status`,children:r?`It is ${C(e(),e())} there.`:m}),(0,q.jsx)(L,{of:s})]})}function Q(){let{colorScheme:e,setColorScheme:t}=B();return(0,q.jsx)(R.Group,{size:`md`,label:`Colours`,description:`On this device.`,value:e,onChange:e=>t(e),children:(0,q.jsxs)(h,{gap:`xs`,mt:`xs`,children:[(0,q.jsx)(R,{value:`auto`,label:`As the system`}),(0,q.jsx)(R,{value:`light`,label:`Light`}),(0,q.jsx)(R,{value:`dark`,label:`Dark`})]})})}function $(){let[e,t]=(0,H.useState)(i);return(0,q.jsx)(ee,{label:`Shortcuts of single letters`,description:`On this device. Off, letters do nothing outside of fields.`,checked:e,onChange:e=>{t(e.currentTarget.checked),f(e.currentTarget.checked)}})}var te=(0,H.lazy)(async()=>({default:(await r(async()=>{let{PasswordForm:e}=await import(`./PasswordForm-DvG_SY0E.js`);return{PasswordForm:e}},__vite__mapDeps([0,1,2,3,4,5,6,7,8,9,10,11,12,13,14]))).PasswordForm}));function ne(){let e=o(),{live:n}=y(),[r,i]=(0,H.useState)(!1),s=(0,H.useRef)(null),[{data:d,error:f},p]=T({query:U,variables:{me:e.id}}),m=()=>p({requestPolicy:`network-only`});w(e=>e===`again`&&m()),c(`My profile`);let g=u(f),_=d?.viewer?.user;if(x(_&&!_.federated?[{label:`Change your password`,run:()=>i(!0)}]:[]),!_)return(0,q.jsx)(l,{title:`My profile`,wrong:g,what:`Your profile could not be read`,again:m});let S=_.sessions?.nodes??[];return(0,q.jsxs)(h,{gap:`lg`,children:[(0,q.jsxs)(`div`,{children:[(0,q.jsx)(b,{order:1,children:`My profile`}),(0,q.jsxs)(t,{c:`dimmed`,children:[(0,q.jsx)(`bdi`,{children:_.name}),` · `,(0,q.jsx)(`bdi`,{children:_.email}),` · `,O[_.role]]})]}),g&&(0,q.jsx)(a,{what:`This could not be read again`,trouble:g,again:m}),(0,q.jsxs)(`div`,{className:M.columns,children:[(0,q.jsxs)(h,{gap:`lg`,miw:0,children:[(0,q.jsx)(D,{sessions:S,again:m}),(0,q.jsx)(`div`,{className:`card`,children:(0,q.jsx)(P,{tokens:_.tokens?.nodes??[],owner:{kind:`self`},again:m})}),(0,q.jsx)(E,{links:d?.slackLinks?.nodes??[],none:(0,q.jsxs)(q.Fragment,{children:[`No Slack account is yours. Type `,(0,q.jsx)(`span`,{className:`mono`,children:`/procyon login`}),` in Slack to link one.`]}),again:m})]}),(0,q.jsxs)(h,{gap:`lg`,children:[(0,q.jsx)(X,{zone:_.timeZone}),(0,q.jsx)(`section`,{className:`card`,"aria-labelledby":`password`,children:(0,q.jsxs)(h,{p:`md`,gap:`sm`,children:[(0,q.jsx)(b,{order:2,id:`password`,children:`Password`}),(0,q.jsx)(t,{size:`sm`,c:`dimmed`,children:_.federated?`You sign in through the identity provider, and change your password there.`:`To change it ends all of your sessions, also this one.`}),!_.federated&&(0,q.jsx)(v,{children:(0,q.jsx)(F,{ref:s,variant:`default`,off:!n,onClick:()=>i(!0),children:`Change password…`})})]})})]})]}),(0,q.jsx)(H.Suspense,{children:r&&(0,q.jsx)(te,{sessions:S.length,onClose:()=>{i(!1),setTimeout(()=>s.current?.focus())}})})]})}export{ne as ProfilePage,W as t};