package notifier

import (
	"math/rand/v2"
	"time"
)

// backoff is how long to wait after so many failures, counted from 0: it doubles
// from least up to most, less a random part of up to half, so that many who failed
// together do not come back together.
func backoff(failures int, least, most time.Duration) time.Duration {
	d := most
	if failures < 30 {
		d = min(most, least<<failures)
	}
	if d <= 0 {
		d = most
	}
	return d - rand.N(d/2+1) //nolint:gosec // a wait is no secret
}

const (
	leastRetry = time.Second
	mostRetry  = 5 * time.Minute
)

// retryIn is how long a message waits for its next try: what the other side asked
// for, and never less than our own backoff.
func retryIn(failures int, asked time.Duration) time.Duration {
	return max(asked, backoff(failures, leastRetry, mostRetry))
}
