package auth

import (
	"slices"
	"strings"

	"procyon/access"
)

// What tokens may do. A scope never gives a person more than their role does.
const (
	ScopeAdmin           = "admin"
	ScopeSelf            = "self"
	ScopeEventsRead      = "events:read"
	ScopeDeliveriesWrite = "deliveries:write"
	ScopeWebhooksRead    = "webhooks:read"
	ScopeSlackAct        = "slack:act"
	ScopeJournalRead     = "journal:read"
	ScopeMetricsRead     = "metrics:read"
	ScopeSCIM            = "scim"
)

// TokenScope is something that a token may do.
type TokenScope struct {
	Name        string
	Words       string // what it allows, for people
	ForPeople   bool   // people's tokens can have it
	ForServices bool   // service accounts' can
}

// TokenScopes is the table of what tokens may do: all that says what a scope is goes by it.
func TokenScopes() []TokenScope {
	return []TokenScope{
		{ScopeAdmin, "Manage accounts, gateways, resources and integrations; read requests, people, service accounts, consumers, deliveries and the journal; redeliver; follow events. Of a person’s token: all that they may do.", true, true},
		{ScopeEventsRead, "Read all requests and what can be asked for, follow events, keep durable consumers.", true, true},
		{ScopeDeliveriesWrite, "Read requests, integrations and deliveries; plan and record deliveries; keep durable consumers.", true, true},
		{ScopeWebhooksRead, "Read webhooks’ URLs in clear, beside a scope that reads integrations.", true, true},
		{ScopeJournalRead, "Read the journal, and get receipts of requests.", true, true},
		{ScopeMetricsRead, "Read the server’s metrics.", true, true},
		{ScopeSCIM, "Make people and groups over SCIM, and change and end those that it made.", false, true},
		{ScopeSelf, "All that the person may do.", true, false},
		{ScopeSlackAct, "What the Slack bot does; act for a person who linked their Slack account.", false, true},
	}
}

// Scopes lists all scopes that tokens of one kind of actor may have.
func Scopes(kind access.ActorKind) []string {
	var out []string
	for _, s := range TokenScopes() {
		if kind == access.ActorUser && s.ForPeople || kind != access.ActorUser && s.ForServices {
			out = append(out, s.Name)
		}
	}
	return out
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
