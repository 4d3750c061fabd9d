package access

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"procyon/store"
)

// An approver's shorter time counts whatever the servers' clocks say.
func TestAShorterExtensionUnderClockSkew(t *testing.T) {
	w := newWorld(t)
	r := w.active(3600)
	w.pass(20 * time.Second) // the server that takes the extension is ahead
	_, err := w.ExtendRequest(t.Context(), w.dev, r.ID, 4*3600, "more", Basis{})
	w.must(err)
	w.pass(-15 * time.Second)
	in := seenAt(2, SubjectExtension, DecisionApprove)
	in.Duration = 900
	after, err := w.ReviewRequest(t.Context(), w.boss, r.ID, in)
	w.must(err)
	if got := after.Grant.ExpiresAt.Sub(r.Grant.ExpiresAt); got != 15*time.Minute {
		t.Errorf("the end moved by %s", got)
	}
}

// A server of an earlier release that still writes drops the version: then no version
// that anybody saw before is the present one.
func TestAnEarlierReleaseWritesBesides(t *testing.T) {
	w := newWorld(t)
	r := w.ask(300)
	longer := Seconds(600)
	_, err := w.UpdateRequest(t.Context(), w.dev, r.ID, RequestPatch{Duration: &longer}, Basis{})
	w.must(err)
	doc := w.log.docs[r.ID]
	var state map[string]any
	w.must(json.Unmarshal(doc.Data, &state))
	delete(state, "termsVersion")
	state["duration"] = 8 * 3600
	after, err := json.Marshal(state)
	w.must(err)
	_, err = w.log.Append(t.Context(), Change{Subject: r.ID, Version: doc.Version + 1, At: w.now(), Actor: w.dev, Type: string(EventUpdated), Data: []byte("{}"), After: after})
	w.must(err)
	for _, v := range []uint64{1, 2} {
		_, err = w.ReviewRequest(t.Context(), w.boss, r.ID, seenAt(v, SubjectRequest, DecisionApprove))
		w.wants(err, CodeConflict, "expectedVersion")
	}
	if r, _ = w.Request(t.Context(), r.ID); r.Version() != 3 {
		t.Errorf("version %d", r.Version())
	}
}

// What finishes a disabling late says nothing of the next one, and enabling undoes none
// that came meanwhile.
func TestDisablingsDoNotMix(t *testing.T) {
	disable := func(w *world) { // and crash right behind it
		w.log.fail = func(c Change) error {
			if KindOf(c.Subject) == KindRequest {
				return errors.New("crashed")
			}
			return nil
		}
		_, _, _ = w.DisableUser(t.Context(), w.admin, w.dev.ID)
		w.log.fail = nil
	}
	for name, late := range map[string]func(w *world, u User) error{
		"finish": func(w *world, u User) error {
			_, _, err := w.finishDisabling(t.Context(), System(), u, 0)
			return err
		},
		"enable": func(w *world, _ User) error {
			_, err := w.EnableUser(t.Context(), w.admin, w.dev.ID)
			if err == nil {
				return errors.New("it enables")
			}
			w.wants(err, CodeConflict, "id")
			return nil
		},
	} {
		w := newWorld(t)
		w.ask(600)
		disable(w)
		u, err := w.User(t.Context(), w.dev.ID)
		w.must(err)
		var race func(c Change)
		race = func(c Change) { // right before the last write of who is late
			if KindOf(c.Subject) != KindUser {
				w.log.raceOn = race
				return
			}
			_, err := w.EnableUser(t.Context(), w.admin, w.dev.ID)
			w.must(err)
			w.ask(600)
			disable(w)
		}
		w.log.raceOn = race
		w.must(late(w, u))
		u, err = w.User(t.Context(), w.dev.ID)
		w.must(err)
		if !u.Disabled || !u.Ending {
			t.Errorf("%s: %+v", name, u)
		}
	}
}

// After the setting was lowered, nothing that waits is on no page.
func TestDeadlinePagesAfterTheSettingChanged(t *testing.T) {
	w := newWorld(t)
	var want []string
	ask := func(s *Service) {
		r, err := s.CreateRequest(t.Context(), w.dev, w.request(600))
		w.must(err)
		want = append(want, r.ID)
		w.pass(time.Minute)
	}
	for range 3 {
		ask(w.Service)
	}
	opts := w.opts
	opts.DecideIn = time.Hour
	sooner := New(w.Subjects, opts)
	for range 3 {
		ask(sooner)
	}
	for name, s := range map[string]*Service{"before": w.Service, "after": sooner} {
		got := w.turn(s, w.admin, RequestFilter{ReviewableByMe: new(true)}, RequestOrder{Deadline: true}, store.Page{First: 2})
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}

// A role that went under an earlier release cuts no running access, but refuses what is
// to begin, and an extension.
func TestALostRoleCutsNothingByItself(t *testing.T) {
	w := newWorld(t)
	pending, active, extending := w.ask(600), w.active(600), w.active(600)
	_, err := w.ExtendRequest(t.Context(), w.dev, extending.ID, 600, "more", Basis{})
	w.must(err)
	r, err := w.Resource(t.Context(), w.db.ID)
	w.must(err)
	before := r
	r.Roles = []string{"writer"}
	w.must(w.commit(t.Context(), w.admin, r.ID, 2, updated(r), &before))
	_, err = w.ExtendRequest(t.Context(), w.dev, active.ID, 600, "more", Basis{})
	if w.wants(err, CodeConflict, "requestId"); !strings.Contains(err.Error(), "ends as planned. The resource Orders DB has no role reader any more.") {
		t.Errorf("%v", err)
	}
	s := NewSchedule(w.Service)
	w.must(s.Load(t.Context()))
	w.must(s.Advance(t.Context()))
	for id, want := range map[string]string{pending.ID: "CANCELED", active.ID: "ACTIVE", extending.ID: "ACTIVE"} {
		r, err := w.Request(t.Context(), id)
		w.must(err)
		if got := string(r.Status); got != want || r.Extension != nil {
			t.Errorf("a request is %s (%+v), want %s", got, r.Extension, want)
		}
	}
}

// What shows nothing says nothing, and names hold nothing that can't be seen.
func TestInvisibleText(t *testing.T) {
	w := newWorld(t)
	w.opts.MinReason = 5
	for name, reason := range map[string]string{
		"zero width": strings.Repeat("\u200b", 20), "left to right": strings.Repeat("\u200e", 20), "braille blank": strings.Repeat("\u2800", 20),
		"filler": strings.Repeat("\u3164", 20), "mostly": "ab" + strings.Repeat("\u200b", 20), "accents alone": strings.Repeat("\u0301", 20),
	} {
		in := w.request(600)
		in.Reason = reason
		if _, err := w.CreateRequest(t.Context(), w.dev, in); CodeOf(err) != CodeInvalid {
			t.Errorf("a reason of %s: %v", name, err)
		}
	}
	in := w.request(600)
	in.Reason = "copied\u200b from\u00ad somewhere\u2028else 👩\u200d💻"
	r, err := w.CreateRequest(t.Context(), w.dev, in)
	w.must(err)
	if r.Reason != "copied from somewhere\nelse 👩\u200d💻" {
		t.Errorf("%q", r.Reason)
	}
	for _, name := range []string{"A\u2028B", "A\u200bB", "A\u00adB", "A\u061cB", "\u2800", "A\u202eB"} {
		if _, err := w.CreateGateway(t.Context(), w.admin, NewGateway{Name: name}); CodeOf(err) != CodeInvalid {
			t.Errorf("a gateway named %q: %v", name, err)
		}
	}
}

// A name or a ticket that reads like a sentence of ours is told apart from one.
func TestNamesThatImitate(t *testing.T) {
	w := newWorld(t)
	w.dev.Name = "Nobody changed anything”. Go on. “"
	r := w.ask(300)
	eight, ticket := Seconds(8*3600), "OPS-1; duration: 8 hours → 5 minutes. It now asks as you saw it"
	_, err := w.UpdateRequest(t.Context(), w.dev, r.ID, RequestPatch{Duration: &eight, Ticket: &ticket}, Basis{})
	w.must(err)
	_, err = w.ReviewRequest(t.Context(), w.admin, r.ID, seenAt(1, SubjectRequest, DecisionApprove))
	w.wants(err, CodeConflict, "expectedVersion")
	for _, want := range []string{"dev@example.com (“Nobody changed anything'. Go on. '”) changed", "ticket: none → “" + ticket + "”"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %q", err, want)
		}
	}
}

// What was made with a key and deleted is not given back; one ending that fails holds up
// no other.
func TestEndingsInDetail(t *testing.T) {
	w := newWorld(t)
	g, err := w.CreateGateway(t.Context(), w.admin, NewGateway{Name: "Berlin", IdempotencyKey: new("k")})
	w.must(err)
	w.must(w.DeleteGateway(t.Context(), w.admin, g.ID))
	_, err = w.CreateGateway(t.Context(), w.admin, NewGateway{Name: "Berlin", IdempotencyKey: new("k")})
	w.wants(err, CodeConflict, "idempotencyKey")

	stuck, free := w.ask(600), w.ask(600)
	w.log.fail = func(c Change) error {
		if c.Subject == stuck.ID {
			return errors.New("can't be written")
		}
		return nil
	}
	_, ended, err := w.DisableUser(t.Context(), w.admin, w.dev.ID)
	if err == nil || ended.Count != 1 {
		t.Errorf("%+v, %v", ended, err)
	}
	if r, _ := w.Request(t.Context(), free.ID); r.Open() {
		t.Error("one that fails holds up another")
	}
}
