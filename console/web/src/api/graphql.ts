import { initGraphQLTada } from 'gql.tada'
import type { introspection } from '../../build/schema.d.ts'

// Operations stand beside what uses them, and are typed by the schema: what the API
// renames does not compile here.
export const graphql = initGraphQLTada<{
  introspection: introspection
  disableMasking: true
  scalars: { DateTime: string; Duration: string; Cursor: string; URL: string; JSON: string; ID: string }
}>()

export type { FragmentOf, ResultOf, VariablesOf } from 'gql.tada'
