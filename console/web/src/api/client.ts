import { cacheExchange } from '@urql/exchange-graphcache'
import { createClient as createSocket } from 'graphql-ws'
import { Client, fetchExchange, mapExchange, type Exchange } from 'urql'
import { learnTime } from './clock.ts'
import { setConnection } from './connection.ts'

const address = '/graphql'

// An answer must come while somebody still looks at the button that they pressed.
const patience = 15_000

const timedFetch: typeof fetch = async (input, init) => {
  const sent = Date.now()
  const limit = AbortSignal.timeout(patience)
  const signal = init?.signal ? AbortSignal.any([init.signal, limit]) : limit
  const answer = await fetch(input, { ...init, signal, credentials: 'same-origin' })
  learnTime(answer.headers.get('Date'), sent, Date.now())
  return answer
}

// A session that is over is said once, for all of the page.
const watchSession = (): Exchange =>
  mapExchange({
    onError(error) {
      if (error.graphQLErrors.some((e) => e.extensions['code'] === 'UNAUTHENTICATED')) setConnection({ signedOut: true })
    },
  })

// What has no ID is part of what has it.
export const embedded = [
  'AccessRequestAction', 'AccessRequestConnection', 'AccessRequestEdge', 'AccessRequestItem', 'AccountConnection', 'AccountEdge', 'Actor',
  'ConsumerConnection', 'ConsumerEdge', 'DeliveryAttempt', 'DeliveryConnection', 'DeliveryEdge', 'EndedRequests', 'Extension', 'GatewayConnection',
  'GatewayEdge', 'Grant', 'IntegrationConnection', 'IntegrationEdge', 'JournalEntry', 'JournalEntryConnection', 'JournalEntryEdge', 'Limits', 'ListedSlackChannelConnection', 'ListedSlackChannelEdge',
  'NotificationPreview', 'NotificationRoute', 'OfferedWebhook', 'PageInfo', 'Record', 'RequestEvent', 'RequestSnapshot', 'Requester', 'ResourceConnection',
  'ResourceEdge', 'Review', 'ServiceAccountConnection', 'ServiceAccountEdge', 'SessionConnection', 'SessionEdge', 'SlackChannel', 'SlackLinkConnection',
  'SlackLinkEdge', 'SlackLinkOffer', 'SlackWaiting', 'SlackWorkspaceConnection', 'SlackWorkspaceEdge', 'TokenConnection', 'TokenEdge', 'UserConnection',
  'UserEdge', 'UserError', 'Viewer',
]

const common = { url: address, fetch: timedFetch, preferGetMethod: false as const }

/** For what has a page: what one mutation or event says of an object is seen wherever that is shown. */
export const client = new Client({
  ...common,
  requestPolicy: 'cache-and-network',
  exchanges: [watchSession(), cacheExchange({ keys: Object.fromEntries(embedded.map((t) => [t, () => null])) }), fetchExchange],
})

/** For long lists, which stay outside the cache: it holds a hundred thousand rows in 94 MB. */
export const listClient = new Client({ ...common, requestPolicy: 'network-only', exchanges: [watchSession(), fetchExchange] })

/** The socket over which events come; live.ts opens it again when it has closed. */
export const socket = createSocket({
  url: () => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${address}`,
  lazy: true,
  keepAlive: 10_000, // a connection that is dead without a word is found out
  retryAttempts: 0,
})
