package index

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"procyon/access"
	"procyon/journal"
	"procyon/store"
)

// Ended counts the requests that have ended, by how. It is kept in the store with the
// place in the journal up to which it counts, so that a server that starts has little to
// read; where it was never counted, or a backup was restored, the journal is read from its
// beginning. It is safe for concurrent use; several servers may keep it in one store.
type Ended struct {
	counter
	docs store.Documents
	n    map[access.Status]int // guarded by counting
}

const (
	// endedID is the document's. It is no view: no subject is of its kind.
	endedID = "meta_ended"
	// keepEndedAfter is after how many entries it is written down.
	keepEndedAfter = 2000
)

// endedRecord is what is stored.
type endedRecord struct {
	At journal.Position      `json:"at"`
	N  map[access.Status]int `json:"n"`
}

// NewEnded makes an Ended, which reads nothing yet.
func NewEnded(j Journal, docs store.Documents) *Ended {
	e := &Ended{docs: docs, n: map[access.Status]int{}}
	e.counter = newCounter(j, e, keepEndedAfter)
	return e
}

// ForgetEnded takes away what is kept of the counts, so that whoever keeps them next counts
// the journal from its beginning: for who makes anew what follows from it. A server that
// runs keeps what it has counted, so it is to be stopped before.
func ForgetEnded(ctx context.Context, docs store.Documents) error {
	if err := docs.Delete(ctx, endedID); err != nil {
		return fmt.Errorf("index: forget how many requests have ended: %w", err)
	}
	return nil
}

// Count returns how many requests have ended, by how, and true; or false while that is
// not counted yet. The map is the caller's.
func (e *Ended) Count(ctx context.Context) (map[access.Status]int, bool, error) {
	done, err := e.enter(ctx)
	if err != nil {
		return nil, false, err
	}
	defer e.leave()
	if !done {
		return nil, false, nil
	}
	return maps.Clone(e.n), true, nil
}

// load implements counts.
func (e *Ended) load(ctx context.Context) (journal.Position, error) {
	kept, _, err := e.read(ctx)
	if err != nil {
		return journal.Position{}, err
	}
	err = e.journal.Check(ctx, kept.At)
	switch {
	case access.CodeOf(err) == access.CodeJournalChanged:
		kept = endedRecord{} // of another journal: what is kept is overwritten in time
	case err != nil:
		return journal.Position{}, err
	}
	if kept.N != nil {
		e.n = kept.N
	}
	return kept.At, nil
}

func (e *Ended) read(ctx context.Context) (r endedRecord, version uint64, err error) {
	docs, err := e.docs.Get(ctx, endedID)
	if err != nil || len(docs) == 0 {
		return r, 0, err
	}
	if err := json.Unmarshal(docs[0].Data, &r); err != nil {
		return endedRecord{}, docs[0].Version, nil //nolint:nilerr // it is counted anew
	}
	return r, docs[0].Version, nil
}

// keep implements counts.
func (e *Ended) keep(ctx context.Context, at journal.Position) error {
	kept, version, err := e.read(ctx)
	if err != nil {
		return err
	}
	if kept.At.Seq >= at.Seq && e.journal.Check(ctx, kept.At) == nil {
		return nil
	}
	data, err := json.Marshal(endedRecord{at, e.n})
	if err != nil {
		return fmt.Errorf("index: %w", err)
	}
	err = e.docs.Put(ctx, store.Document{ID: endedID, Version: version + 1, Data: data})
	if errors.Is(err, store.ErrVersion) {
		return nil // another server just has
	}
	return err
}

// take implements counts.
func (e *Ended) take(entry *journal.Entry) error {
	if status := access.EndOf(entry.Subject, entry.Type); status != "" {
		e.n[status]++
	}
	return nil
}
