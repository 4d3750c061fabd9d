package slackbot

import (
	"errors"
	"log/slog"
	"sync"
	"time"

	"procyon/internal/slackapi"
)

// refusalEvery is how often at most a refused request is logged: anybody can send some.
const refusalEvery = time.Minute

// refusals logs requests that are not signed by Slack, one a minute.
type refusals struct {
	mu     sync.Mutex // guards logged and silent
	logged time.Time
	silent int // refused since then, and not logged
}

// log says why a request was refused: whether it is the clock or the secret, and how far
// the clocks are apart. It tells nothing else of the request.
func (r *refusals) log(log *slog.Logger, err error, now time.Time) {
	r.mu.Lock()
	if !r.logged.IsZero() && now.Sub(r.logged) < refusalEvery && !now.Before(r.logged) {
		r.silent++
		r.mu.Unlock()
		return
	}
	more := r.silent
	r.logged, r.silent = now, 0
	r.mu.Unlock()
	about := []any{"others since the last such line", more}
	var why *slackapi.SignatureError
	if errors.As(err, &why) {
		about = append(about, "reason", string(why.Reason))
		if why.Reason != slackapi.SignatureNoTimestamp {
			about = append(about, "timestamp is ahead of this clock by seconds", why.Skew)
		}
		if why.Reason == slackapi.SignatureWrongTime {
			about = append(about, "signature is right", why.Signed)
		}
	}
	log.Warn("a request to /slack/ is refused: it is not signed by Slack", about...)
}
