package access

import (
	"bytes"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestRequestIsApprovedThenActiveThenExpires(t *testing.T) {
	w := newWorld(t)
	s := NewSchedule(w.Service)
	r := w.ask(3600)
	w.must(s.Load(t.Context()))
	w.pass(10 * time.Minute)
	r, err := w.review(w.admin, r.ID, ReviewRequest{Decision: DecisionApprove, Comment: "ok"})
	w.must(err)
	if r.Status != StatusApproved || !r.Grant.StartsAt.Equal(w.now()) || r.Grant.ExpiresAt.Sub(r.Grant.StartsAt) != time.Hour {
		t.Fatalf("approved: %+v", r)
	}
	w.must(s.Load(t.Context())) // as after a restart
	w.must(s.Advance(t.Context()))
	if r, _ = w.Request(t.Context(), r.ID); r.Status != StatusActive {
		t.Fatalf("at its start it is %s", r.Status)
	}
	w.pass(time.Hour - time.Second)
	w.must(s.Advance(t.Context()))
	if r, _ = w.Request(t.Context(), r.ID); r.Status != StatusActive {
		t.Fatalf("a second before its end it is %s", r.Status)
	}
	w.pass(time.Second)
	w.must(s.Advance(t.Context()))
	if r, _ = w.Request(t.Context(), r.ID); r.Status != StatusExpired {
		t.Fatalf("at its end it is %s", r.Status)
	}
	if !s.Next().IsZero() {
		t.Fatal("something is still due")
	}
	last := w.log.changes[len(w.log.changes)-1]
	if last.Actor.Kind != ActorSystem || last.Type != string(EventExpired) {
		t.Fatalf("last entry: %+v", last)
	}
}

func TestUndecidedRequestTimesOut(t *testing.T) {
	w := newWorld(t)
	r := w.ask(3600)
	s := NewSchedule(w.Service)
	w.must(s.Load(t.Context()))
	w.pass(24*time.Hour - time.Second)
	w.must(s.Advance(t.Context()))
	if r, _ = w.Request(t.Context(), r.ID); r.Status != StatusPending {
		t.Fatalf("too early: %s", r.Status)
	}
	w.pass(time.Second)
	_, err := w.review(w.admin, r.ID, ReviewRequest{Decision: DecisionApprove})
	w.wants(err, CodeConflict, "requestId")
	w.must(s.Advance(t.Context()))
	if r, _ = w.Request(t.Context(), r.ID); r.Status != StatusTimedOut {
		t.Fatalf("got %s", r.Status)
	}
}

func TestScheduledStart(t *testing.T) {
	w := newWorld(t)
	in := w.request(3600)
	start := w.now().Add(5 * time.Hour)
	in.StartsAt = &start
	r, err := w.CreateRequest(t.Context(), w.dev, in)
	w.must(err)
	r, err = w.review(w.admin, r.ID, ReviewRequest{Decision: DecisionApprove, Duration: 1800})
	w.must(err)
	if !r.Grant.StartsAt.Equal(start) || !r.Grant.ExpiresAt.Equal(start.Add(30*time.Minute)) || r.Duration != 3600 || r.GrantedDuration() != 1800 {
		t.Fatalf("grant %+v, duration %d", r.Grant, r.Duration)
	}
	s := NewSchedule(w.Service)
	w.must(s.Load(t.Context()))
	if !s.Next().Equal(start) {
		t.Fatalf("next step at %s", s.Next())
	}
}

func TestWhoMayDoWhat(t *testing.T) {
	w := newWorld(t)
	r := w.ask(3600)
	own, err := w.CreateRequest(t.Context(), w.admin, w.request(3600))
	w.must(err)
	other := Actor{Kind: ActorUser, ID: "usr_other", Name: "Other"}
	service := Actor{Kind: ActorService, ID: "svc_1", Name: "bot", Scopes: []string{"admin"}}
	approve := ReviewRequest{Decision: DecisionApprove}
	for name, tc := range map[string]struct {
		do   func() error
		code Code
	}{
		"own request":          {func() error { _, err := w.review(w.admin, own.ID, approve); return err }, CodeSelfReview},
		"no administrator":     {func() error { _, err := w.review(w.dev, r.ID, approve); return err }, CodeSelfReview},
		"a stranger":           {func() error { _, err := w.review(other, r.ID, approve); return err }, CodeNotFound},
		"a service":            {func() error { _, err := w.review(service, r.ID, approve); return err }, CodeForbidden},
		"cancel another's":     {func() error { _, err := w.CancelRequest(t.Context(), w.admin, r.ID, Basis{}); return err }, CodeForbidden},
		"a stranger cancels":   {func() error { _, err := w.CancelRequest(t.Context(), other, r.ID, Basis{}); return err }, CodeNotFound},
		"revoke one's own":     {func() error { _, err := w.RevokeRequest(t.Context(), w.dev, r.ID, "x", Basis{}); return err }, CodeForbidden},
		"close before its use": {func() error { _, err := w.CloseRequest(t.Context(), w.dev, r.ID, Basis{}); return err }, CodeConflict},
		"a service asks":       {func() error { _, err := w.CreateRequest(t.Context(), service, w.request(60)); return err }, CodeForbidden},
		"edit another's": {func() error {
			_, err := w.UpdateRequest(t.Context(), w.admin, r.ID, RequestPatch{}, Basis{})
			return err
		}, CodeForbidden},
	} {
		before := len(w.log.changes)
		if err := tc.do(); CodeOf(err) != tc.code {
			t.Errorf("%s: got %v, want %s", name, err, tc.code)
		}
		if len(w.log.changes) != before {
			t.Errorf("%s: something was changed", name)
		}
	}
}

func TestADecisionIsTakenOnce(t *testing.T) {
	w := newWorld(t)
	r := w.ask(3600)
	decisions := []Decision{DecisionApprove, DecisionDeny, DecisionApprove, DecisionDeny, DecisionApprove, DecisionDeny, DecisionApprove, DecisionDeny}
	errs := make([]error, len(decisions))
	var wg sync.WaitGroup
	for i, d := range decisions {
		wg.Go(func() {
			by := w.admin
			if i%2 == 1 {
				by = w.boss
			}
			_, errs[i] = w.review(by, r.ID, ReviewRequest{Decision: d})
		})
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		switch {
		case err == nil:
			won++
		case CodeOf(err) != CodeConflict || !strings.Contains(err.Error(), "already"):
			t.Errorf("a loser got %v", err)
		}
	}
	if won != 1 {
		t.Fatalf("%d decisions were taken", won)
	}
}

func TestTheSecondClickHearsWhoDecided(t *testing.T) {
	w := newWorld(t)
	r := w.ask(3600)
	_, err := w.review(w.admin, r.ID, ReviewRequest{Decision: DecisionDeny, Comment: "no"})
	w.must(err)
	_, err = w.review(w.boss, r.ID, ReviewRequest{Decision: DecisionApprove})
	if err == nil || !strings.Contains(err.Error(), "already denied by Ada") {
		t.Fatalf("got %v", err)
	}
}

func TestExtension(t *testing.T) {
	w := newWorld(t)
	r := w.ask(3600)
	s := NewSchedule(w.Service)
	_, err := w.review(w.admin, r.ID, ReviewRequest{Decision: DecisionApprove})
	w.must(err)
	w.must(s.Load(t.Context()))
	w.must(s.Advance(t.Context()))
	_, err = w.ExtendRequest(t.Context(), w.dev, r.ID, 7*3600+1, "more", Basis{})
	w.wants(err, CodeInvalid, "duration")
	_, err = w.ExtendRequest(t.Context(), w.dev, r.ID, 7200, "more", Basis{})
	w.must(err)
	_, err = w.ExtendRequest(t.Context(), w.dev, r.ID, 60, "again", Basis{})
	w.wants(err, CodeConflict, "requestId")
	_, err = w.review(w.dev, r.ID, ReviewRequest{Decision: DecisionApprove})
	w.wants(err, CodeSelfReview, "requestId")
	_, err = w.review(w.admin, r.ID, ReviewRequest{Decision: DecisionApprove, Duration: 7201})
	w.wants(err, CodeInvalid, "duration")
	r, err = w.review(w.admin, r.ID, ReviewRequest{Decision: DecisionApprove, Duration: 1800})
	w.must(err)
	if r.Status != StatusActive || r.Extension != nil || r.Grant.ExpiresAt.Sub(r.Grant.StartsAt) != 90*time.Minute {
		t.Fatalf("extended: %+v", r)
	}
	_, err = w.ExtendRequest(t.Context(), w.dev, r.ID, 600, "and more", Basis{})
	w.must(err)
	r, err = w.review(w.boss, r.ID, ReviewRequest{Decision: DecisionDeny, Comment: "enough"})
	w.must(err)
	if r.Status != StatusActive || r.Extension != nil || r.Grant.ExpiresAt.Sub(r.Grant.StartsAt) != 90*time.Minute {
		t.Fatalf("a denied extension must change nothing else: %+v", r)
	}
}

// Where the setting was lowered while a request or an extension waited, nobody gives more
// than is allowed by now.
func TestTheLongestAccessIsThatOfNow(t *testing.T) {
	w := newWorld(t)
	pending, active := w.ask(4*3600), w.active(3600)
	_, err := w.ExtendRequest(t.Context(), w.dev, active.ID, 2*3600, "more", Basis{})
	w.must(err)
	w.opts.MaxDuration = 2 * time.Hour
	if l := w.Limits(); l.MaxDuration != 2*time.Hour || l.MinDuration != time.Minute {
		t.Errorf("limits: %+v", l)
	}
	_, err = w.review(w.admin, pending.ID, ReviewRequest{Decision: DecisionApprove})
	w.wants(err, CodeInvalid, "duration")
	_, err = w.review(w.admin, active.ID, ReviewRequest{Decision: DecisionApprove})
	w.wants(err, CodeInvalid, "duration")
	r, err := w.review(w.admin, pending.ID, ReviewRequest{Decision: DecisionApprove, Duration: 2 * 3600})
	w.must(err)
	if r.GrantedDuration() != 2*3600 || r.Duration != 4*3600 {
		t.Errorf("granted %d of %d", r.GrantedDuration(), r.Duration)
	}
	r, err = w.review(w.admin, active.ID, ReviewRequest{Decision: DecisionApprove, Duration: 3600})
	w.must(err)
	if r.GrantedDuration() != 2*3600 {
		t.Errorf("extended to %d", r.GrantedDuration())
	}
}

// What time has ended stays ended, also before that is written down.
func TestNothingHappensAfterTheEnd(t *testing.T) {
	w := newWorld(t)
	late := w.ask(3600)
	w.pass(24 * time.Hour)
	reason := "better"
	_, err := w.UpdateRequest(t.Context(), w.dev, late.ID, RequestPatch{Reason: &reason}, Basis{})
	w.wants(err, CodeConflict, "requestId")
	_, err = w.review(w.admin, late.ID, ReviewRequest{Decision: DecisionApprove})
	w.wants(err, CodeConflict, "requestId")

	r := w.ask(3600)
	_, err = w.review(w.admin, r.ID, ReviewRequest{Decision: DecisionApprove})
	w.must(err)
	_, err = w.takeDue(t.Context(), r.ID)
	w.must(err)
	_, err = w.ExtendRequest(t.Context(), w.dev, r.ID, 600, "more", Basis{})
	w.must(err)
	w.pass(time.Hour)
	_, err = w.review(w.admin, r.ID, ReviewRequest{Decision: DecisionApprove})
	w.wants(err, CodeConflict, "requestId")
	_, err = w.takeDue(t.Context(), r.ID)
	w.must(err)
	if r, err = w.Request(t.Context(), r.ID); err != nil || r.Status != StatusExpired {
		t.Errorf("%s, %v", r.Status, err)
	}
}

func TestEndsOfARequest(t *testing.T) {
	w := newWorld(t)
	active := func() Request {
		r := w.ask(3600)
		_, err := w.review(w.admin, r.ID, ReviewRequest{Decision: DecisionApprove})
		w.must(err)
		_, err = w.takeDue(t.Context(), r.ID)
		w.must(err)
		w.pass(time.Minute)
		return r
	}
	closed, err := w.CloseRequest(t.Context(), w.dev, active().ID, Basis{})
	w.must(err)
	revoked, err := w.RevokeRequest(t.Context(), w.boss, active().ID, "incident over", Basis{})
	w.must(err)
	canceled, err := w.CancelRequest(t.Context(), w.dev, w.ask(60).ID, Basis{})
	w.must(err)
	if closed.Status != StatusClosed || revoked.Status != StatusRevoked || revoked.Outcome != "incident over" || canceled.Status != StatusCanceled {
		t.Fatalf("%s %s %s", closed.Status, revoked.Status, canceled.Status)
	}
	if !closed.Grant.ExpiresAt.Equal(w.now().Add(-time.Minute)) {
		t.Fatalf("a closed grant ends when it is closed, not at %s", closed.Grant.ExpiresAt)
	}
}

func TestIdempotencyKey(t *testing.T) {
	w := newWorld(t)
	in := w.request(3600)
	in.IdempotencyKey = new("k")
	first, err := w.CreateRequest(t.Context(), w.dev, in)
	w.must(err)
	again, err := w.CreateRequest(t.Context(), w.dev, in)
	w.must(err)
	other, err := w.CreateRequest(t.Context(), w.admin, in)
	w.must(err)
	if first.ID != again.ID || other.ID == first.ID {
		t.Fatalf("%s %s %s", first.ID, again.ID, other.ID)
	}
	in.IdempotencyKey = new("raced")
	w.log.raceOn = func(c Change) {
		_, err := w.log.Append(t.Context(), c)
		w.must(err)
	}
	if _, err = w.CreateRequest(t.Context(), w.dev, in); err != nil {
		t.Fatalf("a race for one key: %v", err)
	}
}

func TestBadRequests(t *testing.T) {
	w := newWorld(t)
	past, far := w.now().Add(-time.Hour), w.now().Add(31*24*time.Hour)
	for name, tc := range map[string]struct {
		change func(*NewRequest)
		code   Code
		field  string
	}{
		"no items":         {func(r *NewRequest) { r.Items = nil }, CodeInvalid, "items"},
		"twice":            {func(r *NewRequest) { r.Items = append(r.Items, r.Items[0]) }, CodeInvalid, "items.1.resourceId"},
		"too many":         {func(r *NewRequest) { r.Items = make([]ItemRef, 21) }, CodeInvalid, "items"},
		"unknown resource": {func(r *NewRequest) { r.Items[0].ResourceID = "res_x" }, CodeNotFound, "items.0.resourceId"},
		"not a resource":   {func(r *NewRequest) { r.Items[0].ResourceID = w.account.ID }, CodeNotFound, "items.0.resourceId"},
		"unknown role":     {func(r *NewRequest) { r.Items[0].Role = "owner" }, CodeInvalid, "items.0.role"},
		"no role":          {func(r *NewRequest) { r.Items[0].Role = "" }, CodeInvalid, "items.0.role"},
		"zero duration":    {func(r *NewRequest) { r.Duration = 0 }, CodeInvalid, "duration"},
		"negative":         {func(r *NewRequest) { r.Duration = -60 }, CodeInvalid, "duration"},
		"too long":         {func(r *NewRequest) { r.Duration = 8*3600 + 1 }, CodeInvalid, "duration"},
		"in the past":      {func(r *NewRequest) { r.StartsAt = &past }, CodeInvalid, "startsAt"},
		"too far ahead":    {func(r *NewRequest) { r.StartsAt = &far }, CodeInvalid, "startsAt"},
		"no reason":        {func(r *NewRequest) { r.Reason = " \n" }, CodeInvalid, "reason"},
		"long reason":      {func(r *NewRequest) { r.Reason = strings.Repeat("é", 1001) }, CodeInvalid, "reason"},
		"control":          {func(r *NewRequest) { r.Ticket = "a\x1b[2J" }, CodeInvalid, "ticket"},
	} {
		in := w.request(3600)
		tc.change(&in)
		before := len(w.log.changes)
		_, err := w.CreateRequest(t.Context(), w.dev, in)
		var e *Error
		if !errors.As(err, &e) || e.Code != tc.code || e.Field != tc.field {
			t.Errorf("%s: got %#v, want %s at %s", name, err, tc.code, tc.field)
		}
		if len(w.log.changes) != before {
			t.Errorf("%s: something was changed", name)
		}
	}
}

func TestEveryAfterImageFollowsFromItsEntry(t *testing.T) {
	w := newWorld(t)
	r := w.ask(3600)
	reason := "other"
	_, err := w.UpdateRequest(t.Context(), w.dev, r.ID, RequestPatch{Reason: &reason}, Basis{})
	w.must(err)
	_, err = w.review(w.admin, r.ID, ReviewRequest{Decision: DecisionApprove})
	w.must(err)
	_, err = w.takeDue(t.Context(), r.ID)
	w.must(err)
	_, err = w.CloseRequest(t.Context(), w.dev, r.ID, Basis{})
	w.must(err)
	states := map[string][]byte{}
	for _, c := range w.log.changes {
		after, err := kinds.Replay(c.Subject, states[c.Subject], c.Type, c.Data)
		w.must(err)
		if !bytes.Equal(after, c.After) {
			t.Fatalf("%s of %s:\n got %s\nwant %s", c.Type, c.Subject, after, c.After)
		}
		states[c.Subject] = after
	}
}

// To save a form unchanged changes nothing: no entry, and the reviews stay.
func TestUpdateThatChangesNothing(t *testing.T) {
	w := newWorld(t)
	r := w.ask(3600)
	before, _ := w.Version(t.Context(), r.ID)
	same, d := r.Reason, r.Duration
	got, err := w.UpdateRequest(t.Context(), w.dev, r.ID, RequestPatch{Reason: &same, Duration: &d, Items: []ItemRef{{r.Items[0].ResourceID, r.Items[0].Role}}}, Basis{})
	w.must(err)
	if v, _ := w.Version(t.Context(), r.ID); v != before || !got.UpdatedAt.Equal(r.UpdatedAt) {
		t.Errorf("version %d after %d", v, before)
	}
	name := "Renamed DB"
	_, _, err = w.UpdateResource(t.Context(), w.admin, w.db.ID, ResourcePatch{Name: &name})
	w.must(err)
	_, err = w.UpdateRequest(t.Context(), w.dev, r.ID, RequestPatch{Reason: &same, Items: []ItemRef{{r.Items[0].ResourceID, r.Items[0].Role}}}, Basis{})
	w.must(err)
	if v, _ := w.Version(t.Context(), r.ID); v != before {
		t.Errorf("version %d: what was renamed is another wish", v)
	}
	shorter := Seconds(1800)
	got, err = w.UpdateRequest(t.Context(), w.dev, r.ID, RequestPatch{Duration: &shorter}, Basis{})
	w.must(err)
	if v, _ := w.Version(t.Context(), r.ID); v != before+1 || got.Duration != shorter {
		t.Errorf("version %d: %+v", v, got)
	}
}
