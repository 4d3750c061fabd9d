const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=["assets/PasswordForm-BpHVjQQR.js","assets/index-C7t3oi2S.js","assets/index-Cco10hXD.css","assets/change-CpHexWAF.js","assets/client-DTqsobxC.js","assets/urql-core-DfLNKWap.js","assets/people.module-B7uqpbkz.js","assets/people-CuR-P5ka.css","assets/Form-CawGMebT.js","assets/Modal-D63sTFhY.js","assets/NativeScrollArea-BaBy00WB.js","assets/OptionalPortal-C9C34r-I.js","assets/FocusTrap-CC8pjxt2.js","assets/ScrollArea-DnJ2pCOm.js","assets/ActButton-BIBpv5H3.js","assets/Standing-Ch4fq_KZ.js","assets/useRefused-B_Wg1XQg.js"])))=>i.map(i=>d[i]);
import{Ar as e,G as t,Gi as n,H as r,I as i,In as a,K as o,Ln as s,N as c,P as l,Ri as u,Rr as d,T as f,Tt as p,U as m,_n as h,gn as g,kn as _,q as v,ri as y,w as b,wn as x,wr as S,xr as C,xt as w}from"./index-C7t3oi2S.js";import{t as T}from"./read-AyRC2Bul.js";import{n as E,t as D}from"./Sessions-ZVwz4YOg.js";import{A as O,N as k,l as A,s as j,t as M,x as N}from"./people.module-B7uqpbkz.js";import{t as P}from"./Tokens-B8rF8_03.js";import{t as F}from"./ActButton-BIBpv5H3.js";import{t as I}from"./Radio-Cm9TBH7c.js";import{t as L}from"./Select-CK13XAiD.js";import{t as R}from"./Switch-5yfbB_p_.js";import{t as z}from"./use-mantine-color-scheme-DsrLk831.js";import{t as B}from"./change-CpHexWAF.js";import{t as V}from"./client-DTqsobxC.js";import{t as H}from"./Standing-Ch4fq_KZ.js";var U=n(u(),1),W=p(`
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
  `,[N,O,k]),G=p(`
  mutation SetPassword($input: SetPasswordInput!) {
    result: setPassword(input: $input) {
      userErrors { code field message }
    }
  }
`),K=p(`
  mutation SetTimeZone($input: SetTimeZoneInput!) {
    result: setTimeZone(input: $input) {
      user { id timeZone }
      userErrors { code field message }
    }
  }
`),q=p(`
  query ReadTimeZone {
    viewer { user { id timeZone } }
  }
`),J=y(),Y=`device`,X={"Africa/Asmera":`Africa/Asmara`,"America/Buenos_Aires":`America/Argentina/Buenos_Aires`,"America/Godthab":`America/Nuuk`,"Asia/Calcutta":`Asia/Kolkata`,"Asia/Katmandu":`Asia/Kathmandu`,"Asia/Rangoon":`Asia/Yangon`,"Asia/Saigon":`Asia/Ho_Chi_Minh`,"Atlantic/Faeroe":`Atlantic/Faroe`,"Europe/Kiev":`Europe/Kyiv`,"Pacific/Enderbury":`Pacific/Kanton`,"Pacific/Ponape":`Pacific/Pohnpei`,"Pacific/Truk":`Pacific/Chuuk`};function Z({zone:e}){return(0,J.jsx)(`section`,{className:`card`,"aria-labelledby":`settings`,children:(0,J.jsxs)(S,{p:`md`,gap:`lg`,children:[(0,J.jsx)(C,{order:2,id:`settings`,children:`Settings`}),(0,J.jsx)(Q,{zone:e}),(0,J.jsx)($,{}),(0,J.jsx)(ee,{})]})})}function Q({zone:t}){let{live:n}=a(),[r,i]=(0,U.useState)(t),o=(0,U.useMemo)(()=>{let e=Intl.supportedValuesOf(`timeZone`).map(e=>X[e]??e);return[{value:Y,label:`As this device (${g()})`},...[...new Set([...e,`UTC`,...t?[t]:[]])].sort().map(e=>({value:e,label:e.replaceAll(`_`,` `)}))]},[t]),c=B(K,{holds:async e=>{let{data:t,error:n}=await V.query(q,{},{requestPolicy:`network-only`}).toPromise();return n||!t?.viewer?.user?void 0:t.viewer.user.timeZone===(e.timeZone??null)},notDone:`This did not arrive, and the zone is as before. Choose it once more.`,at:j});async function l(e){if(e===null)return;let t=e===Y?null:e,n=r;i(t),(await c.send({timeZone:t}))?.is===`done`?(h(t),f()):i(n)}return(0,J.jsxs)(`div`,{children:[(0,J.jsx)(L,{label:`Time zone`,description:`By which times are shown and read, wherever you sign in.`,data:o,value:r??Y,onChange:e=>void l(e),searchable:!0,limit:50,nothingFoundMessage:`No zone is called so.`,allowDeselect:!1,readOnly:!n||c.busy,error:c.wrong.timeZone}),(0,J.jsx)(e,{size:`sm`,c:`dimmed`,mt:4,role:`status`,children:n?`It is ${b(s(),s())} there.`:x}),(0,J.jsx)(H,{of:c})]})}function $(){let{colorScheme:e,setColorScheme:t}=z();return(0,J.jsx)(I.Group,{size:`md`,label:`Colours`,description:`On this device.`,value:e,onChange:e=>t(e),children:(0,J.jsxs)(S,{gap:`xs`,mt:`xs`,children:[(0,J.jsx)(I,{value:`auto`,label:`As the system`}),(0,J.jsx)(I,{value:`light`,label:`Light`}),(0,J.jsx)(I,{value:`dark`,label:`Dark`})]})})}function ee(){let[e,t]=(0,U.useState)(r);return(0,J.jsx)(R,{label:`Shortcuts of single letters`,description:`On this device. Off, letters do nothing outside of fields.`,checked:e,onChange:e=>{t(e.currentTarget.checked),m(e.currentTarget.checked)}})}var te=(0,U.lazy)(async()=>({default:(await t(async()=>{let{PasswordForm:e}=await import(`./PasswordForm-BpHVjQQR.js`);return{PasswordForm:e}},__vite__mapDeps([0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]))).PasswordForm}));function ne(){let t=o(),{live:n}=a(),[r,s]=(0,U.useState)(!1),u=(0,U.useRef)(null),[{data:f,error:p},m]=T({query:W,variables:{me:t.id}}),h=()=>m({requestPolicy:`network-only`});w(e=>e===`again`&&h()),c(`My profile`);let g=_(p),y=f?.viewer?.user;if(v(y&&!y.federated?[{label:`Change your password`,run:()=>s(!0)}]:[]),!y)return(0,J.jsx)(l,{title:`My profile`,wrong:g,what:`Your profile could not be read`,again:h});let b=y.sessions?.nodes??[];return(0,J.jsxs)(S,{gap:`lg`,children:[(0,J.jsxs)(`div`,{children:[(0,J.jsx)(C,{order:1,children:`My profile`}),(0,J.jsxs)(e,{c:`dimmed`,children:[(0,J.jsx)(`bdi`,{children:y.name}),` · `,(0,J.jsx)(`bdi`,{children:y.email}),` · `,A[y.role]]})]}),g&&(0,J.jsx)(i,{what:`This could not be read again`,trouble:g,again:h}),(0,J.jsxs)(`div`,{className:M.columns,children:[(0,J.jsxs)(S,{gap:`lg`,miw:0,children:[(0,J.jsx)(D,{sessions:b,again:h}),(0,J.jsx)(`div`,{className:`card`,children:(0,J.jsx)(P,{tokens:y.tokens?.nodes??[],owner:{kind:`self`},again:h})}),(0,J.jsx)(E,{links:f?.slackLinks?.nodes??[],none:(0,J.jsxs)(J.Fragment,{children:[`No Slack account is yours. Type `,(0,J.jsx)(`span`,{className:`mono`,children:`/procyon login`}),` in Slack to link one.`]}),again:h})]}),(0,J.jsxs)(S,{gap:`lg`,children:[(0,J.jsx)(Z,{zone:y.timeZone}),(0,J.jsx)(`section`,{className:`card`,"aria-labelledby":`password`,children:(0,J.jsxs)(S,{p:`md`,gap:`sm`,children:[(0,J.jsx)(C,{order:2,id:`password`,children:`Password`}),(0,J.jsx)(e,{size:`sm`,c:`dimmed`,children:y.federated?`You sign in through the identity provider, and change your password there.`:`To change it ends all of your sessions, also this one.`}),!y.federated&&(0,J.jsx)(d,{children:(0,J.jsx)(F,{ref:u,variant:`default`,off:!n,onClick:()=>s(!0),children:`Change password…`})})]})})]})]}),(0,J.jsx)(U.Suspense,{children:r&&(0,J.jsx)(te,{sessions:b.length,onClose:()=>{s(!1),setTimeout(()=>u.current?.focus())}})})]})}export{ne as ProfilePage,G as t};