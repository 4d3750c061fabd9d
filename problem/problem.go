// Package problem finds what is broken or waits and is an administrator's to mend, from what
// is stored already: broken integrations, policies that name what is gone, requests that nobody hears of, dead letters, and
// what waits in Slack. Whoever shows it, the console and the bot, shows the same.
package problem

import (
	"context"
	"time"

	"procyon/access"
	"procyon/delivery"
	"procyon/journal"
	"procyon/slackworkspace"
	"procyon/store"
)

// Kind is what has failed.
type Kind string

// The kinds of problems, the worst first: in this order they are listed.
const (
	IntegrationBroken     Kind = "INTEGRATION_BROKEN"
	PolicyBroken          Kind = "POLICY_BROKEN"
	RequestUnheard        Kind = "REQUEST_UNHEARD"
	DeliveriesDead        Kind = "DELIVERIES_DEAD"
	SlackWorkspaceWaiting Kind = "SLACK_WORKSPACE_WAITING"
	SlackLinkWaiting      Kind = "SLACK_LINK_WAITING"
)

// Problem is one failure, as long as it lasts.
type Problem struct {
	// Key names the failure: the same as long as it lasts, and another one when the same
	// fails anew. Up to its "@" it names what has failed.
	Key   string
	Kind  Kind
	Since time.Time // zero where this server does not know it yet
	Text  string    // what, and for whom, in plain words on one line
	Mend  string    // what mends it
	// Path and Query are the page of the console that mends it.
	Path, Query string
}

// List is what there is to mend.
type List struct {
	Problems []Problem // the worst first; of each kind at most 20
	Count    int       // how many there are in all, of each kind up to 100
}

const (
	// MaxOfKind is how many of a kind are listed.
	MaxOfKind = 20
	// maxCounted is up to how many of a kind are counted.
	maxCounted = 100
	// deadFor is how long dead letters are told, since they were owed: who has not
	// redelivered them by then does not mean to. The log of deliveries has them for longer.
	deadFor = 7 * 24 * time.Hour
)

// Journal finds when something happened.
type Journal interface {
	Find(ctx context.Context, f journal.Filter, p journal.Part) (journal.Found, error)
}

// Finder finds problems. It is safe for concurrent use.
type Finder struct {
	Access  *access.Service
	Ledger  *delivery.Ledger
	Slack   *slackworkspace.Service
	Journal Journal
	Now     func() time.Time
}

// of is what was found of a kind.
type of struct {
	problems []Problem
	count    int
}

// Find returns what an administrator, or a worker, can mend: nobody agrees to their own Slack
// link. What it reads is bounded, and little where nothing is wrong.
func (f *Finder) Find(ctx context.Context, by access.Actor) (List, error) {
	var out List
	for _, find := range []func(context.Context, access.Actor) (of, error){f.broken, f.policies, f.unheard, f.dead, f.slack} {
		found, err := find(ctx, by)
		if err != nil {
			return List{}, err
		}
		out.Problems = append(out.Problems, found.problems...)
		out.Count += found.count
	}
	return out, nil
}

// brokenOnes are up to 100 integrations that are broken, by name.
func (f *Finder) brokenOnes(ctx context.Context) ([]access.Integration, error) {
	l, err := f.Access.Integrations(ctx, access.IntegrationFilter{Statuses: []access.IntegrationStatus{access.IntegrationBroken}}, store.Page{First: maxCounted})
	if err != nil {
		return nil, err
	}
	return access.DecodeAll[access.Integration](l.Docs)
}
