import { gql } from '@urql/core'
import { ask } from '../api/ask.ts'
import { noAnswer, type Trouble } from '../api/trouble.ts'
import { folded } from '../shell/find.ts'

/** A type as a field has it: lists and what can't be null are around a name. */
export type TypeRef = { kind: string; name: string | null; ofType?: TypeRef | null }
export type Argument = { name: string; description: string | null; defaultValue: string | null; type: TypeRef }
export type Field = { name: string; description: string | null; isDeprecated: boolean; deprecationReason: string | null; args: Argument[]; type: TypeRef }
export type Type = {
  kind: 'OBJECT' | 'INTERFACE' | 'UNION' | 'ENUM' | 'INPUT_OBJECT' | 'SCALAR'
  name: string
  description: string | null
  fields: Field[] | null
  inputFields: Argument[] | null
  enumValues: { name: string; description: string | null }[] | null
  interfaces: { name: string }[] | null
  possibleTypes: { name: string }[] | null
}

// The schema describes itself; what types our own operations does not have that part.
const ReadSchema = gql<{ __schema: { types: Type[] } }, Record<string, never>>`
  query ReadSchema {
    __schema {
      types {
        kind name description
        fields(includeDeprecated: true) { name description isDeprecated deprecationReason args { ...Value } type { ...Ref } }
        inputFields { ...Value }
        enumValues { name description }
        interfaces { name }
        possibleTypes { name }
      }
    }
  }
  fragment Value on __InputValue { name description defaultValue type { ...Ref } }
  fragment Ref on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }
`

export type Schema = ReadonlyMap<string, Type>

let read: Promise<Schema | Trouble> | null = null

/** The schema of this server by the names of its types, read once; what can't be read is tried again. */
export function readSchema(): Promise<Schema | Trouble> {
  read ??= ask(ReadSchema, {}).then(({ data, error }) => {
    if (data) return new Map(data.__schema.types.filter((t) => !t.name.startsWith('__')).map((t) => [t.name, t]))
    read = null
    return noAnswer(error)
  })
  return read
}

/** "[AccessRequest!]!" */
export function typeWords(t: TypeRef): string {
  if (t.kind === 'NON_NULL') return `${t.ofType ? typeWords(t.ofType) : ''}!`
  if (t.kind === 'LIST') return `[${t.ofType ? typeWords(t.ofType) : ''}]`
  return t.name ?? ''
}

/** The name within. */
export const named = (t: TypeRef): string => t.name ?? (t.ofType ? named(t.ofType) : '')

export type Hit = { type: string; field?: string; about: string | null }

const most = 60

/** Where all words are found in a name, or else in what is said of it: types first. */
export function find(schema: Schema, words: string): { hits: Hit[]; more: boolean } {
  const wanted = folded(words).split(/\s+/).filter((w) => w)
  const ranks: Hit[][] = [[], [], []]
  for (const t of schema.values()) {
    const add = (name: string, hit: Hit, rank: number) => {
      if (wanted.every((w) => folded(name).includes(w))) ranks[rank]!.push(hit)
      else if (wanted.every((w) => folded(`${name} ${hit.about ?? ''}`).includes(w))) ranks[2]!.push(hit)
    }
    add(t.name, { type: t.name, about: t.description }, 0)
    for (const f of [...(t.fields ?? []), ...(t.inputFields ?? []), ...(t.enumValues ?? [])]) add(`${t.name}.${f.name}`, { type: t.name, field: f.name, about: f.description }, 1)
  }
  const hits = ranks.flat()
  return { hits: hits.slice(0, most), more: hits.length > most }
}

/** The types that people begin with, and all others by their kinds. */
export function groups(schema: Schema): { title: string; types: Type[] }[] {
  const all = [...schema.values()].toSorted((a, b) => a.name.localeCompare(b.name))
  const roots = ['Query', 'Mutation', 'Subscription']
  const of = (title: string, ...kinds: Type['kind'][]) => ({ title, types: all.filter((t) => kinds.includes(t.kind) && !roots.includes(t.name)) })
  return [
    { title: 'Begin here', types: roots.flatMap((r) => schema.get(r) ?? []) },
    of('Objects', 'OBJECT', 'INTERFACE', 'UNION'),
    of('Inputs', 'INPUT_OBJECT'),
    of('Enums', 'ENUM'),
    of('Scalars', 'SCALAR'),
  ]
}
