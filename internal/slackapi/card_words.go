package slackapi

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/slack-go/slack/slackutilsx"

	"procyon/duration"
	"procyon/phrase"
)

// words are the texts of one event. %s in a title is the requester.
type words struct {
	icon, title, done, link string
}

// wording is the table of all events: what the header says, how the byline says
// who did it, and what the link is called.
func wording(e Event) words {
	switch e {
	case EventCreated:
		return words{"🔑", "%s asks for access", "Requested", "Review this request in Procyon"}
	case EventApproved:
		return words{"✅", "Access approved for %s", "Approved", "Open this request in Procyon"}
	case EventDenied:
		return words{"⛔", "Access denied for %s", "Denied", "Open this request in Procyon"}
	case EventCanceled:
		return words{"↩️", "Request by %s canceled", "Canceled", "Open this request in Procyon"}
	case EventExpired:
		return words{"⌛", "Access of %s expired", "Expired", "Open this request in Procyon"}
	case EventClosed:
		return words{"🔒", "Access of %s closed early", "Closed", "Open this request in Procyon"}
	case EventRevoked:
		return words{"🚫", "Access of %s revoked", "Revoked", "Open this request in Procyon"}
	case EventTimedOut:
		return words{"⏰", "Request by %s timed out: nobody decided", "Timed out", "Open this request in Procyon"}
	case EventUpdated:
		return words{"✏️", "Request by %s changed", "Changed", "Review this request in Procyon"}
	case EventReviewed:
		return words{"👀", "Request by %s reviewed", "Reviewed", "Review this request in Procyon"}
	case EventActivated:
		return words{"🔓", "Access of %s is in force", "In force", "Open this request in Procyon"}
	case EventExtensionRequested:
		return words{"🔑", "%s asks to extend their access", "Requested", "Review this request in Procyon"}
	case EventExtended:
		return words{"✅", "Access of %s extended", "Extended", "Open this request in Procyon"}
	case EventExtensionDenied:
		return words{"⛔", "Extension denied for %s", "Denied", "Open this request in Procyon"}
	case EventFailed:
		return words{"⚠️", "Access for %s could not be set up", "Failed", "Open this request in Procyon"}
	case EventPolicyChanged:
		return words{"🧭", "Others decide the request by %s now", "Who decides it changed", "Review this request in Procyon"}
	case EventReminded:
		return words{"⏰", "Request by %s still waits for a decision", "Reminded of it", "Review this request in Procyon"}
	case EventEscalated:
		return words{"📣", "More people can decide the request by %s now", "More people can decide it", "Review this request in Procyon"}
	case EventTest:
		return words{"👋", "Test message from Procyon", "Sent", "Open Procyon"}
	}
	return words{"🔔", "Access request by %s changed", "Changed", "Open this request in Procyon"}
}

func (c Card) icon() string      { return wording(c.Event).icon }
func (c Card) linkLabel() string { return wording(c.Event).link }

// title is raw text on one line.
func (c Card) title() string {
	return strings.Replace(wording(c.Event).title, "%s", cut(orElse(c.Requester.short(), "somebody"), 80), 1)
}

// byline says who did it: "Approved by Grace Hopper (grace@example.com)".
func (c Card) byline() string {
	done := wording(c.Event).done
	if c.Event == EventPolicyChanged || c.Event == EventReminded || c.Event == EventEscalated {
		return done // nobody did it to the request
	}
	if c.Actor == (Person{}) {
		return done + " automatically"
	}
	return done + " by " + c.Actor.full()
}

func (c Card) testSentence() string {
	s := "This integration works: "
	if name := cut(c.Integration, maxName); name != "" {
		s += name + " receives "
	} else {
		s += "this channel receives "
	}
	return s + "notifications about access requests here. Nothing needs to be done."
}

func (p Person) short() string {
	return orElse(cut(p.Name, maxName), cut(p.Email, maxName))
}

// full is raw text such as "Ada Lovelace (ada@example.com)".
func (p Person) full() string {
	name, mail := cut(p.Name, maxName), cut(p.Email, maxName)
	switch {
	case name == "" && mail == "":
		return "somebody"
	case name == "" || name == mail:
		return mail
	case mail == "":
		return name
	}
	return name + " (" + mail + ")"
}

// fact is one line of the table: a raw text, or a time with words of ours behind it.
type fact struct {
	label string
	value string
	time  time.Time
}

func (f fact) text() string {
	if f.time.IsZero() {
		return f.value
	}
	return phrase.Moment(f.time) + f.value
}

// facts are the card's short facts in the order of interest.
func (c Card) facts() []fact {
	out := []fact{{label: "Requester", value: c.Requester.full()}}
	add := func(label, value string) {
		if value = cut(value, 2*maxName); value != "" {
			out = append(out, fact{label: label, value: value})
		}
	}
	switch {
	case c.Duration > 0 && c.Event == EventExtensionRequested:
		add("Extension", duration.RoughWords(c.Duration))
	case c.Duration > 0:
		add("Duration", duration.Granted(c.Duration, c.Granted))
	}
	switch {
	case !c.StartsAt.IsZero() && c.ExpiresAt.IsZero():
		out = append(out, fact{label: "Start", time: c.StartsAt, value: ", or with the approval if that is later"})
	case !c.StartsAt.IsZero():
		out = append(out, fact{label: "Start", time: c.StartsAt})
	case c.Event == EventCreated:
		add("Start", "as soon as it is approved")
	}
	if !c.ExpiresAt.IsZero() {
		out = append(out, fact{label: "End", time: c.ExpiresAt})
	}
	if !c.NewEnd.IsZero() {
		out = append(out, fact{label: "New end", time: c.NewEnd})
	}
	add("Ticket", c.Ticket)
	add("Status", statusWords(c.Status))
	return out
}

func (c Card) quotes() []fact {
	var out []fact
	if clean(c.Reason, true) != "" {
		out = append(out, fact{label: "Reason", value: c.Reason})
	}
	if clean(c.Comment, true) != "" {
		out = append(out, fact{label: "Comment", value: c.Comment})
	}
	return out
}

// topText is the whole content as one plain text, escaped.
func (c Card) topText() string {
	var parts []string
	add := func(s string, limit int) {
		if s = Mrkdwn(s, limit); s != "" {
			parts = append(parts, s)
		}
	}
	add(c.title(), 200)
	if c.Event == EventTest {
		add(c.testSentence(), 400)
	} else {
		add(c.byline(), 300)
		lines, rest := c.itemLines(maxTopItems - 100)
		for i, l := range lines {
			lines[i] = strings.TrimPrefix(l, "• ")
		}
		if rest != "" {
			lines = append(lines, rest)
		}
		add("Items: "+strings.Join(lines, "; "), maxTopItems)
		for _, f := range c.facts() {
			add(f.label+": "+f.text(), 300)
		}
		if lines := TrackLines(c.Tracks, maxTopTracks); len(lines) > 0 {
			add("Who decides: "+strings.NewReplacer(":\n• ", ": ", "\n• ", "; ", "\n", "; ").Replace(strings.Join(lines, "\n")), maxTopTracks+50)
		}
		for _, q := range c.quotes() {
			add(q.label+": "+q.value, maxTopQuote)
		}
		add(c.Hint, maxHint)
	}
	if !c.At.IsZero() {
		add("At: "+phrase.Moment(c.At), 100)
	}
	text := strings.Join(parts, "\n")
	if link := c.link(); link != "" && Size(text)+Size(link)+1 <= MaxTopText {
		text += "\n" + link
	}
	if Size(text) > MaxTopText { // the parts' limits leave room; this is for a change that forgets
		text = fit(unescapeAll(text), MaxTopText, slackutilsx.EscapeMessage)
	}
	return text
}

func unescapeAll(s string) string {
	return strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">").Replace(s)
}

// cut makes raw text fit on one line of at most limit characters, unescaped.
func cut(s string, limit int) string {
	return fit(clean(head(s, limit), false), limit, func(s string) string { return s })
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// statusWords turns TIMED_OUT into "Timed out".
func statusWords(status string) string {
	s := strings.ToLower(strings.ReplaceAll(clean(status, false), "_", " "))
	first, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + s[n:]
}
