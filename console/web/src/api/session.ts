import { ask } from './ask.ts'
import { graphql } from './graphql.ts'
import { trouble } from './trouble.ts'

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
  const { data, error } = await ask(WhoAmI, {})
  if (trouble(error)?.kind === 'signedOut') return false
  if (!data) return undefined
  const id = data.viewer?.userId ?? null
  if (id === null) return false
  if (person === null || id === person) return true
  location.reload()
  return undefined
}
