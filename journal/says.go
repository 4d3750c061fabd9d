package journal

import (
	"encoding/json"
	"strings"

	"procyon/search"
)

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
