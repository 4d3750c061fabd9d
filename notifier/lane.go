package notifier

import (
	"context"
	"errors"
	"fmt"
	"time"

	"procyon/client"
	"procyon/duration"
	"procyon/worker"
)

// lane sends what is owed to one integration, one message at a time. The queue
// itself is in the server, which says what comes next: the lane asks each time, so it never
// sends what was canceled, nor to an address that was changed, meanwhile.
type lane struct {
	*session
	id       string // the integration
	place    place  // where the last message went
	failures int    // to ask the server, in a row
	unseen   int    // how often in a row it did not have the event of what comes next
	// next is when the last message that failed is tried again, and rested when it has
	// waited so long, whatever the clock says then.
	next, rested time.Time
}

// lookAtClock is how long a lane sleeps at most while a message waits for its next try.
// Timers don't follow the clock: it may be set meanwhile, and they rest while a machine is
// suspended. And what it waits for may be canceled, or its integration mended.
const lookAtClock = 10 * time.Second

// wait is how long to leave a message alone: until its time has come, or it has waited as long
// as it was to, where the clock was set back.
func (l *lane) wait(d *delivery) time.Duration {
	wait := d.wait(l.opt.Now())
	if d.NextAttemptAt != nil && d.NextAttemptAt.Equal(l.next) {
		wait = min(wait, time.Until(l.rested))
	}
	return wait
}

// maxUnseen is how often the server is asked for an event that it does not have: for about
// ten minutes, which is long for one server to see what another wrote, and not long for a
// journal that was restored without it.
const maxUnseen = 50

// drain sends until nothing is owed.
func (l *lane) drain(ctx context.Context) error {
	for client.Sleep(ctx, l.pace.delay(l.place)) {
		d, err := l.server.next(ctx, l.id, l.opt.Secrets)
		switch {
		case ctx.Err() != nil:
			return nil //nolint:nilerr // it was told to stop
		case worker.Refused(err):
			return err
		case err != nil:
			wait := client.Backoff(l.failures, 200*time.Millisecond, 15*time.Second)
			l.failures++
			l.log.Error("can't read what is owed; trying again", "integration", l.id, "error", err, "in", wait)
			client.Sleep(ctx, wait)
			continue
		}
		l.failures = 0
		if d == nil || d.Integration.Status == IntegrationStatusBroken { // what it is owed waits
			return nil
		}
		if d.unseen() && l.unseen < maxUnseen {
			client.Sleep(ctx, client.Backoff(l.unseen, 200*time.Millisecond, 15*time.Second))
			l.unseen++
			continue
		}
		l.unseen = 0
		if wait := l.wait(d); wait > 0 {
			client.Sleep(ctx, min(wait, lookAtClock))
			continue
		}
		if l.place = placeOf(d.address()); d.address() != "" && !l.pace.take(l.place) {
			continue
		}
		if err := l.deliver(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

// deliver sends one message and writes down what became of it. It goes on to the
// end while the lease is held, also when the notifier is being stopped: what is sent
// but not written down would be sent again.
func (l *lane) deliver(ctx context.Context, d *delivery) error {
	began, held := time.Now(), l.lease.Held()
	result := l.send(d)
	took, now := time.Since(began), l.opt.Now()
	age, tried := now.Sub(d.OwedAt), now.Sub(d.since())
	if result.RetryAfter > 0 {
		l.pace.hold(l.place, result.RetryAfter)
	}
	a := attempt{
		DeliveryID: d.ID, Outcome: result.Outcome, IntegrationVersion: d.Integration.Version, Status: result.Status,
		Error: cut(result.Detail, maxDetail), Took: took,
	}
	if a.Outcome == OutcomeRetry {
		if tried > l.opt.GiveUp {
			a.Outcome, a.Error = OutcomeDead, cut(fmt.Sprintf("given up after %s: %s", duration.RoughWords(tried), result.Detail), maxDetail)
		} else {
			wait := retryIn(d.retries(), result.RetryAfter)
			l.next, l.rested = now.Add(wait).UTC().Truncate(time.Microsecond), time.Now().Add(wait) // the API takes no finer times
			a.NextAttemptAt = new(l.next)
		}
	}
	if a.Outcome != OutcomeDelivered {
		l.log.Warn("a notification was not delivered", "delivery", d.ID, "integration", l.id, "outcome", a.Outcome,
			"status", a.Status, "error", a.Error, "next", a.NextAttemptAt)
	}
	if l.opt.Attempted != nil {
		l.opt.Attempted(Attempt{Outcome: a.Outcome, Took: took, Age: age})
	}
	err := l.retry(held, "record", func() error { return l.server.record(held, l.lease.Name, l.lease.Epoch, a) })
	if err != nil && !errors.Is(err, client.ErrLost) && !worker.Refused(err) && held.Err() == nil {
		// It would be sent again and again. So this lane rests until the next session.
		l.log.Error("can't write down what became of a notification; its integration gets no more until the notifier starts again",
			"delivery", d.ID, "integration", l.id, "error", err)
		<-ctx.Done()
		return nil
	}
	return err
}

// maxDetail is how many characters of what went wrong the server takes.
const maxDetail = 500

func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

// send sends a message, if that still makes sense.
func (l *lane) send(d *delivery) Result {
	dead := func(why string) Result { return Result{Outcome: OutcomeDead, Detail: why} }
	channel := l.opt.Channels[d.Integration.Kind]
	switch {
	case d.Integration.Status == IntegrationStatusDisabled:
		return dead("The integration is switched off.")
	case d.address() == "":
		return dead("The integration has no address any more.")
	case channel == nil:
		return dead(fmt.Sprintf("This notifier can't send to integrations of the kind %s.", d.Integration.Kind))
	case d.unseen():
		return dead("The gateway's journal does not have this event any more.")
	case d.Kind != kindTest && len(d.Route.Items) == 0:
		return dead("The integration is no longer linked to anything in this request.")
	}
	return channel.Send(l.lease.Held(), d.address(), d.message())
}
