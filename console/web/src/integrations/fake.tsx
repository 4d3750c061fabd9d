import { MantineProvider } from '@mantine/core'
import { render } from '@testing-library/react'
import type { ReactNode } from 'react'
import { Provider } from 'urql'
import { vi } from 'vitest'
import { client } from '../api/client.ts'
import { setConnection } from '../api/connection.ts'
import { ViewerContext } from '../viewer.ts'

// For tests: the server's answers by the names of operations.

type Answer = Record<string, unknown> | Error
export type Asked = { name: string; variables: Record<string, unknown> }

/** Answers operations; an Error is a network that went away. What was asked is in the result. */
export function answering(answers: Record<string, (variables: never) => Answer>): Asked[] {
  const asked: Asked[] = []
  vi.stubGlobal('fetch', async (_: unknown, init: RequestInit) => {
    const { operationName: name, variables } = JSON.parse(String(init.body)) as { operationName: string; variables: Record<string, unknown> }
    asked.push({ name, variables })
    const answer = answers[name]?.(variables as never) ?? new Error(`nobody answers ${name}`)
    if (answer instanceof Error) throw answer
    return new Response(JSON.stringify({ data: answer }), { headers: { 'Content-Type': 'application/json' } })
  })
  return asked
}

export function show(page: ReactNode) {
  setConnection({ live: true })
  return render(
    <MantineProvider env="test">
      <Provider value={client}>
        <ViewerContext value={{ id: 'usr_ada', name: 'Ada', email: 'ada@example.com', admin: true }}>{page}</ViewerContext>
      </Provider>
    </MantineProvider>,
  )
}

let made = 0

/** An integration as the page has it; another ID each time, for the cache remembers. */
export const anIntegration = (change: Record<string, unknown> = {}) => ({
  __typename: 'Integration' as const,
  id: `int_${++made}`,
  name: 'DevOps',
  kind: 'SLACK_WEBHOOK' as const,
  status: 'ENABLED' as const,
  brokenReason: null,
  webhookUrlMasked: 'https://hooks.slack.com/services/T…/B…/…abcd',
  slackChannel: null,
  events: ['CREATED' as const, 'APPROVED' as const],
  accounts: [{ __typename: 'Account' as const, id: 'acc_s', name: 'Staging', provider: 'GCP' as const, externalId: 'staging' }],
  gateways: false,
  privateServers: false,
  createdAt: '2026-11-28T12:00:00Z',
  pendingCount: 0,
  deadCount: 0,
  ...change,
})
