package slackbot

import (
	"slices"
	"time"

	"github.com/slack-go/slack"

	"procyon/client"
	"procyon/duration"
	"procyon/internal/slackapi"
	"procyon/phrase"
)

// event is the event that a card of a request in this status shows.
func (r *request) event() slackapi.Event {
	switch r.Status {
	case AccessRequestStatusPending:
		return slackapi.EventCreated
	case AccessRequestStatusApproved, AccessRequestStatusActive:
		if r.Extension != nil {
			return slackapi.EventExtensionRequested
		}
		return slackapi.EventApproved
	}
	return slackapi.Event(r.Status)
}

// card draws a request for somebody who may see all of it.
func (r *request) card() slackapi.Card {
	c := slackapi.Card{
		Event: r.event(), Requester: slackapi.Person{Name: r.Requester.Name, Email: r.Requester.Email}, Duration: time.Duration(r.RequestedDuration), Granted: time.Duration(r.GrantedDuration),
		Reason: r.Reason, Ticket: r.Ticket, Status: string(r.Status), URL: r.URL, Interactive: true,
	}
	c.Items = cardItems(r.Items)
	for _, i := range cardItems(r.DroppedItems) {
		i.Gone = "left out by an approver"
		c.Items = append(c.Items, i)
	}
	if r.StartsAt != nil {
		c.StartsAt = *r.StartsAt
	}
	if r.Grant != nil {
		c.StartsAt, c.ExpiresAt = r.Grant.StartsAt, r.Grant.ExpiresAt
	}
	switch c.Event {
	case slackapi.EventCreated:
		c.Actor = c.Requester
	case slackapi.EventExtensionRequested:
		c.Actor, c.Duration, c.Reason = c.Requester, time.Duration(r.Extension.Duration), r.Extension.Reason
		c.NewEnd = r.Extension.ExpiresAt
	case slackapi.EventApproved, slackapi.EventDenied:
		if n := len(r.Reviews); n > 0 {
			last := r.Reviews[n-1]
			c.Actor, c.Comment, c.At = slackapi.Person(last.Reviewer), last.Comment, last.At
		}
	case slackapi.EventCanceled, slackapi.EventClosed:
		c.Actor = c.Requester
		if r.Outcome != "" { // something that it rests on is gone
			c.Actor, c.Comment = r.EndedBy.person(), r.Outcome
		}
	case slackapi.EventRevoked:
		c.Actor, c.Comment = r.EndedBy.person(), r.Outcome
	}
	return c
}

func cardItems(items []RequestItem) []slackapi.Item {
	var out []slackapi.Item
	for _, i := range items {
		place := i.AccountName
		if place == "" {
			place = i.GatewayName
		}
		out = append(out, slackapi.Item{Resource: i.ResourceName, Role: i.Role, Place: place, Was: i.ResourceNameWas, Gone: i.Unavailable})
	}
	return out
}

// draw draws a message as it should be now, but without its buttons unless it is
// live: one that the bot could lose sight of must not have any.
func (m *message) draw(r *request, live bool) slackapi.Message {
	switch {
	case m.reminds():
		return r.reminder()
	case m.Kind == kindNote:
		return note(m.noteOf(), r)
	}
	c := r.card()
	to, items := forApprovers, r.Items
	if m.Kind != kindApprover {
		to = forAnybody
	}
	if m.Kind == kindChannel {
		to := r.routeTo(m.To)
		if to == nil { // the links were changed: it is no longer for this channel
			to = &route{OtherItemCount: len(r.Items)}
			c.Reason, c.Ticket, c.Comment = "", "", ""
		}
		items = to.Items
		c.Items, c.MoreItems = cardItems(to.Items), to.OtherItemCount
		if r.Gone && c.MoreItems > 0 {
			c.Comment = phrase.SomethingGone
		}
	}
	c.Tracks = r.tracks(items, to)
	if live {
		c.Buttons = m.buttons(r)
	}
	c.Hint = m.hint(r, len(c.Buttons) > 0)
	return c.Message()
}

// hint says what a reader needs to know to decide, or why they can't.
func (m *message) hint(r *request, buttons bool) string {
	switch {
	case !m.asks(r):
		return ""
	case m.elsewhere(r) && m.Kind == kindChannel:
		return "Nothing that is shown here waits for a decision now."
	case m.elsewhere(r):
		return "Nothing of this waits for your decision now."
	case len(m.buttons(r)) == 0:
		return "Not all that is asked for can be shown here. Open it to decide."
	case buttons && m.Kind == kindChannel: // all see the same buttons there
		return "Nobody decides their own request: " + r.Requester.Name + " can't use these buttons."
	}
	return ""
}

// asks tells whether a message is for people who may decide, and something waits.
func (m *message) asks(r *request) bool {
	return r.waits() && (m.Kind == kindApprover || m.Kind == kindChannel && r.routeTo(m.To) != nil)
}

// elsewhere tells whether what waits does so for others than those whom a message asks: its
// reader has approved it or is not asked yet, or nothing of what a channel sees waits.
func (m *message) elsewhere(r *request) bool {
	switch {
	case !r.governed():
		return false
	case m.Kind == kindChannel:
		return !r.waitsFor(r.routeTo(m.To).Items)
	}
	return !r.decidedBy(seat{m.SlackID, m.To})
}

// buttons are those that a message should have now. Nobody decides on what they can't see:
// where it hides some of the items, they lead to a form that shows them, or there are none.
func (m *message) buttons(r *request) []slack.BlockElement {
	if !m.asks(r) || m.elsewhere(r) {
		return nil
	}
	hides := m.Kind == kindChannel && r.routeTo(m.To).OtherItemCount > 0
	if hides && !r.governed() {
		return nil
	}
	return r.decisionButtons(hides)
}

// waits tells whether a request, or its extension, waits for a decision.
func (r *request) waits() bool { return r.Status == AccessRequestStatusPending || r.Extension != nil }

// shorter are the times that an approver can choose instead of the one asked for, none
// longer than is allowed by now.
func (r *request) shorter() []option {
	if r.Extension != nil {
		return nil
	}
	var out []option
	for _, d := range durations(r.longest(), r.longest()) {
		if d < time.Duration(r.RequestedDuration) {
			out = append(out, option{client.Duration(d).String(), duration.Words(d)})
		}
	}
	return out
}

// allowed tells whether what is asked for may be approved as it is by now.
func (r *request) allowed() bool {
	return r.Extension != nil || time.Duration(r.RequestedDuration) <= r.longest()
}

// reminds tells whether a message is a note to somebody who can decide.
func (m *message) reminds() bool { return m.Kind == kindNote && m.noteOf() == eventReminded }

// outdated tells whether a message that was not posted is too late to be.
func (m *message) outdated(r *request) bool {
	if m.reminds() {
		return !r.waits() || !r.decidedBy(seat{m.SlackID, m.To})
	}
	return m.Kind == kindApprover && r.over()
}

// reminder is a note to somebody who can decide.
func (r *request) reminder() slackapi.Message {
	c := r.card()
	c.Event, c.Tracks = slackapi.EventReminded, r.tracks(r.Items, forApprovers)
	if !r.consoleAlone() && len(r.decisionButtons(false)) > 0 {
		c.Hint = "You can decide it by the buttons of its first message, further up here, or in Procyon."
	}
	return c.Message()
}

// note is a short message about what just happened.
func note(event string, r *request) slackapi.Message {
	c := r.card()
	text := map[string]string{
		"APPROVED":         "Your request was approved.",
		"DENIED":           "Your request was denied.",
		"TIMED_OUT":        "Nobody decided your request in time.",
		"EXPIRED":          "Your access has ended.",
		"REVOKED":          "Your access was revoked.",
		"EXTENDED":         "Your access was extended.",
		"EXTENSION_DENIED": "Your extension was denied; the access ends as planned.",
		"FAILED":           "Your access could not be set up.",
		"CANCELED":         "Your request was canceled.",
		eventExpiring:      "Your access ends in less than ten minutes.",
	}[event]
	for _, i := range c.Items {
		text += "\n• " + i.Resource
		if i.Role != "" {
			text += " as " + i.Role
		}
		if slices.ContainsFunc(r.DroppedItems, func(d RequestItem) bool { return d.ResourceName == i.Resource && d.Role == i.Role }) {
			text += " – " + i.Gone
		}
	}
	if g := r.Grant; g != nil && event == "APPROVED" {
		if r.StartsAt != nil && g.StartsAt.After(*r.StartsAt) {
			text += "\nIt was approved after the start that you asked for (" + phrase.Moment(*r.StartsAt) + "), so it begins with the approval and lasts as long."
		}
		text += "\nFrom " + phrase.Moment(g.StartsAt) + " until " + phrase.Moment(g.ExpiresAt) + ": " + duration.Granted(c.Duration, c.Granted) + "."
	}
	if c.Comment != "" && event != eventExpiring {
		text += "\nComment: " + c.Comment
	}
	a := say(text)
	return slackapi.Message{Text: a.Text, Blocks: a.Blocks}
}
