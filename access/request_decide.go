package access

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"procyon/duration"
	"procyon/policy"
)

// The functions here are pure: a command and the current state give an event,
// or an *Error. They know no store and no clock.

type requestEvent struct {
	typ  EventType
	data requestData
}

// effect is what a step does to its request; nothing where it has no type.
func (e requestEvent) effect(at time.Time, guards []Guard) Effect {
	return Effect{Type: string(e.typ), Data: e.data, At: at, Guards: guards}
}

func (r *Request) decideUpdate(by Actor, t terms, now time.Time) (requestEvent, error) {
	if by.ID != r.Requester.ID {
		return requestEvent{}, Errorf(CodeForbidden, "requestId", "Only %s, who asked, can change this request.", r.Requester.Name)
	}
	if r.Status != StatusPending {
		return requestEvent{}, r.over("changed")
	}
	if !now.Before(r.DecideBy) {
		return requestEvent{}, r.lapsed()
	}
	return requestEvent{EventUpdated, requestData{At: now, Terms: &t, TermsVersion: r.Version() + 1, Asks: r.asked(now)}}, nil
}

// decideGoverned is what happens to what waits because what governs it changed.
func (r *Request) decideGoverned(p *policy.Plan, now time.Time) requestEvent {
	before, after := r.plan(), p
	if after == nil {
		after = defaultPlan(r.Items)
	}
	if before.Same(after) && (!r.asksNobody() || after.NeedsNobody()) {
		return requestEvent{}
	}
	return requestEvent{EventPolicyChanged, requestData{At: now, Plan: p, Void: before.Changed(after), TermsVersion: r.Version() + 1}}
}

// mayDecide checks what of a review can be checked by the request alone.
func (r *Request) mayDecide(by *Actor, c ReviewRequest, now time.Time) error {
	if c.Decision != DecisionApprove && c.Decision != DecisionDeny {
		return Errorf(CodeInvalid, "decision", "The decision must be APPROVE or DENY.")
	}
	if err := r.mayReview(by); err != nil {
		return err
	}
	if err := r.waitsFor(c.Subject); err != nil {
		return err
	}
	if c.ExpectedVersion != r.Version() {
		return staleError{seen: c.ExpectedVersion}
	}
	if err := checkShorter(c, r.waiting()); err != nil {
		return err
	}
	if len(c.Without) > 0 && (c.Decision == DecisionDeny || c.Subject == SubjectExtension) {
		return Errorf(CodeInvalid, "withoutResourceIds", "Only the approval of a request can leave items out.")
	}
	if !now.Before(r.ends()) {
		return r.lapsed()
	}
	return nil
}

// waiting is how long what waits for a decision asks for.
func (r *Request) waiting() Seconds {
	if r.Subject() == SubjectExtension {
		return r.Extension.Duration
	}
	return r.Duration
}

// judged is what a review is decided on, besides the request.
type judged struct {
	policy.Deciding

	refused     map[string]policy.Refusal // by the resource, what the policies of today refuse
	caps        *policy.Plan              // the plan of today, for its caps
	longest     time.Duration             // whatever policies say
	consoleOnly bool                      // likewise
}

func (r *Request) decideReview(by Actor, c ReviewRequest, j *judged, now time.Time) (requestEvent, error) {
	who := by.Person()
	covers := j.Decidable(&who)
	if len(covers) == 0 {
		return requestEvent{}, r.undecidable(&who, j)
	}
	review := Review{Reviewer: by, Decision: c.Decision, Comment: c.Comment, Duration: c.Duration, At: now, Without: c.Without}
	if len(covers) < len(r.Items) {
		review.Covers = covers
	}
	ev := requestEvent{EventReviewed, requestData{At: now, Review: &review, Seen: c.ExpectedVersion, Rule: r.Rule()}}
	extension := c.Subject == SubjectExtension
	if c.Decision == DecisionDeny {
		ev.typ = EventDenied
		if extension {
			ev.typ = EventExtensionDenied
		}
		return ev, nil
	}
	if err := r.mayApprove(by, c, j, covers); err != nil {
		return requestEvent{}, err
	}
	left := j.Plan.Without(c.Without)
	if len(left.Tracks) == 0 {
		return requestEvent{}, Errorf(CodeInvalid, "withoutResourceIds", "Nothing would be left of the request: deny it instead.")
	}
	j.Plan = &left
	j.Reviews = append(j.Reviews, policy.Review{By: who, Covers: covers})
	if !j.Approved() {
		return ev, nil
	}
	err := r.approve(&ev, append(r.Reviews[:len(r.Reviews):len(r.Reviews)], review), j, now)
	return ev, err
}

// approve makes of an event the approval of what waits.
func (r *Request) approve(ev *requestEvent, reviews []Review, j *judged, now time.Time) error {
	ev.typ = EventApproved
	extension := r.Subject() == SubjectExtension
	if extension {
		ev.typ = EventExtended
	}
	ev.data.Grant = r.window(reviews, extension, r.waiting(), now)
	longest := j.longest
	var left []string
	for _, t := range j.Plan.Tracks {
		left = append(left, t.ResourceIDs...)
	}
	if d := j.caps.Only(left).MaxDuration(); d > 0 {
		longest = min(longest, d.Duration())
	}
	ev.data.Granted = ev.data.Grant.duration()
	return withinMax(ev.data.Granted, longest)
}

// mayApprove refuses an approval that the policies of today don't allow.
func (r *Request) mayApprove(by Actor, c ReviewRequest, j *judged, covers []string) error {
	inConsole := j.consoleOnly
	for _, t := range j.Plan.Tracks {
		inConsole = inConsole || t.ConsoleOnly && slices.ContainsFunc(t.ResourceIDs, func(id string) bool { return slices.Contains(covers, id) })
	}
	if inConsole && by.Via != ViaConsole {
		return Errorf(CodeForbidden, "requestId", "Approvals are taken in the console alone: open the request there. To deny it here is possible.")
	}
	for i, id := range c.Without {
		if !slices.Contains(covers, id) || slices.Contains(c.Without[:i], id) {
			return Errorf(CodeInvalid, fmt.Sprintf("withoutResourceIds.%d", i), "Leave out items of this request, each once, that you decide.")
		}
	}
	for _, i := range r.Items {
		if refused, so := j.refused[i.ResourceID]; so && !slices.Contains(c.Without, i.ResourceID) {
			return Errorf(CodeForbidden, "requestId", "%s", i.refusedWords("be approved", refused))
		}
	}
	return nil
}

// undecidable says why somebody can decide nothing of a request, though its plan names them.
func (r *Request) undecidable(who *policy.Person, j *judged) error {
	switch j.Obstacle(who) {
	case policy.Refused:
		return Errorf(CodeForbidden, "requestId", "Nobody can decide this: %s", r.Rule())
	case policy.Counted:
		return Errorf(CodeConflict, "requestId", "You have approved this already; it waits for others. %s", r.Rule())
	case policy.TooNewRight:
		return Errorf(CodeForbidden, "requestId", "Your right to decide this was given within the last day, by you or by who asks; it doesn't count yet. Somebody else has to decide.")
	case policy.OtherStep:
		return Errorf(CodeForbidden, "requestId", "It is not your step that waits now. %s", r.Rule())
	default:
		return Errorf(CodeForbidden, "requestId", "%s", r.notYours())
	}
}

// withinMax checks the length of an access against the longest that the policy allows by
// now: it may have been more when the access was asked for.
func withinMax(d Seconds, longest time.Duration) error {
	if d.Duration() <= longest {
		return nil
	}
	return Errorf(CodeInvalid, "duration", "The access would last %s, and at most %s is allowed by now: approve it for a shorter time, or deny it.", duration.Words(d.Duration()), duration.Words(longest))
}

func checkShorter(c ReviewRequest, asked Seconds) error {
	if c.Duration == 0 {
		return nil
	}
	if c.Decision == DecisionDeny {
		return Errorf(CodeInvalid, "duration", "A denial has no duration; leave it out.")
	}
	if c.Duration < minDuration || c.Duration > asked {
		return Errorf(CodeInvalid, "duration", "An approver may only shorten the duration: from one minute up to the %s asked for.", duration.Words(asked.Duration()))
	}
	return nil
}

// waitsFor says why a request does not wait for a decision about a subject; nil where
// it does.
func (r *Request) waitsFor(subject ReviewSubject) error {
	switch {
	case subject != SubjectRequest && subject != SubjectExtension:
		return Errorf(CodeInvalid, "subject", "The subject must be REQUEST or EXTENSION.")
	case subject == SubjectRequest && r.Status != StatusPending:
		return r.over("reviewed")
	case subject == SubjectExtension && r.Status == StatusActive && r.Extension == nil:
		return r.extensionOver()
	case subject == SubjectExtension && r.Status == StatusPending:
		return Errorf(CodeConflict, "subject", "The request itself still waits for a decision; it has no extension.")
	case subject == SubjectExtension && r.Status != StatusActive:
		return r.over("extended")
	}
	return nil
}

// extensionOver says who decided the extension that no longer waits.
func (r *Request) extensionOver() error {
	if n := len(r.Reviews); n > 1 { // the first one is of the request itself
		last := r.Reviews[n-1]
		word := map[Decision]string{DecisionApprove: "approved", DecisionDeny: "denied"}[last.Decision]
		return Errorf(CodeConflict, "requestId", "The extension was already %s by %s.", word, last.Reviewer.Name)
	}
	return Errorf(CodeConflict, "requestId", "No extension waits for a decision.")
}

// window is what the approvals give: it starts at the approval, or later where the
// requester asked so, and is as long as the shortest duration that an approver allowed.
func (r *Request) window(reviews []Review, extension bool, asked Seconds, now time.Time) *Grant {
	d := asked
	if extension {
		reviews = reviews[r.firstReview():]
	}
	for _, v := range reviews {
		if v.Decision == DecisionApprove && v.Duration > 0 && v.Duration < d {
			d = v.Duration
		}
	}
	if extension {
		return &Grant{StartsAt: r.Grant.StartsAt, ExpiresAt: r.Grant.ExpiresAt.Add(d.Duration())}
	}
	start := now
	if r.StartsAt != nil && r.StartsAt.After(now) {
		start = *r.StartsAt
	}
	return &Grant{StartsAt: start, ExpiresAt: start.Add(d.Duration())}
}

func (r *Request) decideCancel(by Actor, now time.Time) (requestEvent, error) {
	if by.ID != r.Requester.ID {
		return requestEvent{}, Errorf(CodeForbidden, "requestId", "Only %s, who asked, can cancel this request.", r.Requester.Name)
	}
	if r.Status != StatusPending && r.Status != StatusApproved {
		return requestEvent{}, r.over("canceled")
	}
	return requestEvent{EventCanceled, requestData{At: now, EndedBy: &by}}, nil
}

func (r *Request) decideClose(by Actor, now time.Time) (requestEvent, error) {
	if by.ID != r.Requester.ID {
		return requestEvent{}, Errorf(CodeForbidden, "requestId", "Only %s, who has this access, can close it; an approver can revoke it.", r.Requester.Name)
	}
	if r.Status != StatusActive {
		return requestEvent{}, r.over("closed")
	}
	return requestEvent{EventClosed, requestData{At: now, EndedBy: &by}}, nil
}

func (r *Request) decideRevoke(by Actor, reason string, now time.Time) (requestEvent, error) {
	if by.Kind != ActorUser || !by.Admin && !r.approvedBy(&by) {
		return requestEvent{}, Errorf(CodeForbidden, "requestId", "Only an administrator or an approver can revoke an access.")
	}
	if r.Status != StatusApproved && r.Status != StatusActive {
		return requestEvent{}, r.over("revoked")
	}
	return requestEvent{EventRevoked, requestData{At: now, Comment: reason, EndedBy: &by}}, nil
}

func (r *Request) decideExtend(by Actor, x Extension, longest time.Duration, now time.Time) (requestEvent, error) {
	if by.ID != r.Requester.ID {
		return requestEvent{}, Errorf(CodeForbidden, "requestId", "Only %s, who has this access, can ask to extend it.", r.Requester.Name)
	}
	if r.Status != StatusActive {
		return requestEvent{}, r.over("extended")
	}
	if !now.Before(r.Grant.ExpiresAt) {
		return requestEvent{}, r.lapsed()
	}
	if r.Extension != nil {
		return requestEvent{}, Errorf(CodeConflict, "requestId", "An extension is already waiting for a decision.")
	}
	if x.Duration < minDuration {
		return requestEvent{}, Errorf(CodeInvalid, "duration", "Ask for at least one minute.")
	}
	total := r.Grant.ExpiresAt.Sub(r.Grant.StartsAt) + x.Duration.Duration()
	if total > longest {
		return requestEvent{}, Errorf(CodeInvalid, "duration", "With this extension the access would last %s; at most %s is allowed.", duration.Words(total), duration.Words(longest))
	}
	x.RequestedAt, x.After = now, len(r.Reviews)
	return requestEvent{EventExtensionRequested, requestData{At: now, Extension: &x, TermsVersion: r.Version() + 1, Asks: r.asked(now)}}, nil
}

// decideEnd is what happens to a request because something that it rests on is gone: one
// that was granted is revoked, another canceled. What only keeps access from beginning
// lets a running one be, and refuses its extension. An event without a type: nothing.
func (r *Request) decideEnd(by Actor, l loss, now time.Time) requestEvent {
	ended := requestData{At: now, Comment: l.why, EndedBy: &by, Gone: true}
	switch {
	case l.why == "":
	case r.Status == StatusPending:
		return requestEvent{EventCanceled, ended}
	case r.Status == StatusApproved, r.Status == StatusActive && l.cuts:
		return requestEvent{EventRevoked, ended}
	case r.Status == StatusActive && r.Extension != nil:
		return requestEvent{EventExtensionDenied, requestData{At: now, Comment: l.why}}
	}
	return requestEvent{}
}

// decideDue is the step that a request takes by itself once its time has come;
// ok is false where it has none to take.
func (r *Request) decideDue(now time.Time) (ev requestEvent, ok bool) {
	due := r.Due()
	if due.IsZero() || now.Before(due) || r.asksNobody() && now.Before(r.ends()) {
		return requestEvent{}, false
	}
	types := map[Status]EventType{StatusPending: EventTimedOut, StatusApproved: EventActivated, StatusActive: EventExpired}
	return requestEvent{types[r.Status], requestData{At: now}}, true
}

// ends is when what waits for a decision is over, or an access runs out, whatever it does by
// itself before that: see Due.
func (r *Request) ends() time.Time {
	switch r.Status {
	case StatusPending:
		return r.DecideBy
	case StatusActive:
		return r.Grant.ExpiresAt
	default:
		return r.Due()
	}
}

// lapsed explains why a pending or active request can no longer be changed: its
// time is over, though nobody has written that down yet.
func (r *Request) lapsed() error {
	if r.Status == StatusActive {
		return Errorf(CodeConflict, "requestId", "This request has expired.")
	}
	return Errorf(CodeConflict, "requestId", "This request timed out: nobody decided in time.")
}

// over explains why a request can no longer be changed in some way: who decided,
// and how, so that the second click gets a useful answer.
func (r *Request) over(verb string) error {
	by := ""
	if n := len(r.Reviews); n > 0 && (r.Status == StatusDenied || r.Status == StatusApproved || r.Status == StatusActive) {
		by = " by " + r.Reviews[n-1].Reviewer.Name
	}
	what := map[Status]string{
		StatusPending: "is still pending", StatusApproved: "was already approved" + by, StatusActive: "was already approved" + by + " and is in force",
		StatusExpired: "has expired", StatusClosed: "was closed by its requester", StatusRevoked: "was revoked", StatusDenied: "was already denied" + by,
		StatusCanceled: "was canceled by its requester", StatusTimedOut: "timed out: nobody decided in time", StatusFailed: "failed",
	}[r.Status]
	if r.Outcome != "" && (r.Status == StatusCanceled || r.Status == StatusRevoked) { // not by its requester
		what = "was " + strings.ToLower(string(r.Status))
		if r.EndedBy != nil {
			what += " by " + r.EndedBy.Name
		}
		what += " (" + strings.TrimSuffix(r.Outcome, ".") + ")"
	}
	return Errorf(CodeConflict, "requestId", "This request %s; it can't be %s.", what, verb)
}
