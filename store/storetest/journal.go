package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"procyon/access"
	"procyon/internal/subject"
	"procyon/journal"
)

// testJournals runs two servers' journals on one store, with callers who
// contend for a few subjects. The journal and its views are then what they
// should be, and still are after the views were made anew.
func testJournals(t *testing.T, s suite) {
	const writers, each, shared = 8, 6, 2
	ctx, stop := context.WithCancel(t.Context())
	var journals []*journal.Journal
	ended := make(chan error, 2)
	for _, db := range []journal.Store{s.a, s.b} {
		j, err := journal.Open(ctx, db, journal.Options{Kinds: subject.Kinds(), OnError: func(err error) { t.Error(err) }})
		if err != nil {
			t.Fatal(err)
		}
		journals = append(journals, j)
		go func() { ended <- j.Run(ctx) }()
	}
	race(t, writers, func(w int) error {
		for i := range each {
			if err := commit(ctx, journals[w%2], s.a, fmt.Sprintf("acc_%d", (w+i)%shared)); err != nil {
				return err
			}
			if err := commit(ctx, journals[w%2], s.b, fmt.Sprintf("acc_%d_%d", w, i)); err != nil {
				return err
			}
		}
		return nil
	})
	stop()
	for range journals {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	if s.options.CompareAndSetRaces {
		s.wantVerified(t, writers*each*2)
	}
	if n, err := journal.Rebuild(t.Context(), s.a, subject.Kinds()); err != nil || n != writers*each*2 {
		t.Fatalf("Rebuild: %d entries, %v", n, err)
	}
	s.wantVerified(t, writers*each*2)
}

func (s suite) wantVerified(t *testing.T, entries uint64) {
	t.Helper()
	report, err := journal.Verify(t.Context(), s.b, journal.Proof{Kinds: subject.Kinds()})
	if err != nil {
		t.Fatal(err)
	}
	if report.Entries != entries {
		t.Errorf("%d entries, want %d", report.Entries, entries)
	}
}

// commit brings an account to its next version, deciding again as often as it
// is overtaken.
func commit(ctx context.Context, j *journal.Journal, db journal.Store, id string) error {
	for range 10000 {
		docs, err := db.Get(ctx, id)
		if err != nil {
			return err
		}
		var version uint64
		for _, d := range docs {
			version = d.Version
		}
		_, err = j.Append(ctx, access.Change{
			Subject: id, Version: version + 1, At: start(), Actor: access.Actor{Kind: access.ActorSystem, ID: "system"},
			Type: "ACCOUNT_CHANGED", Data: []byte(`{}`), After: fmt.Appendf(nil, `{"id":%q,"name":"of version %d"}`, id, version+1),
		})
		if err == nil || !errors.Is(err, access.ErrRaced) {
			return err
		}
	}
	return errors.New("no success in 10000 attempts")
}
