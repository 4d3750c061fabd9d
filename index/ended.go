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
	journal Journal
	docs    store.Documents

	counting gate                  // whoever is in it brings the rest up to date
	loaded   bool                  // guarded by counting
	saved    uint64                // guarded by counting: the entry up to which it is kept in the store
	at       journal.Position      // guarded by counting: up to where it counts
	n        map[access.Status]int // guarded by counting
}

const (
	// endedID is the document's. It is no view: no subject is of its kind.
	endedID = "meta_ended"
	// keepAfter is after how many entries it is written down.
	keepAfter = 2000
	// near is how far behind the journal it can be and still be brought up to date for
	// somebody who waits.
	near = 2000
)

// endedRecord is what is stored.
type endedRecord struct {
	At journal.Position      `json:"at"`
	N  map[access.Status]int `json:"n"`
}

// NewEnded makes an Ended, which reads nothing yet.
func NewEnded(j Journal, docs store.Documents) *Ended {
	return &Ended{journal: j, docs: docs, counting: newGate(), n: map[access.Status]int{}}
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
	if err := e.counting.enter(ctx); err != nil {
		return nil, false, err
	}
	defer e.counting.leave()
	if err := e.load(ctx); err != nil {
		return nil, false, err
	}
	if err := e.journal.CatchUp(ctx); err != nil {
		return nil, false, err
	}
	for e.at.Seq < e.journal.Head() {
		if e.journal.Head()-e.at.Seq > near {
			return nil, false, nil
		}
		if err := e.step(ctx); err != nil {
			return nil, false, err
		}
	}
	return maps.Clone(e.n), true, nil
}

// Follow counts up to the present, and keeps it in the store where that is due.
func (e *Ended) Follow(ctx context.Context) error {
	for more := true; more; { // the gate is left in between, so that nobody waits for all of it
		if err := e.counting.enter(ctx); err != nil {
			return err
		}
		err := e.load(ctx)
		if err == nil {
			err = e.step(ctx)
		}
		if err == nil && e.at.Seq >= e.saved+keepAfter {
			err = e.keep(ctx)
		}
		more = e.at.Seq < e.journal.Head()
		e.counting.leave()
		if err != nil {
			return err
		}
	}
	return nil
}

// Keep writes down what was counted, if it is not.
func (e *Ended) Keep(ctx context.Context) error {
	if err := e.counting.enter(ctx); err != nil {
		return err
	}
	defer e.counting.leave()
	if !e.loaded || e.at.Seq == e.saved {
		return nil
	}
	return e.keep(ctx)
}

// load reads what is kept, once.
func (e *Ended) load(ctx context.Context) error {
	if e.loaded {
		return nil
	}
	kept, _, err := e.read(ctx)
	if err != nil {
		return err
	}
	err = e.journal.Check(ctx, kept.At)
	switch {
	case access.CodeOf(err) == access.CodeJournalChanged:
		kept = endedRecord{} // of another journal: what is kept is overwritten in time
	case err != nil:
		return err
	}
	e.at, e.saved, e.loaded = kept.At, kept.At.Seq, true
	if kept.N != nil {
		e.n = kept.N
	}
	return nil
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

// keep writes down what was counted, unless another server has counted further.
func (e *Ended) keep(ctx context.Context) error {
	kept, version, err := e.read(ctx)
	if err != nil {
		return err
	}
	if e.saved = e.at.Seq; kept.At.Seq >= e.at.Seq && e.journal.Check(ctx, kept.At) == nil {
		return nil
	}
	data, err := json.Marshal(endedRecord{e.at, e.n})
	if err != nil {
		return fmt.Errorf("index: %w", err)
	}
	err = e.docs.Put(ctx, store.Document{ID: endedID, Version: version + 1, Data: data})
	if errors.Is(err, store.ErrVersion) {
		return nil // another server just has
	}
	return err
}

// step counts some entries.
func (e *Ended) step(ctx context.Context) error {
	entries, err := e.journal.Read(ctx, e.at.Seq, chunk)
	if err != nil {
		return fmt.Errorf("index: read entries after %d: %w", e.at.Seq, err)
	}
	if len(entries) == 0 && e.at.Seq < e.journal.Head() {
		return fmt.Errorf("index: there is no entry after %d", e.at.Seq)
	}
	for i := range entries {
		if status := access.EndOf(entries[i].Subject, entries[i].Type); status != "" {
			e.n[status]++
		}
		e.at = entries[i].Position()
	}
	return nil
}
