import{An as e,Dn as t,wt as n}from"./index-DeOb5rPG.js";var r=n(`
  fragment GroupRow on Group { id name source externalId createdAt changedAt version changing memberCount }
`),i=n(`
    query ReadGroups($search: String, $sources: [Source!], $after: String) {
      groups(search: $search, sources: $sources, first: 50, after: $after) {
        nodes { ...GroupRow }
        pageInfo { endCursor hasNextPage }
      }
    }
  `,[r]);async function a(n,r,a){let{data:o,error:s}=await e(i,{search:n??null,sources:r?[r]:null,after:a}),c=o?.groups;return c?{rows:c.nodes,end:c.pageInfo.endCursor,more:c.pageInfo.hasNextPage}:t(s)}var o=n(`
    query ReadGroup($id: ID!) {
      node(id: $id) {
        __typename
        id
        ... on Group { ...GroupRow }
      }
    }
  `,[r]);async function s(n){let{data:r,error:i}=await e(o,{id:n});return!r||i?t(i):r.node?.__typename===`Group`?r.node:null}var c=n(`
  query ReadGroupEnds($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Group { deletionEnds { owned { count aloneCount named { name alone } } } }
    }
  }
`);async function l(n){let{data:r,error:i}=await e(c,{id:n}),a=r?.node?.__typename===`Group`?r.node.deletionEnds:null;return a?a.owned:t(i)}async function u(e,t){let n=await s(e);return n&&`kind`in n?void 0:t(n)}var d=n(`
  fragment MemberRow on User { id name email disabled }
`),f=n(`
    query ReadMembers($groupId: ID!, $search: String, $after: String) {
      users(groupId: $groupId, search: $search, first: 50, after: $after) {
        nodes { ...MemberRow }
        pageInfo { endCursor hasNextPage }
      }
    }
  `,[d]);async function p(n,r,i){let{data:a,error:o}=await e(f,{groupId:n,search:r??null,after:i}),s=a?.users;return s?{rows:s.nodes,end:s.pageInfo.endCursor,more:s.pageInfo.hasNextPage}:t(o)}async function m(e,t){let n=await p(e,t.email,null);return`kind`in n?void 0:n.rows.some(e=>e.id===t.id)}var h=n(`
  mutation CreateGroup($input: CreateGroupInput!) {
    result: createGroup(input: $input) { group { id } userErrors { code field message } }
  }
`),g=n(`
  mutation UpdateGroup($input: UpdateGroupInput!) {
    result: updateGroup(input: $input) { group { id } userErrors { code field message } }
  }
`),_=n(`
  mutation DeleteGroup($input: DeleteGroupInput!) {
    result: deleteGroup(input: $input) { deletedGroupId userErrors { code field message } }
  }
`),v=n(`
  mutation SetGroupMembers($input: SetGroupMembersInput!) {
    result: setGroupMembers(input: $input) { group { id } userErrors { code field message } }
  }
`),y=n(`
  query ReadCreatedGroup($key: String!) { created(kind: GROUP, idempotencyKey: $key) { __typename id } }
`);async function b(t){let{data:n,error:r}=await e(y,{key:t});return r||!n?void 0:n.created?.id??null}var x={tools:`_tools_vn15a_1`,add:`_add_vn15a_4`,list:`_list_vn15a_5`,group:`_group_vn15a_8`,name:`_name_vn15a_11`,cell:`_cell_vn15a_15`,count:`_count_vn15a_16`,columns:`_columns_vn15a_17`,member:`_member_vn15a_18`,main:`_main_vn15a_19`,facts:`_facts_vn15a_20`};export{g as a,b as c,a as d,p as f,v as i,l,h as n,u as o,_ as r,m as s,x as t,s as u};