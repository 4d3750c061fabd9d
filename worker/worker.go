package worker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"procyon/client"
)

// DefaultTTL is how long a lease lasts where [Options] say nothing.
const DefaultTTL = 10 * time.Second

// Options say under which lease a worker works.
type Options struct {
	// Client gives the lease. Its token needs the scope events:read or
	// deliveries:write.
	Client Leaser
	// Consumer is the name under which the server keeps the lease and the position.
	// Workers of one name share the work: one works, the others stand by.
	Consumer string
	// Worker is what the log and errors call it, such as "notifier"; "" is Consumer.
	Worker string
	// Holder names this process among those of one consumer. "" makes one up.
	Holder string
	// TTL is how long the others wait after this one fell silent: whole seconds, from one
	// second to five minutes; 0 is [DefaultTTL].
	TTL time.Duration
	// Logger hears of trouble; nil: nobody does.
	Logger *slog.Logger
}

func (o Options) withDefaults() Options {
	o.Worker = cmp.Or(o.Worker, o.Consumer)
	o.Holder = cmp.Or(o.Holder, newHolder())
	o.TTL = cmp.Or(o.TTL, DefaultTTL)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// The waits between two tries to work. With half a lease, mostRest is what passes until
// work goes on once the server is back.
const (
	leastRest = time.Second
	mostRest  = 10 * time.Second
	// tellAgain is after how long it says again that it has no place to go on from.
	tellAgain = 5 * time.Minute
)

// Run takes the lease and calls work, again and again, until ctx is done; then it
// returns nil, after work has returned. While another holder has the lease it stands by.
// It returns an error only where the server refuses the token, or where Options.TTL can't
// be; anything else is tried again, after a while. Where the journal does not have the
// position of the work any more ([client.ErrJournalChanged]), as after a restored backup,
// it logs that and takes the lease anew: the work then goes on where the server has the
// consumer, which was restored with the journal. Where the server does not have that place
// either it stands still, logs why, and goes on once somebody has reset the consumer
// ([client.Client.ResetConsumer]).
//
// Work's context is done when ctx is, or when the lease is lost, with [client.ErrLost]
// as its cause: then nothing more may be done. Work is called by one goroutine at a
// time, and the lease is given back when it returns.
func Run(ctx context.Context, o Options, work func(ctx context.Context, lease *Lease) error) error {
	o = o.withDefaults()
	if o.TTL < time.Second || o.TTL > 5*time.Minute || o.TTL%time.Second != 0 {
		return fmt.Errorf("the %s's TTL is %s; it must be whole seconds, from one second to five minutes", o.Worker, o.TTL)
	}
	told := time.Time{} // when it was last said that there is no place to go on from
	for failures := 0; ; failures++ {
		began := time.Now()
		err := o.session(ctx, work)
		if ctx.Err() != nil {
			return nil //nolint:nilerr // it was told to stop
		}
		if client.IsRefusal(err) {
			return fmt.Errorf("the %s's token is refused: %w", o.Worker, err)
		}
		if time.Since(began) > o.TTL {
			failures, told = 0, time.Time{} // it worked: the lease was kept at least once
		}
		wait := client.Backoff(failures, min(leastRest, o.TTL/2), mostRest)
		switch {
		case errors.Is(err, client.ErrHeld):
			wait, failures = client.Backoff(0, o.TTL/2, o.TTL/2), 0
			o.Logger.Debug("another " + o.Worker + " is at work; standing by")
		case client.IsBadCursor(err):
			if told.IsZero() || time.Since(told) >= tellAgain {
				told = time.Now()
				o.Logger.Error("the "+o.Worker+"'s place is not in the gateway's journal; it asks anew where to go on", "consumer", o.Consumer, "error", err)
			}
		default:
			o.Logger.Warn("the "+o.Worker+" starts again", "error", err, "in", wait)
		}
		if !client.Sleep(ctx, wait) {
			return nil
		}
	}
}

// session works under one lease, until it is lost, ctx is done or work fails.
func (o *Options) session(ctx context.Context, work func(ctx context.Context, lease *Lease) error) error {
	lease, err := takeLease(ctx, o.Client, o.Consumer, o.Holder, o.TTL)
	if err != nil {
		return err
	}
	defer lease.release(ctx)
	drop := lease.hold(ctx)
	defer drop()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	unlink := context.AfterFunc(lease.held, func() { cancel(context.Cause(lease.held)) })
	defer unlink()
	o.Logger.Info("the "+o.Worker+" works", "consumer", o.Consumer, "epoch", lease.Epoch, "cursor", lease.Cursor)
	if err := work(ctx, lease); err != nil && lease.held.Err() == nil {
		return err
	}
	return context.Cause(ctx) // what ended because the lease was lost does not say so
}
