package catalogimport

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"procyon/access"
	"procyon/catalogfile"
	"procyon/integration"
	"procyon/journal"
	"procyon/store"
	"procyon/store/sqlite"
)

func kinds() access.Kinds { return access.NewKinds(access.OwnKinds(), Kinds()) }

// log lets something happen before each commit.
type log struct {
	access.Log
	before func(c access.Change) error // nil: nothing
}

func (l *log) Append(ctx context.Context, c access.Change) (uint64, error) {
	if l.before != nil {
		if err := l.before(c); err != nil {
			return 0, err
		}
	}
	return l.Log.Append(ctx, c)
}

type plain struct{}

func (plain) Seal(s, context string) (string, error) { return s, nil }
func (plain) Open(s, context string) (string, error) { return s, nil }

// world is a catalog and its imports on a journal, with a clock that the test moves.
type world struct {
	*access.Service
	t       *testing.T
	log     *log
	db      store.Documents
	imports *Service
	ada     access.Actor

	mu    sync.Mutex
	clock time.Time // guarded by mu
	ids   int       // guarded by mu
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, clock: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)}
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "procyon.db"))
	w.must(err)
	j, err := journal.Open(t.Context(), db, journal.Options{Kinds: kinds(), Poll: time.Hour})
	w.must(err)
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- j.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		w.must(<-ended)
		w.must(db.Close())
	})
	w.log, w.db = &log{Log: j}, db
	subjects := access.NewSubjects(w.log, db, access.SubjectOptions{Kinds: kinds(), Now: w.now, NewID: w.newID, DeriveID: access.DeriveID})
	w.Service = access.New(subjects, access.Options{Secrets: plain{}, Integrations: []integration.Kind{}})
	w.imports = w.server()
	u, err := w.CreateUser(t.Context(), access.Actor{Kind: access.ActorSystem, ID: "operator", Admin: true}, access.NewUser{Email: "ada@example.com", Name: "Ada", Admin: true})
	w.must(err)
	w.ada = access.ActorOf(u)
	w.ada.Via = access.ViaConsole
	return w
}

// server is another server's service on the same catalog.
func (w *world) server() *Service { return New(w.Service, w.db) }

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
	return fmt.Sprintf("%08d", w.ids)
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) check(csv string) State {
	w.t.Helper()
	st, err := w.imports.Check(w.t.Context(), w.ada, File{Name: "catalog.csv", Format: catalogfile.CSV, Content: strings.NewReader(csv)}, nil)
	w.must(err)
	return st
}

func (w *world) start(id string) {
	w.t.Helper()
	_, err := w.imports.Start(w.t.Context(), w.ada, id)
	w.must(err)
}

func (w *world) get(id string) State {
	w.t.Helper()
	st, err := w.imports.Get(w.t.Context(), id)
	w.must(err)
	return st
}

// rows are all rows of an import that a filter keeps, one a line.
func (w *world) rows(id string, f RowFilter) []string {
	w.t.Helper()
	var out []string
	p := store.Page{First: 100}
	for {
		l, err := w.imports.Rows(w.t.Context(), id, f, p)
		w.must(err)
		for _, d := range l.Docs {
			r, err := DecodeRow(d)
			w.must(err)
			said := fmt.Sprint(r.Number, " ", r.Verdict)
			if r.Fault != nil {
				said += fmt.Sprint(" ", r.Fault.Column, ": ", r.Fault.Message)
			}
			if len(r.Changes) > 0 {
				said += " " + strings.Join(r.Changes, "; ")
			}
			if r.Outcome != "" {
				said += fmt.Sprint(" ", r.Outcome, r.Refusal)
			}
			out = append(out, said)
		}
		if !l.Next {
			return out
		}
		p.After = l.End
	}
}

// catalog are all accounts, gateways and resources with their roles.
func (w *world) catalog() string {
	w.t.Helper()
	names := map[string]string{"": ""}
	var out []string
	w.must(w.EachAccount(w.t.Context(), func(f access.Found[access.Account]) error {
		names[f.State.ID] = f.State.Name
		out = append(out, f.State.Name+"="+f.State.ExternalID)
		return nil
	}))
	w.must(w.EachGateway(w.t.Context(), func(f access.Found[access.Gateway]) error {
		names[f.State.ID] = f.State.Name
		out = append(out, f.State.Name)
		return nil
	}))
	all, err := access.All[access.Resource](w.t.Context(), w.Subjects, "res/")
	w.must(err)
	for _, r := range all {
		out = append(out, names[r.AccountID+r.GatewayID]+"/"+r.Name+fmt.Sprint(r.Roles))
	}
	return strings.Join(out, " ")
}

var errCrash = errors.New("the server was cut off")
