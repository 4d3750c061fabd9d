package auth

import (
	"context"
	"fmt"
	"slices"
	"time"

	"procyon/access"
	"procyon/store"
)

// seenRecord is what is kept of when a person or service account was here, beyond the end of
// their sessions and tokens.
type seenRecord struct {
	At time.Time `json:"at"`
}

func seenID(id string) string { return "seen_" + id }

// saw writes down that somebody was here. It may fail: another request of theirs writes the
// same down, or the store is busy. The request is good all the same, and what is stored of
// its session or token says as much while that lasts.
func (s *Service) saw(ctx context.Context, id string, at time.Time) {
	var r seenRecord
	version, err := s.get(ctx, seenID(id), &r)
	if err == nil && at.After(r.At) {
		_ = s.put(ctx, seenID(id), version+1, "", nil, seenRecord{at})
	}
}

// LastSeen is when a person, or a service account, was last here by a session or token, to
// an hour, also where that has ended since; zero where they never were. Of sessions and
// tokens that ended before a release that keeps it, nothing is known.
func (s *Service) LastSeen(ctx context.Context, id string) (time.Time, error) {
	var kept seenRecord
	if _, err := s.get(ctx, seenID(id), &kept); err != nil {
		return time.Time{}, err
	}
	byToken, err := latest(ctx, s, tokenTerm(id), func(r tokenRecord) time.Time { return r.UsedAt })
	if err != nil {
		return byToken, err
	}
	inSession, err := latest(ctx, s, sessionTerm(id), func(r sessionRecord) time.Time { return r.SeenAt })
	return slices.MaxFunc([]time.Time{kept.At, byToken, inSession}, time.Time.Compare), err
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
