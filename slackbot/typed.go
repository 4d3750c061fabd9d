package slackbot

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"procyon/duration"
	"procyon/internal/slackapi"
	"procyon/phrase"
)

// typed is what the words behind /procyon request say. Their grammar:
//
//	words    = [ resource ] { "as" role | [ "for" ] length } [ reason [ "for" length ] ]
//	         | [ "for" ] length [ resource ] …
//	resource = name | quoted
//	role     = name | quoted
//	length   = see duration.Lead
//	quoted   = a text in quotes of any kind: straight, curly, low, single, backticks
//
// Between two parts there may be a comma, a colon or a dash. A name without quotes is the
// longest that a resource has, or a role of that resource; upper and lower case are the
// same, and behind the resource's name may be its place, as menus show it. What is not
// understood where a resource, a role or a length is expected is a problem, and never
// becomes part of the reason.
type typed struct {
	resource *resource // nil: none was named, or understood
	named    string    // what was meant as the name of one, and is not understood
	role     string
	length   time.Duration // 0: none was named, or understood
	reason   string
	ticket   string

	problems []string // what was not understood, in sentences
	notes    []string // what was understood in a way that they should look at
	near     []nearby // resources that may be meant
	rest     string   // the words but for the resource
	lead     string   // the length where it stands before the resource
	timed    bool     // something was meant as a length
}

// nearby is a resource that may be meant, and what then stands behind its name.
type nearby struct {
	resource
	rest  string
	score int // the less the nearer
}

func (t *typed) problem(format string, args ...any) {
	t.problems = append(t.problems, fmt.Sprintf(format, args...))
}

func (t *typed) note(format string, args ...any) {
	t.notes = append(t.notes, fmt.Sprintf(format, args...))
}

// entities are those that Slack writes for what was typed.
var entities = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// asTyped is the text of a command as it was typed, each white space one space.
func asTyped(text string) string { return strings.Join(strings.Fields(entities.Replace(text)), " ") }

// splitCommand parts the subcommand from what stands behind it.
func splitCommand(text string) (name, args string) {
	text = strings.TrimSpace(text)
	end := strings.IndexFunc(text, unicode.IsSpace)
	if end < 0 {
		return text, ""
	}
	return text[:end], strings.TrimSpace(text[end:])
}

// quotes are the kinds of quotes: what begins one ends with a mark of the same kind, for
// phones and languages differ in which.
var quotes = []string{`"“”„‟″`, "'‘’‚‛′", "`´", "«»", "‹›"}

// unquote reads the quoted text that s begins with. ok tells whether there is one, and
// open whether its end is missing. A single quote without an end is an apostrophe.
func unquote(s string) (name, rest string, ok, open bool) {
	first, n := utf8.DecodeRuneInString(s)
	for i, kind := range quotes {
		if n == 0 || !strings.ContainsRune(kind, first) {
			continue
		}
		for at, r := range s[n:] {
			end := n + at + utf8.RuneLen(r)
			if strings.ContainsRune(kind, r) && wordEnds(s[end:]) {
				return strings.TrimSpace(s[n : n+at]), s[end:], true, false
			}
		}
		const single = 1
		return s[n:], "", i != single, true
	}
	return "", s, false, false
}

// wordEnds tells whether a word may end where rest begins.
func wordEnds(rest string) bool {
	r, n := utf8.DecodeRuneInString(rest)
	if n > 0 && strings.ContainsRune(".!?", r) { // at the end of a sentence
		r, n = utf8.DecodeRuneInString(rest[n:])
		return n == 0 || unicode.IsSpace(r)
	}
	return n == 0 || unicode.IsSpace(r) || strings.ContainsRune(",:;", r)
}

// trimBetween removes what may stand between two parts.
func trimBetween(s string) string {
	for {
		s = strings.TrimSpace(s)
		r, n := utf8.DecodeRuneInString(s)
		if n == 0 || !strings.ContainsRune(",:;.-–—", r) || !strings.ContainsRune(",:;", r) && !wordEnds(s[n:]) {
			return s
		}
		s = s[n:]
	}
}

// behindWord returns what stands behind a word that s begins with.
func behindWord(s, word string) (rest string, ok bool) {
	if len(s) >= len(word) && strings.EqualFold(s[:len(word)], word) && wordEnds(s[len(word):]) {
		return trimBetween(s[len(word):]), true
	}
	return s, false
}

// sameName tells whether two names are the same but for upper and lower case, and for the
// quotes and dashes that phones put in place of what was typed.
func sameName(a, b string) bool {
	if len(a) > 3*len(b) || len(b) > 3*len(a) { // in UTF-8, that is more than either makes of it
		return false
	}
	return strings.EqualFold(asOnKeys.Replace(a), asOnKeys.Replace(b))
}

var asOnKeys = strings.NewReplacer("‘", "'", "’", "'", "“", `"`, "”", `"`, "–", "-", "—", "-")

// behindName returns what stands behind a name that s begins with.
func behindName(s, name string) (rest string, ok bool) {
	name = asTyped(name)
	for at := range s + " " {
		if at > 0 && sameName(s[:at], name) && wordEnds(s[at:]) {
			return trimBetween(s[at:]), true
		}
		if at > 3*len(name) {
			break
		}
	}
	return s, name == "" && s == ""
}

// names are what a resource can be called: by its name alone, or as menus show it.
func (r resource) names() []string {
	out := []string{r.Name}
	if place := strings.TrimPrefix(r.label(), r.Name+" – "); place != r.label() {
		out = append(out, r.Name+" – "+place)
	}
	return out
}

// longestNamed are the resources with the longest of the names that a text begins with,
// several where they have the same, and what stands behind it.
func longestNamed(text string, list []resource) (named []resource, rest string) {
	for _, r := range list {
		for _, name := range r.names() {
			behind, ok := behindName(text, name)
			switch {
			case !ok || len(named) > 0 && len(behind) > len(rest):
			case len(named) > 0 && len(behind) == len(rest):
				named = append(named, r)
			default:
				named, rest = []resource{r}, behind
			}
		}
	}
	return named, rest
}

// leadLength reads the length, perhaps behind "for", that a text begins with. meant is the
// text that was meant as one, "" where there is none.
func leadLength(text string) (d time.Duration, meant, rest string, err error) {
	at := text
	if behind, ok := behindWord(text, "for"); ok {
		at = behind
	}
	d, rest, err = duration.Lead(at)
	if errors.Is(err, duration.ErrSyntax) {
		return 0, "", text, err
	}
	return d, strings.TrimSpace(strings.TrimSuffix(at, rest)), trimBetween(rest), err
}

// beforeDetails is the part of a text before a role or a length; ok tells whether there is
// any of these.
func beforeDetails(text string) (name, rest string, ok bool) {
	for at, r := range text {
		if r != ' ' {
			continue
		}
		behind := text[at+1:]
		_, meant, _, _ := leadLength(behind)
		if _, as := behindWord(behind, "as"); as || meant != "" {
			return strings.TrimRight(text[:at], " ,:;-–—"), behind, true
		}
	}
	return text, "", false
}

// readDetails reads what stands behind the resource. l says what is allowed.
func (t *typed) readDetails(text string, l *limits) {
	t.rest = strings.TrimSpace(t.lead + " " + text)
	for i := range t.near {
		t.near[i].rest = strings.TrimSpace(t.lead + " " + t.near[i].rest)
	}
	role := false
	for text = trimBetween(text); text != ""; text = trimBetween(text) {
		if !role {
			if text, role = t.readRole(text); role {
				continue
			}
		}
		if t.timed {
			break
		}
		if text, t.timed = t.readLength(text, l); !t.timed {
			break
		}
	}
	if !t.timed {
		text = t.readLengthBehind(text, l)
	}
	t.readReason(text, l)
}

// readRole reads "as" and a role. Behind a length, "as" and no such role are of the reason.
func (t *typed) readRole(text string) (rest string, ok bool) {
	whole := text
	text, ok = behindWord(text, "as")
	if !ok || t.resource == nil {
		return whole, false
	}
	name, rest, quoted, open := unquote(text)
	if quoted && open {
		t.problem("The quote that begins with %s has no end.", phrase.Quoted(short(name)))
		return "", true
	}
	var found string
	for _, r := range t.resource.Roles {
		behind, is := behindName(text, r)
		if quoted {
			behind, is = rest, sameName(asTyped(r), name)
		}
		if is && len(r) > len(found) {
			found, rest = r, behind
		}
	}
	switch {
	case found != "":
		t.role = found
		return rest, true
	case !quoted && t.timed:
		return whole, false
	case !quoted:
		name, rest, ok = beforeDetails(text)
		if !ok {
			name, rest, _ = strings.Cut(text, " ")
		}
	}
	switch list := t.resource.Roles; {
	case name == "":
		t.problem("Behind “as” there is no role.")
	case len(list) == 0:
		t.problem("%s has no roles, so leave out “as %s”.", phrase.Quoted(t.resource.Name), short(name))
	default:
		t.problem("%s has no role %s. It has: %s.", phrase.Quoted(t.resource.Name), phrase.Quoted(short(name)), slackapi.Some(list))
	}
	return rest, true
}

// readLength reads a length of time. ok tells whether something was meant as one.
func (t *typed) readLength(text string, l *limits) (rest string, ok bool) {
	for _, word := range []string{"until", "till", "til"} {
		if _, is := behindWord(text, word); is {
			words := strings.Fields(text)
			n := min(2, len(words))
			t.problem("%s can't be read: say for how long, such as 2h, 90min or 1 day.", phrase.Quoted(strings.Join(words[:n], " ")))
			return strings.Join(words[n:], " "), true
		}
	}
	d, meant, rest, err := leadLength(text)
	if meant == "" {
		return text, false
	}
	switch {
	case errors.Is(err, duration.ErrTooLong):
		t.tooLong(phrase.Quoted(short(meant)), l)
	case errors.Is(err, duration.ErrNoFixedLength):
		t.problem("%s: months and years have no fixed length. Count in days, hours and minutes.", phrase.Quoted(short(meant)))
	case err != nil:
		t.problem("%s is no length of time. Write it like 2h, 90min, 1h30m, 2 hours or 1 day.", phrase.Quoted(short(meant)))
	case d > l.longest():
		t.tooLong(duration.Words(d), l)
	case d < l.shortest():
		t.problem("%s is too short: at least %s must be asked for.", duration.Words(d), duration.Words(l.shortest()))
	default:
		t.length = d
	}
	return rest, true
}

func (t *typed) tooLong(what string, l *limits) {
	t.problem("%s is too long: at most %s is allowed.", what, duration.Words(l.longest()))
	t.length = l.longest()
}

// readLengthBehind reads "for" and a length at a reason's end, and returns what is before.
func (t *typed) readLengthBehind(text string, l *limits) (reason string) {
	for at, r := range text {
		if r != ' ' {
			continue
		}
		if _, is := behindWord(text[at+1:], "for"); !is {
			continue
		}
		if _, meant, rest, err := leadLength(text[at+1:]); meant != "" && rest == "" && err == nil {
			t.readLength(text[at+1:], l)
			return strings.TrimRight(text[:at], " ,:;-–—")
		}
	}
	if n := lengthIn(text); n != "" {
		t.note("%s is read as a part of the reason. Choose below for how long.", phrase.Quoted(short(n)))
	}
	return text
}

// lengthIn is the first number in a reason that may have been meant as a length: one with
// a unit of time, or at the beginning with none.
func lengthIn(text string) string {
	if first, _, _ := strings.Cut(text, " "); first != "" && strings.Trim(first, "0123456789.,:") == "" {
		return first
	}
	for at := range text {
		if at > 0 && text[at-1] != ' ' {
			continue
		}
		if _, meant, _, err := leadLength(text[at:]); meant != "" && err == nil {
			return meant
		}
	}
	return ""
}

// readReason takes what is left. A reason that is too long for the form is cut, and said
// to be.
func (t *typed) readReason(text string, l *limits) {
	for _, w := range strings.Fields(text) {
		if w = strings.Trim(w, ".,;:()"); t.ticket == "" && ticketLike(w) && len(w) <= l.MaxTicketLength {
			t.ticket = w
		}
	}
	var cut bool
	if t.reason, cut = l.cutReason(text); cut {
		t.notes = append(t.notes, l.reasonCut())
	}
}

// ticketLike tells words such as INC-42.
func ticketLike(w string) bool {
	letters, digits, ok := strings.Cut(strings.Trim(w, ".,;:()"), "-")
	return ok && letters != "" && digits != "" && strings.Trim(letters, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" && strings.Trim(digits, "0123456789") == ""
}
