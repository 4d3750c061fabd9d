import { useQuery } from 'urql'
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
  const [{ data }] = useQuery({ query: ReadNames, variables: { ids: [...ids] }, pause: ids.length === 0 })
  const names = new Map<string, string>()
  for (const n of data?.nodes ?? []) if (n && 'name' in n && n.id && n.name) names.set(n.id, n.name)
  return (id) => names.get(id) ?? `…${id.slice(-8)}`
}
