package notifier

import (
	"time"

	"procyon/client"
)

const (
	leastRetry = time.Second
	mostRetry  = 5 * time.Minute
)

// retryIn is how long a message waits for its next try: what the other side asked
// for, and never less than our own backoff.
func retryIn(failures int, asked time.Duration) time.Duration {
	return max(asked, client.Backoff(failures, leastRetry, mostRetry))
}
