// Package slackbot lets people ask for access, decide and keep track in Slack. It
// is a client of the server's public API like any other: it acts for the person
// who typed or clicked, never by itself, and the server judges every action.
//
// It keeps nothing of its own. Tokens of workspaces, and which message shows which
// request, are records at the server. Messages are desired state: for each, the
// bot remembers what it should show and what it last showed, and a reconciler edits
// until Slack agrees. So a crash, a second replica or a rate limit may delay a
// message, but leaves no button alive on a request that is decided.
//
// Slack waits three seconds for an answer. What a click or a form does is done at
// the server before it is answered, within that time; where the server can't be
// reached, the answer says so, and nothing was done.
package slackbot
