package catalogimport

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"procyon/access"
	"procyon/store"
)

// many is a file of some accounts with some resources each.
func many(accounts, resources int) string {
	var b strings.Builder
	b.WriteString(header)
	for i := range accounts {
		for j := range resources {
			fmt.Fprintf(&b, "resource,r%d,,,DATABASE,a%d,,reader\n", j, i)
		}
		fmt.Fprintf(&b, "account,a%d,AWS,%d,,,,\n", i, i)
	}
	return b.String()
}

// A server that is cut off at any row leaves the rest to another, and each row is put once.
func TestAnyServerFinishes(t *testing.T) {
	w := newWorld(t)
	st := w.check(many(4, 150))
	w.start(st.ID)
	before := w.Head()
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 12 {
		var left atomic.Int64
		left.Store(rnd.Int64N(120))
		w.log.before = func(access.Change) error {
			if left.Add(-1) < 0 {
				return errCrash
			}
			return nil
		}
		if err := w.server().Work(t.Context()); err == nil {
			break
		}
		w.pass(heldFor)
	}
	w.log.before = nil
	w.must(w.server().Work(t.Context()))
	got := w.get(st.ID)
	if got.Status != Done || got.Progress != (Progress{Applied: 604}) {
		t.Fatalf("%+v", got)
	}
	if n := w.Head() - before; n != 604+1 {
		t.Errorf("%d entries, want one for each row and one for the end", n)
	}
	if n := len(w.rows(st.ID, RowFilter{Outcomes: []Outcome{OutcomeApplied}})); n != 604 {
		t.Errorf("%d rows are applied", n)
	}
}

// Two servers at once put each row once; while one works, the other leaves it alone.
func TestOneServerWorks(t *testing.T) {
	w := newWorld(t)
	st := w.check(many(2, 10))
	w.start(st.ID)
	other := w.server()
	var looked atomic.Bool // changes come many at once
	w.log.before = func(access.Change) error {
		if looked.CompareAndSwap(false, true) {
			if err := other.Work(t.Context()); err != nil {
				t.Error(err)
			}
			r, _, err := other.record(t.Context(), st.ID)
			if err != nil || r.HeldBy != w.imports.worker {
				t.Errorf("held by %s: %v", r.HeldBy, err)
			}
		}
		return nil
	}
	w.must(w.imports.Work(t.Context()))
	if got := w.get(st.ID); got.Status != Done || got.Progress.Applied != 22 {
		t.Errorf("%+v", got)
	}
}

// A server that was held up past its time finds that another went on, and leaves it alone.
func TestAServerThatWasHeldUp(t *testing.T) {
	w := newWorld(t)
	st := w.check(many(2, 10))
	w.start(st.ID)
	other := w.server()
	var overtaken atomic.Bool
	w.log.before = func(access.Change) error {
		if overtaken.CompareAndSwap(false, true) {
			w.pass(heldFor)
			return other.Work(t.Context())
		}
		return nil
	}
	w.must(w.imports.Work(t.Context()))
	if got := w.get(st.ID); got.Status != Done || got.Progress.Applied != 22 || got.Progress.Refused != 0 {
		t.Errorf("%+v", got)
	}
	if got := w.catalog(); strings.Count(got, "/r") != 20 {
		t.Error(got)
	}
}

// What others did since the check stays, and is told row by row.
func TestWhatChangedSinceTheCheckStays(t *testing.T) {
	w := newWorld(t)
	first := w.check("type,name,kind,roles\nresource,a,PRIVATE_SERVER,x\nresource,b,PRIVATE_SERVER,x\nresource,c,PRIVATE_SERVER,x\n")
	w.start(first.ID)
	w.must(w.imports.Work(t.Context()))
	st := w.check("type,name,kind,roles\nresource,a,PRIVATE_SERVER,y\nresource,b,PRIVATE_SERVER,y\nresource,c,PRIVATE_SERVER,y\nresource,d,PRIVATE_SERVER,y\nresource,e,PRIVATE_SERVER,y\n")
	id := func(name string) string {
		r, err := w.ResourceNamed(t.Context(), "", name)
		w.must(err)
		return r.State.ID
	}
	_, _, err := w.UpdateResource(t.Context(), w.ada, id("a"), access.ResourcePatch{Roles: []string{"z"}})
	w.must(err)
	_, err = w.DeleteResource(t.Context(), w.ada, id("b"), false)
	w.must(err)
	_, err = w.CreateResource(t.Context(), w.ada, access.NewResource{Name: "D", Kind: access.ResourcePrivateServer})
	w.must(err)
	w.start(st.ID)
	w.must(w.imports.Work(t.Context()))
	want := []string{
		"2 CHANGED roles: added y; removed x REFUSEDIt was changed since the file was checked, so it stays as it is. Check the file again.",
		"3 CHANGED roles: added y; removed x REFUSEDIt was deleted since the file was checked.",
		"4 CHANGED roles: added y; removed x APPLIED",
		"5 NEW REFUSEDThere is already a resource named \"d\" there.",
		"6 NEW APPLIED",
	}
	if got := w.rows(st.ID, RowFilter{}); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got := w.get(st.ID); got.Status != Done || got.Progress != (Progress{2, 3}) {
		t.Errorf("%+v", got)
	}
	if got := w.catalog(); got != "/a[z] /c[y] /D[] /e[y]" {
		t.Error(got)
	}
}

// An import goes no further than its author's rights, nor past being stopped.
func TestImportsThatAreStopped(t *testing.T) {
	for name, stop := range map[string]func(w *world, id string) error{
		"its author is no administrator any more": func(w *world, _ string) error {
			_, err := w.SetAdmin(w.t.Context(), access.System(), w.ada.ID, false)
			return err
		},
		"it is stopped": func(w *world, id string) error {
			_, err := w.imports.Stop(w.t.Context(), w.ada, id)
			return err
		},
	} {
		w := newWorld(t)
		_, err := w.CreateUser(t.Context(), access.System(), access.NewUser{Email: "bo@example.com", Name: "Bo", Admin: true})
		w.must(err)
		st := w.check(many(1, 3*partSize))
		w.start(st.ID)
		var put atomic.Int64
		w.log.before = func(c access.Change) error {
			if put.Add(1) == 10 {
				return stop(w, st.ID)
			}
			return nil
		}
		w.must(w.imports.Work(t.Context()))
		w.log.before = nil
		got := w.get(st.ID)
		if got.Status != Stopped || got.Why == "" || got.EndedAt.IsZero() || strings.Count(w.catalog(), "/r") > partSize {
			t.Errorf("%s: %+v", name, got)
		}
		if n := len(w.rows(st.ID, RowFilter{Outcomes: []Outcome{OutcomeApplied}})); n == 0 || got.Progress != (Progress{Applied: n}) {
			t.Errorf("%s: %d rows were put, and it says %+v", name, n, got.Progress)
		}
		w.must(w.imports.Work(t.Context()))
		if got := w.get(st.ID); got.Status != Stopped {
			t.Errorf("%s, and went on: %+v", name, got)
		}
	}
}

// An import whose rows are gone ends, and says so.
func TestImportWithoutRows(t *testing.T) {
	w := newWorld(t)
	st := w.check(many(1, 3))
	w.start(st.ID)
	w.must(w.db.Delete(t.Context(), partID(st.ID, 0)))
	w.must(w.imports.Work(t.Context()))
	if got := w.get(st.ID); got.Status != Stopped || !strings.HasPrefix(got.Why, "Its rows are kept no longer.") {
		t.Errorf("%+v", got)
	}
}

// removing lets something happen before the first removal.
type removing struct {
	store.Documents
	before func()
}

func (r *removing) Remove(ctx context.Context, docs ...store.Document) error {
	if before := r.before; before != nil {
		r.before = nil
		before()
	}
	return r.Documents.Remove(ctx, docs...)
}

// An import that begins while its draft is being removed keeps its rows.
func TestAnImportBeginsAsItsDraftExpires(t *testing.T) {
	w := newWorld(t)
	st := w.check(many(1, 3))
	w.pass(keepDrafts + time.Hour)
	_, err := New(w.Service, &removing{w.db, func() { w.start(st.ID) }}).Expire(t.Context())
	w.must(err)
	w.must(w.imports.Work(t.Context()))
	if got := w.get(st.ID); got.Status != Done || got.Progress.Applied != 4 {
		t.Errorf("%+v", got)
	}
}

func TestWhatIsNotStarted(t *testing.T) {
	w := newWorld(t)
	same := "type,name\ngateway,a\n"
	st := w.check(same)
	w.start(st.ID)
	w.must(w.imports.Work(t.Context()))
	wrong, nothing := w.check("type,name\ngateway,\n"), w.check(same)
	other := w.ada
	other.ID = "usr_other"
	for name, c := range map[string]struct {
		by   access.Actor
		id   string
		want access.Code
	}{
		"a wrong row": {w.ada, wrong.ID, access.CodeConflict}, "nothing to do": {w.ada, nothing.ID, access.CodeConflict},
		"nobody's": {w.ada, "imp_none", access.CodeNotFound}, "by somebody else": {other, nothing.ID, access.CodeForbidden},
	} {
		if _, err := w.imports.Start(t.Context(), c.by, c.id); access.CodeOf(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}
