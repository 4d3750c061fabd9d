import { stringifyDocument, type AnyVariables, type TypedDocumentNode } from '@urql/core'
import { learnTime } from './clock.ts'
import { setConnection } from './connection.ts'
import type { Wrong } from './trouble.ts'

export const address = '/graphql'

// An answer must come while somebody still looks at the button that they pressed.
const patience = 15_000

/** fetch with a limit, which learns the server's time. */
export const timedFetch = async (input: RequestInfo | URL, init?: RequestInit, within = patience): Promise<Response> => {
  const sent = Date.now()
  const limit = AbortSignal.timeout(within)
  const signal = init?.signal ? AbortSignal.any([init.signal, limit]) : limit
  const answer = await fetch(input, { ...init, signal, credentials: 'same-origin' })
  learnTime(answer.headers.get('Date'), sent, Date.now())
  return answer
}

/** A session that is over is said once, for all of the page. */
export function watchSession({ graphQLErrors }: Wrong): void {
  if (graphQLErrors.some((e) => e.extensions?.['code'] === 'UNAUTHENTICATED')) setConnection({ signedOut: true })
}

type Answer<T> = { data?: T; error?: Wrong }

/**
 * Reads from the server, and keeps nothing. Long lists are read so, for the cache holds a
 * hundred thousand rows in 94 MB; and so is what a page begins with, for this is there long
 * before the cache is.
 */
export async function ask<T, V extends AnyVariables>(document: TypedDocumentNode<T, V>, variables: V): Promise<Answer<T>> {
  const definition = document.definitions[0]
  const operationName = definition?.kind === 'OperationDefinition' ? definition.name?.value : undefined
  const answer = await read<T>(JSON.stringify({ operationName, query: stringifyDocument(document), variables }))
  if (answer.error) watchSession(answer.error)
  return answer
}

async function read<T>(body: string): Promise<Answer<T>> {
  let response: Response | undefined
  try {
    response = await timedFetch(address, { method: 'POST', body, headers: { 'Content-Type': 'application/json', Accept: 'application/graphql-response+json, application/json' } })
    const { data, errors } = (await response.json()) as { data?: T; errors?: Wrong['graphQLErrors'] }
    return { ...(data ? { data } : {}), ...(errors?.length ? { error: { graphQLErrors: errors, response } } : data ? {} : { error: { graphQLErrors: [], response } }) }
  } catch {
    return { error: { graphQLErrors: [], response } }
  }
}
