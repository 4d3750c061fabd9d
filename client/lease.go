package client

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"time"
)

var (
	// ErrHeld says that another holder has the lease.
	ErrHeld = errors.New("another holder has the lease")
	// ErrLost says that the lease is over, or could not be kept in time.
	ErrLost = errors.New("the lease was lost")
)

// Consumer is a named reader of the event stream whose position the gateway keeps.
type Consumer struct {
	Cursor string // of the last event that it has dealt with
	Epoch  int    // grows with each new holder
}

const acquireMutation = `mutation Acquire($input: AcquireConsumerInput!) {
  acquireConsumer(input: $input) { consumer { cursor epoch } userErrors { code field message } }
}`

// AcquireConsumer takes or keeps the lease of a consumer, which its first use makes.
// It returns [ErrHeld] where another holder has it.
func (c *Client) AcquireConsumer(ctx context.Context, name, holder string, ttl time.Duration) (Consumer, error) {
	var out struct {
		AcquireConsumer struct {
			Consumer   Consumer
			UserErrors UserErrors
		}
	}
	input := map[string]any{"name": name, "holder": holder, "ttl": Duration(ttl)}
	if err := c.Do(ctx, acquireMutation, map[string]any{"input": input}, &out); err != nil {
		return Consumer{}, err
	}
	return out.AcquireConsumer.Consumer, out.AcquireConsumer.UserErrors.OrLease(ErrHeld)
}

const releaseMutation = `mutation Release($input: ReleaseConsumerInput!) {
  releaseConsumer(input: $input) { userErrors { code field message } }
}`

// ReleaseConsumer gives a lease back, so that another holder can begin at once.
func (c *Client) ReleaseConsumer(ctx context.Context, name string, epoch int) error {
	return c.Do(ctx, releaseMutation, map[string]any{"input": map[string]any{"name": name, "epoch": epoch}}, nil)
}

const advanceMutation = `mutation Advance($input: AdvanceConsumerInput!) {
  advanceConsumer(input: $input) { userErrors { code field message } }
}`

// AdvanceConsumer moves a consumer's position forward. It returns [ErrLost] to a
// holder whose epoch is over.
func (c *Client) AdvanceConsumer(ctx context.Context, name string, epoch int, cursor string) error {
	var out struct {
		AdvanceConsumer struct{ UserErrors UserErrors }
	}
	input := map[string]any{"name": name, "epoch": epoch, "cursor": cursor}
	if err := c.Do(ctx, advanceMutation, map[string]any{"input": input}, &out); err != nil {
		return err
	}
	return out.AdvanceConsumer.UserErrors.OrLease(ErrLost)
}

// OrLease is the user errors as an error, and as err where a lease is meant.
func (u UserErrors) OrLease(err error) error {
	if u.Has("LEASE") {
		return err
	}
	return u.Err()
}

// Leaser gives leases; [Client] does.
type Leaser interface {
	AcquireConsumer(ctx context.Context, name, holder string, ttl time.Duration) (Consumer, error)
	ReleaseConsumer(ctx context.Context, name string, epoch int) error
}

// NewHolder makes a name that no other process has: two holders of one name would
// both believe that the lease is theirs.
func NewHolder() string {
	host, err := os.Hostname()
	if err != nil || len(host) > 60 {
		host = "worker"
	}
	return fmt.Sprintf("%s/%d/%s", host, os.Getpid(), rand.Text()[:8])
}

// Lease is the right to work as a consumer, for a time.
type Lease struct {
	Name  string
	Epoch int
	// Cursor is where the consumer stood when the lease was taken.
	Cursor string

	leaser Leaser
	holder string
	ttl    time.Duration
	until  time.Time // by the clock of this process, counted from before it was asked for
}

// TakeLease takes the lease of a consumer for a time, or returns [ErrHeld].
func TakeLease(ctx context.Context, from Leaser, name, holder string, ttl time.Duration) (*Lease, error) {
	l := &Lease{Name: name, leaser: from, holder: holder, ttl: ttl}
	began := time.Now()
	c, err := from.AcquireConsumer(ctx, name, holder, ttl)
	if err != nil {
		return nil, err
	}
	l.Epoch, l.Cursor, l.until = c.Epoch, c.Cursor, began.Add(ttl)
	return l, nil
}

// Hold keeps the lease until stop is called. It returns a context that outlives ctx
// and is done, with [ErrLost] as its cause, when the lease is lost, a little before
// its end; or else when stop is called.
func (l *Lease) Hold(ctx context.Context) (held context.Context, stop func()) {
	held, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		if err := l.keep(held); err != nil {
			cancel(err)
		}
	}()
	return held, func() {
		cancel(context.Canceled)
		<-stopped
	}
}

// keep prolongs the lease three times in its time, and more often when that fails.
func (l *Lease) keep(ctx context.Context) error {
	wait := l.ttl / 3
	for {
		// Nothing is done in the last tenth, for clocks that run at other speeds.
		left := time.Until(l.until) - l.ttl/10
		if !sleep(ctx, min(wait, left)) {
			return nil
		}
		if left <= wait {
			return ErrLost
		}
		switch err := l.prolong(ctx, left-wait); {
		case errors.Is(err, ErrLost):
			return err
		case err != nil:
			wait = l.ttl / 20
		default:
			wait = l.ttl / 3
		}
	}
}

func (l *Lease) prolong(ctx context.Context, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, min(timeout, l.ttl/3))
	defer cancel()
	began := time.Now()
	c, err := l.leaser.AcquireConsumer(ctx, l.Name, l.holder, l.ttl)
	switch {
	case errors.Is(err, ErrHeld), err == nil && c.Epoch != l.Epoch:
		return ErrLost
	case err != nil:
		return err
	}
	l.until = began.Add(l.ttl)
	return nil
}

// Release gives the lease back so that another holder can begin at once. Else it
// runs out by itself.
func (l *Lease) Release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	_ = l.leaser.ReleaseConsumer(ctx, l.Name, l.Epoch)
}

// Backoff is how long to wait after so many failures, counted from 0: it doubles
// from least up to most, less a random part of up to half, so that many who failed
// together do not come back together.
func Backoff(failures int, least, most time.Duration) time.Duration {
	d := most
	if failures < 30 {
		d = min(most, least<<failures)
	}
	if d <= 0 {
		d = most
	}
	return d - mathrand.N(d/2+1) //nolint:gosec // a wait is no secret
}
