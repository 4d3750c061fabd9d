import { ask } from '../api/ask.ts'
import { graphql, type FragmentOf } from '../api/graphql.ts'
import { noAnswer, type Trouble } from '../api/trouble.ts'

const OwnerRow = graphql(`
  fragment OwnerRow on Owner { ownerId kind name gone since by { actorId name } }
`)
const TagRow = graphql(`
  fragment TagRow on Tag { key value since by { actorId name } }
`)

export type OwnerRow = FragmentOf<typeof OwnerRow>
type TagRow = FragmentOf<typeof TagRow>

/** Who answers for something of the catalog, and what it is marked with; only resources have tags. */
export type Kept = { version: number; owners: readonly OwnerRow[]; tags: readonly TagRow[] | null }

const ReadKept = graphql(
  `
    query ReadKept($id: ID!) {
      node(id: $id) {
        __typename
        ... on Resource { version owners { ...OwnerRow } tags { ...TagRow } }
        ... on Account { version owners { ...OwnerRow } }
        ... on Gateway { version owners { ...OwnerRow } }
      }
    }
  `,
  [OwnerRow, TagRow],
)

/** Reads that, as it is now; nothing of what is gone. */
export async function readKept(id: string): Promise<Kept | Trouble> {
  const { data, error } = await ask(ReadKept, { id })
  if (error || !data) return noAnswer(error)
  const n = data.node
  if (n?.__typename === 'Resource') return { version: n.version, owners: n.owners, tags: n.tags }
  return n?.__typename === 'Account' || n?.__typename === 'Gateway' ? { version: n.version, owners: n.owners, tags: null } : { version: 0, owners: [], tags: null }
}

export const SetOwners = graphql(`
  mutation SetOwners($input: SetOwnersInput!) {
    result: setOwners(input: $input) { resource { id } account { id } gateway { id } userErrors { code field message } }
  }
`)
export const SetTags = graphql(`
  mutation SetTags($input: SetTagsInput!) {
    result: setTags(input: $input) { resource { id } userErrors { code field message } }
  }
`)

/** "env=prod" of a tag, "legacy" of one without a value. */
export const written = (t: { key: string; value?: string | null }): string => (t.value ? `${t.key}=${t.value}` : t.key)

/** What is written as a tag: the key is what stands before the first =. */
export function tagOf(text: string): { key: string; value: string } {
  const at = text.indexOf('=')
  return at < 0 ? { key: text.trim(), value: '' } : { key: text.slice(0, at).trim(), value: text.slice(at + 1).trim() }
}
