package access

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"procyon/policy"
)

// waiting is a world in which requests wait for a group, and time does something about it.
type waiting struct {
	*attack
	on   Actor // in the group that can approve at first
	late Actor // can approve once it is escalated
}

func newWaiting(t *testing.T, change func(s *policy.Step)) *waiting {
	w := &waiting{attack: newAttack(t)}
	w.on, w.late = w.person("On", false), w.person("Late", false)
	w.join(System(), w.on.ID)
	s := policy.Step{Need: 1, Approvers: policy.Approvers{GroupIDs: []string{w.group.ID}}}
	change(&s)
	w.govern(policy.Set{Policies: []policy.Policy{everybody(s)}})
	w.pass(25 * time.Hour)
	return w
}

func (w *waiting) escalation(after time.Duration) *policy.Escalation {
	return &policy.Escalation{After: Seconds(after / time.Second), Approvers: policy.Approvers{UserIDs: []string{w.late.ID}}}
}

// runs lets some time pass, and a server that begins then do what is due.
func (w *waiting) runs(d time.Duration) {
	w.t.Helper()
	w.pass(d)
	s := NewSchedule(w.Service)
	w.must(s.Load(w.t.Context()))
	w.must(s.Advance(w.t.Context()))
}

// told are the types of a request's entries.
func (w *waiting) told(id string) string {
	w.t.Helper()
	steps, err := w.log.history(w.t.Context(), id, 0, 100)
	w.must(err)
	var out []string
	for _, s := range steps {
		out = append(out, s.Type)
	}
	return strings.Join(out, " ")
}

func (w *waiting) saw(id, want string) {
	w.t.Helper()
	if got := w.told(id); got != want {
		w.t.Fatalf("it told\n%s, want\n%s", got, want)
	}
}

// TestReminders are told every so often while a step waits, not for ever, and not in bursts.
func TestReminders(t *testing.T) {
	w := newWaiting(t, func(s *policy.Step) { s.RemindEvery = 3600 })
	r := w.asked(w.dev, 3600)
	w.runs(59 * time.Minute)
	w.saw(r.ID, "CREATED")
	w.runs(time.Minute)
	w.saw(r.ID, "CREATED REMINDED")
	w.runs(0)
	w.saw(r.ID, "CREATED REMINDED")
	w.runs(3*time.Hour + time.Minute) // no server ran meanwhile
	w.saw(r.ID, "CREATED REMINDED REMINDED")
	w.runs(58 * time.Minute)
	w.saw(r.ID, "CREATED REMINDED REMINDED")
	w.runs(time.Minute)
	w.saw(r.ID, "CREATED REMINDED REMINDED REMINDED")
	for range 10 {
		w.runs(time.Hour)
	}
	if n := strings.Count(w.told(r.ID), "REMINDED"); n != 3+policy.MaxReminders-5 {
		t.Errorf("%d reminders were told", n)
	}
	w.is(r.ID, StatusPending)
	w.must(w.approves(w.on, r.ID))
	w.runs(time.Hour)
	if strings.HasSuffix(w.told(r.ID), "REMINDED") {
		t.Error("a reminder came after the approval")
	}
}

// TestEscalation lets more people approve a step that has waited for long: nobody before, and
// those who could before still.
func TestEscalation(t *testing.T) {
	for name, by := range map[string]func(w *waiting) Actor{
		"those of before": func(w *waiting) Actor { return w.on },
		"those who came":  func(w *waiting) Actor { return w.late },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWaiting(t, func(s *policy.Step) {})
			w.escalates(2*time.Hour, 0)
			r := w.asked(w.dev, 3600)
			w.runs(time.Hour)
			if w.MaySee(w.late, &r) {
				t.Error("who can't approve it yet sees it")
			}
			w.runs(time.Hour)
			w.saw(r.ID, "CREATED ESCALATED")
			w.runs(time.Hour)
			w.saw(r.ID, "CREATED ESCALATED")
			r, err := w.Request(t.Context(), r.ID)
			w.must(err)
			asked, err := w.Reviewers(t.Context(), r)
			w.must(err)
			if len(asked) != 2 || asked[0].ID != w.late.ID || asked[1].ID != w.on.ID {
				t.Errorf("%+v can approve", asked)
			}
			w.must(w.approves(by(w), r.ID))
			w.is(r.ID, StatusApproved)
		})
	}
}

// escalates puts a policy in force with an escalation and an end.
func (w *waiting) escalates(after, end time.Duration, more ...policy.Step) {
	w.t.Helper()
	s := policy.Step{Need: 1, Approvers: policy.Approvers{GroupIDs: []string{w.group.ID}}, Escalation: w.escalation(after), EndAfter: Seconds(end / time.Second)}
	w.govern(policy.Set{Policies: []policy.Policy{everybody(append([]policy.Step{s}, more...)...)}})
	w.pass(25 * time.Hour)
}

// TestWhatTimeCannotDo is what an escalation gives nobody.
func TestWhatTimeCannotDo(t *testing.T) {
	for name, try := range map[string]func(t *testing.T, w *waiting){
		"who asks approves as one who came": func(t *testing.T, w *waiting) {
			_, err := w.asks(w.late, 3600)
			w.must(err)
			r := w.asked(w.late, 3600)
			w.runs(time.Hour)
			w.refused(w.approves(w.late, r.ID), CodeSelfReview)
		},
		"who put themselves into the escalation approves at once": func(t *testing.T, w *waiting) {
			now, err := w.Policies(t.Context())
			w.must(err)
			set := policy.Set{Policies: slices.Clone(now.Policies)}
			s := set.Policies[0].Steps[0]
			s.Escalation = &policy.Escalation{After: 3600, Approvers: policy.Approvers{UserIDs: []string{w.boss.ID}}}
			set.Policies[0].Steps = []policy.Step{s}
			_, problems, err := w.SetPolicies(t.Context(), w.boss, set, PolicyChange{Version: now.Version})
			w.must(err)
			if len(problems.Wrong) > 0 {
				t.Fatal(problems.Wrong)
			}
			r := w.asked(w.dev, 3600)
			w.runs(time.Hour)
			w.refused(w.approves(w.boss, r.ID), CodeForbidden)
			w.must(w.approves(w.on, r.ID))
		},
		"the next step inherits it": func(t *testing.T, w *waiting) {
			w.escalates(time.Hour, 0, byAdmins(1))
			r := w.asked(w.dev, 3600)
			w.runs(time.Hour)
			w.must(w.approves(w.late, r.ID))
			w.refused(w.approves(w.late, r.ID), CodeConflict)
			w.is(r.ID, StatusPending)
			w.must(w.approves(w.boss, r.ID))
			w.is(r.ID, StatusApproved)
		},
		"an edit of the request keeps it": func(t *testing.T, w *waiting) {
			r := w.asked(w.dev, 3600)
			w.runs(time.Hour)
			why := "INC-43"
			_, err := w.UpdateRequest(t.Context(), w.dev, r.ID, RequestPatch{Reason: &why}, Basis{})
			w.must(err)
			w.runs(59 * time.Minute)
			w.refused(w.approves(w.late, r.ID), CodeNotFound)
			w.runs(time.Minute)
			w.must(w.approves(w.late, r.ID))
		},
		"other approvers of the step keep it": func(t *testing.T, w *waiting) {
			r := w.asked(w.dev, 3600)
			w.runs(time.Hour)
			w.govern(policy.Set{Policies: []policy.Policy{everybody(policy.Step{Need: 1, Approvers: policy.Approvers{UserIDs: []string{w.on.ID}}, Escalation: w.escalation(time.Hour)})}})
			w.runs(0)
			w.saw(r.ID, "CREATED ESCALATED POLICY_CHANGED")
			w.refused(w.approves(w.late, r.ID), CodeNotFound)
		},
		"what concerns it not takes it away": func(t *testing.T, w *waiting) {
			r := w.asked(w.dev, 3600)
			w.runs(time.Hour)
			p := everybody(policy.Step{Need: 1, Approvers: policy.Approvers{GroupIDs: []string{w.group.ID}}, Escalation: w.escalation(3 * time.Hour)})
			p.MaxDuration = 4 * 3600
			w.govern(policy.Set{Policies: []policy.Policy{p}})
			w.runs(0)
			w.saw(r.ID, "CREATED ESCALATED")
			w.must(w.approves(w.late, r.ID))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWaiting(t, func(*policy.Step) {})
			w.escalates(time.Hour, 0)
			try(t, w)
		})
	}
}

// TestAStepThatEnds ends what waits for it: a request times out, an extension is not had, and
// the access goes on.
func TestAStepThatEnds(t *testing.T) {
	w := newWaiting(t, func(s *policy.Step) { s.EndAfter = 600 })
	r := w.asked(w.dev, 3600)
	if got := r.TimesOut().Sub(r.CreatedAt); got != 10*time.Minute {
		t.Errorf("it times out after %s", got)
	}
	w.pass(10 * time.Minute)
	w.refused(w.approves(w.on, r.ID), CodeConflict) // nobody has written it down yet
	w.runs(0)
	w.saw(r.ID, "CREATED TIMED_OUT")
	if r, _ = w.Request(t.Context(), r.ID); r.Outcome != "Step 1 of the policy Everything else was not approved within 10 minutes." {
		t.Errorf("it ended so: %s", r.Outcome)
	}
	r = w.asked(w.dev, 3600)
	w.must(w.approves(w.on, r.ID))
	w.runs(0)
	_, err := w.ExtendRequest(t.Context(), w.dev, r.ID, 1800, "INC-42 goes on", Basis{})
	w.must(err)
	w.pass(10 * time.Minute)
	w.refused(w.approves(w.on, r.ID), CodeConflict)
	w.runs(0)
	w.saw(r.ID, "CREATED APPROVED ACTIVATED EXTENSION_REQUESTED EXTENSION_DENIED")
	w.is(r.ID, StatusActive)
	_, err = w.ExtendRequest(t.Context(), w.dev, r.ID, 1800, "INC-42 goes on and on", Basis{})
	w.must(err)
	w.runs(time.Hour) // no server ran meanwhile
	w.is(r.ID, StatusExpired)
	if r, _ = w.Request(t.Context(), r.ID); r.Outcome != "" {
		t.Errorf("it ran out, and says %s", r.Outcome)
	}
}

// TestStepsWaitInTurn is that a step waits from the moment that the one before is met, and
// that items of other tracks wait by themselves.
func TestStepsWaitInTurn(t *testing.T) {
	w := newWaiting(t, func(*policy.Step) {})
	second := byAdmins(1)
	second.RemindEvery = 1800
	w.escalates(time.Hour, 0, second)
	r := w.asked(w.dev, 3600)
	w.runs(50 * time.Minute)
	w.must(w.approves(w.on, r.ID))
	w.runs(29 * time.Minute)
	w.saw(r.ID, "CREATED REVIEWED")
	w.runs(time.Minute)
	w.saw(r.ID, "CREATED REVIEWED REMINDED")
	r, err := w.Request(t.Context(), r.ID)
	w.must(err)
	if got := fmt.Sprint(len(r.Waiting), r.Waiting[0].Step, r.Waiting[0].Reminded); got != "1 1 1" {
		t.Errorf("it waits as %s", got)
	}
}
