package access

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"procyon/phrase"
)

const maxName = 80 // characters

// CleanText trims a text from a person and refuses it where it is empty, longer
// than maximum characters, not UTF-8, or has control or invisible characters. Where
// lines are allowed it may have line breaks and tabs, and what is invisible is dropped:
// it comes along when text is copied.
func CleanText(field, s string, minimum, maximum int, lines bool) (string, error) {
	if !utf8.ValidString(s) {
		return "", Errorf(CodeInvalid, field, "This is not valid UTF-8 text.")
	}
	if lines {
		s = strings.Map(func(r rune) rune {
			switch {
			case r == '\u2028', r == '\u2029', r == '\u0085':
				return '\n'
			case invisible(r) && !isBidiControl(r):
				return -1
			}
			return r
		}, s)
	}
	s = strings.TrimSpace(s)
	n := utf8.RuneCountInString(s)
	if n < minimum || n > 0 && visible(s) == 0 {
		return "", Errorf(CodeInvalid, field, "Give at least %s.", phrase.Count(max(1, minimum), "character"))
	}
	if n > maximum {
		return "", Errorf(CodeInvalid, field, "Give at most %d characters; these are %d.", maximum, n)
	}
	for _, r := range s {
		switch {
		case lines && (r == '\n' || r == '\r' || r == '\t'):
		case unicode.IsControl(r), isBidiControl(r), unicode.In(r, unicode.Zl, unicode.Zp), invisible(r):
			return "", Errorf(CodeInvalid, field, "Remove the control or invisible character U+%04X.", r)
		}
	}
	return s, nil
}

// isBidiControl tells the characters that reorder what surrounds them, so that a
// name could look like another one to an approver.
func isBidiControl(r rune) bool {
	return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069
}

// invisible tells the characters that show nothing by themselves, so that two names could
// look alike; but for those that join and part the letters of some scripts, and emoji.
func invisible(r rune) bool {
	return unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d'
}

// visible counts the characters of a text that show something.
func visible(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case unicode.IsSpace(r), unicode.In(r, unicode.Cf, unicode.Mn):
		case r == '\u2800', r == '\u115f', r == '\u1160', r == '\u3164', r == '\uffa0': // blanks that are no space
		default:
			n++
		}
	}
	return n
}

// CleanName is CleanText for a name: one line, of up to 80 characters.
func CleanName(field, s string) (string, error) { return CleanText(field, s, 1, maxName, false) }

// Fold brings a name into the form in which names are compared.
func Fold(s string) string { return strings.ToLower(strings.TrimSpace(s)) }
