// What the three clients ask, in one text for all. Relay's compiler reads the tags here;
// the other two get the text, with the fragments that it spreads.
const graphql = String.raw;

export const fragments = {
  documents_details: graphql`
    fragment documents_details on RequestDetails {
      status version requestedDuration grantedDuration reason startsAt outcome gone updatedAt
      requester { userId name email }
      items { resourceId resourceName role }
      grant { startsAt expiresAt }
      extension { duration reason }
      reviews { decision comment reviewer { kind userId name } }
      endedBy { kind userId name }
    }`,
  documents_request: graphql`
    fragment documents_request on AccessRequest { id viewerCanReview ...documents_details }`,
  documents_snapshot: graphql`
    fragment documents_snapshot on RequestSnapshot { requestId ...documents_details }`,
  documents_event: graphql`
    fragment documents_event on RequestEvent {
      cursor at type version actor { kind userId name } request { ...documents_snapshot }
    }`,
  documents_delivery: graphql`
    fragment documents_delivery on Delivery {
      id deliveryStatus: status attemptCount eventType requestId integrationName event { ...documents_event }
    }`,
  documents_user: graphql`
    fragment documents_user on User { id name email role disabled }`,
};

export const operations = {
  Node: graphql`
    query documentsNodeQuery($id: ID!) {
      node(id: $id) {
        __typename id
        ... on AccessRequest { ...documents_request }
        ... on Delivery { ...documents_delivery }
        ... on User { ...documents_user }
      }
    }`,
  Request: graphql`
    query documentsRequestQuery($id: ID!) { accessRequest(id: $id) { ...documents_request } }`,
  List: graphql`
    query documentsListQuery($filter: AccessRequestFilter, $orderBy: AccessRequestOrder, $first: Int) {
      accessRequests(filter: $filter, orderBy: $orderBy, first: $first) {
        edges { cursor node { ...documents_request } }
        pageInfo { hasNextPage endCursor }
      }
    }`,
  Deliveries: graphql`
    query documentsDeliveriesQuery($filter: DeliveryFilter, $first: Int) {
      deliveries(filter: $filter, first: $first) { nodes { ...documents_delivery } }
    }`,
  RequestDeliveries: graphql`
    query documentsRequestDeliveriesQuery($id: ID!) {
      accessRequest(id: $id) { id ...documents_request deliveries(first: 20) { edges { node { ...documents_delivery } } } }
    }`,
  Viewer: graphql`
    query documentsViewerQuery { viewer { userId serviceAccountId name role user { ...documents_user } } }`,
  Users: graphql`
    query documentsUsersQuery { users(first: 10) { nodes { ...documents_user } } }`,
  Create: graphql`
    mutation documentsCreateMutation($input: CreateAccessRequestInput!) {
      result: createAccessRequest(input: $input) {
        accessRequest { ...documents_request } duplicateOf { ...documents_request } userErrors { code message }
      }
    }`,
  Update: graphql`
    mutation documentsUpdateMutation($input: UpdateAccessRequestInput!) {
      result: updateAccessRequest(input: $input) { accessRequest { ...documents_request } userErrors { code message } }
    }`,
  Cancel: graphql`
    mutation documentsCancelMutation($input: CancelAccessRequestInput!) {
      result: cancelAccessRequest(input: $input) { accessRequest { ...documents_request } userErrors { code message } }
    }`,
  Review: graphql`
    mutation documentsReviewMutation($input: ReviewAccessRequestInput!) {
      result: reviewAccessRequest(input: $input) { accessRequest { ...documents_request } userErrors { code message } }
    }`,
  Close: graphql`
    mutation documentsCloseMutation($input: CloseAccessRequestInput!) {
      result: closeAccessRequest(input: $input) { accessRequest { ...documents_request } userErrors { code message } }
    }`,
  Revoke: graphql`
    mutation documentsRevokeMutation($input: RevokeAccessRequestInput!) {
      result: revokeAccessRequest(input: $input) { accessRequest { ...documents_request } userErrors { code message } }
    }`,
  Extend: graphql`
    mutation documentsExtendMutation($input: ExtendAccessRequestInput!) {
      result: extendAccessRequest(input: $input) { accessRequest { ...documents_request } userErrors { code message } }
    }`,
  Redeliver: graphql`
    mutation documentsRedeliverMutation($input: RedeliverInput!) {
      result: redeliver(input: $input) { delivery { ...documents_delivery } userErrors { code message } }
    }`,
  Beside: graphql`
    mutation documentsBesideMutation($input: CreateAccessRequestInput!, $forbidden: RedeliverInput!) {
      createAccessRequest(input: $input) { accessRequest { ...documents_request } userErrors { code message } }
      redeliver(input: $forbidden) { delivery { id status } userErrors { code message } }
    }`,
  Below: graphql`
    mutation documentsBelowMutation($input: CancelAccessRequestInput!) {
      cancelAccessRequest(input: $input) {
        accessRequest { ...documents_request deliveries(first: 3) { nodes { id status integration { id name } } } }
        userErrors { code message }
      }
    }`,
  Events: graphql`
    subscription documentsEventsSubscription($filter: RequestEventFilter, $after: Cursor) {
      requestEvents(filter: $filter, after: $after) { ...documents_event }
    }`,
};

// whole is an operation's text with all its fragments.
export function whole(name) {
  const text = [operations[name]];
  const spread = new Set();
  for (const part of text) { // which grows
    for (const [, fragment] of part.matchAll(/\.\.\.(\w+)/g)) {
      if (!spread.has(fragment)) text.push(fragments[fragment]);
      spread.add(fragment);
    }
  }
  return text.join('\n');
}
