import { ask } from '../api/ask.ts'
import { graphql, type FragmentOf } from '../api/graphql.ts'
import { noAnswer, type Trouble } from '../api/trouble.ts'
import type { ListPage } from '../ui/paged.ts'

const VersionRow = graphql(`fragment VersionRow on PolicyVersion { version at actor { kind name via actingService } changeCount }`)
const ChangeRow = graphql(`fragment ChangeRow on PolicyChange { kind part partId name words edits { field label before after } }`)

export type Change = FragmentOf<typeof ChangeRow>

/** A version as the list has it: its first changes in words. */
export type VersionInList = FragmentOf<typeof VersionRow> & { id: string; changes: readonly { words: string }[] }

/** A version with all that differs from another one. */
export type Compared = FragmentOf<typeof VersionRow> & { comparedWith: number; changes: readonly Change[] }

const ReadVersions = graphql(
  `
    query ReadVersions($after: String) {
      policyVersions(first: 50, after: $after) { nodes { ...VersionRow changes(first: 5) { words } } pageInfo { endCursor hasNextPage } }
    }
  `,
  [VersionRow],
)

/** Reads a page of the versions, newest first. */
export async function readVersions(after: string | null): Promise<ListPage<VersionInList> | Trouble> {
  const { data, error } = await ask(ReadVersions, { after })
  const page = data?.policyVersions
  if (!page) return noAnswer(error)
  return { rows: page.nodes.map((v) => ({ ...v, id: String(v.version) })), end: page.pageInfo.endCursor, more: page.pageInfo.hasNextPage }
}

const ReadVersion = graphql(
  `
    query ReadVersion($version: Int!, $with: Int) {
      policyVersion(version: $version, comparedWith: $with) { ...VersionRow comparedWith changes(first: 100) { ...ChangeRow } }
      policySet { version }
    }
  `,
  [VersionRow, ChangeRow],
)

/** Reads what differs between a version and another one, by default the one before; null where there is no such version. inForce is the newest version. */
export async function readVersion(version: number, other: number | undefined): Promise<{ compared: Compared | null; inForce: number } | Trouble> {
  const { data, error } = await ask(ReadVersion, { version, with: other ?? null })
  if (!data?.policySet || error) return noAnswer(error)
  return { compared: data.policyVersion, inForce: data.policySet.version }
}
