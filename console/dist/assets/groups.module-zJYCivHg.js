import{An as e,Dt as t,Nn as n}from"./index-Vbq9x3m8.js";var r=t(`
  fragment GroupRow on Group { id name source externalId createdAt changedAt version changing memberCount }
`),i=t(`
    query ReadGroups($search: String, $sources: [Source!], $after: String) {
      groups(search: $search, sources: $sources, first: 50, after: $after) {
        nodes { ...GroupRow }
        pageInfo { endCursor hasNextPage }
      }
    }
  `,[r]);async function a(t,r,a){let{data:o,error:s}=await n(i,{search:t??null,sources:r?[r]:null,after:a}),c=o?.groups;return c?{rows:c.nodes,end:c.pageInfo.endCursor,more:c.pageInfo.hasNextPage}:e(s)}var o=t(`
    query ReadGroup($id: ID!) {
      node(id: $id) {
        __typename
        id
        ... on Group { ...GroupRow }
      }
    }
  `,[r]);async function s(t){let{data:r,error:i}=await n(o,{id:t});return!r||i?e(i):r.node?.__typename===`Group`?r.node:null}var c=t(`
  query ReadGroupEnds($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Group { deletionEnds { owned { count aloneCount named { name alone } } } }
    }
  }
`);async function l(t){let{data:r,error:i}=await n(c,{id:t}),a=r?.node?.__typename===`Group`?r.node.deletionEnds:null;return a?a.owned:e(i)}async function u(e,t){let n=await s(e);return n&&`kind`in n?void 0:t(n)}var d=t(`
  fragment MemberRow on User { id name email disabled }
`),f=t(`
    query ReadMembers($groupId: ID!, $search: String, $after: String) {
      users(groupId: $groupId, search: $search, first: 50, after: $after) {
        nodes { ...MemberRow }
        pageInfo { endCursor hasNextPage }
      }
    }
  `,[d]);async function p(t,r,i){let{data:a,error:o}=await n(f,{groupId:t,search:r??null,after:i}),s=a?.users;return s?{rows:s.nodes,end:s.pageInfo.endCursor,more:s.pageInfo.hasNextPage}:e(o)}async function m(e,t){let n=await p(e,t.email,null);return`kind`in n?void 0:n.rows.some(e=>e.id===t.id)}var h=t(`
  mutation CreateGroup($input: CreateGroupInput!) {
    result: createGroup(input: $input) { group { id } userErrors { code field message } }
  }
`),g=t(`
  mutation UpdateGroup($input: UpdateGroupInput!) {
    result: updateGroup(input: $input) { group { id } userErrors { code field message } }
  }
`),_=t(`
  mutation DeleteGroup($input: DeleteGroupInput!) {
    result: deleteGroup(input: $input) { deletedGroupId userErrors { code field message } }
  }
`),v=t(`
  mutation SetGroupMembers($input: SetGroupMembersInput!) {
    result: setGroupMembers(input: $input) { group { id } userErrors { code field message } }
  }
`),y=t(`
  query ReadCreatedGroup($key: String!) { created(kind: GROUP, idempotencyKey: $key) { __typename id } }
`);async function b(e){let{data:t,error:r}=await n(y,{key:e});return r||!t?void 0:t.created?.id??null}var x={tools:`_tools_vn15a_1`,add:`_add_vn15a_4`,list:`_list_vn15a_5`,group:`_group_vn15a_8`,name:`_name_vn15a_11`,cell:`_cell_vn15a_15`,count:`_count_vn15a_16`,columns:`_columns_vn15a_17`,member:`_member_vn15a_18`,main:`_main_vn15a_19`,facts:`_facts_vn15a_20`};export{g as a,b as c,a as d,p as f,v as i,l,h as n,u as o,_ as r,m as s,x as t,s as u};