package app

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"procyon/access"
	"procyon/journal"
)

// becomes asks whether the server is ready until the answer is another one than before, and
// checks that it always comes within a second.
func (o *outage) becomes(status int, why string) {
	o.t.Helper()
	o.until("it is "+why, func() bool {
		began := time.Now()
		resp, text := o.ask(http.MethodGet, "/readyz", "")
		if took := time.Since(began); took > 2*time.Second { // a busy machine adds to it
			o.t.Errorf("%q came after %s", text, took)
		}
		return resp.StatusCode == status && strings.Contains(text, why)
	})
}

// A server says that it is not ready, and why, where its store can't be read or written, or
// does not answer, and is ready again when that is over.
func TestReadiness(t *testing.T) {
	t.Parallel()
	o := newOutage(t)
	o.becomes(http.StatusOK, "ok")
	o.store.away.Store(true)
	o.becomes(http.StatusServiceUnavailable, "can't be read")
	o.store.away.Store(false)
	o.becomes(http.StatusOK, "ok")
	o.store.full.Store(true)
	o.becomes(http.StatusServiceUnavailable, "can't be written")
	o.store.full.Store(false)
	o.becomes(http.StatusOK, "ok")
	hangs := make(chan struct{})
	o.store.hangs.Store(&hangs)
	o.becomes(http.StatusServiceUnavailable, "does not answer")
	o.store.hangs.Store(nil)
	close(hangs)
	o.becomes(http.StatusOK, "ok")
}

// It is told, too, where the journal alone can't be written, or is another one than before.
func TestReadinessOfTheJournal(t *testing.T) {
	t.Parallel()
	o := newOutage(t)
	o.becomes(http.StatusOK, "ok")
	o.store.refuse.Store(&journal.ErrNotWritten)
	if _, err := o.Access.CreateGateway(t.Context(), Operator(), access.NewGateway{Name: "one"}); err == nil {
		t.Fatal("it was written")
	}
	o.becomes(http.StatusServiceUnavailable, "can't be written")
	o.store.refuse.Store(nil)
	if _, err := o.Access.CreateGateway(t.Context(), Operator(), access.NewGateway{Name: "one"}); err != nil {
		t.Fatal(err)
	}
	o.becomes(http.StatusOK, "ok")
	o.store.refuse.Store(&journal.ErrReplaced)
	if _, err := o.Access.CreateGateway(t.Context(), Operator(), access.NewGateway{Name: "two"}); access.CodeOf(err) != access.CodeJournalChanged {
		t.Error(err)
	}
	o.becomes(http.StatusServiceUnavailable, "restart")
}

// Many who ask at once share one look.
func TestReadinessIsLookedAtOnce(t *testing.T) {
	t.Parallel()
	o := newOutage(t)
	o.becomes(http.StatusOK, "ok")
	before, err := o.Store.Get(t.Context(), readyID)
	if err != nil || len(before) != 1 {
		t.Fatal(before, err)
	}
	began := time.Now()
	for range 200 {
		if resp, text := o.ask(http.MethodGet, "/readyz", ""); resp.StatusCode != http.StatusOK {
			t.Fatal(text)
		}
	}
	after, err := o.Store.Get(context.Background(), readyID)
	if err != nil || after[0].Version-before[0].Version > 1+uint64(time.Since(began)/readyFor) {
		t.Errorf("%d writes, %v", after[0].Version-before[0].Version, err)
	}
}
