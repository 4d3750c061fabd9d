package search

import (
	"strings"
	"unicode"
)

// CaseFold is the form in which names are compared that have no case: two have the same form
// exactly if strings.EqualFold says so. Accents and spaces count, other than in Fold.
func CaseFold(text string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		if 'a' <= r && r <= 'z' {
			return r
		}
		// The letters that differ by case alone form a ring; its least is in lower case
		// where that is ASCII (the Kelvin sign is a k), else any one of them will do.
		least := r
		for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
			least = min(least, other)
		}
		if 'A' <= least && least <= 'Z' {
			least += 'a' - 'A'
		}
		return least
	}, text)
}
