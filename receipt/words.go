package receipt

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"procyon/access"
	"procyon/duration"
	"procyon/phrase"
)

// step is what words need of an entry's data; see access for what each type has.
type step struct {
	Review  *access.Review `json:"review"`
	Seen    uint64         `json:"seen"`
	Rule    string         `json:"rule"`
	Comment string         `json:"comment"`
}

// Words says what is proved, and what is not, for people. The texts that people typed are
// quoted, in one line each.
func (p *Proved) Words() (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "The receipt of %s is good. The key %s signed at %s that the journal %s began with %d entries. These are among them:\n\n",
		p.Request, p.Checkpoint.Key, moment(p.Checkpoint.At), p.Checkpoint.Origin, p.Checkpoint.Size)
	var r access.Request
	for i := range p.Entries {
		e := &p.Entries[i]
		before := r
		r = access.Request{}
		var s step
		if err := json.Unmarshal(e.After, &r); err != nil {
			return "", fmt.Errorf("entry %d: what it says of the request can't be read: %w", e.Seq, err)
		}
		if err := json.Unmarshal(e.Data, &s); err != nil {
			return "", fmt.Errorf("entry %d: its details can't be read: %w", e.Seq, err)
		}
		fmt.Fprintf(&b, "  %s  %s %s (entry %d)\n", moment(e.At), who(e.Actor), what(access.EventType(e.Type), &s, &before, &r), e.Seq)
	}
	fmt.Fprintf(&b, "\n%s\n", held(&r))
	b.WriteString("\nNames and times are as the gateway wrote them down. Proved is what it wrote, and that it was not altered since. " +
		"Not proved is what happened on the systems themselves")
	if r.Open() {
		b.WriteString(", nor what came later: the request was still open")
	}
	b.WriteString(".\n")
	return b.String(), nil
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

func who(a access.Actor) string {
	name := phrase.Printable(phrase.Person(a.Email, a.Name))
	if a.Via != "" {
		name += " via " + phrase.Printable(a.Via)
	}
	if a.ByID != "" {
		name += " through the service " + phrase.Quoted(phrase.Printable(a.ByName))
	}
	return name
}

// what says what an entry did to the request.
func what(typ access.EventType, s *step, before, after *access.Request) string {
	switch typ {
	case access.EventCreated:
		return "asked for terms " + terms(after)
	case access.EventUpdated:
		return "changed it to terms " + terms(after)
	case access.EventExtensionRequested:
		return "asked to extend it, by terms " + extension(after)
	case access.EventReviewed, access.EventApproved, access.EventDenied, access.EventExtended, access.EventExtensionDenied:
		if s.Review != nil {
			return review(typ, s, before)
		}
	}
	words, known := plainEvents()[typ]
	if !known {
		words = "wrote down " + phrase.Printable(string(typ))
	}
	if s.Comment != "" {
		words += ": " + phrase.Printable(s.Comment)
	}
	return words
}

// plainEvents are those that need no more words.
func plainEvents() map[access.EventType]string {
	return map[access.EventType]string{
		access.EventActivated: "began the access", access.EventExpired: "ended it, for its time was over", access.EventClosed: "closed it",
		access.EventRevoked: "revoked it", access.EventCanceled: "canceled it", access.EventTimedOut: "ended it, for nobody had decided in time",
		access.EventFailed: "ended it, for it failed", access.EventExtensionDenied: "refused the extension",
	}
}

// review says who decided what, and what they had seen.
func review(typ access.EventType, s *step, seen *access.Request) string {
	words := map[access.Decision]string{access.DecisionApprove: "approved", access.DecisionDeny: "denied"}[s.Review.Decision]
	subject := terms(seen)
	if seen.Subject() == access.SubjectExtension {
		subject = "the extension, terms " + extension(seen)
	} else {
		subject = "terms " + subject
	}
	words += " " + subject
	if s.Review.Duration > 0 {
		words += ", for " + duration.Words(s.Review.Duration.Duration()) + " only"
	}
	if s.Review.Comment != "" {
		words += ", saying " + phrase.Quoted(phrase.Printable(s.Review.Comment))
	}
	if typ == access.EventReviewed {
		words += "; that did not decide it yet"
	}
	if s.Rule != "" {
		words += ". The rule: " + phrase.Printable(s.Rule)
	}
	return words
}

// terms says what is asked for, with the number of its version.
func terms(r *access.Request) string {
	items := make([]string, len(r.Items))
	for i := range r.Items {
		items[i] = phrase.Printable(r.Items[i].Label())
		if a := r.Items[i].AccountName; a != "" {
			items[i] += " on " + phrase.Printable(a)
		}
	}
	words := fmt.Sprintf("%d: %s for %s", r.Version(), phrase.Listed(items, "and"), duration.Words(r.Duration.Duration()))
	if r.StartsAt != nil {
		words += " from " + moment(*r.StartsAt)
	}
	words += ", because " + phrase.Quoted(phrase.Printable(r.Reason))
	if r.Ticket != "" {
		words += ", ticket " + phrase.Quoted(phrase.Printable(r.Ticket))
	}
	return words
}

func extension(r *access.Request) string {
	if r.Extension == nil {
		return fmt.Sprint(r.Version())
	}
	return fmt.Sprintf("%d: by %s, because %s", r.Version(), duration.Words(r.Extension.Duration.Duration()), phrase.Quoted(phrase.Printable(r.Extension.Reason)))
}

// held says from when to when the access was in force.
func held(r *access.Request) string {
	switch {
	case r.Grant == nil:
		return fmt.Sprintf("No access was given. The request is %s.", status(r))
	case r.Status == access.StatusApproved:
		return fmt.Sprintf("The access is to last from %s to %s.", moment(r.Grant.StartsAt), moment(r.Grant.ExpiresAt))
	case r.Status == access.StatusActive:
		return fmt.Sprintf("The access is in force since %s, and ends at %s at the latest.", moment(r.Grant.StartsAt), moment(r.Grant.ExpiresAt))
	case !r.Grant.StartsAt.Before(r.Grant.ExpiresAt):
		return fmt.Sprintf("The access was never in force. The request is %s.", status(r))
	}
	return fmt.Sprintf("The access was in force from %s to %s. The request is %s.", moment(r.Grant.StartsAt), moment(r.Grant.ExpiresAt), status(r))
}

func status(r *access.Request) string {
	return strings.ToLower(strings.ReplaceAll(string(r.Status), "_", " "))
}
