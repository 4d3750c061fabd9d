package access_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"procyon/access"
	"procyon/internal/subject"
	"procyon/journal"
	"procyon/policy/condition"
	"procyon/store"
	"procyon/store/sqlite"
)

// life is a world: servers over one SQLite file, a clock that only the test moves, people and
// what they can have, and the model of all of it.
type life struct {
	*model

	t       *testing.T
	rng     *rand.Rand
	files   []*sqlite.Store // a handle for each server, as processes have
	servers []*server       // nil: it is down
	skews   []time.Duration // of their clocks
	clock   time.Time
	ids     int
	judged  uint64 // the number of the last entry that the model has taken in
	tally   map[string]int

	people    []string
	groups    []string
	resources []string
	asked     []string // requests, the oldest first
}

const (
	lifeDecideIn = 24 * time.Hour
	lifeMax      = 8 * time.Hour
)

// server is one process, as far as the life of requests goes.
type server struct {
	*access.Service

	life     *life
	n        int
	store    *following
	journal  *journal.Journal
	schedule *access.Schedule
	observed uint64    // the number of the last entry that the schedule knows
	latest   time.Time // that its clock ever showed
	stop     func()
}

func newLife(t *testing.T, seed uint64, folder string) *life {
	l := &life{t: t, rng: rand.New(rand.NewPCG(seed, 8)), clock: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC), tally: map[string]int{}}
	l.model = newModel(l)
	path := filepath.Join(folder, fmt.Sprintf("life-%d.db", seed))
	for n := range 2 {
		file, err := sqlite.Open(t.Context(), path)
		l.must(err)
		l.files, l.servers, l.skews = append(l.files, file), append(l.servers, nil), append(l.skews, 0)
		l.start(n)
	}
	l.furnish()
	return l
}

// close stops all, and holds the views against the journal: also those that crashes left out.
func (l *life) close() {
	for n, s := range l.servers {
		if s != nil {
			l.must(s.journal.CatchUp(context.Background()))
		}
		l.kill(n)
	}
	if !l.t.Failed() {
		_, err := journal.Verify(context.Background(), l.files[0], journal.Proof{Kinds: subject.Kinds()})
		l.must(err)
	}
	for _, f := range l.files {
		l.must(f.Close())
	}
}

// last prints what was committed last, and the policies.
func (l *life) last() {
	entries, err := l.files[0].Entries(context.Background(), l.judged-min(l.judged, 16), 16)
	l.must(err)
	for _, e := range entries {
		l.t.Logf("%d %s %s by %s at %s: %.400s", e.Seq, e.Type, e.Subject, e.Actor.ID, e.At.Format(time.DateTime), e.Data)
	}
	l.t.Logf("policies %d: %+v", l.version, l.set)
}

func (l *life) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

// start starts a server as after a crash: it knows what the file has, and nothing else.
func (l *life) start(n int) {
	l.t.Helper()
	s := &server{life: l, n: n, store: &following{Store: l.files[n], dead: make(chan struct{})}}
	var err error
	s.journal, err = journal.Open(l.t.Context(), s.store, journal.Options{Kinds: subject.Kinds(), Poll: time.Hour})
	l.must(err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = s.journal.Run(ctx)
	}()
	s.stop = func() {
		close(s.store.dead)
		cancel()
		<-ended
	}
	conditions, err := condition.New()
	l.must(err)
	subjects := access.NewSubjects(s.journal, s.store, access.SubjectOptions{
		Kinds: subject.Kinds(), DeriveID: access.DeriveID, Now: s.now,
		NewID: func() string { l.ids++; return fmt.Sprintf("%06d", l.ids) },
	})
	s.Service = access.New(subjects, access.Options{
		DecideIn: lifeDecideIn, MaxDuration: lifeMax, Conditions: conditions, History: journal.History(s.store),
		MaxOpen: -1, MaxPerHour: -1, OnError: func(err error) { l.t.Error(err) },
	})
	s.seen()
	s.schedule = access.NewSchedule(s.Service)
	s.observed = s.journal.Head()
	recent, err := s.journal.Read(l.t.Context(), s.observed-min(s.observed, 200), 200)
	l.must(err)
	var changed []string
	for _, e := range recent {
		changed = append(changed, e.Subject)
	}
	l.must(s.schedule.Load(l.t.Context(), changed...))
	l.servers[n] = s
}

// kill ends a server at once: what it was about is left as it is.
func (l *life) kill(n int) {
	if s := l.servers[n]; s != nil {
		s.stop()
		l.servers[n] = nil
	}
}

func (s *server) now() time.Time { return s.life.clock.Add(s.life.skews[s.n]) }

// seen notes what a server's clock shows.
func (s *server) seen() {
	if now := s.now(); s.latest.Before(now) {
		s.latest = now
	}
}

// knowsAll tells whether a server knows all that was committed, views too.
func (s *server) knowsAll() bool { return s.journal.Head() == s.life.judged }

// tick lets a server follow the journal, and take the steps that are due.
func (s *server) tick(ctx context.Context) error {
	if err := s.journal.CatchUp(ctx); err != nil {
		return err
	}
	for {
		entries, err := s.journal.Read(ctx, s.observed, 500)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if err := s.schedule.Observe(e.Subject, e.After); err != nil {
				return err
			}
			s.observed = e.Seq
		}
		next := s.schedule.Next()
		if len(entries) == 0 && (next.IsZero() || s.now().Before(next)) {
			return nil
		}
		if err := s.schedule.Advance(ctx); err != nil {
			return err
		}
	}
}

// following is a store whose views follow its entries, as MongoDB's do: a crash can come
// between. It is one process's handle of it, which a crash takes away.
type following struct {
	*sqlite.Store

	dead    chan struct{} // closed when the process has ended
	crashIn int           // the write at which it crashes, from 1; 0: at none
	before  bool          // nothing of that write is done
	crash   func()        // whoever waits in the process hears nothing more
	crashed bool
}

var errDead = errors.New("the process has ended")

func (f *following) alive() error {
	select {
	case <-f.dead:
		return errDead
	default:
		return nil
	}
}

// Append implements journal.Store.
func (f *following) Append(ctx context.Context, entries []journal.Entry, views []store.Document) (int, error) {
	if err := f.alive(); err != nil {
		return 0, err
	}
	if f.crashIn == 0 {
		return f.Store.Append(ctx, entries, views)
	}
	if f.crashIn--; f.crashIn > 0 {
		return f.Store.Append(ctx, entries, views)
	}
	if !f.before {
		// In place of the views something that is no view, which is gone at once.
		none := slices.Repeat([]store.Document{{ID: "tmp_none", Version: 1}}, len(entries))
		if n, err := f.Store.Append(ctx, entries, none); err != nil {
			f.crashIn = 1 // it is to be tried again
			return n, err
		}
		if err := f.Delete(ctx, "tmp_none"); err != nil {
			return 0, err
		}
	}
	f.crashed = true
	f.crash()
	<-f.dead
	return 0, errDead
}

// Entries implements journal.Store.
func (f *following) Entries(ctx context.Context, after uint64, limit int) ([]journal.Entry, error) {
	if err := f.alive(); err != nil {
		return nil, err
	}
	return f.Store.Entries(ctx, after, limit)
}

// Repair implements journal.Store.
func (f *following) Repair(ctx context.Context, views []store.Document) error {
	if err := f.alive(); err != nil {
		return err
	}
	return f.Store.Repair(ctx, views)
}

// do runs a command on a server, which crashes in the middle of it now and then. It returns
// false where it did: then nothing is known of the command.
func (l *life) do(s *server, f func(ctx context.Context) error) (known bool, err error) {
	ctx, cancel := context.WithCancel(l.t.Context())
	defer cancel()
	s.seen()
	s.store.crashIn = 0
	if l.one(40) {
		s.store.crashIn, s.store.before, s.store.crash = 1+l.rng.IntN(3), l.one(4), cancel
	}
	err = f(ctx)
	crashed := s.store.crashed
	if s.store.crashIn = 0; crashed {
		l.tally["crash"]++
		l.kill(s.n)
	}
	l.takeIn(s)
	return !crashed, err
}

// takeIn has the model judge what a server has committed.
func (l *life) takeIn(s *server) {
	l.t.Helper()
	for {
		entries, err := l.files[0].Entries(l.t.Context(), l.judged, 500)
		l.must(err)
		for i := range entries {
			l.judged = entries[i].Seq
			l.take(&entries[i], s.Now())
		}
		if len(entries) == 0 || l.t.Failed() {
			return
		}
	}
}

func (l *life) one(of int) bool { return l.rng.IntN(of) == 0 }

func drawn[E any](l *life, list []E) E { return list[l.rng.IntN(len(list))] }

// up is one of the servers that run; both may have gone, then one is started.
func (l *life) up() *server {
	n := l.rng.IntN(len(l.servers))
	if l.servers[n] == nil && (l.servers[1-n] == nil || l.one(8)) {
		l.start(n)
	}
	if l.servers[n] == nil {
		n = 1 - n
	}
	s := l.servers[n]
	if !l.one(4) { // else it hears of what the other did when it gets to it
		l.must(s.journal.CatchUp(l.t.Context()))
	}
	return s
}
