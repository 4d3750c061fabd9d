// Package phrase has what the product says in the same way wherever it says it, so
// that an error, a page and a message agree. Texts are plain; whoever shows them
// escapes them.
package phrase

import (
	"strconv"
	"strings"
	"time"
)

// SomethingGone is said in place of what ended a request where not all of its items may
// be shown: the name of one that a channel does not see is none of its business.
const SomethingGone = "Something that it rests on is gone."

// Moment writes a moment in UTC, which it says, to the minute.
func Moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// Quoted is a text of a person's on one line, in quotes that it does not hold itself,
// so that it can't look like more than it is.
func Quoted(s string) string {
	return "“" + strings.NewReplacer("“", "'", "”", "'").Replace(strings.Join(strings.Fields(s), " ")) + "”"
}

// Person names somebody by the e-mail address, which they can't choose, with what they
// call themselves behind.
func Person(email, name string) string {
	if email == "" {
		return Quoted(name)
	}
	return email + " (" + Quoted(name) + ")"
}

// Count writes a number with its noun: "1 item", "2 items".
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
