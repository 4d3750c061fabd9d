// Package search says how texts are searched: the form in which they are compared, the
// words that they are made of, and the keys under which a store lists a text so that its
// words are found. It keeps nothing.
//
// The same letters are found however they were typed: letter case, accents of Latin, Greek
// and Cyrillic letters, whole or put together of parts, and the wide letters of East Asian
// keyboards make no difference.
package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Fold brings a text into the form in which texts are compared.
func Fold(s string) string {
	if ascii(s) {
		return strings.ToLower(s)
	}
	s = cases.Fold().String(norm.NFKD.String(s))
	s = strings.Map(func(r rune) rune {
		if r >= 0x0300 && r <= 0x036F { // accents
			return -1
		}
		return r
	}, s)
	return norm.NFC.String(s)
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// Words are the words of a text, folded: runs of letters and digits. Where a script
// without spaces, such as Chinese, meets letters of another, a word ends.
func Words(s string) []string {
	var out []string
	start, unspaced := -1, false
	s = Fold(s)
	end := func(at int) {
		if start >= 0 {
			out = append(out, s[start:at])
		}
		start = -1
	}
	for i, r := range s {
		switch {
		case !inWord(r):
			end(i)
		case start < 0:
			start, unspaced = i, isUnspaced(r)
		case unspaced != isUnspaced(r) && !unicode.Is(unicode.M, r):
			end(i)
			start, unspaced = i, !unspaced
		}
	}
	end(len(s))
	return out
}

// inWord tells letters, digits and what belongs to a letter.
func inWord(r rune) bool {
	if r < utf8.RuneSelf { // as most are, and to look in the tables takes ten times as long
		return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z'
	}
	return unicode.In(r, unicode.L, unicode.N, unicode.M)
}

// isUnspaced tells the letters of scripts that put no spaces between words. In a run of
// them any letter may begin one.
func isUnspaced(r rune) bool {
	return r >= 0x0E00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

func unspacedWord(w string) bool {
	r, _ := utf8.DecodeRuneInString(w)
	return isUnspaced(r)
}

// Begin tells whether each word of a search begins a word of a text. No words begin all.
func Begin(search []string, text []string) bool {
	for _, w := range search {
		if !slices.ContainsFunc(text, func(have string) bool {
			return strings.HasPrefix(have, w) || unspacedWord(w) && strings.Contains(have, w)
		}) {
			return false
		}
	}
	return true
}

// A key is the beginning of a word, this long, in characters: a text is listed under one
// key for each of its words, and not under each beginning of each, so that it costs little.
const (
	keySize         = 3
	unspacedKeySize = 2
)

// Key is under which key the texts are listed that have a word which begins so; false
// where it is too short for one.
func Key(word string) (string, bool) {
	size := keySize
	if unspacedWord(word) {
		size = unspacedKeySize
	}
	if n := end(word, size); n > 0 {
		return word[:n], true
	}
	return "", false
}

// end is where so many characters of a text end, or 0 where it has fewer.
func end(s string, size int) int {
	n := 0
	for range size {
		_, w := utf8.DecodeRuneInString(s[n:])
		if w == 0 {
			return 0
		}
		n += w
	}
	return n
}

// Keys are the keys of a text's words, each once, the first so many.
func Keys(words []string, most int) []string {
	var out []string
	add := func(w string) {
		if k, ok := Key(w); ok && len(out) < most && !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	for _, w := range words {
		if !unspacedWord(w) {
			add(w)
			continue
		}
		for i := range w {
			add(w[i:])
		}
	}
	return out
}
