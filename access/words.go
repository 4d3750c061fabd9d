package access

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"procyon/duration"
	"procyon/phrase"
)

// What a person is told of a change of terms. Texts are plain; whoever shows them
// escapes them.

// staleWords says what changed between the terms that were seen and those of now, who
// changed it, and what is asked for now. before is nil where it is not known any more.
func staleWords(before, now *Request, changes []Step, at time.Time) string {
	var b strings.Builder
	b.WriteString(whoChanged(changes, at))
	if before != nil {
		if diff := before.differences(now); len(diff) > 0 {
			b.WriteString(": " + strings.Join(diff, "; "))
		}
	}
	b.WriteString(". It now asks " + now.termsWords() + ". Nothing was changed by you; look at it before you go on.")
	return b.String()
}

func whoChanged(changes []Step, at time.Time) string {
	if len(changes) == 0 {
		return "This request was changed after you saw it"
	}
	last := changes[len(changes)-1]
	if last.Type == string(EventPolicyChanged) {
		return fmt.Sprintf("What governs this request changed %s, after you saw it", ago(at.Sub(last.At)))
	}
	var names []string
	for _, c := range changes {
		if name := phrase.Person(c.Actor.Email, c.Actor.Name); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	verb := "changed this request"
	if last.Type == string(EventExtensionRequested) {
		verb = "asked for an extension"
	}
	return fmt.Sprintf("%s %s %s, after you saw it", strings.Join(names, " and "), verb, ago(at.Sub(last.At)))
}

func ago(d time.Duration) string {
	if d < time.Minute {
		return "just now"
	}
	return duration.Words(d.Truncate(time.Minute)) + " ago"
}

// differences are the terms that two states of a request don't share, each as "what
// was → what is".
func (r *Request) differences(now *Request) []string {
	var out []string
	add := func(what, before, after string) {
		if before != after {
			out = append(out, fmt.Sprintf("%s: %s → %s", what, before, after))
		}
	}
	add("items", labels(r.Items), labels(now.Items))
	add("duration", duration.Words(r.Duration.Duration()), duration.Words(now.Duration.Duration()))
	add("start", startWords(r.StartsAt), startWords(now.StartsAt))
	add("reason", phrase.Quoted(r.Reason), phrase.Quoted(now.Reason))
	add("ticket", orNone(r.Ticket), orNone(now.Ticket))
	add("extension", r.Extension.words(), now.Extension.words())
	return out
}

// termsWords says what a decision about a request would be about.
func (r *Request) termsWords() string {
	if x := r.Extension; x != nil && r.Grant != nil {
		return fmt.Sprintf("to keep %s for %s more, until %s, because: %s",
			labels(r.Items), duration.Words(x.Duration.Duration()), phrase.Moment(r.Grant.ExpiresAt.Add(x.Duration.Duration())), phrase.Quoted(x.Reason))
	}
	return fmt.Sprintf("for %s, for %s, starting %s, because: %s",
		labels(r.Items), duration.Words(r.Duration.Duration()), startWords(r.StartsAt), phrase.Quoted(r.Reason))
}

func (x *Extension) words() string {
	if x == nil {
		return "none"
	}
	return duration.Words(x.Duration.Duration())
}

func startWords(t *time.Time) string {
	if t == nil {
		return "as soon as it is approved"
	}
	return phrase.Moment(*t)
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return phrase.Quoted(s)
}
