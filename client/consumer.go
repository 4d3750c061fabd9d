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
