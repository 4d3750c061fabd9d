package journal

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"procyon/search"
)

// lacks reports that one of the words of a search begins no word of what an entry says, where
// its bytes tell that by themselves, in a tenth of the time that says takes: a word that they
// do not contain. Where something is escaped in them, or not ASCII, they tell nothing.
func (e *Entry) lacks(words []string) bool {
	buffer := lowered.Get().(*[]byte)
	defer func() {
		if cap(*buffer) <= maxLowered {
			lowered.Put(buffer)
		}
	}()
	text := (*buffer)[:0]
	for _, part := range [][]byte{e.ActorJSON, e.Data, e.After, []byte(e.Type), []byte(e.Subject)} {
		for _, c := range part {
			if c == '\\' || c >= utf8.RuneSelf {
				return false
			}
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			text = append(text, c)
		}
		text = append(text, '\n')
	}
	*buffer = text
	return slices.ContainsFunc(words, func(w string) bool { return !bytes.Contains(text, []byte(w)) })
}

// lowered are buffers for lacks, but for few that are large.
var lowered = sync.Pool{New: func() any { return new([]byte) }}

const maxLowered = 64 << 10

// says returns the words of what an entry says: who did it and through what, its type, what
// happened, and the state that it led to, so that the words of a request find its decisions
// too. What is sealed has no words.
func (e *Entry) says() []string {
	words := search.Words(e.Actor.Name + " " + e.Actor.Email + " " + e.Actor.ByName + " " + e.Type + " " + e.Subject)
	for _, part := range [][]byte{e.Data, e.After} {
		var value any
		if json.Unmarshal(part, &value) == nil {
			words = wordsOf(words, value)
		}
	}
	return words
}

// wordsOf adds the words of all texts in a JSON value.
func wordsOf(words []string, value any) []string {
	switch v := value.(type) {
	case string:
		return append(words, search.Words(v)...)
	case []any:
		for _, item := range v {
			words = wordsOf(words, item)
		}
	case map[string]any:
		for name, field := range v {
			if !strings.HasPrefix(name, "sealed") {
				words = wordsOf(words, field)
			}
		}
	}
	return words
}
