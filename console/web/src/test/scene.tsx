import { MantineProvider } from '@mantine/core'
import { render } from '@testing-library/react'
import type { ReactNode } from 'react'
import { Provider } from 'urql'
import { setConnection } from '../api/connection.ts'
import type { RequestDetail } from '../requests/fragments.ts'
import { theme } from '../theme.ts'
import { ViewerContext } from '../viewer.ts'
import { client } from './fake.ts'

// What a growing text field asks of a browser and happy-dom does not have.
if (!document.fonts) Object.defineProperty(document, 'fonts', { value: { addEventListener: () => {}, removeEventListener: () => {} } })

export const bo = { id: 'usr_bo', name: 'Bo', email: 'bo@example.com', admin: true }
export const dev = { id: 'usr_dev', name: 'Dev', email: 'dev@example.com', admin: false }

/** A part of a page as somebody sees it. */
export function Scene({ as, children }: { as: typeof bo; children: ReactNode }) {
  return (
    <MantineProvider theme={theme} env="test">
      <Provider value={client}>
        <ViewerContext value={as}>{children}</ViewerContext>
      </Provider>
    </MantineProvider>
  )
}

/** Shows a part of a page as an administrator sees it. */
export function show(part: ReactNode) {
  setConnection({ live: true })
  return render(<Scene as={bo}>{part}</Scene>)
}

/** Links without a router. */
export const links = () => {
  const plain = ({ children, to: _to, params: _params, search: _search, variant: _variant, lineClamp: _lineClamp, ...props }: any) => (
    <a href="#" {...props}>
      {children}
    </a>
  )
  return { Link: plain, ButtonLink: plain, NavigationLink: plain }
}

export const limits = {
  minDuration: 'PT1M',
  maxDuration: 'PT8H',
  minReasonLength: 1,
  maxReasonLength: 1000,
  maxTicketLength: 80,
  maxItems: 3,
  maxStartAhead: 'P30D',
}

/** Dev asks for orders-db reader, for two hours. */
export function request(change: Partial<Record<keyof RequestDetail, unknown>> = {}): RequestDetail {
  return {
    id: 'req_1',
    status: 'PENDING',
    version: 1,
    requester: { userId: dev.id, name: dev.name, email: dev.email },
    items: [
      {
        resourceId: 'res_db', resourceName: 'orders-db', resourceNameWas: null, role: 'reader', resourceKind: 'DATABASE',
        accountName: 'Production', accountNameWas: null, gatewayName: null, gatewayNameWas: null, unavailable: null,
      },
    ],
    requestedDuration: 'PT2H',
    grantedDuration: null,
    reason: 'stuck orders',
    ticket: null,
    startsAt: null,
    grant: null,
    extension: null,
    createdAt: new Date(Date.now() - 600_000).toISOString(),
    decideBy: new Date(Date.now() + 3_000_000).toISOString(),
    viewerCanReview: true,
    droppedItems: [],
    viewerCanReviewItems: ['res_db'],
    viewerSignsInToApprove: false,
    outcome: null,
    gone: false,
    updatedAt: new Date(Date.now() - 600_000).toISOString(),
    endedBy: null,
    reviews: [],
    ...change,
  } as RequestDetail
}

export const review = (who: { id: string; name: string }, decision: 'APPROVE' | 'DENY', secondsAgo: number, comment: string | null = null) => ({
  reviewer: { userId: who.id, name: who.name, email: null, via: 'slack' },
  decision,
  comment,
  duration: null,
  covers: null as string[] | null,
  without: [] as string[],
  at: new Date(Date.now() - secondsAgo * 1000).toISOString(),
})

/** An integration as its page has it. */
export const anIntegration = (change: Record<string, unknown> = {}) => ({
  __typename: 'Integration' as const,
  id: 'int_1',
  name: 'DevOps',
  kind: 'SLACK_WEBHOOK' as const,
  status: 'ENABLED' as const,
  brokenReason: null,
  mend: null,
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
