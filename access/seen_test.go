package access

import (
	"strings"
	"testing"
	"time"
)

// active makes an active request of Dev's.
func (w *world) active(d Seconds) Request {
	w.t.Helper()
	r := w.ask(d)
	_, err := w.review(w.admin, r.ID, ReviewRequest{Decision: DecisionApprove})
	w.must(err)
	_, err = w.takeDue(w.t.Context(), r.ID)
	w.must(err)
	r, err = w.Request(w.t.Context(), r.ID)
	w.must(err)
	return r
}

// What changed is told by the names of now.
func TestWhatChangedIsCalledAsNow(t *testing.T) {
	w := newWorld(t)
	r := w.ask(600)
	longer, name := Seconds(700), "Billing DB"
	_, err := w.UpdateRequest(t.Context(), w.dev, r.ID, RequestPatch{Duration: &longer}, Basis{})
	w.must(err)
	_, _, err = w.UpdateResource(t.Context(), w.admin, w.db.ID, ResourcePatch{Name: &name})
	w.must(err)
	_, err = w.ReviewRequest(t.Context(), w.admin, r.ID, seenAt(1, SubjectRequest, DecisionApprove))
	if w.wants(err, CodeConflict, "expectedVersion"); !strings.Contains(err.Error(), "It now asks for Billing DB as reader") || strings.Contains(err.Error(), "Orders DB") {
		t.Errorf("%v", err)
	}
}

func seenAt(v uint64, of ReviewSubject, d Decision) ReviewRequest {
	return ReviewRequest{Basis: Basis{ExpectedVersion: v}, Subject: of, Decision: d, Comment: "so"}
}

// Whatever changes of the terms, a decision on the earlier ones is refused, and says
// what changed, who did it, and what is asked for now.
func TestADecisionOnEarlierTermsIsRefused(t *testing.T) {
	text, longer := "something else", Seconds(8*3600)
	for name, tc := range map[string]struct {
		patch func(w *world) RequestPatch
		says  []string
	}{
		"items": {func(w *world) RequestPatch { return RequestPatch{Items: []ItemRef{{w.db.ID, "writer"}}} },
			[]string{"items: Orders DB as reader → Orders DB as writer"}},
		"duration": {func(*world) RequestPatch { return RequestPatch{Duration: &longer} }, []string{"duration: 1 hour → 8 hours", "for 8 hours"}},
		"reason":   {func(*world) RequestPatch { return RequestPatch{Reason: &text} }, []string{"reason: “INC-42” → “something else”"}},
		"ticket":   {func(*world) RequestPatch { return RequestPatch{Ticket: &text} }, []string{"ticket: none → “something else”"}},
		"start": {func(w *world) RequestPatch { at := w.now().Add(time.Hour); return RequestPatch{StartsAt: &at} },
			[]string{"start: as soon as it is approved → 2026-11-23 11:00 UTC"}},
	} {
		for _, decision := range []Decision{DecisionApprove, DecisionDeny} {
			w := newWorld(t)
			r := w.ask(3600)
			changed, err := w.UpdateRequest(t.Context(), w.dev, r.ID, tc.patch(w), Basis{})
			w.must(err)
			if changed.Version() != r.Version()+1 {
				t.Errorf("%s: version %d after %d", name, changed.Version(), r.Version())
			}
			w.pass(3 * time.Minute)
			before := w.log.Head()
			_, err = w.ReviewRequest(t.Context(), w.admin, r.ID, seenAt(r.Version(), SubjectRequest, decision))
			w.wants(err, CodeConflict, "expectedVersion")
			for _, want := range append(tc.says, "dev@example.com (“Dev”) changed this request 3 minutes ago", "It now asks for Orders DB as") {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%s: %q does not say %q", name, err.Error(), want)
				}
			}
			if w.log.Head() != before {
				t.Errorf("%s: something was changed", name)
			}
			_, err = w.ReviewRequest(t.Context(), w.admin, r.ID, seenAt(changed.Version(), SubjectRequest, decision))
			w.must(err)
		}
	}
}

// The version is compared in the commit: also with a change that comes while a decision
// is being made.
func TestAChangeWhileADecisionIsMade(t *testing.T) {
	w := newWorld(t)
	r := w.ask(3600)
	longer := Seconds(8 * 3600)
	w.log.raceOn = func(Change) {
		_, err := w.UpdateRequest(t.Context(), w.dev, r.ID, RequestPatch{Duration: &longer}, Basis{})
		w.must(err)
	}
	_, err := w.ReviewRequest(t.Context(), w.admin, r.ID, seenAt(1, SubjectRequest, DecisionApprove))
	w.wants(err, CodeConflict, "expectedVersion")
	if r, _ = w.Request(t.Context(), r.ID); r.Status != StatusPending || len(r.Reviews) != 0 {
		t.Fatalf("it is %s", r.Status)
	}
}

// An approval of a request is none of an extension asked for later, nor the other way.
func TestAnApprovalIsOfItsSubject(t *testing.T) {
	w := newWorld(t)
	r := w.active(3600)
	_, err := w.ExtendRequest(t.Context(), w.dev, r.ID, 3600, "more", Basis{})
	w.must(err)
	for _, v := range []uint64{1, 2} {
		_, err = w.ReviewRequest(t.Context(), w.boss, r.ID, seenAt(v, SubjectRequest, DecisionApprove))
		w.wants(err, CodeConflict, "requestId")
		if !strings.Contains(err.Error(), "already approved by Ada") {
			t.Errorf("version %d: %v", v, err)
		}
	}
	_, err = w.ReviewRequest(t.Context(), w.boss, r.ID, seenAt(1, SubjectExtension, DecisionApprove))
	w.wants(err, CodeConflict, "expectedVersion")
	if !strings.Contains(err.Error(), "asked for an extension just now") || !strings.Contains(err.Error(), "It now asks to keep Orders DB as reader for 1 hour more, until 2026-11-23 12:00 UTC") {
		t.Errorf("%v", err)
	}
	r, err = w.ReviewRequest(t.Context(), w.boss, r.ID, seenAt(2, SubjectExtension, DecisionDeny))
	w.must(err)
	_, err = w.ReviewRequest(t.Context(), w.admin, r.ID, seenAt(2, SubjectExtension, DecisionApprove))
	if w.wants(err, CodeConflict, "requestId"); !strings.Contains(err.Error(), "already denied by Bo") {
		t.Errorf("%v", err)
	}
	// The one denied and the next one are two versions.
	_, err = w.ExtendRequest(t.Context(), w.dev, r.ID, 7200, "even more", Basis{})
	w.must(err)
	_, err = w.ReviewRequest(t.Context(), w.boss, r.ID, seenAt(2, SubjectExtension, DecisionApprove))
	w.wants(err, CodeConflict, "expectedVersion")
	pending := w.ask(60)
	_, err = w.ReviewRequest(t.Context(), w.boss, pending.ID, seenAt(1, SubjectExtension, DecisionApprove))
	w.wants(err, CodeConflict, "subject")
	for _, bad := range []ReviewRequest{seenAt(0, SubjectRequest, DecisionApprove), seenAt(1, "", DecisionApprove)} {
		if _, err = w.ReviewRequest(t.Context(), w.boss, pending.ID, bad); CodeOf(err) != CodeInvalid {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	_, err = w.ReviewRequest(t.Context(), w.boss, pending.ID, seenAt(7, SubjectRequest, DecisionApprove))
	w.wants(err, CodeConflict, "expectedVersion")
}

// Time and reviews leave the version; each change that names one is refused where it is
// another by now.
func TestVersionsOfChanges(t *testing.T) {
	w := newWorld(t)
	r := w.active(3600)
	if r.Version() != 1 {
		t.Errorf("version %d after an approval and its start", r.Version())
	}
	stale := Basis{ExpectedVersion: 1}
	_, err := w.ExtendRequest(t.Context(), w.dev, r.ID, 600, "more", stale)
	w.must(err)
	_, err = w.RevokeRequest(t.Context(), w.boss, r.ID, "over", stale)
	w.wants(err, CodeConflict, "expectedVersion")
	_, err = w.CloseRequest(t.Context(), w.dev, r.ID, stale)
	w.wants(err, CodeConflict, "expectedVersion")
	text := "x"
	pending := w.ask(600)
	_, err = w.UpdateRequest(t.Context(), w.dev, pending.ID, RequestPatch{Ticket: &text}, stale)
	w.must(err)
	text = "y"
	_, err = w.UpdateRequest(t.Context(), w.dev, pending.ID, RequestPatch{Ticket: &text}, stale)
	w.wants(err, CodeConflict, "expectedVersion")
	_, err = w.CancelRequest(t.Context(), w.dev, pending.ID, stale)
	w.wants(err, CodeConflict, "expectedVersion")
	_, err = w.CancelRequest(t.Context(), w.dev, pending.ID, Basis{ExpectedVersion: 2})
	w.must(err)
}

// A reason is asked for in the same places and at the same least length everywhere.
func TestLeastLengthOfReasons(t *testing.T) {
	w := newWorld(t)
	pending, active := w.ask(600), w.active(600)
	w.opts.MinReason = 10
	in := w.request(600)
	in.Reason = "too short"
	_, err := w.CreateRequest(t.Context(), w.dev, in)
	w.wants(err, CodeInvalid, "reason")
	_, err = w.ExtendRequest(t.Context(), w.dev, active.ID, 600, in.Reason, Basis{})
	w.wants(err, CodeInvalid, "reason")
	_, err = w.RevokeRequest(t.Context(), w.boss, active.ID, in.Reason, Basis{})
	w.wants(err, CodeInvalid, "reason")
	deny := seenAt(1, SubjectRequest, DecisionDeny)
	deny.Comment = in.Reason
	_, err = w.ReviewRequest(t.Context(), w.boss, pending.ID, deny)
	w.wants(err, CodeInvalid, "comment")
	if !strings.Contains(err.Error(), "at least 10 characters") {
		t.Errorf("%v", err)
	}
	approve := seenAt(1, SubjectRequest, DecisionApprove)
	approve.Comment = ""
	_, err = w.ReviewRequest(t.Context(), w.boss, pending.ID, approve)
	w.must(err)
}
