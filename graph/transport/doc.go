// Package transport carries GraphQL over the network: POST and GET, Server-Sent
// Events and WebSocket, each as a gqlgen transport, with the limits that protect
// the gateway from costly operations. Subscriptions come from a Source.
package transport
