import { Client, fetchExchange } from 'urql'
import { vi } from 'vitest'

export type Call = { name: string; variables: Record<string, any> }
type Answer = { data?: unknown; errors?: { message: string; extensions?: Record<string, unknown> }[] } | 'lost'

// A server for tests: what it was asked, and what it answers by the operation's name. 'lost'
// is a network that goes away before the answer; whether anything was done is up to the test.
export const calls: Call[] = []
let answer: (call: Call) => Answer | Promise<Answer> = () => ({ data: {} })

export function serve(f: typeof answer): void {
  calls.length = 0
  answer = f
  vi.stubGlobal('fetch', fakeFetch) // for api/ask.ts
}

/** Answers by the operations' names; what nobody answers is lost. */
export function answering(answers: Record<string, (variables: never) => unknown>): Call[] {
  serve(({ name, variables }) => {
    const said = answers[name]?.(variables as never) ?? 'lost'
    return said === 'lost' ? said : { data: said }
  })
  return calls
}

export const sent = (name: string): Call[] => calls.filter((c) => c.name === name)

const fakeFetch = async (_: unknown, init?: { body?: unknown }) => {
  const { operationName, variables } = JSON.parse(String(init?.body)) as { operationName: string; variables: Record<string, unknown> }
  const call = { name: operationName, variables }
  calls.push(call)
  const said = await answer(call)
  if (said === 'lost') throw new TypeError('network error')
  return { status: 200, ok: true, url: '', headers: new Headers({ 'content-type': 'application/json' }), text: async () => JSON.stringify(said), json: async () => said }
}

/** What api/client.ts is in tests: vi.mock('../api/client.ts', () => import('../test/fake.ts')). */
export const client = new Client({ url: 'http://procyon.test/graphql', fetch: fakeFetch as unknown as typeof fetch, preferGetMethod: false, requestPolicy: 'network-only', exchanges: [fetchExchange] })
