package fanout_test

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"testing"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"procyon/graph/fanout"
	"procyon/graph/transport"
)

func TestRightsAreCheckedForEveryDelivery(t *testing.T) {
	type grant struct{}
	b := newBed(t, func(o *fanout.Options) {
		o.Valid = func(ctx context.Context) error {
			if ok, found := ctx.Value(grant{}).(*atomic.Bool); found && !ok.Load() {
				return &gqlerror.Error{Message: "Signed out.", Extensions: map[string]any{"code": "UNAUTHENTICATED"}}
			}
			return nil
		}
	})
	var allowed atomic.Bool
	allowed.Store(true)
	leader := b.open(context.WithValue(admin("a"), grant{}, &allowed), plain, nil)
	other := b.open(admin("a"), plain, nil)
	b.publish(texts("1")...)
	if err := leader.until(1); err != nil {
		t.Fatal(err)
	}
	allowed.Store(false)
	b.publish(texts("2")...)
	if err := leader.ended(); code(t, err) != "UNAUTHENTICATED" {
		t.Errorf("ended with %v", err)
	}
	if leader.cursors() != "1" {
		t.Errorf("got %s after the rights had gone", leader.cursors())
	}
	if err := other.until(2); err != nil {
		t.Errorf("another subscriber: %v", err)
	}
}

// TestReadyStreamAsksWhoKnows: rights that are not known at once are for somebody
// who can wait to find out, and nothing is handed out until then.
func TestReadyStreamAsksWhoKnows(t *testing.T) {
	var known, asked atomic.Int64
	b := newBed(t, func(o *fanout.Options) {
		o.Valid = func(context.Context) error {
			asked.Add(1)
			return nil
		}
		o.ValidNow = func(context.Context) (bool, error) { return known.Load() > 0, nil }
	})
	r := b.open(admin("a"), plain, nil)
	s, _ := r.stream.(transport.ReadyStream)
	if got, ok, err := s.PullReady(nil, 9); !ok || err != nil || len(got) > 0 {
		t.Fatalf("nothing is to be judged, but %v %v %v", got, ok, err)
	}
	b.publish(texts("1", "2")...)
	if err := r.until(2); err != nil {
		t.Fatal(err)
	}
	if r.cursors() != "1 2" || asked.Load() == 0 {
		t.Errorf("got %s, asked %d times", r.cursors(), asked.Load())
	}
	known.Store(1)
	before := asked.Load()
	b.publish(texts("3")...)
	if err := r.until(3); err != nil {
		t.Fatal(err)
	}
	if r.cursors() != "1 2 3" || asked.Load() != before {
		t.Errorf("got %s, asked %d times more", r.cursors(), asked.Load()-before)
	}
	s.Close()
	if _, ok, err := s.PullReady(nil, 9); !ok || !errors.Is(err, io.EOF) {
		t.Errorf("once closed: %v %v", ok, err)
	}
}
