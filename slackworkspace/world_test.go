package slackworkspace

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"procyon/access"
	"procyon/integration"
	"procyon/journal"
	"procyon/notifier/slackchannel"
	"procyon/notifier/slackwebhook"
	"procyon/store"
	"procyon/store/sqlite"
)

func kinds() access.Kinds { return access.NewKinds(access.OwnKinds(), Kinds()) }

// racingLog lets somebody be faster.
type racingLog struct {
	access.Log
	raceOn func(c access.Change)       // runs before a change is committed, once
	fail   func(c access.Change) error // says whether a change fails; nil: none does
}

func (l *racingLog) Append(ctx context.Context, c access.Change) (uint64, error) {
	if f := l.raceOn; f != nil {
		l.raceOn = nil
		f(c)
	}
	if l.fail != nil {
		if err := l.fail(c); err != nil {
			return 0, err
		}
	}
	return l.Log.Append(ctx, c)
}

// failingViews can't read one subject.
type failingViews struct {
	store.Reader
	failing string // its ID; "": all can be read
}

func (v *failingViews) Get(ctx context.Context, ids ...string) ([]store.Document, error) {
	if slices.Contains(ids, v.failing) {
		return nil, errors.New("the store does not answer")
	}
	return v.Reader.Get(ctx, ids...)
}

// plain seals nothing: the tests look at other things.
type plain struct{}

func (plain) Seal(s, context string) (string, error) { return context + ":" + s, nil }
func (plain) Open(s, context string) (string, error) { return s[len(context)+1:], nil }

// world is this room and the domain on a journal, with a clock that the test moves.
type world struct {
	*access.Service
	slack *Service
	t     *testing.T
	log   *racingLog
	views *failingViews
	admin access.Actor
	boss  access.Actor
	dev   access.Actor

	mu    sync.Mutex
	clock time.Time // guarded by mu
	ids   int       // guarded by mu
}

// derive makes IDs that sort as their parts do.
func derive(parts ...string) string { return fmt.Sprintf("%x", strings.Join(parts, "|")) }

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, clock: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)}
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "procyon.db"))
	w.must(err)
	j, err := journal.Open(t.Context(), db, journal.Options{Kinds: kinds()})
	w.must(err)
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- j.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		w.must(errors.Join(<-ended, db.Close()))
	})
	w.log, w.views = &racingLog{Log: j}, &failingViews{Reader: db}
	subjects := access.NewSubjects(w.log, w.views, access.SubjectOptions{Kinds: kinds(), Now: w.now, NewID: w.newID, DeriveID: derive})
	checkURL := func(raw string) error {
		if raw != "https://hooks.example/x" {
			return errors.New("the URL is not allowed")
		}
		return nil
	}
	w.slack = New(subjects, db, plain{}, checkURL)
	mask := func(string) string { return "https://hooks.example/…" }
	hook := integration.Kind{Name: slackwebhook.Name, Destination: []integration.Field{{Name: integration.WebhookURL, Secret: true, Check: checkURL, Mask: mask}}}
	w.Service = access.New(subjects, access.Options{
		Secrets: plain{}, Integrations: []integration.Kind{hook, slackchannel.Kind()},
		Workspaces: w.slack, EndFor: w.slack.EndFor,
	})
	w.admin, w.boss, w.dev = w.person("Ada", true), w.person("Bo", true), w.person("Dev", false)
	return w
}

// person makes somebody, and returns them as who calls.
func (w *world) person(name string, admin bool) access.Actor {
	w.t.Helper()
	u, err := w.CreateUser(w.t.Context(), access.System(), access.NewUser{Name: name, Email: strings.ToLower(name) + "@example.com", Admin: admin})
	w.must(err)
	return access.Actor{Kind: access.ActorUser, ID: u.ID, Name: u.Name, Email: u.Email, Admin: u.Admin}
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = w.clock.Add(d)
}

func (w *world) newID() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ids++
	return fmt.Sprintf("%04d", w.ids)
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) wants(err error, code access.Code, field string) {
	w.t.Helper()
	e, ok := err.(*access.Error) //nolint:errorlint // the service returns them bare
	if !ok || e.Code != code || e.Field != field {
		w.t.Fatalf("got %#v, want %s at %q", err, code, field)
	}
}
