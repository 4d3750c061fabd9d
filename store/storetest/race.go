package storetest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"procyon/journal"
	"procyon/store"
)

// race runs n writers at once and fails the test with their errors.
func race(t *testing.T, n int, run func(writer int) error) {
	t.Helper()
	var wg sync.WaitGroup
	failures := make([]error, n)
	for i := range n {
		wg.Go(func() { failures[i] = run(i) })
	}
	wg.Wait()
	if err := errors.Join(failures...); err != nil {
		t.Fatal(err)
	}
}

// testRaceAppend has 8 writers on two handles race for the same subjects, while
// a reader follows. The journal ends dense and unforked, each version once.
func testRaceAppend(t *testing.T, s suite) {
	const writers, subjects = 8, 3
	each := 4
	if s.options.Transactions {
		each = 16 // such a driver's attempts fail for less
	}
	ctx, stop := context.WithCancel(t.Context())
	followed := make(chan error, 1)
	go func() { followed <- follow(ctx, s.b) }()
	race(t, writers, func(w int) error {
		db := []journal.Store{s.a, s.b}[w%2]
		for i := range each {
			if err := appendNext(t, db, fmt.Sprintf("req_%d", (w+i)%subjects), fmt.Sprintf("req_%d_%d", w, i)); err != nil {
				return err
			}
		}
		return nil
	})
	stop()
	if err := <-followed; err != nil {
		t.Error(err)
	}
	entries, err := s.a.Entries(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != writers*each*2 {
		t.Errorf("%d entries, want %d", len(entries), writers*each*2)
	}
	s.wantChain(t, entries)
}

// appendNext brings a contended subject to its next version and creates another
// in the same batch, as often as it takes.
func appendNext(t *testing.T, db journal.Store, contended, fresh string) error {
	ctx := t.Context()
	for range 10000 {
		head, err := db.Head(ctx)
		if err != nil {
			return err
		}
		version, err := lastVersion(ctx, db, contended)
		if err != nil {
			return err
		}
		e1, v1 := change(t, head, contended, version+1)
		e2, v2 := change(t, headOf(&e1), fresh, 1)
		n, err := db.Append(ctx, []journal.Entry{e1, e2}, []store.Document{v1, v2})
		var taken *journal.TakenError
		switch {
		case err == nil && n == 2:
			return nil
		case n == 1 && errors.Is(err, journal.ErrBehind):
			// Another took the second place: only the fresh one is left to do.
			return appendFresh(t, db, fresh)
		case n == 0 && (errors.Is(err, journal.ErrBehind) || errors.As(err, &taken) && taken.Index == 0):
		default:
			return fmt.Errorf("append of two: %d, %w", n, err)
		}
	}
	return errors.New("no success in 10000 attempts")
}

func appendFresh(t *testing.T, db journal.Store, subject string) error {
	for range 10000 {
		head, err := db.Head(t.Context())
		if err != nil {
			return err
		}
		e, v := change(t, head, subject, 1)
		switch n, err := db.Append(t.Context(), []journal.Entry{e}, []store.Document{v}); {
		case err == nil:
			return nil
		case n != 0 || !errors.Is(err, journal.ErrBehind):
			return fmt.Errorf("append of one: %d, %w", n, err)
		}
	}
	return errors.New("no success in 10000 attempts")
}

func lastVersion(ctx context.Context, db journal.Store, subject string) (uint64, error) {
	entries, err := db.Subject(ctx, subject, 0, 1000)
	if err != nil || len(entries) == 0 {
		return 0, err
	}
	return entries[len(entries)-1].Version, nil
}

// follow reads what is new until ctx is done: always the next of the chain.
func follow(ctx context.Context, db journal.Store) error {
	var head journal.Head
	for ctx.Err() == nil {
		entries, err := db.Entries(ctx, head.Seq, 7)
		if err != nil {
			if ctx.Err() != nil {
				return nil //nolint:nilerr // the test is over
			}
			return err
		}
		for i := range entries {
			if err := entries[i].Follows(head); err != nil {
				return fmt.Errorf("while others write: %w", err)
			}
			head = headOf(&entries[i])
		}
	}
	return nil
}

// wantChain checks a whole journal, and that each view is of the last version.
func (s suite) wantChain(t *testing.T, entries []journal.Entry) {
	t.Helper()
	var head journal.Head
	versions := map[string]uint64{}
	for i := range entries {
		e := &entries[i]
		if err := e.Follows(head); err != nil {
			t.Fatal(err)
		}
		head = headOf(e)
		if versions[e.Subject]++; e.Version != versions[e.Subject] {
			t.Errorf("entry %d brings %s to version %d, want %d", e.Seq, e.Subject, e.Version, versions[e.Subject])
		}
	}
	for subject, version := range versions {
		docs, err := s.b.Get(t.Context(), subject)
		if err != nil || len(docs) != 1 || docs[0].Version != version {
			t.Errorf("the view of %s: %+v, %v, want version %d", subject, docs, err, version)
		}
	}
	if got := len(s.list(t, "thing/", false, 100)); got != len(versions) {
		t.Errorf("%d views are listed, want %d", got, len(versions))
	}
}

// testRaceInsert has many insert the same documents: each has one winner.
func testRaceInsert(t *testing.T, s suite) {
	const writers, documents = 8, 20
	var won [documents]atomic.Int32
	race(t, writers, func(w int) error {
		db := []journal.Store{s.a, s.b}[w%2]
		for i := range documents {
			err := db.Put(t.Context(), doc(fmt.Sprintf("ses_%d", i), 1, strconv.Itoa(w), "ses/"))
			switch {
			case err == nil:
				won[i].Add(1)
			case !errors.Is(err, store.ErrVersion):
				return err
			}
		}
		return nil
	})
	for i := range won {
		if n := won[i].Load(); n != 1 {
			t.Errorf("document %d was inserted %d times", i, n)
		}
	}
}

// testRaceCompareAndSet has many count in one document: no count is lost.
func testRaceCompareAndSet(t *testing.T, s suite) {
	if !s.options.CompareAndSetRaces {
		t.Skip("this server does not replace by ID and version atomically")
	}
	const writers, each = 8, 20
	s.put(t, store.Document{ID: "con_1", Version: 1, Terms: []string{"con/"}, Data: []byte("0")})
	race(t, writers, func(w int) error {
		db := []journal.Store{s.a, s.b}[w%2]
		for range each {
			if err := count(t.Context(), db, "con_1"); err != nil {
				return err
			}
		}
		return nil
	})
	s.wantDocs(t, store.Document{ID: "con_1", Version: 1 + writers*each, Sort: fmt.Sprint(writers * each), Terms: []string{"con/"}, Data: fmt.Append(nil, writers*each)})
	s.wantList(t, "con/", "con_1")
}

// count adds one to a document, as often as it takes.
func count(ctx context.Context, db journal.Store, id string) error {
	for range 10000 {
		docs, err := db.Get(ctx, id)
		if err != nil || len(docs) != 1 {
			return fmt.Errorf("get %s: %d documents, %w", id, len(docs), err)
		}
		n, err := strconv.Atoi(string(docs[0].Data))
		if err != nil {
			return err
		}
		docs[0].Version++
		docs[0].Sort, docs[0].Data = fmt.Sprint(n+1), fmt.Append(nil, n+1)
		err = db.Put(ctx, docs...)
		if err == nil || !errors.Is(err, store.ErrVersion) {
			return err
		}
	}
	return errors.New("no success in 10000 attempts")
}
