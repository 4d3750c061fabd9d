package access

import (
	"fmt"
	"slices"
	"strings"
	"time"
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
	var names []string
	for _, c := range changes {
		if name := who(c.Actor.Email, c.Actor.Name); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	last := changes[len(changes)-1]
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
	return inWords(d.Truncate(time.Minute)) + " ago"
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
	add("duration", inWords(r.Duration.Duration()), inWords(now.Duration.Duration()))
	add("start", startWords(r.StartsAt), startWords(now.StartsAt))
	add("reason", quoted(r.Reason), quoted(now.Reason))
	add("ticket", orNone(r.Ticket), orNone(now.Ticket))
	add("extension", r.Extension.words(), now.Extension.words())
	return out
}

// termsWords says what a decision about a request would be about.
func (r *Request) termsWords() string {
	if x := r.Extension; x != nil && r.Grant != nil {
		return fmt.Sprintf("to keep %s for %s more, until %s, because: %s",
			labels(r.Items), inWords(x.Duration.Duration()), moment(r.Grant.ExpiresAt.Add(x.Duration.Duration())), quoted(x.Reason))
	}
	return fmt.Sprintf("for %s, for %s, starting %s, because: %s",
		labels(r.Items), inWords(r.Duration.Duration()), startWords(r.StartsAt), quoted(r.Reason))
}

func (x *Extension) words() string {
	if x == nil {
		return "none"
	}
	return inWords(x.Duration.Duration())
}

func startWords(t *time.Time) string {
	if t == nil {
		return "as soon as it is approved"
	}
	return moment(*t)
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// quoted is a text of a person's on one line, in quotes that it does not hold itself,
// so that it can't look like more than it is.
func quoted(s string) string {
	return "“" + strings.NewReplacer("“", "'", "”", "'").Replace(strings.Join(strings.Fields(s), " ")) + "”"
}

// who names a person by what they can't choose, with what they call themselves behind.
func who(email, name string) string {
	if email == "" {
		return quoted(name)
	}
	return email + " (" + quoted(name) + ")"
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return quoted(s)
}

// inWords says how long something is: "1 hour 30 minutes".
func inWords(d time.Duration) string {
	var parts []string
	for _, u := range []struct {
		name string
		size time.Duration
	}{{"day", 24 * time.Hour}, {"hour", time.Hour}, {"minute", time.Minute}, {"second", time.Second}} {
		if n := int(d / u.size); n > 0 {
			parts = append(parts, count(n, u.name))
			d -= time.Duration(n) * u.size
		}
	}
	if len(parts) == 0 {
		return "0 seconds"
	}
	return strings.Join(parts, " ")
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
