package auth

import (
	"context"
	"time"
)

// Watch returns Valid for one principal, for whoever asks it for each event. Its answers are
// those of Valid, but while nobody's session or token was ended, and no time limit is reached,
// it looks at two numbers, and at nothing of the principal: what is known of each of thousands of principals is in no
// processor's cache. It may not be called twice at once.
func (s *Service) Watch(p *Principal) func(context.Context) error {
	if p.stays() {
		return func(context.Context) error { return nil }
	}
	w := &watch{of: s, p: p}
	return w.valid
}

// watch remembers until when a good answer stays good.
type watch struct {
	of          *Service
	p           *Principal
	moves       uint64 // what checks.moves was before the answer was found
	from, until int64  // in ns since 1970; the answer is good from here until there
}

func (w *watch) valid(ctx context.Context) error {
	now := w.of.now()
	moves := w.of.checks.moves.Load()
	if at := now.UnixNano(); moves == w.moves && at >= w.from && at < w.until {
		return nil
	}
	w.until = 0
	a, err := w.of.standing(ctx, w.p)
	if err == nil {
		err = w.of.judge(w.p, a)
	}
	if err == nil {
		w.moves, w.from, w.until = moves, a.readAt.UnixNano(), a.until().UnixNano()
	}
	return err
}

// until is when a good answer is good no longer, while nothing is ended.
func (a *standing) until() time.Time {
	known := a.readAt
	if looked := time.Unix(0, a.of.lookedAt.Load()); looked.After(known) && a.epoch == a.of.epoch.Load() {
		known = looked
	}
	end := known.Add(checkFor)
	for _, limit := range []time.Time{a.readAt.Add(keepFor), a.expires, a.acts.RightsUntil} {
		if !limit.IsZero() && limit.Before(end) {
			end = limit
		}
	}
	return end
}
