import { grouped, listed } from '../ui/words.ts'

/** What somebody answers for in the catalog. */
export type Owned = { count: number; aloneCount: number; named: readonly { name: string; alone: boolean }[] }

/** What nobody answers for once a person or a group is gone: "It answers for orders-db and grafana. Nobody else answers for grafana." */
export function ownedWords(who: string, o: Owned): string {
  if (o.count === 0) return `${who} nothing in the catalog.`
  const all = `${who} ${names(o.named, o.count)}`
  if (o.aloneCount === 0) return `${all}; others still do.`
  return `${all}. Nobody else answers for ${names(o.named.filter((n) => n.alone), o.aloneCount)}.`
}

/** The first few of as many as there are; the API counts to 100. */
function names(of: Owned['named'], n: number): string {
  const some = of.slice(0, 6).map((o) => o.name)
  const rest = n - some.length
  return rest > 0 ? `${some.join(', ')} and ${n >= 100 ? `at least ${grouped(rest)}` : grouped(rest)} more` : listed(some, 'and', 6)
}
