package access

import (
	"testing"
	"time"

	"procyon/policy"
)

// TestAnExtensionThatNeedsNobody is had at once, as a request is.
func TestAnExtensionThatNeedsNobody(t *testing.T) {
	w := newWorld(t)
	w.govern(policy.Set{Policies: []policy.Policy{everybody()}})
	w.pass(25 * time.Hour)
	r := w.ask(3600)
	if r.Status != StatusApproved && r.Status != StatusActive {
		t.Fatalf("it is %s", r.Status)
	}
	s := NewSchedule(w.Service)
	w.must(s.Load(t.Context()))
	w.must(s.Advance(t.Context()))
	w.pass(time.Minute)
	r, err := w.ExtendRequest(t.Context(), w.dev, r.ID, 600, "INC-42 goes on", Basis{})
	w.must(err)
	if r.Extension != nil || r.Grant.duration() != 4200 {
		t.Errorf("the extension is %+v, the grant %s", r.Extension, r.Grant.duration().Duration())
	}
	doc, err := w.views.Get(t.Context(), r.ID)
	w.must(err)
	w.must(s.Observe(r.ID, doc[0].Data))
	w.must(s.Advance(t.Context()))
	r, err = w.Request(t.Context(), r.ID)
	w.must(err)
	if r.Status != StatusActive {
		t.Errorf("it is %s", r.Status)
	}
}

// TestAnExtensionOfWhatNobodyReviewed needs all that the policies came to want meanwhile, and
// no more.
func TestAnExtensionOfWhatNobodyReviewed(t *testing.T) {
	w := newWorld(t)
	second := w.person("Second", true)
	w.govern(policy.Set{Policies: []policy.Policy{everybody()}})
	w.pass(25 * time.Hour)
	r := w.ask(3600)
	s := NewSchedule(w.Service)
	w.must(s.Load(t.Context()))
	w.must(s.Advance(t.Context()))
	w.govern(policy.Set{Policies: []policy.Policy{everybody(byAdmins(2))}})
	w.pass(time.Minute)
	r, err := w.ExtendRequest(t.Context(), w.dev, r.ID, 600, "INC-42 goes on", Basis{})
	w.must(err)
	for _, by := range []Actor{w.boss, second} {
		if r.Extension == nil {
			t.Fatal("it is extended too early")
		}
		r, err = w.review(by, r.ID, ReviewRequest{Decision: DecisionApprove, Subject: SubjectExtension})
		w.must(err)
	}
	if r.Extension != nil || r.Grant.duration() != 4200 {
		t.Errorf("the extension is %+v, the grant %s", r.Extension, r.Grant.duration().Duration())
	}
}
