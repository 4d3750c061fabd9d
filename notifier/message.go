package notifier

import (
	"slices"
	"time"

	"procyon/phrase"
)

// Test is the event of a test message.
const Test = "TEST"

// Message is what a channel sends: an event of a request as far as the integration
// may see it, or a test message. Its texts come from people and are not escaped.
type Message struct {
	// Event is the event's type, such as "CREATED", or [Test].
	Event string
	// Delivery is the ID of what is owed: the same at each try.
	Delivery string
	// Cursor is the event's position, and RequestID the request that it is of; both
	// are "" for a test message.
	Cursor, RequestID string
	// Integration is the name of the integration, IntegrationID its ID.
	Integration, IntegrationID string
	// Actor did it; the zero value is Procyon itself.
	Actor Person
	// At is when it happened.
	At time.Time
	// Requester asked.
	Requester Person
	// Items are those that the integration may see; OtherItems counts the others.
	Items      []Item
	OtherItems int
	// Duration is for how long it is asked; of an extension, how much longer.
	Duration time.Duration
	// Granted is for how long it was approved, zero before that.
	Granted time.Duration
	// StartsAt is the start: asked for (zero: at once) or, once approved, granted.
	StartsAt time.Time
	// ExpiresAt is the end, zero before the approval; NewEnd is the one that an
	// extension asks for.
	ExpiresAt, NewEnd time.Time
	// Reason and Ticket are the requester's.
	Reason, Ticket string
	// Comment is the actor's.
	Comment string
	// Status is the request's now, such as "PENDING": what is sent late says what is true.
	Status string
	// Tracks say who decides it, as far as the integration sees what they are about; none
	// where any administrator does, or where nothing waits any more.
	Tracks []Track
	// URL is the request's page in the console.
	URL string
}

// Person is somebody.
type Person struct{ Name, Email string }

// Item is one thing asked for.
type Item struct {
	Resource, Role string
	// Kind is the resource's, such as "DATABASE".
	Kind string
	// Account and Gateway are the names of what it belongs to, if any.
	Account, Gateway string
	// Was is the resource's name when it was asked for, where that differs.
	Was string
	// Gone says why it can't be given any more, in a sentence; "" where it can.
	Gone string
}

// Track is items of a request that are decided together, and how that stood.
type Track struct {
	Policy  string
	Items   []Item // those that the integration may see
	Refused string // why nobody gets them; "" where people do
	Steps   []Step
	// Guardrails are the names of those that hold.
	Guardrails []string
}

// Step is one stage of a track.
type Step struct {
	Name       string
	Status     string // MET, PRESENT or LATER
	Need       int    // how many people have to approve
	Lacking    int    // how many are missing, of the present one
	ApprovedBy []string
	Approvers  []string // who can approve it; none: that is not shown to requesters
	Guardrail  string   // what asks for it, where the policy does not
}

// message puts together what is sent.
func (d *delivery) message() Message {
	m := Message{Event: Test, Delivery: d.ID, Integration: d.Integration.Name, IntegrationID: d.Integration.ID}
	if d.Kind == kindTest {
		return m
	}
	e, r := d.Event, &d.Event.Request
	m = Message{
		Event: string(e.Type), Delivery: d.ID, Cursor: e.Cursor, RequestID: r.RequestID, Integration: d.Integration.Name, IntegrationID: d.Integration.ID, At: e.At, Requester: Person{Name: r.Requester.Name, Email: r.Requester.Email}, OtherItems: d.Route.OtherItemCount,
		Duration: time.Duration(r.RequestedDuration), Granted: time.Duration(r.GrantedDuration), Reason: r.Reason, Ticket: r.Ticket, Status: string(r.Status), URL: r.URL, Comment: r.comment(e),
	}
	if e.Actor.Kind != ActorKindSystem {
		m.Actor = Person{Name: e.Actor.Name, Email: e.Actor.Email}
	}
	if r.StartsAt != nil {
		m.StartsAt = *r.StartsAt
	}
	if r.Grant != nil {
		m.StartsAt, m.ExpiresAt = r.Grant.StartsAt, r.Grant.ExpiresAt
	}
	if now := d.Request; now != nil {
		m.Status = string(now.Status)
		if now.Grant != nil {
			m.StartsAt, m.ExpiresAt = now.Grant.StartsAt, now.Grant.ExpiresAt
		}
	}
	if x := r.Extension; x != nil && e.Type == RequestEventTypeExtensionRequested {
		m.Duration, m.Reason, m.NewEnd = time.Duration(x.Duration), x.Reason, x.ExpiresAt
	}
	if r.Gone && m.OtherItems > 0 {
		m.Comment = phrase.SomethingGone
	}
	m.Items = items(d.Route.Items)
	if waits := r.Status == AccessRequestStatusPending || r.Extension != nil; waits && m.Status == string(r.Status) {
		m.Tracks = r.tracks(d.Route.Items)
	}
	return m
}

func items(list []RequestItem) []Item {
	var out []Item
	for _, i := range list {
		out = append(out, Item{Resource: i.ResourceName, Role: i.Role, Kind: string(i.ResourceKind), Account: i.AccountName, Gateway: i.GatewayName, Was: i.ResourceNameWas, Gone: i.Unavailable})
	}
	return out
}

// tracks are those of some items; none where nobody made policies.
func (r *request) tracks(seen []RequestItem) []Track {
	var out []Track
	for _, t := range r.Tracks {
		its := slices.DeleteFunc(slices.Clone(seen), func(i RequestItem) bool { return !slices.Contains(t.ResourceIDs, i.ResourceID) })
		if t.PolicyVersion == 0 || len(its) == 0 {
			continue
		}
		next := Track{Policy: t.PolicyName, Items: items(its), Refused: t.RefusedBecause, Guardrails: t.Guardrails}
		for _, s := range t.Steps {
			step := Step{Name: s.Name, Status: string(s.Status), Need: s.Need, Lacking: s.Lacking, ApprovedBy: s.ApprovedBy, Guardrail: s.Guardrail}
			for _, a := range s.Approvers {
				if !t.HideApprovers { // requesters may read it
					step.Approvers = append(step.Approvers, phrase.Approver(a.ApproverID, a.Name, string(a.By)))
				}
			}
			next.Steps = append(next.Steps, step)
		}
		out = append(out, next)
	}
	return out
}

// comment is what the actor of an event said.
func (r *request) comment(e *requestEvent) string {
	switch e.Type {
	case RequestEventTypeDenied, RequestEventTypeRevoked, RequestEventTypeCanceled:
		return r.Outcome
	case RequestEventTypeApproved, RequestEventTypeReviewed, RequestEventTypeExtended, RequestEventTypeExtensionDenied:
		if n := len(r.Reviews); n > 0 && r.Reviews[n-1].At.Equal(e.At) {
			return r.Reviews[n-1].Comment
		}
	}
	return ""
}
