// Package console serves the web pages that people use: signing in, the list of
// access requests, and the page of one request, where an approver decides it and
// the requester takes it back. The links in notifications lead here.
//
// Pages are rendered on the server with html/template and need no script. The
// package knows neither the domain's rules nor a store: it asks the same GraphQL
// API as everybody else (API, with the documents in query/), and the API decides
// what the person signed in may see and do. Signing in is behind Auth.
//
// Defences: a content security policy that allows nothing from elsewhere and no
// script at all; every POST must come from our own pages (Origin and
// Sec-Fetch-Site are checked) and carry the session's anti-forgery token; nothing
// is cached; after signing in one is led to local paths only.
//
// A form that changes a request says what its page showed, and has a key of its own:
// nothing is decided on other terms than those that somebody had before them, and a
// form that is sent twice changes things once (basis.go).
//
// The table of all routes is in route.go; colours and sizes are in
// asset/console.css; what statuses and events are called is in words.go.
package console
