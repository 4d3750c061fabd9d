const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=["assets/PasswordForm-BwEWggnz.js","assets/index-CF7BXYAz.js","assets/index-Cco10hXD.css","assets/Standing-Bbh7DFt7.js","assets/client-CoCg00zy.js","assets/urql-core-m_cyel2s.js","assets/people.module-Cekkzwsu.js","assets/people-Ce7oRwwI.css","assets/Form-C-ePF9-m.js","assets/Modal-B5PL89vc.js","assets/NativeScrollArea-Boa-0BY1.js","assets/OptionalPortal-DTroBdEv.js","assets/FocusTrap-DVnuYGay.js","assets/ScrollArea-D7pZsDfY.js","assets/useRefused-DsJq5w8V.js"])))=>i.map(i=>d[i]);
import{An as e,Cn as t,Ct as n,G as r,H as i,I as a,K as o,Mi as s,Mr as c,N as l,P as u,Ri as d,T as f,U as p,Zr as m,dn as h,hr as g,jn as _,q as v,un as y,vn as b,vr as x,w as S,wr as C,yt as w}from"./index-CF7BXYAz.js";import{t as T}from"./read-B3xVm7uL.js";import{n as E,t as D}from"./Sessions-BO9HB2ct.js";import{N as O,b as k,d as A,j,t as M,v as N}from"./people.module-Cekkzwsu.js";import{t as P}from"./Tokens-gJmDE5Xq.js";import{n as F,r as I,t as L}from"./Standing-Bbh7DFt7.js";import{t as R}from"./Radio-CjzwnhrL.js";import{t as z}from"./Select-D4IcHE7N.js";import{t as ee}from"./Switch-CNNGUWzT.js";import{t as B}from"./use-mantine-color-scheme-DV0_LULx.js";import{t as V}from"./client-CoCg00zy.js";var H=d(s(),1),U=n(`
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
`),q=m(),J=`device`,Y={"Africa/Asmera":`Africa/Asmara`,"America/Buenos_Aires":`America/Argentina/Buenos_Aires`,"America/Godthab":`America/Nuuk`,"Asia/Calcutta":`Asia/Kolkata`,"Asia/Katmandu":`Asia/Kathmandu`,"Asia/Rangoon":`Asia/Yangon`,"Asia/Saigon":`Asia/Ho_Chi_Minh`,"Atlantic/Faeroe":`Atlantic/Faroe`,"Europe/Kiev":`Europe/Kyiv`,"Pacific/Enderbury":`Pacific/Kanton`,"Pacific/Ponape":`Pacific/Pohnpei`,"Pacific/Truk":`Pacific/Chuuk`};function X({zone:e}){return(0,q.jsx)(`section`,{className:`card`,"aria-labelledby":`settings`,children:(0,q.jsxs)(x,{p:`md`,gap:`lg`,children:[(0,q.jsx)(g,{order:2,id:`settings`,children:`Settings`}),(0,q.jsx)(Z,{zone:e}),(0,q.jsx)(Q,{}),(0,q.jsx)($,{})]})})}function Z({zone:t}){let{live:n}=e(),[r,i]=(0,H.useState)(t),a=(0,H.useMemo)(()=>{let e=Intl.supportedValuesOf(`timeZone`).map(e=>Y[e]??e);return[{value:J,label:`As this device (${y()})`},...[...new Set([...e,`UTC`,...t?[t]:[]])].sort().map(e=>({value:e,label:e.replaceAll(`_`,` `)}))]},[t]),o=I(G,{holds:async e=>{let{data:t,error:n}=await V.query(K,{},{requestPolicy:`network-only`}).toPromise();return n||!t?.viewer?.user?void 0:t.viewer.user.timeZone===(e.timeZone??null)},notDone:`This did not arrive, and the zone is as before. Choose it once more.`,at:j});async function s(e){if(e===null)return;let t=e===J?null:e,n=r;i(t),(await o.send({timeZone:t}))?.is===`done`?(h(t),f()):i(n)}return(0,q.jsxs)(`div`,{children:[(0,q.jsx)(z,{label:`Time zone`,description:`By which times are shown and read, wherever you sign in.`,data:a,value:r??J,onChange:e=>void s(e),searchable:!0,limit:50,nothingFoundMessage:`No zone is called so.`,allowDeselect:!1,readOnly:!n||o.busy,error:o.wrong.timeZone}),(0,q.jsx)(C,{size:`sm`,c:`dimmed`,mt:4,role:`status`,children:n?`It is ${S(_(),_())} there.`:b}),(0,q.jsx)(L,{of:o})]})}function Q(){let{colorScheme:e,setColorScheme:t}=B();return(0,q.jsx)(R.Group,{size:`md`,label:`Colours`,description:`On this device.`,value:e,onChange:e=>t(e),children:(0,q.jsxs)(x,{gap:`xs`,mt:`xs`,children:[(0,q.jsx)(R,{value:`auto`,label:`As the system`}),(0,q.jsx)(R,{value:`light`,label:`Light`}),(0,q.jsx)(R,{value:`dark`,label:`Dark`})]})})}function $(){let[e,t]=(0,H.useState)(i);return(0,q.jsx)(ee,{label:`Shortcuts of single letters`,description:`On this device. Off, letters do nothing outside of fields.`,checked:e,onChange:e=>{t(e.currentTarget.checked),p(e.currentTarget.checked)}})}var te=(0,H.lazy)(async()=>({default:(await r(async()=>{let{PasswordForm:e}=await import(`./PasswordForm-BwEWggnz.js`);return{PasswordForm:e}},__vite__mapDeps([0,1,2,3,4,5,6,7,8,9,10,11,12,13,14]))).PasswordForm}));function ne(){let n=o(),{live:r}=e(),[i,s]=(0,H.useState)(!1),d=(0,H.useRef)(null),[{data:f,error:p},m]=T({query:U,variables:{me:n.id}}),h=()=>m({requestPolicy:`network-only`});w(e=>e===`again`&&h()),l(`My profile`);let _=t(p),y=f?.viewer?.user;if(v(y&&!y.federated?[{label:`Change your password`,run:()=>s(!0)}]:[]),!y)return(0,q.jsx)(u,{title:`My profile`,wrong:_,what:`Your profile could not be read`,again:h});let b=y.sessions?.nodes??[];return(0,q.jsxs)(x,{gap:`lg`,children:[(0,q.jsxs)(`div`,{children:[(0,q.jsx)(g,{order:1,children:`My profile`}),(0,q.jsxs)(C,{c:`dimmed`,children:[(0,q.jsx)(`bdi`,{children:y.name}),` · `,(0,q.jsx)(`bdi`,{children:y.email}),` · `,O[y.role]]})]}),_&&(0,q.jsx)(a,{what:`This could not be read again`,trouble:_,again:h}),(0,q.jsxs)(`div`,{className:M.columns,children:[(0,q.jsxs)(x,{gap:`lg`,miw:0,children:[(0,q.jsx)(D,{sessions:b,again:h}),(0,q.jsx)(`div`,{className:`card`,children:(0,q.jsx)(P,{tokens:y.tokens?.nodes??[],owner:{kind:`self`},again:h})}),(0,q.jsx)(E,{links:f?.slackLinks?.nodes??[],none:(0,q.jsxs)(q.Fragment,{children:[`No Slack account is yours. Type `,(0,q.jsx)(`span`,{className:`mono`,children:`/procyon login`}),` in Slack to link one.`]}),again:h})]}),(0,q.jsxs)(x,{gap:`lg`,children:[(0,q.jsx)(X,{zone:y.timeZone}),(0,q.jsx)(`section`,{className:`card`,"aria-labelledby":`password`,children:(0,q.jsxs)(x,{p:`md`,gap:`sm`,children:[(0,q.jsx)(g,{order:2,id:`password`,children:`Password`}),(0,q.jsx)(C,{size:`sm`,c:`dimmed`,children:y.federated?`You sign in through the identity provider, and change your password there.`:`To change it ends all of your sessions, also this one.`}),!y.federated&&(0,q.jsx)(c,{children:(0,q.jsx)(F,{ref:d,variant:`default`,off:!r,onClick:()=>s(!0),children:`Change password…`})})]})})]})]}),(0,q.jsx)(H.Suspense,{children:i&&(0,q.jsx)(te,{sessions:b.length,onClose:()=>{s(!1),setTimeout(()=>d.current?.focus())}})})]})}export{ne as ProfilePage,W as t};