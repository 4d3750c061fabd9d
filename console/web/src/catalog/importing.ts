import { ask, timedFetch } from '../api/ask.ts'
import { graphql, type FragmentOf } from '../api/graphql.ts'
import { noAnswer, trouble, type Trouble, type Wrong } from '../api/trouble.ts'
import type { ListPage } from '../ui/paged.ts'
import type { ImportSearch } from './search.ts'

export const ImportShown = graphql(`
  fragment ImportShown on CatalogImport {
    id
    status
    fileName
    actor { userId name }
    checkedAt
    startedAt
    endedAt
    stopReason
    counts { new changed same wrong }
    appliedCount
    refusedCount
    rowsKept
  }
`)

export type ImportShown = FragmentOf<typeof ImportShown>

const ReadImport = graphql(`query ReadImport($id: ID!) { catalogImport(id: $id) { ...ImportShown } }`, [ImportShown])

/** An import as it is now; null where there is none (any more). */
export async function readImport(id: string): Promise<ImportShown | null | Trouble> {
  const { data, error } = await ask(ReadImport, { id })
  return data && !error ? data.catalogImport : noAnswer(error)
}

const ReadImports = graphql(
  `
    query ReadImports($after: String) {
      catalogImports(first: 50, after: $after) { nodes { ...ImportShown } pageInfo { endCursor hasNextPage } }
    }
  `,
  [ImportShown],
)

/** A page of the imports that were started, the newest first. */
export async function readImports(after: string | null): Promise<ListPage<ImportShown> | Trouble> {
  const { data, error } = await ask(ReadImports, { after })
  const page = data?.catalogImports
  return page ? { rows: page.nodes, end: page.pageInfo.endCursor, more: page.pageInfo.hasNextPage } : noAnswer(error)
}

const ReadImportRows = graphql(`
  query ReadImportRows($id: ID!, $verdicts: [CatalogImportVerdict!], $outcomes: [CatalogImportOutcome!], $after: String) {
    catalogImport(id: $id) {
      rows(verdicts: $verdicts, outcomes: $outcomes, first: 50, after: $after) {
        nodes { number verdict type name in changes column fault refusal }
        pageInfo { endCursor hasNextPage }
      }
    }
  }
`)

export type ImportRow = { id: string; number: number; verdict: 'NEW' | 'CHANGED' | 'SAME' | 'WRONG'; type: string; name: string; in: string | null; changes: readonly string[]; column: string | null; fault: string | null; refusal: string | null }

const narrowed = {
  wrong: { verdicts: ['WRONG'], outcomes: null },
  changed: { verdicts: ['NEW', 'CHANGED'], outcomes: null },
  refused: { verdicts: null, outcomes: ['REFUSED'] },
} as const

/** A page of the rows of an import. */
export async function readRows(id: string, which: NonNullable<ImportSearch['rows']>, after: string | null): Promise<ListPage<ImportRow> | Trouble> {
  const { verdicts, outcomes } = narrowed[which]
  const { data, error } = await ask(ReadImportRows, { id, verdicts: verdicts ? [...verdicts] : null, outcomes: outcomes ? [...outcomes] : null, after })
  const page = data?.catalogImport?.rows
  if (!page) return noAnswer(error)
  return { rows: page.nodes.map((r) => ({ id: String(r.number), ...r })), end: page.pageInfo.endCursor, more: page.pageInfo.hasNextPage }
}

export const StartImport = graphql(
  `
    mutation StartImport($input: ImportCatalogInput!) {
      result: importCatalog(input: $input) { catalogImport { ...ImportShown } userErrors { code field message } }
    }
  `,
  [ImportShown],
)

export const StopImport = graphql(
  `
    mutation StopImport($input: StopCatalogImportInput!) {
      result: stopCatalogImport(input: $input) { catalogImport { ...ImportShown } userErrors { code field message } }
    }
  `,
  [ImportShown],
)

/** Files are longer than other questions, and take longer. */
const patience = 110_000
const longest = 16 << 20

/** Sends a file to be checked, and returns the import's ID. */
export async function upload(file: Blob, name: string): Promise<string | Trouble> {
  if (file.size > longest) return { kind: 'failed', message: 'The file is longer than 16 MiB. Divide it, and import the parts one after the other.' }
  const json = /\.json$/i.test(name) || (name === '' && (await file.slice(0, 200).text()).trimStart().startsWith('['))
  let response: Response | undefined
  try {
    response = await timedFetch(`/import/catalog?name=${encodeURIComponent(name)}`, { method: 'POST', body: file, headers: { 'Content-Type': json ? 'application/json' : 'text/csv' } }, patience)
    const { importId, errors } = (await response.json()) as { importId?: string; errors?: Wrong['graphQLErrors'] }
    return importId ?? noAnswer({ graphQLErrors: errors ?? [], response })
  } catch {
    return trouble({ graphQLErrors: [], response })!
  }
}
