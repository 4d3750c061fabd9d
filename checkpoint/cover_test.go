package checkpoint_test

import (
	"errors"
	"testing"
	"time"

	"procyon/checkpoint"
)

// On demand the journal is signed where the newest checkpoint does not cover an entry, within
// bounds: no sooner than so long after it, and not where more would have to be read.
func TestCover(t *testing.T) {
	b := newBed(t)
	b.grow(3)
	minute := checkpoint.Bounds{Age: time.Minute}
	want := func(seq uint64, bounds checkpoint.Bounds, size uint64, made bool) {
		t.Helper()
		c, is, err := b.log(b.db).Cover(t.Context(), seq, bounds)
		if err != nil || c.Size != size || is != made {
			t.Fatalf("entry %d: %+v %v %v", seq, c, is, err)
		}
		b.wantProved(c)
	}
	refused := func(seq uint64, bounds checkpoint.Bounds, at time.Time) {
		t.Helper()
		var early *checkpoint.NotYetError
		if c, made, err := b.log(b.db).Cover(t.Context(), seq, bounds); !errors.As(err, &early) || !early.At.Equal(at) || c != nil || made {
			t.Fatalf("entry %d: %+v %v %v", seq, c, made, err)
		}
	}
	want(2, minute, 3, true)
	b.grow(1)
	want(3, minute, 3, false)
	b.now = start.Add(time.Minute - time.Second)
	refused(4, minute, start.Add(time.Minute))
	want(4, checkpoint.Bounds{}, 4, true)
	b.grow(1)
	b.now = start.Add(-time.Hour) // the clock was set back: the newest is of the future
	want(5, minute, 5, true)

	b.grow(5000)
	few := checkpoint.Bounds{Entries: 4000}
	refused(5005, few, time.Time{})
	want(5, few, 5, false)
	want(5005, checkpoint.Bounds{Entries: 6000}, 5005, true)
}
