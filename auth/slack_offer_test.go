package auth

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestSlackOfferIsGoodOnceForTenMinutes(t *testing.T) {
	w := newWorld(t)
	made := SlackOffer{WorkspaceID: "wsp_1", SlackUserID: "U1", SlackName: "Dev", SlackEmail: "dev@example.com"}
	token, o, err := w.OfferSlackLink(t.Context(), made)
	w.must(err)
	for range 3 { // a link preview looks, too
		got, err := w.SlackOffer(t.Context(), token)
		w.must(err)
		if got != o || got.SlackUserID != "U1" {
			t.Fatalf("%+v", got)
		}
	}
	var taken atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := w.TakeSlackOffer(t.Context(), token); err == nil {
				taken.Add(1)
			} else if !errors.Is(err, ErrOffer) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if taken.Load() != 1 {
		t.Errorf("taken %d times", taken.Load())
	}
	_, err = w.SlackOffer(t.Context(), token)
	w.wants(err, ErrOffer)

	token, _, err = w.OfferSlackLink(t.Context(), made)
	w.must(err)
	w.pass(SlackOfferTTL)
	_, err = w.TakeSlackOffer(t.Context(), token)
	w.wants(err, ErrOffer)
	for _, bad := range []string{"", "x", strings.Repeat("a", 43), strings.Repeat("a", 5000)} {
		_, err := w.SlackOffer(t.Context(), bad)
		w.wants(err, ErrOffer)
	}
	w.pass(2 * time.Hour)
	if n, err := w.Sweep(t.Context()); err != nil || n != 2 {
		t.Errorf("swept %d, %v", n, err)
	}
}
