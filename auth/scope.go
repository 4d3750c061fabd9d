package auth

import (
	"slices"
	"strings"

	"procyon/access"
)

// What tokens may do. A scope never gives a person more than their role does.
const (
	ScopeAdmin           = "admin"            // all that administration needs; of a person's token: all that they may do
	ScopeSelf            = "self"             // all that the person may do; people's tokens only
	ScopeEventsRead      = "events:read"      // see all requests and follow their events
	ScopeDeliveriesWrite = "deliveries:write" // plan and record deliveries
	ScopeWebhooksRead    = "webhooks:read"    // read webhook URLs in clear
	ScopeSlackAct        = "slack:act"        // act for a person linked to Slack; services only
	ScopeJournalRead     = "journal:read"     // read the journal
	ScopeMetricsRead     = "metrics:read"     // read the process's metrics
)

// Scopes lists all scopes that tokens of one kind of actor may have.
func Scopes(kind access.ActorKind) []string {
	both := []string{ScopeAdmin, ScopeEventsRead, ScopeDeliveriesWrite, ScopeWebhooksRead, ScopeJournalRead, ScopeMetricsRead}
	if kind == access.ActorUser {
		return append(both, ScopeSelf)
	}
	return append(both, ScopeSlackAct)
}

// cleanScopes sorts scopes, each once, and refuses those that tokens of that
// kind can't have.
func cleanScopes(kind access.ActorKind, scopes []string) ([]string, error) {
	known := Scopes(kind)
	for _, v := range scopes {
		if !slices.Contains(known, v) {
			owner := "a service"
			if kind == access.ActorUser {
				owner = "a person"
			}
			return nil, access.Errorf(access.CodeInvalid, "scopes", "A token of %s can't have the scope %.40q; use any of: %s.", owner, v, strings.Join(known, ", "))
		}
	}
	out := slices.Clone(scopes)
	slices.Sort(out)
	return slices.Compact(out), nil
}
