// Package slackapi is the one place that knows how Slack wants to be spoken to.
//
// It turns events into Block Kit messages (card.go), makes text from people
// harmless (text.go), knows Slack's limits and checks them before anything is
// sent (limits.go), posts to incoming webhooks and tells what became of it
// (webhook.go, outcome.go), decides which hosts webhooks may point to
// (hosts.go, dial.go), hides webhook URLs (redact.go) and verifies that a
// request came from Slack (signature.go).
//
// It knows nothing of access requests beyond the fields of [Card], of GraphQL or
// of stores, so that both workers can use it.
//
// Two rules hold throughout: a webhook's URL is a secret and never appears in an
// error or a result, and nothing that a person typed is ever interpreted by
// Slack as a mention, a link or formatting.
package slackapi
