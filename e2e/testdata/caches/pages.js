// How Relay goes through pages: its compiler makes the queries for the next pages from
// these fragments, if the schema's connections and its node(id:) are as it wants them.
const graphql = String.raw;

export const documents = [
  graphql`
    fragment pages_timeline on AccessRequest
    @refetchable(queryName: "pagesTimelineNextQuery")
    @argumentDefinitions(count: { type: "Int", defaultValue: 2 }, cursor: { type: "String" }) {
      id
      timeline(first: $count, after: $cursor) @connection(key: "pages_timeline") {
        edges { node { seq type } }
      }
    }`,
  graphql`
    query pagesTimelineQuery($id: ID!) { accessRequest(id: $id) { ...pages_timeline } }`,
  graphql`
    fragment pages_requests on Query
    @refetchable(queryName: "pagesRequestsNextQuery")
    @argumentDefinitions(count: { type: "Int", defaultValue: 2 }, cursor: { type: "String" }) {
      accessRequests(filter: { requesterId: $requester }, first: $count, after: $cursor) @connection(key: "pages_accessRequests") {
        edges { node { id status } }
      }
    }`,
  graphql`
    query pagesRequestsQuery($requester: ID!) { ...pages_requests }`,
];
