// Package console serves what people use in a browser: the application of one page, with
// which they ask, decide and manage, and the pages that work without it, for signing in,
// linking a Slack account, what waits in Slack, and error codes. The links in
// notifications lead here.
//
// The application's sources are in web/, and its built files in dist/, which is committed.
// It talks to /graphql alone, as anybody else, with the browser's session. The other pages
// are rendered on the server with html/template and need no script. The package knows
// neither the domain's rules nor a store: it asks the same GraphQL API as everybody else
// (API, with the documents in query/), and the API decides what the person signed in may
// see and do. Signing in is behind Auth.
//
// Defences: a content security policy that allows nothing from elsewhere, no script on the
// rendered pages and none inside the application's document; every POST of a form must come
// from our own pages (Origin and Sec-Fetch-Site are checked) and carry the session's
// anti-forgery token; no document is cached; after signing in one is led to local paths only.
//
// The table of all routes is in route.go, the application's addresses are in app.go.
package console
