package fanout_test

import (
	"context"
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"procyon/graph/fanout"
	"procyon/graph/fanout/fanouttest"
)

// rendered counts the responses made.
func (b *bed) rendered() *atomic.Int64 {
	n := &atomic.Int64{}
	b.exec.AroundResponses(func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
		r := next(ctx)
		if r != nil {
			n.Add(1)
		}
		return r
	})
	return n
}

// Those who are behind are served together: what one needs is rendered once for all.
func TestCatchingUpIsShared(t *testing.T) {
	const entries, readers = 1000, 20
	b := newBed(t, func(o *fanout.Options) { o.RingCount = 8 })
	n := b.rendered()
	b.publish(owned("a", entries)...)
	var all []*reader
	for i := range readers {
		all = append(all, b.open(admin("a"), resume, map[string]any{"from": strconv.Itoa(i * 10)}))
	}
	done := make(chan error)
	for i, r := range all {
		go func() {
			err := r.until(entries - i*10)
			if err == nil && r.cursors() != numbers(i*10+1, entries) {
				err = fmt.Errorf("from %d: a gap or a repeat", i*10)
			}
			done <- err
		}()
	}
	for range all {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	// Each renders at most the part that it begins in; those are no more than 64 entries.
	if got := n.Load(); got > entries+readers*64 {
		t.Errorf("%d results were rendered for %d readers of %d entries", got, readers, entries)
	}
	if &all[3].got[700].Data[0] != &all[4].got[690].Data[0] {
		t.Error("two hold a result each")
	}
}

// Nobody is told of a present before something that had changed when they subscribed, nor
// of one five seconds ago.
func TestWhatIsSharedIsAsOfNow(t *testing.T) {
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	b := newBed(t, func(o *fanout.Options) {
		o.RingCount = 1
		o.Now = func() time.Time { return now }
	})
	var present atomic.Int64
	b.exec.AroundFields(func(ctx context.Context, next graphql.Resolver) (any, error) {
		if graphql.GetFieldContext(ctx).Field.Name == "text" {
			return strconv.FormatInt(present.Load(), 10), nil
		}
		return next(ctx)
	})
	b.publish(owned("a", 100)...)
	from := map[string]any{"from": "0"}
	first, other := b.open(admin("a"), resume, from), b.open(admin("b"), resume, from)
	present.Store(1)
	step := func(r *reader) string {
		t.Helper()
		r.got = nil
		for len(r.got) == 0 {
			var err error
			if r.got, err = r.stream.Pull(t.Context(), nil, 64); err != nil {
				t.Fatal(err)
			}
		}
		return string(r.got[0].Data)
	}
	at := func(n int) string { return fmt.Sprintf(`{"data":{"events":{"cursor":"1","text":"%d"}}}`, n) }
	if got := step(first); got != at(1) {
		t.Errorf("got %s", got)
	}
	present.Store(2)
	if got := step(other) + step(b.open(admin("c"), resume, from)); got != at(1)+at(1) {
		t.Errorf("nothing has changed, but got %s", got)
	}
	live := b.open(admin("a"), plain, nil)
	b.publish(fanouttest.Fact{Kind: "none"})
	b.publish(owned("a", 1)...)
	if err := live.until(1); err != nil { // it is known that something has changed
		t.Fatal(err)
	}
	if got := step(b.open(admin("d"), resume, from)); got != at(2) {
		t.Errorf("something has changed, but got %s", got)
	}
	present.Store(3)
	now = now.Add(4 * time.Second)
	if got := step(b.open(admin("e"), resume, from)); got != at(2) {
		t.Errorf("after 4 s: %s", got)
	}
	now = now.Add(time.Second)
	if got := step(b.open(admin("f"), resume, from)); got != at(3) {
		t.Errorf("after 5 s: %s", got)
	}
}

// Who renders for others and leaves meanwhile leaves them no gap.
func TestTheOneWhoRendersLeaves(t *testing.T) {
	b := newBed(t, func(o *fanout.Options) { o.RingCount = 1 })
	begun, release := b.held()
	b.publish(owned("b", 200)...)
	b.publish(texts("hold")...)
	b.publish(owned("b", 200)...)
	from := map[string]any{"from": "0"}
	renders, waits := b.open(admin("a"), resume, from), b.open(admin("b"), resume, from)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			if _, err := renders.stream.Pull(context.Background(), nil, 64); err != nil {
				return // it is closed
			}
		}
	}()
	<-begun
	got := make(chan error)
	go func() { got <- waits.until(401) }()
	renders.stream.Close()
	release()
	<-done
	if err := <-got; err != nil {
		t.Fatal(err)
	}
	if waits.cursors() != numbers(1, 401) {
		t.Errorf("got %s", waits.cursors())
	}
}

// An entry that can't be rendered ends those who reach it, and not those who began after it.
func TestAnEntryOfThePastThatFails(t *testing.T) {
	b := newBed(t, func(o *fanout.Options) { o.RingCount = 1 })
	b.publish(owned("a", 70)...)
	b.publish(fanouttest.Fact{Kind: "panic"})
	b.publish(owned("a", 70)...)
	before := b.open(admin("a"), resume, map[string]any{"from": "3"})
	after := b.open(admin("b"), resume, map[string]any{"from": "71"})
	if err := before.ended(); code(t, err) != "INTERNAL" || before.cursors() != numbers(4, 70) {
		t.Errorf("got %s and %v", before.cursors(), err)
	}
	if err := after.until(70); err != nil || after.cursors() != numbers(72, 141) {
		t.Errorf("got %s and %v", after.cursors(), err)
	}
}
