package access

import (
	"fmt"
	"slices"
	"strings"

	"procyon/policy"
)

// defaultPlan is by what requests are decided as long as nobody changed the policies. It is
// not kept with each of them.
func defaultPlan(items []Item) *policy.Plan {
	t := policy.Track{
		PolicyID: policy.CatchAllID, PolicyName: "Everything else",
		Steps: []policy.PlannedStep{{Need: 1, Approvers: []policy.Approver{{ID: policy.Administrators}}}},
	}
	for _, i := range items {
		t.ResourceIDs = append(t.ResourceIDs, i.ResourceID)
	}
	return &policy.Plan{Tracks: []policy.Track{t}}
}

// kept is the plan that was kept of what waits or was decided last; nil: the default.
func (r *Request) kept() *policy.Plan {
	if r.Subject() == SubjectExtension {
		return r.Extension.Plan
	}
	return r.Plan
}

// plan is by what a request, or its extension, is decided.
func (r *Request) plan() *policy.Plan {
	if p := r.kept(); p != nil {
		return p
	}
	return defaultPlan(r.Items)
}

// Approvers are the IDs of the approvers of all plans of a request: of people, of groups,
// and policy.Administrators.
func (r *Request) Approvers() []string {
	if r.Plan == nil && (r.Extension == nil || r.Extension.Plan == nil) {
		return []string{policy.Administrators}
	}
	out := r.plan().Approvers()
	if r.Plan != nil && r.Extension != nil {
		out = append(out, r.Plan.Approvers()...)
	}
	return out
}

// asksNobody tells whether a request, or its extension, needed nobody when it was asked, by
// what governs it since.
func (r *Request) asksNobody() bool {
	if r.Subject() == SubjectExtension {
		return r.Extension.AsksNobody
	}
	return r.AsksNobody
}

// approvals are the approvals of what waits, oldest first.
func (r *Request) approvals() []Review {
	list := r.Reviews[r.firstReview():]
	return slices.DeleteFunc(slices.Clone(list), func(v Review) bool { return v.Decision != DecisionApprove })
}

// firstReview is the place in Reviews of the first one of what waits.
func (r *Request) firstReview() int {
	if r.Subject() != SubjectExtension {
		return 0
	}
	if r.Extension.After == 0 && !r.AsksNobody { // it was not noted, and some review approved the request
		return len(r.Reviews)
	}
	return min(r.Extension.After, len(r.Reviews))
}

// covered are the resources of the items that a review is for.
func (r *Request) covered(v *Review) []string {
	if v.Covers != nil {
		return v.Covers
	}
	ids := make([]string, len(r.Items))
	for i, item := range r.Items {
		ids[i] = item.ResourceID
	}
	return ids
}

// maySee tells whether an actor may see a request, whatever its status: administrators and
// services see all, requesters their own, and approvers what names them, now or then.
func (r *Request) maySee(by *Actor) bool {
	return seesAll(by) || by.ID == r.Requester.ID || r.approvedBy(by)
}

func seesAll(by *Actor) bool { return by.Kind != ActorUser || by.Admin }

// approvedBy tells whether a plan of a request names somebody.
func (r *Request) approvedBy(by *Actor) bool {
	if r.Plan == nil && (r.Extension == nil || r.Extension.Plan == nil) {
		return by.Kind == ActorUser && by.Admin
	}
	who := by.Person()
	return by.Kind == ActorUser && (r.plan().Names(&who) || r.Plan != nil && r.Plan.Names(&who))
}

// DecidableBy are the resources of the items of what waits that an actor may decide now, by
// what is kept of the request. The commit of a review looks at everything anew.
func (s *Service) DecidableBy(by Actor, r *Request) []string {
	if !r.Waits() || by.Kind != ActorUser || by.Is(r.Requester.ID) {
		return nil
	}
	who := by.Person()
	d := r.asRecorded()
	d.Now = s.Now()
	return d.Decidable(&who)
}

// asRecorded is a request under decision with each approval as it counted when it was given.
func (r *Request) asRecorded() policy.Deciding {
	d := policy.Deciding{Plan: r.plan(), Parties: []string{r.Requester.ID}}
	for _, v := range r.approvals() {
		d.Reviews = append(d.Reviews, policy.Review{By: policy.Person{ID: v.Reviewer.ID}, Covers: r.covered(&v), Given: true})
	}
	return d
}

// mayReview says why an actor may not decide anything of what waits, by what is kept of the
// request; nil where they may.
func (r *Request) mayReview(by *Actor) error {
	own := Errorf(CodeSelfReview, "requestId", "You can't review your own request; somebody else has to.")
	if err := by.NotOwn(r.Requester.ID, "requestId", own); err != nil {
		return err
	}
	if by.Kind != ActorUser || !r.approvedBy(by) {
		return Errorf(CodeForbidden, "requestId", "%s", r.notYours())
	}
	return nil
}

// notYours says that somebody is not an approver.
func (r *Request) notYours() string {
	if r.kept() == nil {
		return "Only an administrator can review this request."
	}
	return "You are no approver of this request: " + strings.TrimSuffix(r.Rule(), ".") + "."
}

// ConsoleOnly tells whether a request, or its extension, can be approved in the console
// alone. To deny it is possible anywhere.
func (s *Service) ConsoleOnly(r *Request) bool {
	return s.opts.ApproveInConsole || slices.ContainsFunc(r.plan().Tracks, func(t policy.Track) bool { return t.ConsoleOnly })
}

// Rule says in words by what a request, or its extension, is decided. It is written down
// with each review, so that it can be read what was the rule then.
func (r *Request) Rule() string {
	if r.kept() == nil {
		return "One administrator who is not the requester decides."
	}
	var out []string
	for _, t := range r.plan().Tracks {
		out = append(out, trackWords(&t))
	}
	return strings.Join(out, " ")
}

func trackWords(t *policy.Track) string {
	switch {
	case t.Refused != "":
		return fmt.Sprintf("Policy %s: refused. %s", t.PolicyName, t.Refused)
	case len(t.Steps) == 0:
		return fmt.Sprintf("Policy %s: nobody has to approve.", t.PolicyName)
	}
	steps := make([]string, len(t.Steps))
	for i := range t.Steps {
		steps[i] = fmt.Sprintf("%d of %s", t.Steps[i].Need, approverWords(&t.Steps[i]))
	}
	return fmt.Sprintf("Policy %s: %s.", t.PolicyName, strings.Join(steps, ", then "))
}

// approverWords says who the approvers of a step are, without names.
func approverWords(st *policy.PlannedStep) string {
	people, groups, owners, manager, admins := 0, 0, 0, false, false
	for _, a := range st.CanApprove() {
		switch {
		case a.ID == policy.Administrators:
			admins = true
		case a.As == policy.Owner:
			owners++
		case a.As == policy.Manager:
			manager = true
		case KindOf(a.ID) == KindGroup:
			groups++
		default:
			people++
		}
	}
	var words []string
	add := func(some bool, word string) {
		if some {
			words = append(words, word)
		}
	}
	add(people > 0, "the people named")
	add(groups > 0, "the groups named")
	add(owners > 0, "the owners")
	add(manager, "the manager")
	add(admins, "the administrators")
	if len(words) == 0 {
		return "nobody"
	}
	return strings.Join(words, " or ")
}

// TrackNow is a track of a request's plan, and how it stands.
type TrackNow struct {
	policy.Track

	Version  uint64       // of the policies by which it was made
	Step     int          // the present one, from 0; as many as there are: all are met
	Lacking  int          // how many people the present one lacks
	Approved [][]Person   // who approved each step, up to the present one
	Times    policy.Times // when time does something to the present one
}

// Tracks are those of what waits, or was decided last, as the reviews counted when they
// were given.
func (r *Request) Tracks() []TrackNow {
	d := r.asRecorded()
	names := map[string]Person{}
	for _, v := range r.Reviews {
		names[v.Reviewer.ID] = Person{v.Reviewer.ID, v.Reviewer.Name, v.Reviewer.Email}
	}
	out := make([]TrackNow, len(d.Plan.Tracks))
	for i, t := range d.Plan.Tracks {
		out[i] = TrackNow{Track: t, Version: d.Plan.Version}
	}
	seen := map[int]bool{}
	for _, s := range d.Stands() {
		if seen[s.Track] { // its items stand alike, but where one was governed anew
			continue
		}
		seen[s.Track] = true
		t := &out[s.Track]
		t.Step, t.Lacking = s.Step, s.Lacking
		for _, w := range r.Waiting {
			if w.ResourceID == s.ResourceID {
				t.Times = d.Plan.Times(w)
			}
		}
		for _, ids := range s.By {
			var by []Person
			for _, id := range ids {
				by = append(by, names[id])
			}
			t.Approved = append(t.Approved, by)
		}
	}
	return out
}

// ApproversHidden tells whether the policies keep from an actor who the approvers of a
// track are: from whoever is neither one of them nor sees every request.
func (r *Request) ApproversHidden(by Actor, t *policy.Track) bool {
	if !t.HideApprovers || seesAll(&by) {
		return false
	}
	who := by.Person()
	return !(&policy.Plan{Tracks: []policy.Track{*t}}).Names(&who)
}
