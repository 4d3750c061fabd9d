package slacksim

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

// marks are mrkdwn's, with the tag that each becomes.
var marks = map[byte]string{'*': "strong", '_': "em", '~': "s", '`': "code"}

// formatted renders bold, italic, strike and code in a piece of text without
// angle brackets, escaped.
func formatted(s string) string {
	var b strings.Builder
	start := 0
	for i := 0; i < len(s); i++ {
		tag, isMark := marks[s[i]]
		if !isMark || !opens(s, i) {
			continue
		}
		end := closing(s, i)
		if end < 0 {
			continue
		}
		b.WriteString(text(s[start:i]))
		inner := s[i+1 : end]
		if s[i] == '`' {
			b.WriteString("<code>" + text(inner) + "</code>")
		} else {
			b.WriteString("<" + tag + ">" + formatted(inner) + "</" + tag + ">")
		}
		start, i = end+1, end
	}
	b.WriteString(text(s[start:]))
	return b.String()
}

func text(s string) string {
	return strings.ReplaceAll(html.EscapeString(entities.Replace(s)), "\n", "<br>")
}

// opens tells whether the mark at i can begin formatting: not inside a word,
// and not before a space.
func opens(s string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:i])
	return (i == 0 || !wordRune(before)) && i+1 < len(s) && s[i+1] != ' ' && s[i+1] != '\n' && s[i+1] != s[i]
}

// closing finds the mark that ends what begins at i, on the same line, or -1.
func closing(s string, i int) int {
	for j := i + 1; j < len(s) && s[j] != '\n'; j++ {
		if s[j] != s[i] || s[j-1] == ' ' || j == i+1 {
			continue
		}
		if after, _ := utf8.DecodeRuneInString(s[j+1:]); j+1 == len(s) || !wordRune(after) {
			return j
		}
	}
	return -1
}

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
