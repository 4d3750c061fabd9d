package console

import (
	"encoding/json"
	"slices"
	"time"

	"procyon/duration"
	"procyon/phrase"
)

// requestBody is what the page of a request shows.
type requestBody struct {
	requestAnswer
	Filled  filled
	Allowed *limits // nil where the API does not say

	Deciding  bool // the viewer may approve or deny, the request or its extension
	CanCancel bool
	CanClose  bool
	CanRevoke bool

	Steps     []step
	Notified  []notification
	now       time.Time
	viewerOwn bool
}

// newRequestBody works out what the viewer may do, as far as the API's answer
// tells; the API judges again when they do it.
func newRequestBody(a requestAnswer, v viewer, allowed *limits, now time.Time) *requestBody {
	own := a.Requester.UserID == v.UserID
	granted := a.Status == AccessRequestStatusApproved || a.Status == AccessRequestStatusActive
	b := &requestBody{
		requestAnswer: a, Allowed: allowed, now: now, viewerOwn: own,
		Deciding:  a.ViewerCanReview,
		CanCancel: own && (a.Status == AccessRequestStatusPending || a.Status == AccessRequestStatusApproved),
		CanClose:  own && a.Status == AccessRequestStatusActive,
		CanRevoke: !own && granted && v.Role == RoleAdmin,
	}
	for _, e := range a.Timeline.Nodes {
		b.Steps = append(b.Steps, newStep(e, a.Requester.UserID))
	}
	for _, d := range slices.Backward(a.Deliveries.Nodes) {
		b.Notified = append(b.Notified, newNotification(d))
	}
	return b
}

// Status hides the field of that name: templates want the words.
func (b *requestBody) Status() status { return statusOf(b.requestAnswer.Status) }

// Pending tells whether the request itself waits for a decision.
func (b *requestBody) Pending() bool { return b.requestAnswer.Status == AccessRequestStatusPending }

// OwnPending tells the requester that somebody else has to decide.
func (b *requestBody) OwnPending() bool { return b.viewerOwn && b.Pending() && !b.Deciding }

// Acting tells whether the viewer may do anything here.
func (b *requestBody) Acting() bool {
	return b.Deciding || b.CanCancel || b.CanClose || b.CanRevoke
}

// Unheard tells whether no integration hears of this request.
func (b *requestBody) Unheard() bool { return len(b.NotificationRoutes) == 0 }

// DecideIn says how far off the moment is at which the request times out.
func (b *requestBody) DecideIn() string { return fromNow(b.DecideBy, b.now) }

// EndsIn says how far off the grant's end is; empty where it is over.
func (b *requestBody) EndsIn() string {
	if b.requestAnswer.Status != AccessRequestStatusActive && b.requestAnswer.Status != AccessRequestStatusApproved {
		return ""
	}
	return fromNow(b.Grant.ExpiresAt, b.now)
}

// Extended tells whether more was granted than was asked for at first, which only
// extensions do.
func (b *requestBody) Extended() bool {
	return b.GrantedDuration != nil && *b.GrantedDuration > b.RequestedDuration
}

// KindWord names the kind of an item's resource.
func (i item) KindWord() string { return kindWord(i.ResourceKind) }

// Label names an item for a list.
func (i itemLabel) Label() string {
	if i.Role == nil || *i.Role == "" {
		return i.ResourceName
	}
	return i.ResourceName + " (" + *i.Role + ")"
}

// What names what a request is for: its first item, and how many more there are.
func (s summary) What() string {
	switch len(s.Items) {
	case 0:
		return "Nothing"
	case 1:
		return s.Items[0].Label()
	}
	return s.Items[0].Label() + " and " + phrase.Count(len(s.Items)-1, "more item")
}

// Length says for how long a request is: what was asked for, and what was granted where
// that is another.
func (r RequestSummaryAccessRequest) Length() string {
	if g := r.GrantedDuration; g != nil && *g > 0 && *g != r.RequestedDuration {
		return duration.Granted(time.Duration(r.RequestedDuration), time.Duration(*g))
	}
	return "for " + r.RequestedDuration.String()
}

// Extending tells whether what waits for a decision is an extension.
func (r RequestSummaryAccessRequest) Extending() bool {
	return r.Status == AccessRequestStatusActive && r.Extension != nil
}

// Deadline is when it is too late to decide.
func (r RequestSummaryAccessRequest) Deadline() time.Time {
	if r.Extending() && r.Grant != nil {
		return r.Grant.ExpiresAt
	}
	return r.DecideBy
}

// Word says what a review was.
func (r reviewAnswer) Word() string {
	if r.Decision == ReviewDecisionApprove {
		return "Approved"
	}
	return "Denied"
}

// step is one line of the time line.
type step struct {
	At      time.Time
	Who     string // empty where nobody did it
	Email   string
	Words   string
	How     string // the way it came in, and the service that acted for the person
	Details []string
	Quote   string // what they said
}

// newStep puts an entry into words. Its details are shown where they are known;
// an entry with others is still shown. requester is the ID of who asked.
func newStep(e entry, requester string) step {
	words, personal := stepWords(e.Type)
	if e.Type == string(RequestEventTypeCanceled) && e.Actor.UserID != requester {
		words = "ended the request" // something that it rests on is gone: the comment says what
	}
	s := step{At: e.At, Words: words}
	if personal {
		s.Who = e.Actor.Name
		if e.Actor.Kind == ActorKindSystem {
			s.Who = "Procyon"
		}
		s.How = viaWord(e.Actor.Via)
		if e.Actor.Email != nil {
			s.Email = *e.Actor.Email
		}
		if e.Actor.ActingService != nil && *e.Actor.ActingService != "" {
			if s.How != "" {
				s.How += ", "
			}
			s.How += "through " + *e.Actor.ActingService
		}
	}
	s.addData(e.Data)
	return s
}

func (s *step) addData(raw json.RawMessage) {
	var d struct {
		Review *struct {
			Comment  string `json:"comment"`
			Duration int64  `json:"duration"` // seconds
		} `json:"review"`
		Extension *struct {
			Duration int64  `json:"duration"`
			Reason   string `json:"reason"`
		} `json:"extension"`
		Grant *struct {
			ExpiresAt time.Time `json:"expiresAt"`
		} `json:"grant"`
		Comment string `json:"comment"`
	}
	if json.Unmarshal(raw, &d) != nil {
		return
	}
	s.Quote = d.Comment
	if d.Review != nil {
		s.Quote = d.Review.Comment
		if d.Review.Duration > 0 {
			s.Details = append(s.Details, "shortened to "+seconds(d.Review.Duration))
		}
	}
	if d.Extension != nil {
		s.Quote = d.Extension.Reason
		s.Details = append(s.Details, seconds(d.Extension.Duration)+" longer")
	}
	if d.Grant != nil {
		s.Details = append(s.Details, "in force until "+stamp(d.Grant.ExpiresAt).Human)
	}
}

func seconds(n int64) string { return duration.Words(time.Duration(n) * time.Second) }
