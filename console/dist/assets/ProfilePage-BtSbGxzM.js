const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=["assets/PasswordForm-BrJoQDzb.js","assets/index-Vbq9x3m8.js","assets/index-Cco10hXD.css","assets/change-BLLyrJ3H.js","assets/client-CRRpibaR.js","assets/urql-core-D5F8wwiB.js","assets/people.module-DafFcmCI.js","assets/people-CuR-P5ka.css","assets/Form-62eUKgEX.js","assets/Modal-D6JvIEt6.js","assets/NativeScrollArea-CyWJ0PUf.js","assets/OptionalPortal-Xu3x3uma.js","assets/FocusTrap-BjSNhXF3.js","assets/VisuallyHidden-eG_UGA1b.js","assets/ScrollArea-BNWWOZhq.js","assets/ActButton-DqgWteWG.js","assets/Standing-D3SnFyw7.js","assets/useRefused-O9JHEhd7.js"])))=>i.map(i=>d[i]);
import{Bi as e,Br as t,Cr as n,Ct as r,Dt as i,E as a,En as o,Er as s,F as c,J as l,K as u,L as d,Mr as f,P as p,Rn as m,T as h,U as g,W as _,ai as v,jn as y,q as b,qi as x,vn as S,yn as C,zn as w}from"./index-Vbq9x3m8.js";import{t as T}from"./read-CQGmzpxL.js";import{n as E,t as D}from"./Sessions-9lnIPrQ9.js";import{A as O,N as k,l as A,s as j,t as M,x as N}from"./people.module-DafFcmCI.js";import{t as P}from"./Tokens-Kg3euZ-R.js";import{t as F}from"./ActButton-DqgWteWG.js";import{t as I}from"./Radio-Br4GKqdB.js";import{t as L}from"./Select-BBS1DB6f.js";import{t as R}from"./Switch-2seBqNqh.js";import{t as z}from"./use-mantine-color-scheme-JrJjI98V.js";import{t as B}from"./change-BLLyrJ3H.js";import{t as V}from"./client-CRRpibaR.js";import{t as H}from"./Standing-D3SnFyw7.js";var U=x(e(),1),W=i(`
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
  `,[N,O,k]),G=i(`
  mutation SetPassword($input: SetPasswordInput!) {
    result: setPassword(input: $input) {
      userErrors { code field message }
    }
  }
`),K=i(`
  mutation SetTimeZone($input: SetTimeZoneInput!) {
    result: setTimeZone(input: $input) {
      user { id timeZone }
      userErrors { code field message }
    }
  }
`),q=i(`
  query ReadTimeZone {
    viewer { user { id timeZone } }
  }
`),J=v(),Y=`device`,X={"Africa/Asmera":`Africa/Asmara`,"America/Buenos_Aires":`America/Argentina/Buenos_Aires`,"America/Godthab":`America/Nuuk`,"Asia/Calcutta":`Asia/Kolkata`,"Asia/Katmandu":`Asia/Kathmandu`,"Asia/Rangoon":`Asia/Yangon`,"Asia/Saigon":`Asia/Ho_Chi_Minh`,"Atlantic/Faeroe":`Atlantic/Faroe`,"Europe/Kiev":`Europe/Kyiv`,"Pacific/Enderbury":`Pacific/Kanton`,"Pacific/Ponape":`Pacific/Pohnpei`,"Pacific/Truk":`Pacific/Chuuk`};function Z({zone:e}){return(0,J.jsx)(`section`,{className:`card`,"aria-labelledby":`settings`,children:(0,J.jsxs)(s,{p:`md`,gap:`lg`,children:[(0,J.jsx)(n,{order:2,id:`settings`,children:`Settings`}),(0,J.jsx)(Q,{zone:e}),(0,J.jsx)($,{}),(0,J.jsx)(ee,{})]})})}function Q({zone:e}){let{live:t}=m(),[n,r]=(0,U.useState)(e),i=(0,U.useMemo)(()=>{let t=Intl.supportedValuesOf(`timeZone`).map(e=>X[e]??e);return[{value:Y,label:`As this device (${S()})`},...[...new Set([...t,`UTC`,...e?[e]:[]])].sort().map(e=>({value:e,label:e.replaceAll(`_`,` `)}))]},[e]),s=B(K,{holds:async e=>{let{data:t,error:n}=await V.query(q,{},{requestPolicy:`network-only`}).toPromise();return n||!t?.viewer?.user?void 0:t.viewer.user.timeZone===(e.timeZone??null)},notDone:`This did not arrive, and the zone is as before. Choose it once more.`,at:j});async function c(e){if(e===null)return;let t=e===Y?null:e,i=n;r(t),(await s.send({timeZone:t}))?.is===`done`?(C(t),a()):r(i)}return(0,J.jsxs)(`div`,{children:[(0,J.jsx)(L,{label:`Time zone`,description:`By which times are shown and read, wherever you sign in.`,data:i,value:n??Y,onChange:e=>void c(e),searchable:!0,limit:50,nothingFoundMessage:`No zone is called so.`,allowDeselect:!1,readOnly:!t||s.busy,error:s.wrong.timeZone}),(0,J.jsx)(f,{size:`sm`,c:`dimmed`,mt:4,role:`status`,children:t?`It is ${h(w(),w())} there.`:o}),(0,J.jsx)(H,{of:s})]})}function $(){let{colorScheme:e,setColorScheme:t}=z();return(0,J.jsx)(I.Group,{size:`md`,label:`Colours`,description:`On this device.`,value:e,onChange:e=>t(e),children:(0,J.jsxs)(s,{gap:`xs`,mt:`xs`,children:[(0,J.jsx)(I,{value:`auto`,label:`As the system`}),(0,J.jsx)(I,{value:`light`,label:`Light`}),(0,J.jsx)(I,{value:`dark`,label:`Dark`})]})})}function ee(){let[e,t]=(0,U.useState)(g);return(0,J.jsx)(R,{label:`Shortcuts of single letters`,description:`On this device. Off, letters do nothing outside of fields.`,checked:e,onChange:e=>{t(e.currentTarget.checked),_(e.currentTarget.checked)}})}var te=(0,U.lazy)(async()=>({default:(await u(async()=>{let{PasswordForm:e}=await import(`./PasswordForm-BrJoQDzb.js`);return{PasswordForm:e}},__vite__mapDeps([0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]))).PasswordForm}));function ne(){let e=b(),{live:i}=m(),[a,o]=(0,U.useState)(!1),u=(0,U.useRef)(null),[{data:h,error:g},_]=T({query:W,variables:{me:e.id}}),v=()=>_({requestPolicy:`network-only`});r(e=>e===`again`&&v()),p(`My profile`);let x=y(g),S=h?.viewer?.user;if(l(S&&!S.federated?[{label:`Change your password`,run:()=>o(!0)}]:[]),!S)return(0,J.jsx)(c,{title:`My profile`,wrong:x,what:`Your profile could not be read`,again:v});let C=S.sessions?.nodes??[];return(0,J.jsxs)(s,{gap:`lg`,children:[(0,J.jsxs)(`div`,{children:[(0,J.jsx)(n,{order:1,children:`My profile`}),(0,J.jsxs)(f,{c:`dimmed`,children:[(0,J.jsx)(`bdi`,{children:S.name}),` · `,(0,J.jsx)(`bdi`,{children:S.email}),` · `,A[S.role]]})]}),x&&(0,J.jsx)(d,{what:`This could not be read again`,trouble:x,again:v}),(0,J.jsxs)(`div`,{className:M.columns,children:[(0,J.jsxs)(s,{gap:`lg`,miw:0,children:[(0,J.jsx)(D,{sessions:C,again:v}),(0,J.jsx)(`div`,{className:`card`,children:(0,J.jsx)(P,{tokens:S.tokens?.nodes??[],owner:{kind:`self`},again:v})}),(0,J.jsx)(E,{links:h?.slackLinks?.nodes??[],none:(0,J.jsxs)(J.Fragment,{children:[`No Slack account is yours. Type `,(0,J.jsx)(`span`,{className:`mono`,children:`/procyon login`}),` in Slack to link one.`]}),again:v})]}),(0,J.jsxs)(s,{gap:`lg`,children:[(0,J.jsx)(Z,{zone:S.timeZone}),(0,J.jsx)(`section`,{className:`card`,"aria-labelledby":`password`,children:(0,J.jsxs)(s,{p:`md`,gap:`sm`,children:[(0,J.jsx)(n,{order:2,id:`password`,children:`Password`}),(0,J.jsx)(f,{size:`sm`,c:`dimmed`,children:S.federated?`You sign in through the identity provider, and change your password there.`:`To change it ends all of your sessions, also this one.`}),!S.federated&&(0,J.jsx)(t,{children:(0,J.jsx)(F,{ref:u,variant:`default`,off:!i,onClick:()=>o(!0),children:`Change password…`})})]})})]})]}),(0,J.jsx)(U.Suspense,{children:a&&(0,J.jsx)(te,{sessions:C.length,onClose:()=>{o(!1),setTimeout(()=>u.current?.focus())}})})]})}export{ne as ProfilePage,G as t};