package graph

import (
	"context"
	"net/url"

	"procyon/access"
	"procyon/auth"
	"procyon/catalogimport"
	"procyon/checkpoint"
	"procyon/delivery"
	"procyon/directory"
	"procyon/journal"
	"procyon/overview"
	"procyon/problem"
	"procyon/receipt"
	"procyon/slackworkspace"
	"procyon/workerstore"
)

// Journal is the part of the journal that the API reads.
type Journal interface {
	Head() uint64
	CatchUp(ctx context.Context) error
	Read(ctx context.Context, after uint64, limit int) ([]journal.Entry, error)
	Find(ctx context.Context, f journal.Filter, p journal.Part) (journal.Found, error)
	Check(ctx context.Context, p journal.Position) error
	PositionAt(ctx context.Context, seq uint64) (journal.Position, error)
	EntryAt(ctx context.Context, p journal.Position) (journal.Entry, error)
}

// History reads the entries of one subject.
type History interface {
	Subject(ctx context.Context, subject string, after uint64, limit int) ([]journal.Entry, error)
}

// Sync tells how the calls of a directory go.
type Sync interface {
	State(context.Context) (directory.State, error)
}

// Resolver has what the resolvers need.
type Resolver struct {
	Access   *access.Service
	Auth     *auth.Service
	Imports  *catalogimport.Service
	Slack    *slackworkspace.Service
	Ledger   *delivery.Ledger
	Records  *workerstore.Store
	Offers   SlackOffers
	Sync     Sync
	Problems *problem.Finder
	Numbers  *overview.Overview
	Journal  Journal
	History  History
	// Checkpoint reads the journal's newest checkpoint; nil where there is none.
	Checkpoint func(context.Context) (*checkpoint.Checkpoint, error)
	// Receipt makes the receipt of a request for the caller; see the errors that graph/receipt.go
	// has words for.
	Receipt   func(ctx context.Context, request string) (*receipt.Receipt, error)
	PublicURL *url.URL // where the console is, for links
	App       SlackApp // as this server is set up for it
}

// actor is who calls; fields that need one are closed to others by @auth.
func actor(ctx context.Context) access.Actor {
	if p := auth.From(ctx); p != nil {
		return p.Actor
	}
	return access.Actor{}
}
