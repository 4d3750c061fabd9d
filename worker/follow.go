package worker

import (
	"context"

	"procyon/client"
)

// Follow gives the events of a subscription to handle, one at a time and in order, and
// then moves the consumer's position past each. It begins where the consumer stood when
// the lease was taken, so over all sessions each event is handled at least once, and
// more than once only where handle or the worker failed. The query is as in
// [client.SubscribeOptions].
//
// It returns nil when ctx is done while it waits for an event, and otherwise why it
// ended: the subscription's or handle's error, or [client.ErrLost]. Where a backup of the
// server was restored that is [client.ErrJournalChanged], which [Run] knows how to go on from.
func Follow(ctx context.Context, c *client.Client, lease *Lease, query string, handle func(context.Context, client.Event) error) error {
	sub, err := c.Subscribe(ctx, client.SubscribeOptions{Query: query, After: lease.Cursor})
	if err != nil {
		return err
	}
	defer sub.Close()
	for {
		e, err := sub.Next(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if err := handle(ctx, e); err != nil {
			return err
		}
		err = Retry(ctx, client.IsRetryable, func() error { // also where it is to stop by now
			return c.AdvanceConsumer(lease.Held(), lease.Name, lease.Epoch, e.Cursor)
		})
		if err != nil {
			return err
		}
	}
}
