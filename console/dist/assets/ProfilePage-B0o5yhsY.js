const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=["assets/PasswordForm-BBBBe6-S.js","assets/index-DeOb5rPG.js","assets/index-Cco10hXD.css","assets/Standing-mCSXv-bR.js","assets/client-SouVtVQ9.js","assets/urql-core-B3X2J5A8.js","assets/people.module-2d2Y5u7M.js","assets/people-CuR-P5ka.css","assets/Form-KUSj1K1U.js","assets/Modal-zcPZ2pxF.js","assets/NativeScrollArea-Ck3vbFAG.js","assets/OptionalPortal-DEW5R86p.js","assets/FocusTrap-DaMgbRxI.js","assets/ScrollArea-CPyjyn1-.js","assets/ActButton-DjbQjYWX.js","assets/useRefused-BstqMClI.js"])))=>i.map(i=>d[i]);
import{Cn as e,Cr as t,Fn as n,G as r,H as i,I as a,In as o,K as s,Li as c,Lr as l,N as u,On as d,P as f,T as p,U as m,Wi as h,br as g,bt as _,gn as v,hn as y,kr as b,ni as x,q as S,w as C,wt as w}from"./index-DeOb5rPG.js";import{t as T}from"./read-BvEWhKqV.js";import{n as E,t as D}from"./Sessions-VBbWvUG6.js";import{A as O,N as k,l as A,s as j,t as M,x as N}from"./people.module-2d2Y5u7M.js";import{t as P}from"./Tokens-CBoI0dVa.js";import{t as F}from"./ActButton-DjbQjYWX.js";import{t as I}from"./Radio-CGvtXxY3.js";import{t as L}from"./Select--MILtHdz.js";import{t as R}from"./Switch-Dflyqoi-.js";import{t as z}from"./use-mantine-color-scheme-o5igZMDR.js";import{n as B,t as V}from"./Standing-mCSXv-bR.js";import{t as H}from"./client-SouVtVQ9.js";var U=h(c(),1),W=w(`
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
  `,[N,O,k]),G=w(`
  mutation SetPassword($input: SetPasswordInput!) {
    result: setPassword(input: $input) {
      userErrors { code field message }
    }
  }
`),K=w(`
  mutation SetTimeZone($input: SetTimeZoneInput!) {
    result: setTimeZone(input: $input) {
      user { id timeZone }
      userErrors { code field message }
    }
  }
`),q=w(`
  query ReadTimeZone {
    viewer { user { id timeZone } }
  }
`),J=x(),Y=`device`,X={"Africa/Asmera":`Africa/Asmara`,"America/Buenos_Aires":`America/Argentina/Buenos_Aires`,"America/Godthab":`America/Nuuk`,"Asia/Calcutta":`Asia/Kolkata`,"Asia/Katmandu":`Asia/Kathmandu`,"Asia/Rangoon":`Asia/Yangon`,"Asia/Saigon":`Asia/Ho_Chi_Minh`,"Atlantic/Faeroe":`Atlantic/Faroe`,"Europe/Kiev":`Europe/Kyiv`,"Pacific/Enderbury":`Pacific/Kanton`,"Pacific/Ponape":`Pacific/Pohnpei`,"Pacific/Truk":`Pacific/Chuuk`};function Z({zone:e}){return(0,J.jsx)(`section`,{className:`card`,"aria-labelledby":`settings`,children:(0,J.jsxs)(t,{p:`md`,gap:`lg`,children:[(0,J.jsx)(g,{order:2,id:`settings`,children:`Settings`}),(0,J.jsx)(Q,{zone:e}),(0,J.jsx)($,{}),(0,J.jsx)(ee,{})]})})}function Q({zone:t}){let{live:r}=n(),[i,a]=(0,U.useState)(t),s=(0,U.useMemo)(()=>{let e=Intl.supportedValuesOf(`timeZone`).map(e=>X[e]??e);return[{value:Y,label:`As this device (${y()})`},...[...new Set([...e,`UTC`,...t?[t]:[]])].sort().map(e=>({value:e,label:e.replaceAll(`_`,` `)}))]},[t]),c=B(K,{holds:async e=>{let{data:t,error:n}=await H.query(q,{},{requestPolicy:`network-only`}).toPromise();return n||!t?.viewer?.user?void 0:t.viewer.user.timeZone===(e.timeZone??null)},notDone:`This did not arrive, and the zone is as before. Choose it once more.`,at:j});async function l(e){if(e===null)return;let t=e===Y?null:e,n=i;a(t),(await c.send({timeZone:t}))?.is===`done`?(v(t),p()):a(n)}return(0,J.jsxs)(`div`,{children:[(0,J.jsx)(L,{label:`Time zone`,description:`By which times are shown and read, wherever you sign in.`,data:s,value:i??Y,onChange:e=>void l(e),searchable:!0,limit:50,nothingFoundMessage:`No zone is called so.`,allowDeselect:!1,readOnly:!r||c.busy,error:c.wrong.timeZone}),(0,J.jsx)(b,{size:`sm`,c:`dimmed`,mt:4,role:`status`,children:r?`It is ${C(o(),o())} there.`:e}),(0,J.jsx)(V,{of:c})]})}function $(){let{colorScheme:e,setColorScheme:n}=z();return(0,J.jsx)(I.Group,{size:`md`,label:`Colours`,description:`On this device.`,value:e,onChange:e=>n(e),children:(0,J.jsxs)(t,{gap:`xs`,mt:`xs`,children:[(0,J.jsx)(I,{value:`auto`,label:`As the system`}),(0,J.jsx)(I,{value:`light`,label:`Light`}),(0,J.jsx)(I,{value:`dark`,label:`Dark`})]})})}function ee(){let[e,t]=(0,U.useState)(i);return(0,J.jsx)(R,{label:`Shortcuts of single letters`,description:`On this device. Off, letters do nothing outside of fields.`,checked:e,onChange:e=>{t(e.currentTarget.checked),m(e.currentTarget.checked)}})}var te=(0,U.lazy)(async()=>({default:(await r(async()=>{let{PasswordForm:e}=await import(`./PasswordForm-BBBBe6-S.js`);return{PasswordForm:e}},__vite__mapDeps([0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]))).PasswordForm}));function ne(){let e=s(),{live:r}=n(),[i,o]=(0,U.useState)(!1),c=(0,U.useRef)(null),[{data:p,error:m},h]=T({query:W,variables:{me:e.id}}),v=()=>h({requestPolicy:`network-only`});_(e=>e===`again`&&v()),u(`My profile`);let y=d(m),x=p?.viewer?.user;if(S(x&&!x.federated?[{label:`Change your password`,run:()=>o(!0)}]:[]),!x)return(0,J.jsx)(f,{title:`My profile`,wrong:y,what:`Your profile could not be read`,again:v});let C=x.sessions?.nodes??[];return(0,J.jsxs)(t,{gap:`lg`,children:[(0,J.jsxs)(`div`,{children:[(0,J.jsx)(g,{order:1,children:`My profile`}),(0,J.jsxs)(b,{c:`dimmed`,children:[(0,J.jsx)(`bdi`,{children:x.name}),` · `,(0,J.jsx)(`bdi`,{children:x.email}),` · `,A[x.role]]})]}),y&&(0,J.jsx)(a,{what:`This could not be read again`,trouble:y,again:v}),(0,J.jsxs)(`div`,{className:M.columns,children:[(0,J.jsxs)(t,{gap:`lg`,miw:0,children:[(0,J.jsx)(D,{sessions:C,again:v}),(0,J.jsx)(`div`,{className:`card`,children:(0,J.jsx)(P,{tokens:x.tokens?.nodes??[],owner:{kind:`self`},again:v})}),(0,J.jsx)(E,{links:p?.slackLinks?.nodes??[],none:(0,J.jsxs)(J.Fragment,{children:[`No Slack account is yours. Type `,(0,J.jsx)(`span`,{className:`mono`,children:`/procyon login`}),` in Slack to link one.`]}),again:v})]}),(0,J.jsxs)(t,{gap:`lg`,children:[(0,J.jsx)(Z,{zone:x.timeZone}),(0,J.jsx)(`section`,{className:`card`,"aria-labelledby":`password`,children:(0,J.jsxs)(t,{p:`md`,gap:`sm`,children:[(0,J.jsx)(g,{order:2,id:`password`,children:`Password`}),(0,J.jsx)(b,{size:`sm`,c:`dimmed`,children:x.federated?`You sign in through the identity provider, and change your password there.`:`To change it ends all of your sessions, also this one.`}),!x.federated&&(0,J.jsx)(l,{children:(0,J.jsx)(F,{ref:c,variant:`default`,off:!r,onClick:()=>o(!0),children:`Change password…`})})]})})]})]}),(0,J.jsx)(U.Suspense,{children:i&&(0,J.jsx)(te,{sessions:C.length,onClose:()=>{o(!1),setTimeout(()=>c.current?.focus())}})})]})}export{ne as ProfilePage,G as t};