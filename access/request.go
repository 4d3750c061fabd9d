package access

import (
	"slices"
	"time"

	"procyon/duration"
	"procyon/policy"
	"procyon/store"
)

// Status says where a request stands.
type Status string

// The statuses of a request.
const (
	StatusPending  Status = "PENDING"
	StatusApproved Status = "APPROVED"
	StatusActive   Status = "ACTIVE"
	StatusExpired  Status = "EXPIRED"
	StatusClosed   Status = "CLOSED"
	StatusRevoked  Status = "REVOKED"
	StatusDenied   Status = "DENIED"
	StatusCanceled Status = "CANCELED"
	StatusTimedOut Status = "TIMED_OUT"
	StatusFailed   Status = "FAILED"
)

// Statuses are all of them, in the order of a request's life.
var statuses = []Status{StatusPending, StatusApproved, StatusActive, StatusExpired, StatusClosed, StatusRevoked, StatusDenied, StatusCanceled, StatusTimedOut, StatusFailed}

// openStatuses are those in which something can still happen to a request.
func openStatuses() []Status { return []Status{StatusPending, StatusApproved, StatusActive} }

// EventType says what happened to a request.
type EventType string

// What can happen to a request.
const (
	EventCreated   EventType = "CREATED"
	EventUpdated   EventType = "UPDATED"
	EventReviewed  EventType = "REVIEWED"
	EventApproved  EventType = "APPROVED"
	EventDenied    EventType = "DENIED"
	EventCanceled  EventType = "CANCELED"
	EventTimedOut  EventType = "TIMED_OUT"
	EventActivated EventType = "ACTIVATED"
	// EventPolicyChanged: what governs it changed, so that others decide it; reviews of what
	// that concerns are void.
	EventPolicyChanged EventType = "POLICY_CHANGED"
	// EventReminded: those who can approve what waits are reminded of it.
	EventReminded EventType = "REMINDED"
	// EventEscalated: what waits has waited so long that more people can approve it.
	EventEscalated          EventType = "ESCALATED"
	EventExtensionRequested EventType = "EXTENSION_REQUESTED"
	EventExtended           EventType = "EXTENDED"
	EventExtensionDenied    EventType = "EXTENSION_DENIED"
	EventExpired            EventType = "EXPIRED"
	EventClosed             EventType = "CLOSED"
	EventRevoked            EventType = "REVOKED"
	EventFailed             EventType = "FAILED"
)

// DefaultEvents are those that an integration hears of unless told otherwise.
func DefaultEvents() []EventType {
	return []EventType{
		EventCreated, EventApproved, EventDenied, EventCanceled,
		EventTimedOut, EventExpired, EventClosed, EventRevoked, EventExtensionRequested,
		EventReminded, EventEscalated,
	}
}

// Notifies tells the events that an integration can choose to hear of.
func (t EventType) Notifies() bool { return eventTypes[t] }

var eventTypes = map[EventType]bool{
	EventCreated: true, EventUpdated: true, EventReviewed: true, EventApproved: true, EventDenied: true,
	EventPolicyChanged: true, EventReminded: true, EventEscalated: true, EventCanceled: true, EventTimedOut: true, EventActivated: true, EventExtensionRequested: true,
	EventExtended: true, EventExtensionDenied: true, EventExpired: true, EventClosed: true,
	EventRevoked: true, EventFailed: true,
}

// Person is somebody as they were called then.
type Person struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
}

// Item is one thing asked for, as it was called then.
type Item struct {
	ResourceID   string       `json:"resourceId"`
	ResourceName string       `json:"resourceName"`
	ResourceKind ResourceKind `json:"resourceKind"`
	Role         string       `json:"role,omitempty"`
	AccountID    string       `json:"accountId,omitempty"`
	AccountName  string       `json:"accountName,omitempty"`
	GatewayID    string       `json:"gatewayId,omitempty"`
	GatewayName  string       `json:"gatewayName,omitempty"`
}

// Label names an item for a person.
func (i Item) Label() string {
	if i.Role == "" {
		return i.ResourceName
	}
	return i.ResourceName + " as " + i.Role
}

// Seconds is a duration, stored in whole seconds.
type Seconds = duration.Seconds

// Decision is an approver's.
type Decision string

// The decisions.
const (
	DecisionApprove Decision = "APPROVE"
	DecisionDeny    Decision = "DENY"
)

// Review is one approver's decision.
type Review struct {
	Reviewer Actor     `json:"reviewer"`
	Decision Decision  `json:"decision"`
	Comment  string    `json:"comment,omitempty"`
	Duration Seconds   `json:"duration,omitempty"` // the shorter one allowed; 0: as asked
	At       time.Time `json:"at"`
	// Covers are the resources of the items that it decides; nil: all that there are.
	Covers []string `json:"covers,omitempty"`
	// Without are the resources of the items that it leaves out: they are not granted.
	Without []string `json:"without,omitempty"`
}

// Grant is the window in which a request is in force.
type Grant struct {
	StartsAt  time.Time `json:"startsAt"`
	ExpiresAt time.Time `json:"expiresAt"`
}

// Extension is a wish to extend an active request.
type Extension struct {
	Duration    Seconds   `json:"duration"`
	Reason      string    `json:"reason"`
	RequestedAt time.Time `json:"requestedAt"`
	// After is how many reviews there were when it was asked: those that follow decide
	// it. Clocks don't tell, since each server has its own. 0: nobody had to approve the
	// request, or an earlier release asked it.
	After int `json:"after,omitempty"`
	// Plan is by what it is decided; nil: the default, see Request.Plan.
	Plan       *policy.Plan `json:"plan,omitempty"`
	AsksNobody bool         `json:"asksNobody,omitempty"` // see Request.AsksNobody
}

// ReviewSubject is what a review decides.
type ReviewSubject string

// What a review can decide: the request, or the extension that waits on it.
const (
	SubjectRequest   ReviewSubject = "REQUEST"
	SubjectExtension ReviewSubject = "EXTENSION"
)

// Request is one person's wish for access, and what became of it.
type Request struct {
	ID        string     `json:"id"`
	Status    Status     `json:"status"`
	Requester Person     `json:"requester"`
	Items     []Item     `json:"items"`
	Duration  Seconds    `json:"duration"` // as asked; but see GrantedDuration
	Reason    string     `json:"reason"`
	Ticket    string     `json:"ticket,omitempty"`
	StartsAt  *time.Time `json:"startsAt,omitempty"`
	Grant     *Grant     `json:"grant,omitempty"`
	Reviews   []Review   `json:"reviews,omitempty"`
	Extension *Extension `json:"extension,omitempty"`
	CreatedAt time.Time  `json:"createdAt"`
	UpdatedAt time.Time  `json:"updatedAt"`
	DecideBy  time.Time  `json:"decideBy"`
	Outcome   string     `json:"outcome,omitempty"`

	// Plan is by what it is decided, frozen once it is approved; nil: any administrator
	// decides, as long as nobody changed the policies.
	Plan *policy.Plan `json:"plan,omitempty"`
	// AsksNobody says that the policies needed nobody's approval when it was asked, and
	// nothing changed since: it is approved by itself.
	AsksNobody bool `json:"asksNobody,omitempty"`
	// Waiting is since when items have waited for their present step, where time does
	// something to it.
	Waiting []policy.Wait `json:"waiting,omitempty"`
	// Dropped are the items that an approver left out.
	Dropped []Item `json:"dropped,omitempty"`

	// EndedBy is who canceled, closed or revoked it; nil where time ended it, where it was
	// denied (see Reviews), or where a release ended it that did not keep that.
	EndedBy *Actor `json:"endedBy,omitempty"`
	// Gone says that it was ended because something that it rests on is gone: Outcome says
	// what, and may name an item that not everybody sees.
	Gone bool `json:"gone,omitempty"`
	// entries is how many entries the subject has, where it was read from a document.
	entries uint64
	// TermsVersion counts the terms; read it with Version.
	TermsVersion uint64 `json:"termsVersion,omitempty"`
	// Granted is how long the grant lasts as approved, extensions included; read it
	// with GrantedDuration.
	Granted Seconds `json:"granted,omitempty"`
	// Asked is the digest of what it was made from, where it has an idempotency key.
	Asked string `json:"asked,omitempty"`
	// Keys are the idempotency keys of its latest changes, at most keptKeys.
	Keys []usedKey `json:"keys,omitempty"`
	// Asks are when its requester asked about it lately: made it, edited it, wished for an
	// extension. None where a release made it that did not count.
	Asks []time.Time `json:"asks,omitempty"`
}

// Version counts what is asked for, from 1: items, duration, start, reason, ticket,
// and each extension. Reviews and time leave it, so two approvers of one version
// don't get in each other's way. It is what a decision names as seen; what guards a
// commit is the subject's own version.
//
// What a release wrote that kept no version counts as changed by every entry.
func (r *Request) Version() uint64 {
	if r.TermsVersion == 0 {
		return max(1, r.entries)
	}
	return r.TermsVersion
}

// at says how many entries the subject has.
func (r *Request) at(version uint64) { r.entries = version }

// GrantedDuration is how long the grant lasts as approved, extensions included; 0
// before the approval. Releases that kept one duration wrote it over the one asked.
func (r *Request) GrantedDuration() Seconds {
	if r.Granted == 0 && r.Grant != nil {
		return r.Duration
	}
	return r.Granted
}

// EndOf is the status in which an entry leaves its request for good; "" where it does not,
// or its subject is none. A request ends once.
func EndOf(subject, typ string) Status {
	if KindOf(subject) != KindRequest {
		return ""
	}
	switch EventType(typ) {
	case EventDenied:
		return StatusDenied
	case EventCanceled:
		return StatusCanceled
	case EventTimedOut:
		return StatusTimedOut
	case EventExpired:
		return StatusExpired
	case EventClosed:
		return StatusClosed
	case EventRevoked:
		return StatusRevoked
	case EventFailed:
		return StatusFailed
	default:
		return ""
	}
}

// Open tells whether something can still happen to a request.
func (r *Request) Open() bool { return !r.Due().IsZero() }

// Waits tells whether a request, or its extension, waits for a decision.
func (r *Request) Waits() bool {
	return r.Status == StatusPending || r.Status == StatusActive && r.Extension != nil
}

// Subject is what waits for a decision, or what was decided last.
func (r *Request) Subject() ReviewSubject {
	if r.Status == StatusActive && r.Extension != nil {
		return SubjectExtension
	}
	return SubjectRequest
}

// Named implements State.
func (*Request) Named() Naming { return Naming{KindRequest, "access request"} }

func (r *Request) madeFrom() string { return r.Asked }

// Index lists a request under its status, alone and with each of its requester,
// accounts and resources, and both: so every filter is one range for each status. While
// its extension waits for a decision it is listed likewise as extending. And it is listed
// under when its requester asked about it (see askedTerm), and where it is found whatever
// became of it (see lookupTerms).
func (r *Request) Index() (string, []string) {
	terms := r.terms(r.Status, nil)
	if r.Status == StatusActive && r.Extension != nil {
		terms = r.terms(statusExtending, terms)
	}
	return store.TimeSort(r.CreatedAt), r.lookupTerms(append(r.approverTerms(terms), r.askedTerms()...))
}

// extending stands in terms, beside the statuses, for an extension that waits for a
// decision.
const statusExtending Status = "EXTENDING"

// terms adds where a request is listed under a status.
func (r *Request) terms(status Status, to []string) []string {
	for _, by := range []string{"", r.Requester.ID} {
		add := func(account, resource string) {
			if t := requestTerm(status, by, account, resource); !slices.Contains(to, t) {
				to = append(to, t)
			}
		}
		add("", "")
		for _, i := range r.Items {
			add("", i.ResourceID)
			if i.AccountID != "" {
				add(i.AccountID, "")
			}
		}
	}
	return to
}

// approverTerms adds where a request is listed for those whom its plans name, and while it
// waits, for those who may have to decide it.
func (r *Request) approverTerms(to []string) []string {
	add := func(t string) {
		if !slices.Contains(to, t) {
			to = append(to, t)
		}
	}
	if r.Plan != nil {
		for _, id := range r.Plan.Approvers() {
			add(seenByTerm(id))
		}
	}
	if r.Extension != nil && r.Extension.Plan != nil {
		for _, id := range r.Extension.Plan.Approvers() {
			add(seenByTerm(id))
		}
	}
	if !r.Waits() || r.kept() == nil {
		return to
	}
	status := r.Status
	if r.Subject() == SubjectExtension {
		status = statusExtending
	}
	for _, id := range r.kept().Approvers() {
		add(decidedByTerm(status, id))
	}
	return to
}

// seenByTerm lists the requests of whose plans somebody is an approver: a person, a group,
// or all administrators.
func seenByTerm(approver string) string { return "req/approver=" + approver }

// decidedByTerm lists those of them that wait.
func decidedByTerm(status Status, approver string) string {
	return "req/" + string(status) + "/approver=" + approver
}

func requestTerm(status Status, requester, account, resource string) string {
	return "req/" + string(status) + "/by=" + requester + "/acc=" + account + "/res=" + resource
}
