import { stringifyDocument } from '@urql/core'
import { graphql } from './graphql.ts'

const WhoAmI = graphql(`query WhoAmI { viewer { userId } }`)

let person: string | null = null

/** Whose page this is. */
export function belongsTo(id: string): void {
  person = id
}

/**
 * Whether this page's person is still signed in; undefined while that can't be told. A
 * socket that is refused says no reason, so this asks without one. Where somebody else has
 * signed in by now, in another tab, the page begins anew as theirs.
 */
export async function stillSignedIn(): Promise<boolean | undefined> {
  try {
    const answer = await fetch('/graphql', {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'Content-Type': 'application/json', Accept: 'application/graphql-response+json, application/json' },
      body: JSON.stringify({ operationName: 'WhoAmI', query: stringifyDocument(WhoAmI) }),
      signal: AbortSignal.timeout(10_000),
    })
    const said = (await answer.json()) as { data?: { viewer: { userId: string | null } | null } | null; errors?: { extensions?: { code?: string } }[] }
    if (said.errors?.some((e) => e.extensions?.code === 'UNAUTHENTICATED')) return false
    if (!said.data) return undefined
    const id = said.data.viewer?.userId ?? null
    if (id === null) return false
    if (person === null || id === person) return true
    location.reload()
    return undefined
  } catch {
    return undefined
  }
}
