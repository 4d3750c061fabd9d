import { useEffect, useState } from 'react'
import { ask } from '../api/ask.ts'
import { graphql } from '../api/graphql.ts'

const ReadNames = graphql(`
  query ReadNames($ids: [ID!]!) {
    nodes(ids: $ids) {
      ... on User { id name }
      ... on Account { id name }
      ... on Resource { id name }
    }
  }
`)

/** The names of what an address has by ID; the end of the ID where that is not known, or not to be seen. */
export function useNames(ids: readonly string[]): (id: string) => string {
  const [names, setNames] = useState<ReadonlyMap<string, string>>(new Map())
  const all = ids.join(' ')
  useEffect(() => {
    if (all === '') return
    let over = false
    void ask(ReadNames, { ids: all.split(' ') }).then(({ data }) => {
      const found = new Map<string, string>()
      for (const n of data?.nodes ?? []) if (n && 'name' in n && n.id && n.name) found.set(n.id, n.name)
      if (!over) setNames(found)
    })
    return () => {
      over = true
    }
  }, [all])
  return (id) => names.get(id) ?? `…${id.slice(-8)}`
}
