import { client } from '../api/client.ts'
import { graphql, type ResultOf } from '../api/graphql.ts'
import { RequestDetail } from '../requests/fragments.ts'

export const Ask = graphql(
  `
    mutation Ask($input: CreateAccessRequestInput!) {
      result: createAccessRequest(input: $input) {
        accessRequest { ...RequestDetail }
        duplicateOf { id status items { resourceName role } grant { startsAt expiresAt } }
        userErrors { code field message }
      }
    }
  `,
  [RequestDetail],
)

export const Edit = graphql(
  `
    mutation Edit($input: UpdateAccessRequestInput!) {
      result: updateAccessRequest(input: $input) {
        accessRequest { ...RequestDetail }
        duplicateOf { id status items { resourceName role } grant { startsAt expiresAt } }
        userErrors { code field message }
      }
    }
  `,
  [RequestDetail],
)

const ReadAsked = graphql(`
  query ReadAsked($key: String!) {
    created(kind: ACCESS_REQUEST, idempotencyKey: $key) { id }
  }
`)

/** The request that was made with a key; null where none was, undefined where that can't be told. */
export async function readAsked(key: string): Promise<string | null | undefined> {
  const { data, error } = await client.query(ReadAsked, { key }, { requestPolicy: 'network-only' }).toPromise()
  return error ? undefined : (data?.created?.id ?? null)
}

/** What an ask or an edit is answered with. */
export type Result = NonNullable<ResultOf<typeof Ask>['result']>

/** The request that asks for all of it already. */
export type Twin = NonNullable<Result['duplicateOf']>
