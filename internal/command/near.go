package command

import (
	"slices"
	"strings"

	"procyon/phrase"
)

// maxSlips is how many letters of a word may be wrong for another one to be meant.
const maxSlips = 2

// meant asks whether one of some names is meant by a word; "" where none is near.
func meant(word string, names []string) string {
	var near []string
	for _, name := range names {
		if alike(word, name) && !slices.Contains(near, name) {
			near = append(near, name)
		}
	}
	return didYouMean("", near)
}

// meantCommand is meant for the words of a command. Somebody may have left out its first
// word, or written its last one alone.
func meantCommand(prefix, words string, names []string) string {
	first, _, _ := strings.Cut(words, " ")
	var near []string
	for _, name := range names {
		parts := strings.Fields(name)
		if (alike(words, name) || alike(first, parts[0]) && len(parts) == 1 || alike(first, parts[len(parts)-1])) && !slices.Contains(near, name) {
			near = append(near, name)
		}
	}
	return didYouMean(prefix, near)
}

func didYouMean(prefix string, near []string) string {
	if len(near) == 0 {
		return ""
	}
	for i := range near {
		near[i] = prefix + near[i]
	}
	return "; did you mean " + strings.Join(near, ", or ") + "?"
}

// maxWord is the longest word that is looked at: none that is meant is longer.
const maxWord = 64

// alike tells whether a few slips make one word of another: fewer than half of its letters.
func alike(word, name string) bool {
	if len(word) > maxWord {
		return false
	}
	n := phrase.Slips(word, name)
	return n == 0 || n <= maxSlips && 2*n < len(strings.TrimLeft(name, "-"))
}
