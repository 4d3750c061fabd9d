package notifier

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"procyon/client"
	"procyon/worker"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestEachIntegrationGetsItsOwnInOrder(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		b.start()
		b.emit("a")
		b.emit("a", "b")
		b.emit()
		b.emit("b", "a")
		synctest.Wait()
		b.want("a", "1/a")
		b.want("b", "2/b") // at once: a's pace is not b's
		after(2 * time.Second)
		b.want("a", "1/a 2/a 4/a")
		b.want("b", "2/b 4/b")
		if b.cursor != 4 || len(b.owing) != 0 {
			t.Errorf("cursor %d, owed %d", b.cursor, len(b.owing))
		}
	})
}

// What goes to kinds that this notifier has no channel for is another worker's: it
// neither owes nor touches it.
func TestOtherKindsAreLeftAlone(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		b.set(func(g *ledger) { g.owe("0/other", "other") })
		b.start()
		b.emit("other", "a")
		b.emit("other")
		after(time.Minute)
		b.want("a", "1/a")
		b.want("other", "")
		if b.cursor != 2 || len(b.owing) != 1 {
			t.Errorf("cursor %d, owed %d", b.cursor, len(b.owing))
		}
	})
}

func TestPaceOfOneAddress(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		b.set(func(g *ledger) { // two integrations, one webhook
			for i := range 4 {
				g.owe(fmt.Sprint(i), []string{"a", "b"}[i%2]).Integration.WebhookURL = "https://hooks/one"
			}
		})
		b.start()
		after(10 * time.Second)
		for i, at := range b.channel.times() {
			if at != time.Duration(i)*time.Second {
				t.Errorf("message %d after %v", i, at)
			}
		}
		if len(b.channel.times()) != 4 {
			t.Error(b.channel.times())
		}
	})
}

func TestRetryHoldsTheLaneAlone(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		var failing atomic.Bool
		failing.Store(true)
		b.channel.reply(func(_ context.Context, s sent) Result {
			if s.address == "a" && failing.Load() {
				return Result{Outcome: OutcomeRetry, Status: 429, RetryAfter: 30 * time.Second, Detail: "too many"}
			}
			return Result{Outcome: OutcomeDelivered}
		})
		b.start()
		b.emit("a", "b")
		b.emit("a", "b")
		after(29 * time.Second)
		b.want("a", "1/a")
		b.want("b", "1/b 2/b")
		failing.Store(false)
		after(10 * time.Second)
		b.want("a", "1/a 1/a 2/a") // the same again, then the next
	})
}

func TestRetriesBackOffAndEnd(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		b.channel.reply(func(context.Context, sent) Result {
			return Result{Outcome: OutcomeRetry, Status: 500, Detail: strings.Repeat("ü", 600)}
		})
		b.start(func(o *Options) { o.GiveUp = time.Hour })
		b.emit("a")
		after(3 * time.Hour)
		last := b.records[len(b.records)-1]
		if last.Outcome != OutcomeDead || len([]rune(last.Error)) > maxDetail || !strings.HasPrefix(last.Error, "given up after 1 hour") || len(b.owing) != 0 {
			t.Errorf("%+v", last)
		}
		times := b.channel.times()
		for i := 1; i < len(times); i++ {
			gap, most := times[i]-times[i-1], min(mostRetry, leastRetry<<(i-1))
			if gap < most/2 || gap > most+time.Second {
				t.Errorf("try %d came after %v; want %v to %v", i, gap, most/2, most)
			}
		}
		if n := len(times); n < 15 || n > 40 {
			t.Errorf("%d tries in an hour", n)
		}
	})
}

func TestRejectedAndBroken(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		b.channel.reply(func(_ context.Context, s sent) Result {
			return map[string]Result{
				"1/a": {Outcome: OutcomeDead, Status: 400, Detail: "bad"},
				"2/a": {Outcome: OutcomeDelivered, Status: 200},
				"3/a": {Outcome: OutcomeBroken, Status: 404, Detail: "gone"},
			}[s.reason]
		})
		b.start()
		b.emit("a")
		b.emit("a")
		b.emit("a")
		after(5 * time.Second)
		var outcomes []string
		for _, r := range b.records {
			outcomes = append(outcomes, fmt.Sprint(r.Outcome, r.Status, r.Error))
		}
		if got := strings.Join(outcomes, "|"); got != "DEAD400bad|DELIVERED200|BROKEN404gone" {
			t.Error(got)
		}
	})
}

func TestWhatMakesNoSenseIsNotSent(t *testing.T) {
	for name, change := range map[string]func(d *delivery){
		"switched off":     func(d *delivery) { d.Integration.Status = "DISABLED" },
		"no address":       func(d *delivery) { d.Integration.WebhookURL = "" },
		"can't send":       func(d *delivery) { d.Integration.Kind = "PIGEON" },
		"no longer linked": func(d *delivery) { d.Route.Items = nil },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bed) {
				b.set(func(g *ledger) { change(g.owe("x", "a")) })
				b.start()
				after(time.Second)
				b.want("a", "")
				if len(b.records) != 1 || b.records[0].Outcome != OutcomeDead || !strings.Contains(b.records[0].Error, name) {
					t.Errorf("%+v", b.records)
				}
			})
		})
	}
}

// What a broken integration is owed waits until it is mended, and is then retried as long as
// anything.
func TestWhatABrokenIntegrationIsOwedWaits(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		b.channel.reply(func(context.Context, sent) Result { return Result{Outcome: OutcomeBroken, Detail: "gone"} })
		b.start()
		b.emit("a")
		b.emit("a")
		after(100 * time.Hour)
		b.want("a", "1/a")
		if len(b.records) != 1 || len(b.owing) != 2 {
			t.Fatalf("%+v, %d owed", b.records, len(b.owing))
		}
		b.channel.reply(func(_ context.Context, s sent) Result {
			if s.at < 101*time.Hour {
				return Result{Outcome: OutcomeRetry, Detail: "slow"}
			}
			return Result{Outcome: OutcomeDelivered}
		})
		mended := time.Now()
		b.set(func(g *ledger) {
			for _, d := range g.owing {
				d.Integration.Status, d.Integration.WorksSince = "ENABLED", &mended
				d.Integration.Version++
			}
		})
		after(2 * time.Hour)
		if got := b.channel.to("a"); !strings.HasSuffix(got, "1/a 2/a") || len(b.owing) != 0 {
			t.Errorf("sent %s, %d owed", got, len(b.owing))
		}
		for i, r := range b.records {
			if r.IntegrationVersion != min(i, 1) || i > 0 && r.Outcome == OutcomeDead {
				t.Errorf("record %d: %+v", i, r)
			}
		}
	})
}

// A server that does not have an event yet is asked again: nothing is written down, and the
// message is sent once it has it. One that never has it does not hold the others up for ever.
func TestAnEventThatTheServerHasNotSeenIsAskedForAgain(t *testing.T) {
	for name, hide := range map[string]func(d *delivery){
		"event": func(d *delivery) { d.Event = nil },
		"route": func(d *delivery) { d.Route = nil },
		"both":  func(d *delivery) { d.Event, d.Route = nil, nil },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bed) {
				var d *delivery
				b.set(func(g *ledger) { d = g.owe("1/a", "a"); g.owe("2/a", "a") })
				event, route := d.Event, d.Route
				hide(d)
				b.start()
				after(time.Minute)
				if b.want("a", ""); len(b.records) != 0 {
					t.Fatalf("%+v", b.records)
				}
				b.set(func(*ledger) { d.Event, d.Route = event, route })
				after(20 * time.Second)
				b.want("a", "1/a 2/a")
			})
			inBubble(t, func(t *testing.T, b *bed) {
				b.set(func(g *ledger) { hide(g.owe("1/a", "a")); g.owe("2/a", "a") })
				b.start()
				after(time.Hour)
				if b.want("a", "2/a"); len(b.records) != 2 || b.records[0].Outcome != OutcomeDead || !strings.Contains(b.records[0].Error, "does not have this event any more") {
					t.Errorf("%+v", b.records)
				}
			})
		})
	}
}

func TestWhatIsSentLateSaysWhereTheRequestStands(t *testing.T) {
	began, end := time.Now(), time.Now().Add(time.Hour)
	d := shown("1/a", "a")
	d.Event.Request.Status = "PENDING"
	d.Request = &standing{Status: "ACTIVE", Grant: &standingGrant{StartsAt: began, ExpiresAt: end}}
	if m := d.message(); m.Status != "ACTIVE" || !m.ExpiresAt.Equal(end) || m.Event != "CREATED" {
		t.Errorf("%+v", m)
	}
}

func TestTestsAndRedeliveriesAreFound(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		b.start()
		after(10 * time.Second)
		b.set(func(g *ledger) {
			d := g.owe("t", "a")
			d.Kind, d.Event, d.Route = kindTest, nil, nil
		})
		after(time.Second)
		b.want("a", Test)
	})
}

func TestTheBacklogOfEveryIntegrationIsFound(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		b.set(func(g *ledger) {
			for i := range 20 { // some pages
				g.owe(fmt.Sprint("old", i), fmt.Sprint("quiet", i))
			}
			for i := range 10 * lastOwed {
				g.owe(fmt.Sprint(i), "busy")
			}
		})
		b.start()
		for i := range 20 {
			b.want(fmt.Sprint("quiet", i), fmt.Sprint("old", i))
		}
	})
}

func TestStandbyTakesOver(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		first := b.start(func(o *Options) { o.Holder = "one" })
		b.start(func(o *Options) { o.Holder = "two" })
		after(time.Minute)
		if b.holder != "one" || b.epoch != 1 {
			t.Fatalf("%s holds the lease, epoch %d", b.holder, b.epoch)
		}
		if err := first(); err != nil {
			t.Fatal(err)
		}
		b.emit("a")
		after(worker.DefaultTTL)
		if b.holder != "two" || b.epoch != 2 {
			t.Fatalf("%s holds the lease, epoch %d", b.holder, b.epoch)
		}
		b.want("a", "1/a")
	})
}

// A notifier that can't reach the server must stop before another may begin.
func TestNothingIsSentWithoutTheLease(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		var ended atomic.Int64
		b.channel.reply(func(ctx context.Context, _ sent) Result {
			<-ctx.Done() // the other side is slow
			ended.Store(int64(time.Since(b.channel.began)))
			return Result{Outcome: OutcomeRetry, Detail: "canceled"}
		})
		b.start(func(o *Options) { o.Holder = "one" })
		b.emit("a")
		synctest.Wait()
		b.set(func(g *ledger) { g.fail = func(string) error { return errDown } })
		after(time.Minute)
		if at := time.Duration(ended.Load()); at == 0 || at >= worker.DefaultTTL {
			t.Errorf("the message in flight ended after %v, the lease after %v", at, worker.DefaultTTL)
		}
		b.set(func(g *ledger) { g.fail = nil })
		b.channel.reply(nil)
		after(time.Minute)
		b.want("a", "1/a 1/a") // it may have arrived: at least once
	})
}

func TestLostLeaseEndsTheSession(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		b.start(func(o *Options) { o.Holder = "one" })
		b.set(func(g *ledger) { g.holder, g.epoch, g.until = "thief", 2, time.Now().Add(20*time.Second) })
		b.emit("a")
		synctest.Wait()
		b.want("a", "") // plan was refused
		after(time.Minute)
		b.want("a", "1/a")
		if b.epoch != 3 {
			t.Errorf("epoch %d", b.epoch)
		}
	})
}

func TestTheGatewayComesAndGoes(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		b.set(func(g *ledger) {
			g.fail = func(what string) error { // 3 seconds down, 3 seconds up
				if what != "acquire" && int(time.Since(b.channel.began).Seconds())/3%2 == 0 {
					return errDown
				}
				return nil
			}
		})
		b.start()
		for range 20 {
			b.emit("a", "b")
			after(time.Second)
		}
		after(2 * time.Minute)
		for _, address := range []string{"a", "b"} {
			var want []string
			for i := range 20 {
				want = append(want, fmt.Sprintf("%d/%s", i+1, address))
			}
			b.want(address, strings.Join(want, " "))
		}
	})
}

// What can't be written down would be sent again for ever.
func TestUnrecordableIsNotRepeated(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		b.set(func(g *ledger) {
			g.fail = func(what string) error {
				if what == "record" {
					return client.UserErrors{{Code: "INVALID", Message: "no"}}
				}
				return nil
			}
		})
		b.start()
		b.emit("a")
		after(time.Hour)
		b.want("a", "1/a")
	})
}

func TestStoppingLetsTheMessageInFlightEnd(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		b.channel.reply(func(ctx context.Context, _ sent) Result {
			if !client.Sleep(ctx, 5*time.Second) {
				return Result{Outcome: OutcomeRetry, Detail: "cut"}
			}
			return Result{Outcome: OutcomeDelivered}
		})
		stop := b.start()
		b.emit("a")
		b.emit("a")
		synctest.Wait()
		began := time.Now()
		if err := stop(); err != nil || time.Since(began) != 5*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		if len(b.records) != 1 || b.records[0].Outcome != OutcomeDelivered || b.holder != "" {
			t.Errorf("%+v, the lease is %q's", b.records, b.holder)
		}
	})
}

func TestARefusedTokenEndsIt(t *testing.T) {
	for _, what := range []string{"acquire", "plan", "pending", "next", "record"} {
		inBubble(t, func(t *testing.T, b *bed) {
			b.set(func(g *ledger) {
				g.fail = func(w string) error {
					if w == what {
						return &client.Error{Code: client.CodeForbidden, Message: "no"}
					}
					return nil
				}
			})
			stop := b.start()
			b.emit("a")
			after(time.Minute)
			var refused *client.Error
			if err := stop(); !errors.As(err, &refused) {
				t.Errorf("%s: %v", what, err)
			}
		})
	}
}

func TestManyIntegrationsOfOneEvent(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		b.start()
		ids := make([]string, maxPlanned+1)
		for i := range ids {
			ids[i] = fmt.Sprint("i", i)
		}
		b.emit(ids...)
		synctest.Wait()
		for _, p := range b.plans {
			if len(p) > maxPlanned {
				t.Errorf("%d planned at once", len(p))
			}
		}
		if n := len(b.channel.times()); n != len(ids) || b.cursor != 1 {
			t.Errorf("%d sent, cursor %d", n, b.cursor)
		}
	})
}

func TestIdleIsCheap(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		b.start()
		b.emit("a")
		after(time.Hour)
		if b.asked > 3 {
			t.Errorf("asked %d times for one message", b.asked)
		}
	})
}

func TestPaceForgets(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		p := newPace(time.Second)
		for i := range 10 * remembered {
			p.take(placeOf(fmt.Sprint(i)))
			if i%100 == 0 {
				after(time.Second + 1)
			}
		}
		if len(p.next) > remembered+100 {
			t.Error(len(p.next))
		}
	})
}
