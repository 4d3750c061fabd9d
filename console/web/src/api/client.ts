import { cacheExchange } from '@urql/exchange-graphcache'
import { Client, fetchExchange, mapExchange } from 'urql'
import { address, timedFetch, watchSession } from './ask.ts'

// What has no ID is part of what has it.
export const embedded = [
  'AccessExplanation', 'AccessRefusal', 'Guardrail', 'Policy', 'PolicyChange', 'PolicyEdit', 'PolicyEscalation', 'PolicyRehearsal', 'PolicySet', 'PolicyStep', 'PolicySubject', 'PolicyTag', 'PolicyVersion', 'PolicyVersionConnection', 'PolicyVersionEdge', 'PolicyWarning', 'PolicyWhat', 'PolicyWho', 'StepApprover', 'Track', 'TrackStep',
  'AccessRequestAction', 'AccessRequestConnection', 'AccessRequestEdge', 'AccessRequestItem', 'AccessRequestReceipt', 'AccountConnection', 'AccountEdge', 'Actor', 'Appointer', 'BusyResource',
  'CatalogImportConnection', 'CatalogImportCounts', 'CatalogImportEdge', 'CatalogImportRow', 'CatalogImportRowConnection', 'CatalogImportRowEdge', 'ConsumerConnection',
  'ConsumerEdge', 'DeliveryAttempt', 'DeliveryConnection', 'DeliveryEdge', 'DeliveryNumbers', 'DemotionEnds', 'Directory', 'DirectoryRecord', 'DirectoryRefusal', 'DisablingEnds', 'EndedRequests', 'Extension',
  'GatewayConnection', 'GatewayEdge', 'Grant', 'GroupDeletionEnds', 'GroupConnection', 'GroupEdge', 'IntegrationConnection', 'IntegrationEdge', 'IntegrationNumbers', 'JournalCheckpoint', 'JournalEntry',
  'JournalEntryConnection', 'JournalEntryEdge', 'Limits', 'ListedSlackChannelConnection', 'ListedSlackChannelEdge', 'LostDecisions', 'Manager', 'Membership', 'MembershipConnection', 'MembershipEdge', 'NotificationPreview',
  'NotificationRoute', 'OfferedWebhook', 'Overview', 'OwnedThing', 'OwnedThings', 'Owner', 'PageInfo', 'PendingAge', 'Problem', 'ProblemList', 'Record', 'RehearsedRequest', 'RequestDay', 'RequestEvent', 'RequestNumbers',
  'RequestSnapshot', 'Requester', 'ResourceConnection', 'ResourceEdge', 'Review', 'ServiceAccountConnection', 'ServiceAccountEdge', 'Separation', 'SessionConnection', 'SessionEdge',
  'SlackApp', 'SlackChannel', 'SlackLinkConnection', 'SlackLinkEdge', 'SlackLinkOffer', 'SlackWaiting', 'SlackWorkspaceConnection', 'SlackWorkspaceEdge', 'Tag', 'TokenConnection',
  'TokenEdge', 'TokenScope', 'UserConnection',
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
