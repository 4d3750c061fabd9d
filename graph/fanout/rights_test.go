package fanout_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync/atomic"
	"testing"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"procyon/graph/fanout"
	"procyon/graph/transport"
)

func TestRightsAreCheckedForEveryDelivery(t *testing.T) {
	type grant struct{}
	b := newBed(t, func(o *fanout.Options) {
		o.Valid = func(ctx context.Context) func() error {
			ok, found := ctx.Value(grant{}).(*atomic.Bool)
			return func() error {
				if found && !ok.Load() {
					return &gqlerror.Error{Message: "Signed out.", Extensions: map[string]any{"code": "UNAUTHENTICATED"}}
				}
				return nil
			}
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

// TestRightsThatCannotBeChecked: nothing is handed out, and the subscriber may come back.
func TestRightsThatCannotBeChecked(t *testing.T) {
	b := newBed(t, func(o *fanout.Options) {
		o.Valid = func(context.Context) func() error { return func() error { return errors.New("no store") } }
		o.Logger = slog.New(slog.DiscardHandler)
	})
	r := b.open(admin("a"), plain, nil)
	b.publish(texts("1")...)
	if err := r.ended(); !errors.Is(err, transport.ErrInterrupted) || r.cursors() != "" {
		t.Errorf("got %s, ended with %v", r.cursors(), err)
	}
}

// TestRightsThatAreNotKnownYet: nothing is handed out until somebody has found out,
// and Close does not wait for it.
func TestRightsThatAreNotKnownYet(t *testing.T) {
	var asked atomic.Int64
	asks, answer := make(chan struct{}, 9), make(chan struct{}, 9)
	b := newBed(t, func(o *fanout.Options) {
		o.Valid = func(context.Context) func() error {
			return func() error {
				asked.Add(1)
				asks <- struct{}{}
				<-answer
				return nil
			}
		}
	})
	r := b.open(admin("a"), plain, nil)
	if got, err := r.stream.Pull(t.Context(), nil, 9); err != nil || len(got) > 0 || asked.Load() > 0 {
		t.Fatalf("nothing is to be judged, but %v %v, asked %d times", got, err, asked.Load())
	}
	b.publish(texts("1", "2")...)
	ended := make(chan error, 1)
	go func() { ended <- r.until(2) }()
	<-asks
	if len(ended) > 0 {
		t.Errorf("it went on before it was known who may")
	}
	answer <- struct{}{}
	for done := false; !done; { // the two may come one by one
		select {
		case <-asks:
			answer <- struct{}{}
		case err := <-ended:
			if err != nil {
				t.Fatal(err)
			}
			done = true
		}
	}
	if r.cursors() != "1 2" {
		t.Errorf("got %s", r.cursors())
	}
	b.publish(texts("3")...)
	go func() { ended <- r.until(3) }()
	<-asks
	r.stream.Close()
	answer <- struct{}{}
	if err := <-ended; err != nil && !errors.Is(err, io.EOF) {
		t.Error(err)
	}
	if _, err := r.stream.Pull(t.Context(), nil, 9); !errors.Is(err, io.EOF) {
		t.Errorf("once closed: %v", err)
	}
}
