package auth

import (
	"context"
	"fmt"
	"time"

	"procyon/access"
	"procyon/store"
)

// LastSeen is when a person, or a service account, was last here by a session or token of
// which something is still stored, to an hour; zero where there is none. Sessions and tokens
// that were ended leave nothing.
func (s *Service) LastSeen(ctx context.Context, id string) (time.Time, error) {
	byToken, err := latest(ctx, s, tokenTerm(id), func(r tokenRecord) time.Time { return r.UsedAt })
	if err != nil {
		return byToken, err
	}
	inSession, err := latest(ctx, s, sessionTerm(id), func(r sessionRecord) time.Time { return r.SeenAt })
	if inSession.After(byToken) {
		return inSession, err
	}
	return byToken, err
}

// latest is the last of the times of what is under a term.
func latest[R any](ctx context.Context, s *Service, term string, at func(R) time.Time) (last time.Time, err error) {
	for docs, err := range store.EachPage(ctx, s.docs, term, maxOwnTokens) {
		if err != nil {
			return last, fmt.Errorf("look when somebody was here: %w", err)
		}
		for _, d := range docs {
			r, err := access.Decode[R](d)
			if err != nil {
				return last, err
			}
			if t := at(r); t.After(last) {
				last = t
			}
		}
	}
	return last, nil
}
