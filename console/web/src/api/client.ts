import { cacheExchange } from '@urql/exchange-graphcache'
import { Client, fetchExchange, mapExchange } from 'urql'
import { address, timedFetch, watchSession } from './ask.ts'

// What has no ID is part of what has it.
export const embedded = [
  'AccessRequestAction', 'AccessRequestConnection', 'AccessRequestEdge', 'AccessRequestItem', 'AccountConnection', 'AccountEdge', 'Actor',
  'ConsumerConnection', 'ConsumerEdge', 'DeliveryAttempt', 'DeliveryConnection', 'DeliveryEdge', 'EndedRequests', 'Extension', 'GatewayConnection',
  'GatewayEdge', 'Grant', 'IntegrationConnection', 'IntegrationEdge', 'JournalEntry', 'JournalEntryConnection', 'JournalEntryEdge', 'Limits', 'ListedSlackChannelConnection', 'ListedSlackChannelEdge',
  'NotificationPreview', 'NotificationRoute', 'OfferedWebhook', 'PageInfo', 'Problem', 'ProblemList', 'Record', 'RequestEvent', 'RequestSnapshot', 'Requester', 'ResourceConnection',
  'ResourceEdge', 'Review', 'ServiceAccountConnection', 'ServiceAccountEdge', 'SessionConnection', 'SessionEdge', 'SlackApp', 'SlackChannel', 'SlackLinkConnection',
  'SlackLinkEdge', 'SlackLinkOffer', 'SlackWaiting', 'SlackWorkspaceConnection', 'SlackWorkspaceEdge', 'TokenConnection', 'TokenEdge', 'UserConnection',
  'UserEdge', 'UserError', 'Viewer',
]

/** For what has a page: what one mutation or event says of an object is seen wherever that is shown. */
export const client = new Client({
  url: address,
  fetch: timedFetch,
  preferGetMethod: false,
  requestPolicy: 'cache-and-network',
  exchanges: [mapExchange({ onError: watchSession }), cacheExchange({ keys: Object.fromEntries(embedded.map((t) => [t, () => null])) }), fetchExchange],
})
