import{An as e,Dn as t,wt as n}from"./index-D7hSW7Nd.js";var r=n(`
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
  `,[r]);async function s(n){let{data:r,error:i}=await e(o,{id:n});return!r||i?t(i):r.node?.__typename===`Group`?r.node:null}async function c(e,t){let n=await s(e);return n&&`kind`in n?void 0:t(n)}var l=n(`
  fragment MemberRow on User { id name email disabled }
`),u=n(`
    query ReadMembers($groupId: ID!, $search: String, $after: String) {
      users(groupId: $groupId, search: $search, first: 50, after: $after) {
        nodes { ...MemberRow }
        pageInfo { endCursor hasNextPage }
      }
    }
  `,[l]);async function d(n,r,i){let{data:a,error:o}=await e(u,{groupId:n,search:r??null,after:i}),s=a?.users;return s?{rows:s.nodes,end:s.pageInfo.endCursor,more:s.pageInfo.hasNextPage}:t(o)}async function f(e,t){let n=await d(e,t.email,null);return`kind`in n?void 0:n.rows.some(e=>e.id===t.id)}var p=n(`
  mutation CreateGroup($input: CreateGroupInput!) {
    result: createGroup(input: $input) { group { id } userErrors { code field message } }
  }
`),m=n(`
  mutation UpdateGroup($input: UpdateGroupInput!) {
    result: updateGroup(input: $input) { group { id } userErrors { code field message } }
  }
`),h=n(`
  mutation DeleteGroup($input: DeleteGroupInput!) {
    result: deleteGroup(input: $input) { deletedGroupId userErrors { code field message } }
  }
`),g=n(`
  mutation SetGroupMembers($input: SetGroupMembersInput!) {
    result: setGroupMembers(input: $input) { group { id } userErrors { code field message } }
  }
`),_=n(`
  query ReadCreatedGroup($key: String!) { created(kind: GROUP, idempotencyKey: $key) { __typename id } }
`);async function v(t){let{data:n,error:r}=await e(_,{key:t});return r||!n?void 0:n.created?.id??null}var y={tools:`_tools_vn15a_1`,add:`_add_vn15a_4`,list:`_list_vn15a_5`,group:`_group_vn15a_8`,name:`_name_vn15a_11`,cell:`_cell_vn15a_15`,count:`_count_vn15a_16`,columns:`_columns_vn15a_17`,member:`_member_vn15a_18`,main:`_main_vn15a_19`,facts:`_facts_vn15a_20`};export{m as a,v as c,d,g as i,s as l,p as n,c as o,h as r,f as s,y as t,a as u};