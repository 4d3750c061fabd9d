// Package transport carries GraphQL operations over the network: HTTP for
// queries and mutations, server-sent events and WebSocket for subscriptions.
//
// New makes the handler of one URL out of transports, each a graphql.Transport
// that says which requests it supports. They parse requests and write results;
// what an operation may ask for is checked by Limits, an extension of the
// executor, and who may ask is no concern of this package: the request's
// context carries the caller to the resolvers and to the Source.
//
// Every refusal has one form, Refuse's, whoever refuses. What says that somebody may not
// go on is a GraphQL error, see Presentable, and ends a connection for good. Any other
// error means that it can't be told now: the client is told to come back, and how.
//
// Subscriptions meet their results at Source and Stream: a connection pulls what
// is ready at its own pace, so that a slow one costs nobody else anything.
package transport
