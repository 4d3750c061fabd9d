package worker

import (
	"context"
	"time"

	"procyon/client"
)

// The waits between the tries of [Retry].
const (
	leastRetry = 100 * time.Millisecond
	mostRetry  = 5 * time.Second
)

// Retry calls f until it succeeds, fails with an error that again does not want tried
// again, or ctx is done. It returns f's last error. Most callers' again is
// [procyon/client.IsRetryable].
func Retry(ctx context.Context, again func(error) bool, f func() error) error {
	for failures := 0; ; failures++ {
		err := f()
		if err == nil || ctx.Err() != nil || !again(err) {
			return err
		}
		if !client.Sleep(ctx, client.Backoff(failures, leastRetry, mostRetry)) {
			return err
		}
	}
}

// Every calls f at once, and again d after each call has returned, until ctx is done:
// then it returns nil. An error of f's ends it, and is returned.
func Every(ctx context.Context, d time.Duration, f func(context.Context) error) error {
	for {
		err := f(ctx)
		if ctx.Err() != nil {
			return nil //nolint:nilerr // it was told to stop
		}
		if err != nil {
			return err
		}
		if !client.Sleep(ctx, d) {
			return nil
		}
	}
}

// Refused tells whether err says that the server refuses the token itself, rather than
// what was asked for somebody: nothing that this worker asks can succeed.
func Refused(err error) bool {
	code := client.CodeOf(err)
	return code == client.CodeUnauthenticated || code == client.CodeForbidden
}
