package client

import (
	"context"
	"errors"
	"time"
)

var (
	// ErrHeld says that another holder has the lease.
	ErrHeld = errors.New("another holder has the lease")
	// ErrLost says that the lease is over, or could not be kept in time.
	ErrLost = errors.New("the lease was lost")
)

// Consumer is a named reader of the event stream whose position the server keeps.
type Consumer struct {
	Cursor string // of the last event that it has dealt with
	Epoch  int    // grows with each new holder
}

// AcquireConsumer takes or keeps the lease of a consumer, which its first use makes.
// It returns [ErrHeld] where another holder has it, and [ErrJournalChanged] where the
// consumer stands at a place that is not in the journal any more.
func (c *Client) AcquireConsumer(ctx context.Context, name, holder string, ttl time.Duration) (Consumer, error) {
	return c.acquire(ctx, AcquireConsumerInput{Name: name, Holder: holder, TTL: Duration(ttl)})
}

// ResetConsumer takes the lease, and begins anew behind a cursor wherever the consumer
// stands: what lies between is skipped, or comes again. It is for who has looked at what
// happened, such as after [ErrJournalChanged]. Each call begins another epoch.
func (c *Client) ResetConsumer(ctx context.Context, name, holder string, ttl time.Duration, cursor string) (Consumer, error) {
	return c.acquire(ctx, AcquireConsumerInput{Name: name, Holder: holder, TTL: Duration(ttl), ResetTo: cursor})
}

func (c *Client) acquire(ctx context.Context, ask AcquireConsumerInput) (Consumer, error) {
	out, err := acquireConsumer(ctx, c, ask)
	if err != nil {
		return Consumer{}, err
	}
	return Consumer(out.AcquireConsumer.Consumer), UserErrors(out.AcquireConsumer.UserErrors).OrLease(ErrHeld)
}

// ReleaseConsumer gives a lease back, so that another holder can begin at once.
func (c *Client) ReleaseConsumer(ctx context.Context, name string, epoch int) error {
	_, err := releaseConsumer(ctx, c, ReleaseConsumerInput{Name: name, Epoch: epoch})
	return err
}

// AdvanceConsumer moves a consumer's position forward. It returns [ErrLost] to a
// holder whose epoch is over, and [ErrJournalChanged] where the cursor is not of this
// journal.
func (c *Client) AdvanceConsumer(ctx context.Context, name string, epoch int, cursor string) error {
	out, err := advanceConsumer(ctx, c, AdvanceConsumerInput{Name: name, Epoch: epoch, Cursor: cursor})
	if err != nil {
		return err
	}
	return UserErrors(out.AdvanceConsumer.UserErrors).OrLease(ErrLost)
}

// OrLease is the user errors as an error, and as err where a lease is meant.
func (u UserErrors) OrLease(err error) error {
	if u.Has("LEASE") {
		return err
	}
	return u.Err()
}
