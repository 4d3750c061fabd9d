package auth

import (
	"testing"
	"time"
)

// While nothing has changed a watch asks nobody, for as long as Valid would say the same.
func TestWatchAsksNobodyWhileNothingChanges(t *testing.T) {
	h := newHouse(t)
	p := From(h.ctx)
	watch := h.Watch(p)
	asks := func() bool {
		t.Helper()
		p.last.Store(nil) // which whoever asks fills in
		h.must(watch(h.ctx))
		return p.last.Load() != nil
	}
	if !asks() {
		t.Error("it knows at once")
	}
	for range 3 {
		h.pass(checkFor - time.Millisecond)
		if asks() {
			t.Error("it asks within five seconds")
		}
		h.pass(time.Millisecond)
		if !asks() {
			t.Error("it does not ask after five seconds")
		}
		h.must(watch(h.ctx)) // the look for all has just found what was ended before
		if _, id := h.service(ScopeEventsRead); asks() {
			t.Error("it asks because somebody has come")
		} else {
			h.must(h.RevokeToken(t.Context(), h.operator, id))
		}
		if !asks() || asks() {
			t.Error("it does not ask, once, after something was ended")
		}
	}
	h.pass(-time.Hour) // a clock that was set
	if !asks() {
		t.Error("it believes what is of the future")
	}
	if stays := h.Watch(nil); stays(t.Context()) != nil {
		t.Error("nobody can't go on")
	}
}
