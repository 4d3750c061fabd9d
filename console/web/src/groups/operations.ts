import { ask } from '../api/ask.ts'
import { graphql, type FragmentOf } from '../api/graphql.ts'
import { noAnswer, type Trouble } from '../api/trouble.ts'
import type { Owned } from '../catalog/owned.ts'
import type { ListPage } from '../ui/paged.ts'
import type { Source } from './search.ts'

/** A group as the list and its page show it. */
export const GroupRow = graphql(`
  fragment GroupRow on Group { id name source externalId createdAt changedAt version changing memberCount }
`)

export type GroupRow = FragmentOf<typeof GroupRow>

const ReadGroups = graphql(
  `
    query ReadGroups($search: String, $sources: [Source!], $after: String) {
      groups(search: $search, sources: $sources, first: 50, after: $after) {
        nodes { ...GroupRow }
        pageInfo { endCursor hasNextPage }
      }
    }
  `,
  [GroupRow],
)

/** Reads a page of the groups. */
export async function readGroupsPage(words: string | undefined, source: Source | undefined, after: string | null): Promise<ListPage<GroupRow> | Trouble> {
  const { data, error } = await ask(ReadGroups, { search: words ?? null, sources: source ? [source] : null, after })
  const page = data?.groups
  return page ? { rows: page.nodes, end: page.pageInfo.endCursor, more: page.pageInfo.hasNextPage } : noAnswer(error)
}

const ReadGroup = graphql(
  `
    query ReadGroup($id: ID!) {
      node(id: $id) {
        __typename
        id
        ... on Group { ...GroupRow }
      }
    }
  `,
  [GroupRow],
)

/** A group as it is now; null where it is gone. */
export async function readGroupNow(id: string): Promise<GroupRow | null | Trouble> {
  const { data, error } = await ask(ReadGroup, { id })
  if (!data || error) return noAnswer(error)
  return data.node?.__typename === 'Group' ? data.node : null
}

const ReadGroupEnds = graphql(`
  query ReadGroupEnds($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Group { deletionEnds { owned { count aloneCount named { name alone } } } }
    }
  }
`)

/** What a group answers for, before it is deleted. */
export async function readGroupEnds(id: string): Promise<Owned | Trouble> {
  const { data, error } = await ask(ReadGroupEnds, { id })
  const ends = data?.node?.__typename === 'Group' ? data.node.deletionEnds : null
  return ends ? ends.owned : noAnswer(error)
}

/** Whether something holds of a group as it is now; undefined where that can't be told. */
export async function holdsOfGroup(id: string, f: (is: GroupRow | null) => boolean): Promise<boolean | undefined> {
  const is = await readGroupNow(id)
  return is && 'kind' in is ? undefined : f(is)
}

/** Somebody who is in a group. */
export const MemberRow = graphql(`
  fragment MemberRow on User { id name email disabled }
`)

export type MemberRow = FragmentOf<typeof MemberRow>

const ReadMembers = graphql(
  `
    query ReadMembers($groupId: ID!, $search: String, $after: String) {
      users(groupId: $groupId, search: $search, first: 50, after: $after) {
        nodes { ...MemberRow }
        pageInfo { endCursor hasNextPage }
      }
    }
  `,
  [MemberRow],
)

/** Reads a page of the people who are in a group. */
export async function readMembersPage(groupId: string, words: string | undefined, after: string | null): Promise<ListPage<MemberRow> | Trouble> {
  const { data, error } = await ask(ReadMembers, { groupId, search: words ?? null, after })
  const page = data?.users
  return page ? { rows: page.nodes, end: page.pageInfo.endCursor, more: page.pageInfo.hasNextPage } : noAnswer(error)
}

/** Whether a person is in a group now; undefined where that can't be told. */
export async function isMember(groupId: string, of: { id: string; email: string }): Promise<boolean | undefined> {
  const page = await readMembersPage(groupId, of.email, null)
  return 'kind' in page ? undefined : page.rows.some((m) => m.id === of.id)
}

export const CreateGroup = graphql(`
  mutation CreateGroup($input: CreateGroupInput!) {
    result: createGroup(input: $input) { group { id } userErrors { code field message } }
  }
`)
export const UpdateGroup = graphql(`
  mutation UpdateGroup($input: UpdateGroupInput!) {
    result: updateGroup(input: $input) { group { id } userErrors { code field message } }
  }
`)
export const DeleteGroup = graphql(`
  mutation DeleteGroup($input: DeleteGroupInput!) {
    result: deleteGroup(input: $input) { deletedGroupId userErrors { code field message } }
  }
`)
export const SetGroupMembers = graphql(`
  mutation SetGroupMembers($input: SetGroupMembersInput!) {
    result: setGroupMembers(input: $input) { group { id } userErrors { code field message } }
  }
`)

const ReadCreatedGroup = graphql(`
  query ReadCreatedGroup($key: String!) { created(kind: GROUP, idempotencyKey: $key) { __typename id } }
`)

/** The ID of the group that a call has made; null where it made none, undefined where that can't be told. */
export async function readCreatedGroup(key: string): Promise<string | null | undefined> {
  const { data, error } = await ask(ReadCreatedGroup, { key })
  return error || !data ? undefined : (data.created?.id ?? null)
}
