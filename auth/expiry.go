package auth

import (
	"context"
	"time"

	"procyon/store"
)

// termExpiry lists what is deleted when its time is over, the first to end first.
const termExpiry = "auth/expiry"

// stamp is a moment as a Sort: bytewise order is order in time.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

const (
	sweepBatch = 50
	// sweepAfter leaves room for clocks that differ between servers.
	sweepAfter = time.Hour
)

// Sweep deletes a few sessions, tokens, known browsers and offers that are long over,
// and returns how many. Signing in and making tokens do it by the way, so that they never pile up.
func (s *Service) Sweep(ctx context.Context) (int, error) {
	docs, err := s.docs.List(ctx, store.Query{Term: termExpiry, Limit: sweepBatch})
	if err != nil {
		return 0, err
	}
	before := stamp(s.now().Add(-sweepAfter))
	var over []string
	for _, d := range docs {
		if d.Sort < before {
			over = append(over, d.ID)
		}
	}
	if len(over) == 0 {
		return 0, nil
	}
	return len(over), s.docs.Delete(ctx, over...)
}
