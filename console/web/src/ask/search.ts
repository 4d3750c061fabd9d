/** What the address of the catalog holds: a search, its filters and its page; and which earlier request fills the form. */
export type AskSearch = { again?: string; edit?: string; q?: string; kind?: string; account?: string; after?: string; before?: string }

const names = ['again', 'edit', 'q', 'kind', 'account', 'after', 'before'] as const

export function readAskSearch(s: Record<string, unknown>): AskSearch {
  const out: AskSearch = {}
  for (const name of names) {
    const value = s[name]
    // A number in an address is read as one: "q=42" is a search all the same.
    if (typeof value === 'string' || typeof value === 'number') if (`${value}` !== '') out[name] = `${value}`
  }
  if (out.edit) delete out.again
  if (out.after) delete out.before
  return out
}

/** The address after a change of the search or a filter: on its first page. */
export function filtered(s: AskSearch, change: Pick<AskSearch, 'q' | 'kind' | 'account'>): AskSearch {
  const { after: _after, before: _before, ...rest } = s
  return readAskSearch({ ...rest, ...change })
}
