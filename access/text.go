package access

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const maxName = 80 // characters

// cleanText trims a text from a person and refuses it where it is empty, longer
// than maximum characters, not UTF-8, or has control characters other than
// (where lines are allowed) line breaks and tabs.
func cleanText(field, s string, minimum, maximum int, lines bool) (string, error) {
	s = strings.TrimSpace(s)
	if !utf8.ValidString(s) {
		return "", Errorf(Invalid, field, "This is not valid UTF-8 text.")
	}
	n := utf8.RuneCountInString(s)
	if n < minimum {
		return "", Errorf(Invalid, field, "Give at least %d character(s).", minimum)
	}
	if n > maximum {
		return "", Errorf(Invalid, field, "Give at most %d characters; these are %d.", maximum, n)
	}
	for _, r := range s {
		if lines && (r == '\n' || r == '\r' || r == '\t') {
			continue
		}
		if unicode.IsControl(r) || isBidiControl(r) {
			return "", Errorf(Invalid, field, "Remove the control character U+%04X.", r)
		}
	}
	return s, nil
}

// isBidiControl tells the characters that reorder what surrounds them, so that a
// name could look like another one to an approver.
func isBidiControl(r rune) bool {
	return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069
}

func cleanName(field, s string) (string, error) { return cleanText(field, s, 1, maxName, false) }

// fold brings a name into the form in which names are compared.
func fold(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// maxPrefix is the longest beginning of a word that is indexed; longer words
// are found by it and then compared.
const maxPrefix = 10

func words(s string) []string {
	return strings.FieldsFunc(fold(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// searchTerms lists every beginning of every word of a name under a scope.
func searchTerms(scope, name string) []string {
	seen := map[string]bool{}
	var terms []string
	for _, w := range words(name) {
		runes := []rune(w)
		for n := 1; n <= len(runes) && n <= maxPrefix; n++ {
			t := scope + "~" + string(runes[:n])
			if !seen[t] {
				seen[t] = true
				terms = append(terms, t)
			}
		}
	}
	return terms
}

// searchedTerms are the terms of a search's words, the longest first: any of them has
// all that the search finds.
func searchedTerms(scope, search string) []string {
	list := words(search)
	slices.SortStableFunc(list, func(a, b string) int { return utf8.RuneCountInString(b) - utf8.RuneCountInString(a) })
	terms := make([]string, len(list))
	for i, w := range list {
		if r := []rune(w); len(r) > maxPrefix {
			w = string(r[:maxPrefix])
		}
		terms[i] = scope + "~" + w
	}
	return slices.Compact(terms)
}

// matches tells whether each word of the search begins a word of the name.
func matches(search, name string) bool {
	have := words(name)
	for _, w := range words(search) {
		found := false
		for _, h := range have {
			if strings.HasPrefix(h, w) {
				found = true
				break
			}
		}
		if !found {
			return false
		}
	}
	return true
}
