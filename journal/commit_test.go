package journal_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"procyon/access"
	"procyon/journal"
	"procyon/store"
	"procyon/store/sqlite"
)

// faulty is a store whose appends go through a function.
type faulty struct {
	journal.Store
	appends atomic.Int32
	through func(ctx context.Context, write func() (int, error)) (int, error)
}

func (f *faulty) Append(ctx context.Context, entries []journal.Entry, views []store.Document) (int, error) {
	f.appends.Add(1)
	return f.through(ctx, func() (int, error) { return f.Store.Append(context.Background(), entries, views) })
}

// fault is a journal on a faulty store, within a test whose clock is its own.
type fault struct {
	*journal.Journal
	t     *testing.T
	store *faulty
	other journal.Store // for who writes besides
	heard []error
}

// withFault runs a test on a journal whose store's appends go through a function.
func withFault(t *testing.T, through func(ctx context.Context, write func() (int, error)) (int, error), test func(t *testing.T, f *fault)) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "p.db")
	synctest.Test(t, func(t *testing.T) {
		f := &fault{t: t}
		db, err := sqlite.Open(t.Context(), path)
		f.must(err)
		other, err := sqlite.Open(t.Context(), path)
		f.must(err)
		f.other, f.store = other, &faulty{Store: db, through: through}
		f.Journal, err = journal.Open(t.Context(), f.store, journal.Options{Poll: time.Hour, OnError: func(err error) { f.heard = append(f.heard, err) }})
		f.must(err)
		ctx, stop := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- f.Run(ctx) }()
		test(t, f)
		stop()
		f.must(errors.Join(<-done, db.Close(), other.Close()))
	})
}

func (f *fault) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// append appends a change and returns what came of it and how long that took.
func (f *fault) append(ctx context.Context, id string, version uint64) (seq uint64, took time.Duration, err error) {
	began := time.Now()
	seq, err = f.Append(ctx, change(id, version))
	return seq, time.Since(began), err
}

// besides is another server that writes.
func (f *fault) besides(id string, version uint64) {
	f.t.Helper()
	head, err := f.other.Head(f.t.Context())
	f.must(err)
	e := entryAfter(f.t, head, change(id, version))
	view, err := kinds.View(e.Subject, e.Version, e.After)
	f.must(err)
	_, err = f.other.Append(f.t.Context(), []journal.Entry{e}, []store.Document{view})
	f.must(err)
}

var errLost = errors.New("the connection broke")

// Who is always behind comes back ever later, and in the end fails: it is known that
// nothing was committed.
func TestBehindBacksOff(t *testing.T) {
	t.Parallel()
	withFault(t, func(context.Context, func() (int, error)) (int, error) { return 0, journal.ErrBehind }, func(t *testing.T, f *fault) {
		_, took, err := f.append(t.Context(), "gw_1", 1)
		if err == nil || errors.Is(err, access.ErrUnknownOutcome) || took > 11*time.Second {
			t.Errorf("%v after %s", err, took)
		}
		if n := f.store.appends.Load(); n < 100 || n > 2000 {
			t.Errorf("%d tries in %s", n, took)
		}
	})
}

// A write whose answer was lost counts once, whether it arrived before that or does so
// later.
func TestALostAnswer(t *testing.T) {
	t.Parallel()
	for name, late := range map[string]time.Duration{"it was written": 0, "it arrives later": 3 * time.Second} {
		t.Run(name, func(t *testing.T) {
			lost := false
			withFault(t, func(_ context.Context, write func() (int, error)) (int, error) {
				switch {
				case late > 0 && !lost:
					lost = true
					time.AfterFunc(late, func() { _, _ = write() })
					return 0, errLost
				case late > 0: // what is sent again is lost, too, until the first arrives
					return 0, errLost
				case !lost:
					lost = true
					if _, err := write(); err != nil {
						t.Error(err)
					}
					return 0, errLost
				}
				return write()
			}, func(t *testing.T, f *fault) {
				seq, took, err := f.append(t.Context(), "gw_1", 1)
				if err != nil || seq != 1 || took > late+time.Second {
					t.Errorf("%d, %v after %s", seq, err, took)
				}
				if r, err := journal.Verify(t.Context(), f.other, journal.Proof{Kinds: kinds}); err != nil || r.Entries != 1 {
					t.Errorf("%d entries, %v", r.Entries, err)
				}
			})
		})
	}
}

// A write that was lost is written again; where another server has taken its place
// meanwhile, at another one.
func TestALostWriteIsWrittenAgain(t *testing.T) {
	t.Parallel()
	for name, others := range map[string]int{"alone": 0, "beside another server": 3} {
		t.Run(name, func(t *testing.T) {
			var f *fault
			lost := false
			withFault(t, func(_ context.Context, write func() (int, error)) (int, error) {
				if lost {
					return write()
				}
				lost = true
				for v := range others {
					f.besides("gw_2", uint64(v+1))
				}
				return 0, errLost
			}, func(t *testing.T, made *fault) {
				f = made
				seq, took, err := f.append(t.Context(), "gw_1", 1)
				if err != nil || seq != uint64(others+1) || took > time.Second {
					t.Errorf("%d, %v after %s", seq, err, took)
				}
			})
		})
	}
}

// No caller waits longer than it has time. What is under way then is unknown, and so is
// what was not found out in time, and nothing more is written of it; what only waited is withdrawn,
// and never committed.
func TestNobodyOutlastsTheirTime(t *testing.T) {
	t.Parallel()
	var broken atomic.Bool
	broken.Store(true)
	withFault(t, func(_ context.Context, write func() (int, error)) (int, error) {
		if broken.Load() {
			return 0, errLost
		}
		return write()
	}, func(t *testing.T, f *fault) {
		var all sync.WaitGroup
		try := func(id string, limit time.Duration, want error, atMost time.Duration) {
			all.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), limit)
				defer cancel()
				_, took, err := f.append(ctx, id, 1)
				if !errors.Is(err, want) || errors.Is(err, access.ErrUnknownOutcome) != errors.Is(want, access.ErrUnknownOutcome) || took > atMost {
					t.Errorf("%s: %v after %s", id, err, took)
				}
			})
			synctest.Wait()
		}
		try("gw_patient", time.Minute, access.ErrUnknownOutcome, 11*time.Second)
		try("gw_impatient", 2*time.Second, context.DeadlineExceeded, 2*time.Second) // it waits for the first one's batch
		all.Wait()
		try("gw_underway", 2*time.Second, access.ErrUnknownOutcome, 2*time.Second)
		all.Wait()
		broken.Store(false)
		<-time.After(time.Minute)
		if seq, _, err := f.append(t.Context(), "gw_last", 1); err != nil || seq != 1 {
			t.Errorf("%d, %v", seq, err)
		}
		if docs, err := f.other.Get(t.Context(), "gw_impatient", "gw_underway"); err != nil || len(docs) != 0 {
			t.Errorf("what was withdrawn, or nobody waits for, was written later: %v", err)
		}
	})
}

// Where the store knows that nothing was written, so does the caller, at once.
func TestNothingWasWritten(t *testing.T) {
	t.Parallel()
	withFault(t, func(context.Context, func() (int, error)) (int, error) {
		return 0, errors.Join(journal.ErrNotWritten, errLost)
	}, func(t *testing.T, f *fault) {
		_, took, err := f.append(t.Context(), "gw_1", 1)
		if !errors.Is(err, errLost) || errors.Is(err, access.ErrUnknownOutcome) || took > 0 || f.store.appends.Load() != 1 {
			t.Errorf("%v after %s and %d tries", err, took, f.store.appends.Load())
		}
	})
}

// Of two servers that take the same steps at once the slower one finds it out with one
// look, and not with a write for each.
func TestTheSlowerOfTwoServersFindsOutAtOnce(t *testing.T) {
	t.Parallel()
	var f *fault
	const steps = 100
	late := false
	withFault(t, func(_ context.Context, write func() (int, error)) (int, error) {
		if !late {
			late = true
			<-time.After(time.Millisecond) // until all are there
			return 0, errors.Join(journal.ErrBehind)
		}
		return write()
	}, func(t *testing.T, made *fault) {
		f = made
		for i := range steps {
			f.besides("gw_"+string(rune('A'+i/26))+string(rune('a'+i%26)), 1)
		}
		var raced atomic.Int32
		var all sync.WaitGroup
		for i := range steps {
			all.Go(func() {
				if _, _, err := f.append(t.Context(), "gw_"+string(rune('A'+i/26))+string(rune('a'+i%26)), 1); errors.Is(err, access.ErrRaced) {
					raced.Add(1)
				}
			})
		}
		all.Wait()
		if n := f.store.appends.Load(); raced.Load() != steps || n > 5 {
			t.Errorf("%d of %d were raced, in %d writes", raced.Load(), steps, n)
		}
	})
}

// A store in whose place another one was put is told from its own: nothing is acknowledged
// or written any more, whoever asks hears JOURNAL_CHANGED, and the log hears it once.
func TestAStoreThatWasReplaced(t *testing.T) {
	t.Parallel()
	var replaced atomic.Bool
	withFault(t, func(_ context.Context, write func() (int, error)) (int, error) {
		if replaced.Load() {
			return 0, journal.ErrReplaced
		}
		return write()
	}, func(t *testing.T, f *fault) {
		_, _, err := f.append(t.Context(), "gw_1", 1)
		f.must(err)
		f.must(f.Ready(t.Context()))
		at := f.Last()
		f.must(f.Check(t.Context(), at))
		replaced.Store(true)
		for v := range uint64(3) {
			if _, _, err := f.append(t.Context(), "gw_1", v+2); access.CodeOf(err) != access.CodeJournalChanged {
				t.Error(err)
			}
		}
		replaced.Store(false) // it stays so until a restart
		if _, _, err := f.append(t.Context(), "gw_1", 2); access.CodeOf(err) != access.CodeJournalChanged {
			t.Error(err)
		}
		for _, err := range []error{f.Ready(t.Context()), f.CatchUp(t.Context()), f.Check(t.Context(), at)} {
			if access.CodeOf(err) != access.CodeJournalChanged {
				t.Error(err)
			}
		}
		if n := f.store.appends.Load(); n != 2 || len(f.heard) != 1 {
			t.Errorf("%d writes, and reported is %v", n, f.heard)
		}
	})
}
