// Package phrase has what the product says in the same way wherever it says it, so
// that an error, a page and a message agree, and how near what was typed is to a word
// that there is. Texts are plain; whoever shows them escapes them.
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

// Printable is a text as it may go to a terminal, on one line: without control characters,
// which a terminal obeys, and without those that turn the direction of text.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return ' '
		case r < ' ', r >= 0x7f && r < 0xa0, r == 0x061c, r >= 0x200e && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return -1
		}
		return r
	}, s)
}

// Person names somebody by the e-mail address, which they can't choose, with what they
// call themselves behind.
func Person(email, name string) string {
	if email == "" {
		return Quoted(name)
	}
	return email + " (" + Quoted(name) + ")"
}

// Administrators is the ID of all administrators as approvers.
const Administrators = "administrators"

// Approver names whoever can approve something: by their name, "" where they were removed,
// and by what they are one, OWNER and MANAGER being said.
func Approver(id, name, by string) string {
	switch {
	case id == Administrators:
		return "the administrators"
	case name == "":
		return "somebody who was removed"
	case by == "OWNER", by == "MANAGER":
		return name + " (" + strings.ToLower(by) + ")"
	}
	return name
}

// Count writes a number with its noun: "1 item", "2 items".
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// Listed writes parts in a row: "a", "a and b", "a, b and c".
func Listed(parts []string, and string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	last := len(parts) - 1
	return strings.Join(parts[:last], ", ") + " " + and + " " + parts[last]
}

// maxCompared is how many letters of two texts are compared.
const maxCompared = 100

// Slips is how many slips of the finger make one text of another: letters put in, left out,
// replaced, or exchanged with the next. What may have been meant is near.
func Slips(a, b string) int {
	x, y := []rune(a), []rune(b)
	x, y = x[:min(len(x), maxCompared)], y[:min(len(y), maxCompared)]
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		before, last, row = last, row, before
		row[0] = i + 1
		for j := range y {
			replaced := last[j]
			if x[i] != y[j] {
				replaced++
			}
			row[j+1] = min(replaced, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return row[len(y)]
}
