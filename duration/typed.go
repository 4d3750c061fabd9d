package duration

import (
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The errors of Lead and Read, beside ErrSyntax and ErrTooLong.
var (
	// ErrUnclear is of words that begin like a length of time and are none: 2hurs, a few
	// hours, 2h-4h.
	ErrUnclear = errors.New("not a length of time: write it like 2h, 90min, 1h30m, 2 hours or 1 day")
	// ErrNoFixedLength is of months and years.
	ErrNoFixedLength = errors.New("months and years have no fixed length: count in weeks, days, hours and minutes")
)

// longest bounds what Lead reads: far beyond what anybody may ask for.
const longest = 1000 * Week

// Read reads a length of time as people type it, all of s: see Lead. What is longer than
// most is ErrTooLong.
func Read(s string, most time.Duration) (time.Duration, error) {
	d, rest, err := Lead(s)
	switch {
	case err != nil:
		return 0, err
	case rest != "":
		return 0, ErrSyntax
	case d > most:
		return 0, ErrTooLong
	}
	return d, nil
}

// Lead reads the length of time that s begins with, and returns what stands behind it:
//
//	length = ISO 8601 | part { [","|"and"|"&"|"+"] part } [ "and a half" ]
//	part   = number unit | "half" ["of"] ["a"|"an"] unit | "quarter" ["of"] ["a"|"an"] unit
//	number = (digits [("."|",") digits] ["½"|"¼"|"¾"] | "a" | "an" | "one" … "ninety") ["and a half"] | "a couple of"
//	unit   = weeks, days, hours, minutes or seconds, as words or short: w, d, h, m, s, wk, hr, min, sec
//
// The parts go from large units to small ones, and each unit stands once. Behind hours, two
// digits without a unit are minutes: 2h30. Upper and lower case are the same. The result is
// whole seconds, never negative.
//
// A number without a unit is no length, nor is a moment: "2 hours ago". For all that is
// none the error is ErrSyntax, and rest is s. ErrUnclear, ErrNoFixedLength and ErrTooLong
// are of words that were meant as a length: rest is what stands behind these.
func Lead(s string) (d time.Duration, rest string, err error) {
	s = strings.TrimSpace(s)
	if d, rest, ok, err := leadISO(s); ok {
		return d, rest, err
	}
	rest = s
	smaller := len(units) // as the index of what is next larger
	for i := 0; ; i++ {
		at := rest
		if i > 0 {
			at = skipJoint(rest)
		}
		p, err := leadPart(at)
		if i > 0 && glued(rest) { // 2h30, 2h3x
			p, err = gluedPart(rest, p, err, smaller)
		}
		if errors.Is(err, ErrSyntax) || err == nil && p.unit >= smaller {
			break
		}
		if err != nil {
			return 0, p.rest, err
		}
		if d += p.length; d > longest {
			return 0, p.rest, ErrTooLong
		}
		smaller, rest = p.unit, p.rest
		if after, ok := skipWords(rest, "and", "a", "half"); ok {
			d, rest = d+units[p.unit].size/2, after
			break
		}
	}
	switch {
	case smaller == len(units), isMoment(rest):
		return 0, s, ErrSyntax
	case !ends(rest) || d%time.Second != 0:
		return 0, skipToken(rest), ErrUnclear
	}
	return d, trimStop(rest), nil
}

// units go from small to large.
var units = []struct {
	size  time.Duration
	words []string
}{
	{time.Second, []string{"s", "sec", "secs", "second", "seconds"}},
	{time.Minute, []string{"m", "min", "mins", "minute", "minutes"}},
	{time.Hour, []string{"h", "hr", "hrs", "hour", "hours"}},
	{Day, []string{"d", "day", "days"}},
	{Week, []string{"w", "wk", "wks", "week", "weeks"}},
}

// unfixed are units of no fixed length.
var unfixed = words("mo mon month months y yr yrs year years")

// numbers are those that people write as words.
var numbers = map[string]int64{
	"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
	"eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90,
}

var (
	vague   = words("few some several")
	ordinal = words("st nd rd th")
	// moments are words behind a length that make it a point in time, or an age.
	moments = words("ago earlier later before after old late behind apart")
)

func words(list string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(list) {
		out[w] = true
	}
	return out
}

// part is a number with its unit.
type part struct {
	length time.Duration
	unit   int
	rest   string
}

// leadPart reads the part that s begins with.
func leadPart(s string) (part, error) {
	word, after := letters(s)
	switch share := map[string]int64{"half": 2, "quarter": 4}[word]; {
	case share > 0:
		return leadShare(after, share)
	case word == "a" || word == "an" || vague[word]:
		if next, behind := letters(strings.TrimLeft(after, " ")); vague[word] || vague[next] || next == "couple" {
			if !vague[word] {
				after = behind
			}
			return leadVague(after, next == "couple" && !vague[word])
		} else if share := map[string]int64{"half": 2, "quarter": 4}[next]; share > 0 {
			return leadShare(behind, share)
		}
	}
	n, digits := amount{numbers[word], 1}, false
	if n.num == 0 {
		if n, after, digits = leadNumber(s); !digits {
			return part{}, ErrSyntax
		}
	}
	if behind, ok := skipWords(after, "and", "a", "half"); ok {
		return leadUnit(behind, amount{2*n.num + n.den, 2 * n.den}, false)
	}
	return leadUnit(after, n, digits)
}

// leadShare reads the unit behind "half" and "quarter".
func leadShare(s string, share int64) (part, error) {
	s, _ = skipWords(s, "of")
	for _, article := range []string{"an", "a"} {
		if after, ok := skipWords(s, article); ok {
			s = after
			break
		}
	}
	return leadUnit(s, amount{1, share}, false)
}

// leadVague reads what stands behind "a few" and "a couple": the one is not clear.
func leadVague(s string, couple bool) (part, error) {
	s, _ = skipWords(s, "of")
	p, err := leadUnit(s, amount{2, 1}, false)
	if err == nil && !couple {
		return p, ErrUnclear
	}
	return p, err
}

// amount is a fraction.
type amount struct{ num, den int64 }

// leadNumber reads the digits that s begins with: 2, 1.5, 1½, ½.
func leadNumber(s string) (n amount, rest string, ok bool) {
	n.den, rest = 1, s
	seen, fraction := 0, false
	for glued(rest) || !fraction && seen > 0 && rest != "" && (rest[0] == '.' || rest[0] == ',') && glued(rest[1:]) {
		c := rest[0]
		rest = rest[1:]
		if c == '.' || c == ',' {
			fraction = true
			continue
		}
		seen++
		if n.num < 1e10 && (!fraction || n.den < 1e6) { // what is more is too long, or too fine
			n.num = n.num*10 + int64(c-'0')
			if fraction {
				n.den *= 10
			}
		}
	}
	for sign, quarters := range map[string]int64{"½": 2, "¼": 1, "¾": 3} {
		if after, found := strings.CutPrefix(rest, sign); found && !fraction {
			n, rest, seen = amount{n.num*4 + quarters, 4}, after, seen+1
			break
		}
	}
	return n, rest, seen > 0
}

// leadUnit reads the unit of a number. digits tells that the number was written as such.
func leadUnit(s string, n amount, digits bool) (part, error) {
	apart := strings.TrimLeft(s, " ")
	if !digits && apart == s {
		return part{}, ErrSyntax // "an" of "another"
	}
	word, rest := letters(apart)
	for i, u := range units {
		for _, name := range u.words {
			if name != word {
				continue
			}
			if len(word) < len("hour") && strings.HasPrefix(rest, ".") && ends(rest[1:]) {
				rest = rest[1:] // "min."
			}
			return length(n, i, rest)
		}
	}
	switch {
	case unfixed[word]:
		return part{rest: rest}, ErrNoFixedLength
	case digits && apart == s && word != "" && strings.ContainsRune("hmdw", rune(word[0])) && !ordinal[word]:
		return part{rest: skipToken(rest)}, ErrUnclear // 2hurs
	}
	return part{}, ErrSyntax
}

// length is a number of a unit.
func length(n amount, unit int, rest string) (part, error) {
	size := int64(units[unit].size)
	if n.num/n.den > int64(longest)/size {
		return part{rest: rest}, ErrTooLong
	}
	whole, left := n.num/n.den, n.num%n.den
	return part{time.Duration(whole*size + left*(size/1000)/n.den*1000), unit, rest}, nil
}

// glued tells whether s begins with a digit: right behind a unit, that is.
func glued(s string) bool { return s != "" && s[0] >= '0' && s[0] <= '9' }

// gluedPart is the part right behind a unit: what it is without, if it is one, or
// minutes behind hours.
func gluedPart(s string, p part, err error, larger int) (part, error) {
	if err == nil && p.unit < larger {
		return p, nil
	}
	n, rest, _ := leadNumber(s)
	if larger > 0 && units[larger].size == time.Hour && n.den == 1 && n.num < 60 && ends(rest) {
		return length(n, larger-1, rest)
	}
	return part{rest: skipToken(s)}, ErrUnclear
}

// leadISO reads the ISO 8601 duration that s begins with; ok tells whether there is one.
func leadISO(s string) (d time.Duration, rest string, ok bool, err error) {
	end := strings.IndexFunc(s, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if end < 0 {
		end = len(s)
	}
	if d, err = Parse(strings.ToUpper(s[:end]), longest); errors.Is(err, ErrSyntax) || !ends(s[end:]) {
		return 0, s, false, nil
	}
	return d, trimStop(s[end:]), true, err
}

// letters is the word that s begins with, in lower case, and what stands behind it.
func letters(s string) (word, rest string) {
	end := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })
	if end < 0 {
		end = len(s)
	}
	return strings.ToLower(s[:end]), s[end:]
}

// skipWords returns what stands behind words; ok tells whether s begins with them.
func skipWords(s string, list ...string) (rest string, ok bool) {
	rest = s
	for _, want := range list {
		word, after := letters(strings.TrimLeft(rest, " "))
		if word != want {
			return s, false
		}
		rest = after
	}
	return rest, true
}

// skipJoint skips what stands between two parts.
func skipJoint(s string) string {
	s = strings.TrimLeft(s, " ")
	if after, ok := skipWords(s, "and"); ok {
		s = after
	} else if s != "" && strings.ContainsRune(",&+", rune(s[0])) {
		s = s[1:]
	}
	return strings.TrimLeft(s, " ")
}

// isMoment tells whether the words behind a length make it a point in time, or an age.
func isMoment(rest string) bool {
	word, _ := letters(strings.TrimLeft(rest, " "))
	return moments[word]
}

// ends tells whether a word may end where rest begins.
func ends(rest string) bool {
	r, n := utf8.DecodeRuneInString(rest)
	switch {
	case n == 0, unicode.IsSpace(r):
		return true
	case strings.ContainsRune(".-–—:", r): // else a part of a number, a name or a range
		next, n := utf8.DecodeRuneInString(rest[n:])
		return n == 0 || unicode.IsSpace(next)
	}
	return strings.ContainsRune(",;!?)]}…\"'”’", r)
}

// trimStop removes what parts a length from what stands behind it.
func trimStop(rest string) string {
	rest = strings.TrimSpace(rest)
	if r, n := utf8.DecodeRuneInString(rest); strings.ContainsRune(".,;:-–—", r) && ends(rest) {
		rest = strings.TrimSpace(rest[n:])
	}
	return rest
}

// skipToken skips to the next space.
func skipToken(s string) string {
	if at := strings.IndexFunc(s, unicode.IsSpace); at >= 0 {
		return s[at:]
	}
	return ""
}
