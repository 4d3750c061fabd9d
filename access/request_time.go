package access

import (
	"fmt"
	"time"

	"procyon/duration"
	"procyon/policy"
)

// What time does to a request. It reminds those who can approve what waits, lets more people
// approve it, and ends it; it puts an access in force, and ends that. It never approves.

// Due is when the request changes by itself next; zero where it never does.
func (r *Request) Due() time.Time {
	ends := r.ends()
	switch {
	case !r.Waits():
		return ends
	case r.asksNobody() && r.UpdatedAt.Before(ends):
		return r.UpdatedAt // it is approved by itself
	}
	t := r.waitTimes()
	return policy.Next(ends, t.Ends, t.Escalates, t.Reminds)
}

// ends is when time moves a request on, whatever else happens to it until then: it times
// out, begins or runs out; zero where it never does.
func (r *Request) ends() time.Time {
	switch r.Status {
	case StatusPending:
		return r.TimesOut()
	case StatusApproved:
		return r.Grant.StartsAt
	case StatusActive:
		return r.Grant.ExpiresAt
	default:
		return time.Time{}
	}
}

// TimesOut is when a request is over that nobody has decided by then.
func (r *Request) TimesOut() time.Time {
	if r.Status != StatusPending {
		return r.DecideBy
	}
	return policy.Next(r.DecideBy, r.waitTimes().Ends)
}

// inTime says that what waits is over, though nobody may have written that down yet; nil
// where it is not.
func (r *Request) inTime(now time.Time) error {
	switch {
	case !now.Before(r.ends()):
		return r.lapsed()
	case r.late(now) != "":
		return Errorf(CodeConflict, "requestId", "Nobody decided this extension in time; the access ends as planned.")
	}
	return nil
}

// lapsed explains why a pending or active request can no longer be changed: its
// time is over, though nobody has written that down yet.
func (r *Request) lapsed() error {
	if r.Status == StatusActive {
		return Errorf(CodeConflict, "requestId", "This request has expired.")
	}
	return Errorf(CodeConflict, "requestId", "This request timed out: nobody decided in time.")
}

// waitTimes are the first times at which something happens to the steps that wait.
func (r *Request) waitTimes() (first policy.Times) {
	if len(r.Waiting) == 0 {
		return first
	}
	p := r.plan()
	for _, w := range r.Waiting {
		t := p.Times(w)
		first.Reminds = policy.Next(first.Reminds, t.Reminds)
		first.Escalates = policy.Next(first.Escalates, t.Escalates)
		first.Ends = policy.Next(first.Ends, t.Ends)
	}
	return first
}

// decideDue is the step that a request takes by itself once its time has come;
// ok is false where it has none to take.
func (r *Request) decideDue(now time.Time) (ev requestEvent, ok bool) {
	ends := r.ends()
	if ends.IsZero() || now.Before(ends) {
		return requestEvent{}, false
	}
	types := map[Status]EventType{StatusPending: EventTimedOut, StatusApproved: EventActivated, StatusActive: EventExpired}
	ev = requestEvent{types[r.Status], requestData{At: now}}
	if r.Status == StatusPending {
		ev.data.Comment = r.late(now)
	}
	return ev, true
}

// decideLate is what time does to the steps that wait, that which matters most first: it
// ends an extension (a request that ends is decideDue's), escalates, or reminds.
func (r *Request) decideLate(now time.Time) requestEvent {
	if why := r.late(now); why != "" && r.Subject() == SubjectExtension {
		return requestEvent{EventExtensionDenied, requestData{At: now, Comment: why}}
	}
	var escalated, reminded []string
	p := r.plan()
	for _, w := range r.Waiting {
		t := p.Times(w)
		if over(t.Escalates, now) {
			escalated = append(escalated, w.ResourceID)
		}
		if over(t.Reminds, now) {
			reminded = append(reminded, w.ResourceID)
		}
	}
	switch {
	case len(escalated) > 0:
		return requestEvent{EventEscalated, requestData{At: now, Late: escalated}}
	case len(reminded) > 0:
		return requestEvent{EventReminded, requestData{At: now, Late: reminded}}
	}
	return requestEvent{}
}

// late says which step has waited for as long as it may; "" where none has.
func (r *Request) late(now time.Time) string {
	if !r.Waits() {
		return ""
	}
	p := r.plan()
	for _, w := range r.Waiting {
		if t := p.Times(w); over(t.Ends, now) {
			return fmt.Sprintf("Step %d of the policy %s was not approved within %s.", w.Step+1, p.Track(w.ResourceID).PolicyName, duration.Words(t.Ends.Sub(w.Since)))
		}
	}
	return ""
}

func over(at, now time.Time) bool { return !at.IsZero() && !now.Before(at) }
