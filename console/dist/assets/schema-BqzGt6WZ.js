import{i as e}from"./urql-core-D5F8wwiB.js";import{An as t,Nn as n}from"./index-Vbq9x3m8.js";import{t as r}from"./find-BkVO-7U5.js";var i=e`
  query ReadSchema {
    __schema {
      types {
        kind name description
        fields(includeDeprecated: true) { name description isDeprecated deprecationReason args { ...Value } type { ...Ref } }
        inputFields { ...Value }
        enumValues { name description }
        interfaces { name }
        possibleTypes { name }
      }
    }
  }
  fragment Value on __InputValue { name description defaultValue type { ...Ref } }
  fragment Ref on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }
`,a=null;function o(){return a??=n(i,{}).then(({data:e,error:n})=>e?new Map(e.__schema.types.filter(e=>!e.name.startsWith(`__`)).map(e=>[e.name,e])):(a=null,t(n))),a}function s(e){return e.kind===`NON_NULL`?`${e.ofType?s(e.ofType):``}!`:e.kind===`LIST`?`[${e.ofType?s(e.ofType):``}]`:e.name??``}var c=e=>e.name??(e.ofType?c(e.ofType):``),l=60;function u(e,t){let n=r(t).split(/\s+/).filter(e=>e),i=[[],[],[]];for(let t of e.values()){let e=(e,t,a)=>{n.every(t=>r(e).includes(t))?i[a].push(t):n.every(n=>r(`${e} ${t.about??``}`).includes(n))&&i[2].push(t)};e(t.name,{type:t.name,about:t.description},0);for(let n of[...t.fields??[],...t.inputFields??[],...t.enumValues??[]])e(`${t.name}.${n.name}`,{type:t.name,field:n.name,about:n.description},1)}let a=i.flat();return{hits:a.slice(0,l),more:a.length>l}}function d(e){let t=[...e.values()].toSorted((e,t)=>e.name.localeCompare(t.name)),n=[`Query`,`Mutation`,`Subscription`],r=(e,...r)=>({title:e,types:t.filter(e=>r.includes(e.kind)&&!n.includes(e.name))});return[{title:`Begin here`,types:n.flatMap(t=>e.get(t)??[])},r(`Objects`,`OBJECT`,`INTERFACE`,`UNION`),r(`Inputs`,`INPUT_OBJECT`),r(`Enums`,`ENUM`),r(`Scalars`,`SCALAR`)]}export{s as a,o as i,d as n,c as r,u as t};