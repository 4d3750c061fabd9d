package notifier

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"procyon/access"
	"procyon/client"
	owing "procyon/delivery"
	"procyon/journal"
	"procyon/store/sqlite"
)

// realLedger is the fake server with the product's own ledger behind it. Events are of
// requests such as "A1": A's first. An event's request is looked up by its cursor.
type realLedger struct {
	*ledger
	real     *owing.Ledger
	claim    owing.Claim
	requests []string
	words    map[string]string // by delivery
}

const someBody = "svc_1"

func newRealLedger(t *testing.T, g *ledger) *realLedger {
	t.Helper()
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "p.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	r := &realLedger{ledger: g, words: map[string]string{}}
	r.real = owing.New(store, endless{}, time.Now, nil, access.DeriveID)
	c, err := r.real.Acquire(t.Context(), owing.Lease{By: someBody, Name: "notifier", Holder: "test", TTL: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	r.claim = owing.Claim{By: someBody, Consumer: "notifier", Epoch: c.Epoch}
	return r
}

// ask emits an event of each request, owed to the integration "a".
func (r *realLedger) ask(requests ...string) {
	for _, request := range requests {
		r.mu.Lock()
		r.requests = append(r.requests, request)
		r.mu.Unlock()
		r.emit("a")
	}
}

func (r *realLedger) plan(ctx context.Context, _ string, _ int, cursor string, owed []planned) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []owing.Planned
	for _, p := range owed {
		seq := number(p.EventCursor)
		request := r.requests[seq-1]
		typ := access.EventCreated
		for _, earlier := range r.requests[:seq-1] {
			if earlier == request {
				typ = access.EventApproved
			}
		}
		list = append(list, owing.Planned{IntegrationID: p.IntegrationID, Event: owing.Event{
			Position: journal.Position{Seq: seq}, At: time.Now(), Type: typ, RequestID: "req_" + request, RequesterID: "usr_" + request[:1],
		}})
	}
	out, err := r.real.Plan(ctx, r.claim, journal.Position{Seq: number(cursor)}, list)
	for _, d := range out {
		r.words[d.ID] = fmt.Sprintf("%s:%s", strings.TrimPrefix(d.RequestID, "req_"), d.EventType)
	}
	return err
}

// endless is a journal that has every place.
type endless struct{}

func (endless) Last() journal.Position                        { return journal.Position{} }
func (endless) Check(context.Context, journal.Position) error { return nil }
func (endless) PositionAt(_ context.Context, seq uint64) (journal.Position, error) {
	return journal.Position{Seq: seq}, nil
}

func number(cursor string) (n uint64) {
	_, _ = fmt.Sscan(cursor, &n)
	return n
}

func (r *realLedger) pending(context.Context) ([]target, error) {
	return []target{{"a", "FAKE"}}, nil
}

func (r *realLedger) owed(ctx context.Context, _ string) ([]target, client.PageInfo, error) {
	found, err := r.pending(ctx)
	return found, client.PageInfo{}, err
}

func (r *realLedger) next(ctx context.Context, integrationID string, _ bool) (*delivery, error) {
	d, ok, err := r.real.Next(ctx, integrationID)
	if err != nil || !ok {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	out := shown(r.words[d.ID], integrationID)
	out.ID, out.OwedAt = d.ID, d.OwedAt
	for _, a := range d.Attempts {
		out.Attempts = append(out.Attempts, tried{Outcome(a.Outcome)})
	}
	if !d.NextAttemptAt.IsZero() {
		out.NextAttemptAt = &d.NextAttemptAt
	}
	return out, nil
}

func (r *realLedger) record(ctx context.Context, _ string, _ int, a attempt) error {
	next := time.Time{}
	if a.NextAttemptAt != nil {
		next = *a.NextAttemptAt
	}
	_, err := r.real.Record(ctx, r.claim, a.DeliveryID, owing.Attempt{Outcome: owing.Outcome(a.Outcome)}, next)
	return err
}

// One person's flood is sent at the channel's pace; others' messages come after one or
// two of its, and so does what happened to a request that the channel knows.
func TestAFloodHoldsUpItsMakerAlone(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		r := newRealLedger(t, b.ledger)
		b.startOn(r)
		for i := range 200 {
			r.ask(fmt.Sprint("A", i))
		}
		after(10 * time.Second) // 11 are sent: one a second
		r.ask("B1", "A3")
		after(4 * time.Second)
		got := strings.Fields(b.channel.to("a"))
		if len(got) != 15 {
			t.Fatalf("%d were sent: %v", len(got), got)
		}
		if want := "A3:APPROVED B1:CREATED A11:CREATED A12:CREATED"; strings.Join(got[11:], " ") != want {
			t.Errorf("then came %v, want %s", got[11:], want)
		}
		b.channel.reply(func(context.Context, sent) Result { return Result{Outcome: OutcomeRetry, RetryAfter: time.Minute} })
		after(time.Second)
		b.channel.reply(nil)
		r.ask("B1", "A4", "C1")
		after(3 * time.Minute)
		got = strings.Fields(b.channel.to("a"))
		if want := "A13:CREATED A13:CREATED"; !strings.HasPrefix(strings.Join(got[15:], " "), want) {
			t.Errorf("something passed what is tried again: %v", got[15:20])
		}
		after(200 * time.Second)
		if n := len(strings.Fields(b.channel.to("a"))); n != 206 {
			t.Errorf("%d were sent", n)
		}
		synctest.Wait()
	})
}
