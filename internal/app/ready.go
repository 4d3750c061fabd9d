package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"procyon/access"
	"procyon/journal"
	"procyon/store"
)

const (
	// readyIn is how long a look takes at most: whoever asks is answered within a second.
	readyIn = 800 * time.Millisecond
	// readyFor is how long what a look found is told again, so that a flood of questions
	// is no flood of writes.
	readyFor = 500 * time.Millisecond
	// readyID is the ID of the document that a look writes. It is no view: no subject is of
	// its kind.
	readyID = "meta_ready"
)

// readiness looks whether a server can do its work: whether its store answers and has the
// journal that the server knows, and whether something can be written there. Those who ask
// at once share one look.
type readiness struct {
	journal interface {
		Ready(ctx context.Context) error
	}
	docs store.Documents
	log  *slog.Logger

	mu   sync.Mutex // guards last
	last *look
}

// look is one look, under way or done.
type look struct {
	done chan struct{} // closed when why and at are set
	why  string        // it is not ready, for people; "": it is
	at   time.Time     // when it was done
}

// why returns why the server is not ready, in a sentence for people; "" where it is.
func (r *readiness) why(ctx context.Context) string {
	l := r.look()
	select {
	case <-l.done:
		return l.why
	case <-ctx.Done():
		return "you did not wait for the answer"
	}
}

// look returns the look that is under way, or was a moment ago, or else begins one.
func (r *readiness) look() *look {
	r.mu.Lock()
	defer r.mu.Unlock()
	before := ""
	if r.last != nil {
		select {
		case <-r.last.done:
			if time.Since(r.last.at) < readyFor {
				return r.last
			}
			before = r.last.why
		default:
			return r.last
		}
	}
	l := &look{done: make(chan struct{})}
	r.last = l
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), readyIn)
		defer cancel()
		failed := make(chan error, 1)
		go func() { failed <- r.check(ctx) }()
		var err error
		select {
		case err = <-failed:
		case <-ctx.Done(): // whatever holds it up may not look at ctx
			err = ctx.Err()
		}
		if l.why = words(err); l.why != before {
			r.log.Error("not ready", "why", l.why, "error", err)
		}
		l.at = time.Now()
		close(l.done)
	}()
	return l
}

// check is a look's work.
func (r *readiness) check(ctx context.Context) error {
	if err := r.journal.Ready(ctx); err != nil {
		return err
	}
	docs, err := r.docs.Get(ctx, readyID)
	if err != nil {
		return err
	}
	next := store.Document{ID: readyID, Version: 1, Data: []byte(`{}`)}
	if len(docs) > 0 {
		next.Version = docs[0].Version + 1
	}
	if err := r.docs.Put(ctx, next); err != nil && !errors.Is(err, store.ErrVersion) { // another server just has
		return fmt.Errorf("%w: %w", errNotWritable, err)
	}
	return nil
}

var errNotWritable = errors.New("a document can't be written")

// words says why a server is not ready; "" where it is.
func words(err error) string {
	switch {
	case err == nil:
		return ""
	case access.CodeOf(err) == access.CodeJournalChanged:
		return "the journal is another one than when the gateway started: restart it"
	case errors.Is(err, context.DeadlineExceeded):
		return "the store does not answer"
	case errors.Is(err, errNotWritable), errors.Is(err, journal.ErrNotWritten):
		return "the store can't be written to"
	}
	return "the store can't be read"
}

// ready answers whether the server can do its work.
func (a *App) ready(w http.ResponseWriter, r *http.Request) {
	if why := a.readiness.why(r.Context()); why != "" {
		http.Error(w, why, http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ok")
}
