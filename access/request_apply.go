package access

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"procyon/policy"
)

// requestData is what the journal keeps of a step of a request; each type of
// event uses the fields that it needs.
type requestData struct {
	At        time.Time  `json:"at"`
	Request   *Request   `json:"request,omitempty"`   // CREATED
	Terms     *terms     `json:"terms,omitempty"`     // UPDATED
	Review    *Review    `json:"review,omitempty"`    // REVIEWED, APPROVED, DENIED, EXTENDED, EXTENSION_DENIED
	Grant     *Grant     `json:"grant,omitempty"`     // APPROVED, EXTENDED
	Extension *Extension `json:"extension,omitempty"` // EXTENSION_REQUESTED
	Comment   string     `json:"comment,omitempty"`   // REVOKED, FAILED, TIMED_OUT, EXTENSION_DENIED; CANCELED by another than the requester
	Granted   Seconds    `json:"granted,omitempty"`   // APPROVED, EXTENDED
	// UPDATED, POLICY_CHANGED: by what it is decided from then on; nil: the default.
	Plan *policy.Plan `json:"plan,omitempty"`
	// UPDATED: see Request.AsksNobody.
	AsksNobody bool `json:"asksNobody,omitempty"`
	// REMINDED, ESCALATED: the resources of the items for whose steps that is.
	Late []string `json:"late,omitempty"`
	// POLICY_CHANGED: the resources of the items of which reviews are void.
	Void []string `json:"void,omitempty"`
	// POLICY_CHANGED: the IDs of those whose reviews are void, for they lost the right.
	VoidBy  []string `json:"voidBy,omitempty"`
	EndedBy *Actor   `json:"endedBy,omitempty"` // CANCELED, CLOSED, REVOKED

	// With Review: the version of the terms that the reviewer saw, and by what rule it counts.
	// Releases before these noted neither.
	Seen uint64 `json:"seen,omitempty"`
	Rule string `json:"rule,omitempty"`

	Gone         bool        `json:"gone,omitempty"`         // with EndedBy: something that it rests on is gone
	TermsVersion uint64      `json:"termsVersion,omitempty"` // UPDATED, EXTENSION_REQUESTED
	Asks         []time.Time `json:"asks,omitempty"`         // UPDATED, EXTENSION_REQUESTED: see Request.Asks
	Key          *usedKey    `json:"key,omitempty"`          // where the change has an idempotency key
}

// terms are what a requester may change while nobody has decided.
type terms struct {
	Items    []Item     `json:"items"`
	Duration Seconds    `json:"duration"`
	Reason   string     `json:"reason"`
	Ticket   string     `json:"ticket,omitempty"`
	StartsAt *time.Time `json:"startsAt,omitempty"`
}

// Apply implements State.
func (r *Request) Apply(typ string, data []byte) error {
	var d requestData
	if err := json.Unmarshal(data, &d); err != nil {
		return err
	}
	return r.step(EventType(typ), d)
}

// step is the pure heart: state + event → state. Entries of releases before
// TermsVersion and Granted lead to just the state that they led to then.
func (r *Request) step(typ EventType, d requestData) error {
	if d.TermsVersion > 0 {
		r.TermsVersion = d.TermsVersion
	}
	if d.Asks != nil {
		r.Asks = d.Asks
	}
	if d.Key != nil {
		r.Keys = remember(r.Keys, *d.Key)
	}
	if d.Review != nil {
		r.drop(d.Review.Without)
		r.Reviews = append(r.Reviews[:len(r.Reviews):len(r.Reviews)], *d.Review)
	}
	switch typ {
	case EventCreated:
		if d.Request == nil {
			return fmt.Errorf("entry has no request")
		}
		*r = *d.Request
	case EventUpdated:
		if d.Terms == nil {
			return fmt.Errorf("entry has no terms")
		}
		t := d.Terms
		r.Items, r.Duration, r.Reason, r.Ticket, r.StartsAt = t.Items, t.Duration, t.Reason, t.Ticket, t.StartsAt
		r.Reviews, r.Dropped = nil, nil
		r.Plan, r.AsksNobody = d.Plan, d.AsksNobody
	case EventPolicyChanged:
		r.governedAnew(d)
	case EventReminded:
		r.Waiting = r.plan().Remind(r.Waiting, d.Late, d.At)
	case EventEscalated:
		r.keep(r.plan().Escalate(r.Waiting, d.Late))
	case EventReviewed:
	case EventApproved:
		if d.Grant == nil {
			return fmt.Errorf("entry has no grant")
		}
		r.Status = StatusApproved
		r.grant(d)
	case EventActivated:
		r.Status = StatusActive
	case EventExtensionRequested:
		r.Extension = d.Extension
	case EventExtended:
		if d.Grant == nil {
			return fmt.Errorf("entry has no grant")
		}
		r.Extension = nil
		r.grant(d)
	case EventExtensionDenied:
		r.Extension = nil
	default:
		end, ok := ends[typ]
		if !ok {
			return fmt.Errorf("unknown event type %q", typ)
		}
		r.Status, r.Extension = end, nil
		r.Outcome, r.EndedBy, r.Gone = d.Comment, d.EndedBy, d.Gone
		if d.Review != nil {
			r.Outcome = d.Review.Comment
		}
		if r.Grant != nil && d.At.Before(r.Grant.ExpiresAt) {
			g := *r.Grant
			g.ExpiresAt = d.At
			if g.ExpiresAt.Before(g.StartsAt) {
				g.StartsAt = g.ExpiresAt
			}
			r.Grant = &g
		}
	}
	r.UpdatedAt = d.At
	r.wait(typ, d)
	return nil
}

// keep takes a plan over for what waits.
func (r *Request) keep(p *policy.Plan) {
	if r.Subject() != SubjectExtension {
		r.Plan = p
		return
	}
	x := *r.Extension
	x.Plan = p
	r.Extension = &x
}

// wait keeps since when what waits has waited. What is asked anew, and what is decided
// otherwise than before, has waited for nothing yet.
func (r *Request) wait(typ EventType, d requestData) {
	p := r.kept()
	if !r.Waits() || p == nil {
		r.Waiting = nil
		return
	}
	var before []policy.Wait
	if typ != EventCreated && typ != EventUpdated && typ != EventExtensionRequested {
		before = slices.DeleteFunc(slices.Clone(r.Waiting), func(w policy.Wait) bool { return slices.Contains(d.Void, w.ResourceID) })
	}
	now := r.asRecorded()
	r.Waiting = now.Waits(before, d.At)
}

// drop takes items out that an approver leaves out.
func (r *Request) drop(resourceIDs []string) {
	if len(resourceIDs) == 0 {
		return
	}
	out := func(i Item) bool { return slices.Contains(resourceIDs, i.ResourceID) }
	r.Dropped = slices.Clone(r.Dropped)
	for _, i := range r.Items {
		if out(i) {
			r.Dropped = append(r.Dropped, i)
		}
	}
	r.Items = slices.DeleteFunc(slices.Clone(r.Items), out)
	if r.Plan != nil {
		p := r.Plan.Without(resourceIDs)
		r.Plan = &p
	}
}

// governedAnew takes another plan over for what waits. Reviews count for what is decided as
// before, and for nothing else. What needed nobody goes on so only where it still needs nobody.
func (r *Request) governedAnew(d requestData) {
	first := r.firstReview()
	nobody := r.asksNobody() && d.Plan != nil && d.Plan.NeedsNobody()
	if r.keep(d.Plan); r.Subject() == SubjectExtension {
		r.Extension.AsksNobody = nobody
	} else {
		r.AsksNobody = nobody
	}
	kept := slices.Clone(r.Reviews[:first])
	for _, v := range r.Reviews[first:] {
		if slices.Contains(d.VoidBy, v.Reviewer.ID) {
			continue
		}
		v.Covers = slices.DeleteFunc(slices.Clone(r.covered(&v)), func(id string) bool {
			left := r.hasItem(func(i Item) bool { return i.ResourceID == id })
			return !left || slices.Contains(d.Void, id)
		})
		if len(v.Covers) > 0 {
			kept = append(kept, v)
		}
	}
	if r.Reviews = kept; len(kept) == 0 {
		r.Reviews = nil
	}
}

// grant takes a window over.
func (r *Request) grant(d requestData) {
	r.Grant, r.Granted = d.Grant, d.Granted
	if d.Granted == 0 { // an entry of a release that kept one duration
		r.Duration = d.Grant.duration()
	}
}

func (g *Grant) duration() Seconds { return Seconds(g.ExpiresAt.Sub(g.StartsAt) / time.Second) }

// ends are the events after which a request never changes again.
var ends = map[EventType]Status{
	EventDenied:   StatusDenied,
	EventCanceled: StatusCanceled,
	EventTimedOut: StatusTimedOut,
	EventExpired:  StatusExpired,
	EventClosed:   StatusClosed,
	EventRevoked:  StatusRevoked,
	EventFailed:   StatusFailed,
}
