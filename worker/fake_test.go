package worker

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"procyon/client"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// inBubble runs a test on a clock of its own, which jumps when everybody waits.
func inBubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	if underRaceDetector {
		t.Skip("the race detector of Go 1.26 crashes in bubbles: https://go.dev/issue/78156")
	}
	synctest.Test(t, f)
}

// office gives the lease of one consumer, with the rules of the server.
type office struct {
	mu     sync.Mutex // guards all below
	holder string
	epoch  int
	until  time.Time
	asked  int
	err    error // of every call, nil: none
}

var errDown = &client.Error{Code: client.CodeNetwork, Message: "down", Retryable: true}

func (o *office) AcquireConsumer(_ context.Context, _, holder string, ttl time.Duration) (client.Consumer, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asked++
	if o.err != nil {
		return client.Consumer{}, o.err
	}
	if o.holder != holder {
		if time.Now().Before(o.until) {
			return client.Consumer{}, client.ErrHeld
		}
		o.epoch++
	}
	o.holder, o.until = holder, time.Now().Add(ttl)
	return client.Consumer{Cursor: fmt.Sprint("c", o.epoch), Epoch: o.epoch}, nil
}

func (o *office) ReleaseConsumer(_ context.Context, _ string, epoch int) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if epoch == o.epoch && o.err == nil {
		o.holder, o.until = "", time.Time{}
	}
	return nil
}

func (o *office) set(f func(o *office)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	f(o)
}

// start runs a worker. stop ends it, as SIGTERM does, and returns what Run did.
func (o *office) start(t *testing.T, holder string, work func(context.Context, *Lease) error) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, Options{Client: o, Consumer: "tests", Holder: holder}, work) }()
	once := sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	t.Cleanup(func() { _ = once() })
	synctest.Wait()
	return once
}

// after lets time pass, until everybody waits for more of it.
func after(d time.Duration) {
	<-time.NewTimer(d).C
	synctest.Wait()
}
