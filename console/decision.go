package console

import (
	"slices"
	"time"

	"procyon/duration"
)

// What the panel beside the buttons says, so that nobody decides on what they have not
// before them: it repeats who would get what, for how long, and until when.

// Subject is what a review of this page decides.
func (b *requestBody) Subject() ReviewSubject {
	if b.Extending() {
		return ReviewSubjectExtension
	}
	return ReviewSubjectRequest
}

// Asked is the duration that an approver decides about.
func (b *requestBody) Asked() length {
	if b.Extending() {
		return b.Extension.Duration
	}
	return b.RequestedDuration
}

// StartPassed tells whether the start that was asked for is over: the window would
// begin at the approval.
func (b *requestBody) StartPassed() bool { return b.StartsAt != nil && !b.StartsAt.After(b.now) }

// AskedEnd is when the access would end if it were approved now, for as long as asked.
func (b *requestBody) AskedEnd() time.Time {
	if b.Extending() {
		return b.Extension.ExpiresAt
	}
	start := b.now
	if b.StartsAt != nil && !b.StartPassed() {
		start = *b.StartsAt
	}
	return start.Add(time.Duration(b.RequestedDuration))
}

// option is a duration that an approver can choose instead of the one asked for.
type option struct {
	Value    string // ISO 8601
	Label    string
	Selected bool
}

// longest is the longest access that may be approved by now.
func (b *requestBody) longest() time.Duration {
	if b.Allowed == nil || b.Extending() { // what may be added to an access the API judges
		return duration.Max
	}
	return time.Duration(b.Allowed.MaxDuration)
}

// TooLong tells whether more was asked for than is allowed by now: then it can be approved
// for a shorter time alone.
func (b *requestBody) TooLong() bool { return time.Duration(b.Asked()) > b.longest() }

// Longest is the longest access that may be approved by now.
func (b *requestBody) Longest() length { return length(b.longest()) }

// Shorter are the durations below the one asked for, the longest first, and none longer
// than is allowed by now.
func (b *requestBody) Shorter() []option {
	var out []option
	list := []time.Duration{
		7 * 24 * time.Hour, 3 * 24 * time.Hour, 24 * time.Hour, 12 * time.Hour, 8 * time.Hour, 6 * time.Hour, 4 * time.Hour,
		3 * time.Hour, 2 * time.Hour, time.Hour, 30 * time.Minute, 15 * time.Minute, 5 * time.Minute,
	}
	if longest := b.longest(); !slices.Contains(list, longest) {
		list = append([]time.Duration{longest}, list...)
	}
	for _, d := range list {
		if d < time.Duration(b.Asked()) && d <= b.longest() {
			v := duration.Format(d)
			out = append(out, option{Value: v, Label: duration.Words(d), Selected: v == b.Typed("review", "duration")})
		}
	}
	return out
}

// Refilled tells whether the form that was refused is on this page again. It is not
// where the request was decided meanwhile, or where something else waits by now.
func (b *requestBody) Refilled() bool {
	switch b.Filled.Form {
	case "review":
		return b.Deciding && (b.Filled.Subject == "" || b.Filled.Subject == b.Subject())
	case "revoke":
		return b.CanRevoke
	}
	return false
}

// Typed is what was typed into a field of a form that was refused, to be sent again.
func (b *requestBody) Typed(form, field string) string {
	if b.Filled.Form != form || !b.Refilled() {
		return ""
	}
	return b.Filled.Values[field]
}

// Unsent is what was typed into a form that is not on this page any more, to be copied.
func (b *requestBody) Unsent() string {
	if b.Refilled() {
		return ""
	}
	if b.Filled.Form == "revoke" {
		return b.Filled.Values["reason"]
	}
	return b.Filled.Values["comment"]
}

// Refusal is the heading over what was wrong with a form. An approval may find that
// something is gone, which ends the request: that is a change, though no decision.
func (b *requestBody) Refusal() string {
	if s := b.requestAnswer.Status; b.Filled.Form == "review" && (s == AccessRequestStatusCanceled || s == AccessRequestStatusRevoked) {
		return "Nothing was decided"
	}
	return "Nothing was changed"
}
