import{Et as e,Mn as t,kn as n}from"./index-C6BrXdzw.js";var r=e(`
  fragment GroupRow on Group { id name source externalId createdAt changedAt version changing memberCount }
`),i=e(`
    query ReadGroups($search: String, $sources: [Source!], $after: String) {
      groups(search: $search, sources: $sources, first: 50, after: $after) {
        nodes { ...GroupRow }
        pageInfo { endCursor hasNextPage }
      }
    }
  `,[r]);async function a(e,r,a){let{data:o,error:s}=await t(i,{search:e??null,sources:r?[r]:null,after:a}),c=o?.groups;return c?{rows:c.nodes,end:c.pageInfo.endCursor,more:c.pageInfo.hasNextPage}:n(s)}var o=e(`
    query ReadGroup($id: ID!) {
      node(id: $id) {
        __typename
        id
        ... on Group { ...GroupRow }
      }
    }
  `,[r]);async function s(e){let{data:r,error:i}=await t(o,{id:e});return!r||i?n(i):r.node?.__typename===`Group`?r.node:null}var c=e(`
  query ReadGroupEnds($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Group { deletionEnds { owned { count aloneCount named { name alone } } } }
    }
  }
`);async function l(e){let{data:r,error:i}=await t(c,{id:e}),a=r?.node?.__typename===`Group`?r.node.deletionEnds:null;return a?a.owned:n(i)}async function u(e,t){let n=await s(e);return n&&`kind`in n?void 0:t(n)}var d=e(`
  fragment MemberRow on User { id name email disabled }
`),f=e(`
    query ReadMembers($groupId: ID!, $search: String, $after: String) {
      users(groupId: $groupId, search: $search, first: 50, after: $after) {
        nodes { ...MemberRow }
        pageInfo { endCursor hasNextPage }
      }
    }
  `,[d]);async function p(e,r,i){let{data:a,error:o}=await t(f,{groupId:e,search:r??null,after:i}),s=a?.users;return s?{rows:s.nodes,end:s.pageInfo.endCursor,more:s.pageInfo.hasNextPage}:n(o)}async function m(e,t){let n=await p(e,t.email,null);return`kind`in n?void 0:n.rows.some(e=>e.id===t.id)}var h=e(`
  mutation CreateGroup($input: CreateGroupInput!) {
    result: createGroup(input: $input) { group { id } userErrors { code field message } }
  }
`),g=e(`
  mutation UpdateGroup($input: UpdateGroupInput!) {
    result: updateGroup(input: $input) { group { id } userErrors { code field message } }
  }
`),_=e(`
  mutation DeleteGroup($input: DeleteGroupInput!) {
    result: deleteGroup(input: $input) { deletedGroupId userErrors { code field message } }
  }
`),v=e(`
  mutation SetGroupMembers($input: SetGroupMembersInput!) {
    result: setGroupMembers(input: $input) { group { id } userErrors { code field message } }
  }
`),y=e(`
  query ReadCreatedGroup($key: String!) { created(kind: GROUP, idempotencyKey: $key) { __typename id } }
`);async function b(e){let{data:n,error:r}=await t(y,{key:e});return r||!n?void 0:n.created?.id??null}var x={tools:`_tools_vn15a_1`,add:`_add_vn15a_4`,list:`_list_vn15a_5`,group:`_group_vn15a_8`,name:`_name_vn15a_11`,cell:`_cell_vn15a_15`,count:`_count_vn15a_16`,columns:`_columns_vn15a_17`,member:`_member_vn15a_18`,main:`_main_vn15a_19`,facts:`_facts_vn15a_20`};export{g as a,b as c,a as d,p as f,v as i,l,h as n,u as o,_ as r,m as s,x as t,s as u};