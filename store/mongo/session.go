package mongo

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
)

// session begins a causal session for some calls, or goes on in the one that ctx has: what
// is read in it is not older than anything that this process has read or written before.
// Without one a primary that was just replaced, and does not know it yet, would answer as
// of then. end must be called. A lone server has no sessions, and needs none.
func (s *Store) session(ctx context.Context) (in context.Context, end func()) {
	if !s.replicated || driver.SessionFromContext(ctx) != nil {
		return ctx, func() {}
	}
	session, err := s.client.StartSession() // causal, unless it is told otherwise
	if err != nil {
		return ctx, func() {} // the client is closed, and the call will say so
	}
	if at := s.seen.Load(); at != nil {
		_ = session.AdvanceOperationTime(at) // it fails for nil alone
	}
	return driver.NewSessionContext(ctx, session), func() {
		s.saw(session.OperationTime())
		session.EndSession(context.WithoutCancel(ctx))
	}
}

// saw keeps the latest moment of the database that this process knows of.
func (s *Store) saw(at *bson.Timestamp) {
	for at != nil {
		seen := s.seen.Load()
		if seen != nil && !at.After(*seen) || s.seen.CompareAndSwap(seen, at) {
			return
		}
	}
}
