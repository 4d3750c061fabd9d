package access

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"procyon/store"
)

// takings are the ways in which something that a request of Dev's rests on can go.
func takings(w *world) map[string]func() error {
	ctx := w.t.Context()
	return map[string]func() error{
		"the requester is disabled": func() error { _, _, err := w.DisableUser(ctx, w.admin, w.dev.ID); return err },
		"the resource is deleted":   func() error { _, err := w.DeleteResource(ctx, w.admin, w.db.ID, true); return err },
		"the role is taken off": func() error {
			_, _, err := w.UpdateResource(ctx, w.admin, w.db.ID, ResourcePatch{Roles: []string{"writer"}, EndOpenRequests: true})
			return err
		},
	}
}

// What is gone ends the open requests that rest on it, with the reason; what is
// over stays as it is.
func TestWhatIsGoneEndsRequests(t *testing.T) {
	for name := range takings(newWorld(t)) {
		w := newWorld(t)
		soon := w.now().Add(time.Hour)
		pending := w.ask(600)
		in := w.request(600)
		in.StartsAt = &soon
		approved, err := w.CreateRequest(t.Context(), w.dev, in)
		w.must(err)
		_, err = w.review(w.boss, approved.ID, ReviewRequest{Decision: DecisionApprove})
		w.must(err)
		active, over := w.active(600), w.ask(600)
		_, err = w.CancelRequest(t.Context(), w.dev, over.ID, Basis{})
		w.must(err)
		w.must(takings(w)[name]())
		for id, want := range map[string]Status{pending.ID: StatusCanceled, approved.ID: StatusRevoked, active.ID: StatusRevoked, over.ID: StatusCanceled} {
			r, err := w.Request(t.Context(), id)
			w.must(err)
			if r.Status != want || (r.Outcome == "") != (id == over.ID) {
				t.Errorf("%s: a request is %s (%s), want %s", name, r.Status, r.Outcome, want)
			}
		}
		last := w.log.changes[len(w.log.changes)-1]
		if KindOf(last.Subject) == KindRequest && last.Actor.ID != w.admin.ID {
			t.Errorf("%s: the end is %s's", name, last.Actor.Name)
		}
	}
}

// Nothing is asked for, changed, approved, begun or extended while what it rests on
// goes: also where that happens between the decision and its commit.
func TestNothingBeginsForWhatIsGone(t *testing.T) {
	reason := "another"
	for name := range takings(newWorld(t)) {
		for step, tc := range map[string]struct {
			prepare func(w *world) string
			do      func(w *world, id string) error
		}{
			"create": {func(*world) string { return "" }, func(w *world, _ string) error {
				_, err := w.CreateRequest(t.Context(), w.dev, w.request(600))
				return err
			}},
			"update": {func(w *world) string { return w.ask(600).ID }, func(w *world, id string) error {
				_, err := w.UpdateRequest(t.Context(), w.dev, id, RequestPatch{Reason: &reason}, Basis{})
				return err
			}},
			"approve": {func(w *world) string { return w.ask(600).ID }, func(w *world, id string) error {
				_, err := w.ReviewRequest(t.Context(), w.boss, id, seenAt(1, SubjectRequest, DecisionApprove))
				return err
			}},
			"begin": {func(w *world) string {
				id := w.ask(600).ID
				_, err := w.review(w.boss, id, ReviewRequest{Decision: DecisionApprove})
				w.must(err)
				return id
			}, func(w *world, id string) error { _, err := w.takeDue(t.Context(), id); return err }},
			"ask to extend": {func(w *world) string { return w.active(600).ID }, func(w *world, id string) error {
				_, err := w.ExtendRequest(t.Context(), w.dev, id, 600, "more", Basis{})
				return err
			}},
			"extend": {func(w *world) string {
				id := w.active(600).ID
				_, err := w.ExtendRequest(t.Context(), w.dev, id, 600, "more", Basis{})
				w.must(err)
				return id
			}, func(w *world, id string) error {
				_, err := w.ReviewRequest(t.Context(), w.boss, id, seenAt(2, SubjectExtension, DecisionApprove))
				return err
			}},
		} {
			w := newWorld(t)
			id := tc.prepare(w)
			n := len(w.log.changes)
			w.log.raceOn = func(Change) { // only the taking itself: a crash right behind it
				w.log.fail = func(c Change) error {
					if KindOf(c.Subject) == KindRequest {
						return errors.New("crashed")
					}
					return nil
				}
				_ = takings(w)[name]()
				w.log.fail = nil
			}
			err := tc.do(w, id)
			if step != "begin" && err == nil {
				t.Errorf("%s while somebody is about to %s: nothing is said", name, step)
			}
			for _, c := range w.log.changes[n:] {
				if KindOf(c.Subject) == KindRequest && c.Type != string(EventCanceled) && c.Type != string(EventRevoked) {
					t.Errorf("%s while somebody is about to %s: %s", name, step, c.Type)
				}
			}
		}
	}
}

// Deleting what open requests name is refused, with their number, unless they are to end
// as well; and so is a request that comes at the same moment.
func TestInUse(t *testing.T) {
	w := newWorld(t)
	w.active(600)
	w.ask(600)
	_, err := w.DeleteResource(t.Context(), w.admin, w.db.ID, false)
	if w.wants(err, CodeInUse, "resourceId"); !strings.Contains(err.Error(), "2 open requests name it") {
		t.Errorf("%v", err)
	}
	take := ResourcePatch{Roles: []string{"writer"}}
	_, _, err = w.UpdateResource(t.Context(), w.admin, w.db.ID, take)
	w.wants(err, CodeInUse, "roles")
	_, _, err = w.UpdateResource(t.Context(), w.admin, w.db.ID, ResourcePatch{Roles: []string{"reader", "owner"}})
	w.must(err) // nobody asks for the role that goes
	ended, err := w.DeleteResource(t.Context(), w.admin, w.db.ID, true)
	w.must(err)
	if ended.Count != 2 || len(ended.RequestIDs) != 2 {
		t.Errorf("%+v", ended)
	}
	w = newWorld(t)
	w.log.raceOn = func(Change) { w.ask(600) }
	_, err = w.DeleteResource(t.Context(), w.admin, w.db.ID, false)
	w.wants(err, CodeInUse, "resourceId")
	r, err := w.Resource(t.Context(), w.db.ID)
	if w.must(err); r.Deleted {
		t.Error("deleted under a request")
	}
}

// Many end at once, and all are counted; the answer names 100.
func TestManyEnd(t *testing.T) {
	w := newWorld(t)
	w.maxOpen, w.maxPerHour = 0, 0
	for range endingPage + 70 {
		w.ask(600)
	}
	_, ended, err := w.DisableUser(t.Context(), w.admin, w.dev.ID)
	w.must(err)
	if ended.Count != endingPage+70 || len(ended.RequestIDs) != maxEndedIDs {
		t.Errorf("%d ended, %d are named", ended.Count, len(ended.RequestIDs))
	}
}

// A command that a crash cut short is finished by any server, by its schedule: one that
// was there sees the change, one that starts looks.
func TestACrashWhileMuchEnds(t *testing.T) {
	for name := range takings(newWorld(t)) {
		for _, starts := range []bool{false, true} {
			w := newWorld(t)
			s := NewSchedule(New(w.Subjects, w.opts))
			w.must(s.Load(t.Context()))
			ids := []string{w.ask(600).ID, w.active(600).ID, w.ask(600).ID}
			left := 1
			w.log.fail = func(c Change) error {
				if KindOf(c.Subject) == KindRequest {
					if left--; left < 0 {
						return errors.New("crashed")
					}
				}
				return nil
			}
			if err := takings(w)[name](); err == nil {
				t.Fatal("the test's own crash did not happen")
			}
			w.log.fail = nil
			if starts {
				s = NewSchedule(New(w.Subjects, w.opts))
				w.must(s.Load(t.Context()))
			} else {
				for _, c := range w.log.changes {
					w.must(s.Observe(c.Subject, c.After))
				}
			}
			w.must(s.Advance(t.Context())) // those that were found at the start
			w.pass(endingGrace)
			w.must(s.Advance(t.Context()))
			for _, id := range ids {
				if r, _ := w.Request(t.Context(), id); r.Open() {
					t.Errorf("%s, a server that %s: a request stays %s", name, map[bool]string{true: "starts", false: "was there"}[starts], r.Status)
				}
			}
			if w.endedFor[w.dev.ID] != (name == "the requester is disabled") {
				t.Errorf("%s: what other rooms keep for the requester has ended: %v", name, w.endedFor[w.dev.ID])
			}
			u, err := w.User(t.Context(), w.dev.ID)
			if w.must(err); u.Ending {
				t.Errorf("%s: still ending", name)
			}
		}
	}
}

// Who is enabled again gets nothing back, whatever a crash left: it is ended first. A
// server that finishes a disabling late ends nothing of somebody enabled.
func TestEnabledAgain(t *testing.T) {
	w := newWorld(t)
	r := w.active(600)
	w.log.fail = func(c Change) error {
		if KindOf(c.Subject) == KindRequest {
			return errors.New("crashed")
		}
		return nil
	}
	_, _, err := w.DisableUser(t.Context(), w.admin, w.dev.ID)
	if err == nil {
		t.Fatal("the test's own crash did not happen")
	}
	w.log.fail = nil
	before, err := w.User(t.Context(), w.dev.ID)
	w.must(err)
	u, err := w.EnableUser(t.Context(), w.admin, w.dev.ID)
	w.must(err)
	if u.Disabled || u.Ending || u.Epoch != 2 {
		t.Errorf("%+v", u)
	}
	if r, _ = w.Request(t.Context(), r.ID); r.Status != StatusRevoked {
		t.Errorf("it is %s", r.Status)
	}
	again := w.ask(600)
	ended, _, err := w.finishDisabling(t.Context(), System(), before, 0)
	w.must(err)
	if again, _ = w.Request(t.Context(), again.ID); ended.Count != 0 || again.Status != StatusPending {
		t.Errorf("%d ended, one is %s", ended.Count, again.Status)
	}
}

// A right that is lost while somebody decides counts no more.
func TestALostRightDecidesNothing(t *testing.T) {
	for name, lose := range map[string]func(w *world) error{
		"disabled":         func(w *world) error { _, _, err := w.DisableUser(t.Context(), w.admin, w.boss.ID); return err },
		"no administrator": func(w *world) error { _, err := w.SetAdmin(t.Context(), w.admin, w.boss.ID, false); return err },
	} {
		for _, d := range []Decision{DecisionApprove, DecisionDeny} {
			w := newWorld(t)
			r := w.ask(600)
			w.log.raceOn = func(Change) { w.must(lose(w)) }
			_, err := w.ReviewRequest(t.Context(), w.boss, r.ID, seenAt(1, SubjectRequest, d))
			if CodeOf(err) != CodeForbidden {
				t.Errorf("%s: %v", name, err)
			}
			if r, _ = w.Request(t.Context(), r.ID); r.Status != StatusPending {
				t.Errorf("%s: it is %s", name, r.Status)
			}
		}
		w := newWorld(t)
		r := w.active(600)
		w.log.raceOn = func(Change) { w.must(lose(w)) }
		if _, err := w.RevokeRequest(t.Context(), w.boss, r.ID, "over", Basis{}); CodeOf(err) != CodeForbidden {
			t.Errorf("%s revokes: %v", name, err)
		}
	}
}

// The same is not asked for twice, unless somebody insists; part of it is another wish.
func TestDuplicates(t *testing.T) {
	w := newWorld(t)
	server, err := w.CreateResource(t.Context(), w.admin, NewResource{Name: "bastion", Kind: ResourcePrivateServer})
	w.must(err)
	ask := func(by Actor, refs ...ItemRef) (Request, error) {
		return w.CreateRequest(t.Context(), by, NewRequest{Items: refs, Duration: 600, Reason: "x"})
	}
	db, writer, bastion := ItemRef{w.db.ID, "reader"}, ItemRef{w.db.ID, "writer"}, ItemRef{server.ID, ""}
	first, err := ask(w.dev, db, bastion)
	w.must(err)
	for _, refs := range [][]ItemRef{{db}, {bastion}, {bastion, db}} {
		_, err = ask(w.dev, refs...)
		w.wants(err, CodeDuplicate, "items")
		var e *Error
		if !errors.As(err, &e) || e.Subject != first.ID || !strings.Contains(e.Message, "waits for a decision") {
			t.Errorf("%+v", e)
		}
	}
	_, err = ask(w.boss, db) // somebody else's
	w.must(err)
	second, err := ask(w.dev, writer)
	w.must(err)
	_, err = w.UpdateRequest(t.Context(), w.dev, second.ID, RequestPatch{Items: []ItemRef{db}}, Basis{})
	w.wants(err, CodeDuplicate, "items")
	_, err = w.UpdateRequest(t.Context(), w.dev, second.ID, RequestPatch{Items: []ItemRef{db}, AllowDuplicate: true}, Basis{})
	w.must(err)
	for _, id := range []string{first.ID, second.ID} {
		_, err = w.CancelRequest(t.Context(), w.dev, id, Basis{})
		w.must(err)
	}
	// Two clicks at once, on two servers: one asks.
	other := New(w.Subjects, w.opts)
	w.log.raceOn = func(Change) {
		_, err := other.CreateRequest(t.Context(), w.dev, NewRequest{Items: []ItemRef{db}, Duration: 600, Reason: "INC-42"})
		w.must(err)
	}
	_, err = ask(w.dev, db)
	w.wants(err, CodeDuplicate, "items")
	in := w.request(600)
	in.AllowDuplicate = true
	_, err = w.CreateRequest(t.Context(), w.dev, in)
	w.must(err)
}

// Things are shown as they are called now, with what they were called when asked for,
// and with what can't be given any more.
func TestNamesOfNow(t *testing.T) {
	w := newWorld(t)
	r := w.ask(600)
	name := "Billing DB"
	_, _, err := w.UpdateResource(t.Context(), w.admin, w.db.ID, ResourcePatch{Name: &name})
	w.must(err)
	_, err = w.RenameAccount(t.Context(), w.admin, w.account.ID, "Finance")
	w.must(err)
	_, err = w.CreateResource(t.Context(), w.admin, NewResource{Name: "Orders DB", Kind: ResourceDatabase, AccountID: w.account.ID}) // has the name now
	w.must(err)
	now, err := w.ItemsNow(t.Context(), r.Items, nil)
	w.must(err)
	if i := now[0][0]; i.ResourceName != name || i.ResourceWas != "Orders DB" || i.AccountName != "Finance" || i.AccountWas != "Production" || i.Missing != "" || len(now[1]) != 0 {
		t.Errorf("%+v", now)
	}
	_, err = w.DeleteResource(t.Context(), w.admin, w.db.ID, true)
	w.must(err)
	if got, err := w.Names(r.Items).Of(t.Context(), 0); err != nil || got[0].Missing != "The resource Billing DB was deleted." || got[0].ResourceName != name {
		t.Errorf("%+v, %v", got, err)
	}
}

// What times out first is listed first, page by page, also where the last of a page is
// decided in between.
func TestReviewableByDeadline(t *testing.T) {
	w := newWorld(t)
	var want []string
	for range 7 {
		want = append(want, w.ask(600).ID)
		w.pass(time.Minute)
	}
	active := w.active(3 * 3600) // ends before the others time out
	_, err := w.ExtendRequest(t.Context(), w.dev, active.ID, 600, "more", Basis{})
	w.must(err)
	late := w.active(8 * 3600)
	_, err = w.CreateRequest(t.Context(), w.admin, w.request(600)) // nobody decides their own
	w.must(err)
	want = append([]string{active.ID}, want...)
	f, o := RequestFilter{ReviewableByMe: new(true)}, RequestOrder{Deadline: true}
	var got []string
	p := store.Page{First: 3}
	for {
		l, err := w.Requests(t.Context(), w.admin, f, o, p)
		w.must(err)
		for _, d := range l.Docs {
			got = append(got, d.ID)
		}
		if !l.Next {
			break
		}
		_, err = w.review(w.boss, l.End.ID, ReviewRequest{Decision: DecisionApprove})
		w.must(err)
		p.After = l.End
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v (without %s)", got, want, late.ID)
	}
	for _, tc := range []struct {
		f RequestFilter
		o RequestOrder
		p store.Page
	}{{RequestFilter{}, o, store.Page{First: 3}}, {f, RequestOrder{Deadline: true, Desc: true}, store.Page{First: 3}}, {f, o, store.Page{Last: 3}}} {
		_, err := w.Requests(t.Context(), w.admin, tc.f, tc.o, tc.p)
		w.wants(err, CodeInvalid, "orderBy")
	}
	if l, err := w.Requests(t.Context(), w.dev, f, o, store.Page{First: 3}); err != nil || len(l.Docs) != 0 {
		t.Errorf("a member decides %v, %v", fmt.Sprint(l.Docs), err)
	}
}
