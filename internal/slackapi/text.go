package slackapi

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/slack-go/slack/slackutilsx"
)

// Size is the length that is counted against Slack's limits: UTF-16 code units.
// Slack says "characters" without saying of which kind; this counts the most of
// the plausible ones, so a text that fits here fits in Slack.
func Size(s string) int {
	n := 0
	for _, r := range s {
		n += max(1, utf16.RuneLen(r))
	}
	return n
}

// Plain prepares text from a person for a plain_text object: control
// characters and invisible direction overrides go, and the three characters
// that Slack gives a meaning are escaped. Slack shows the rest as it is. The
// result is at most limit long (see [Size]); what is cut ends in "…".
func Plain(s string, limit int) string {
	return fit(clean(head(s, limit), true), limit, slackutilsx.EscapeMessage)
}

// PlainLine is [Plain] on one line.
func PlainLine(s string, limit int) string {
	return fit(clean(head(s, limit), false), limit, slackutilsx.EscapeMessage)
}

// Fits tells whether [Plain] would leave text whole: whoever must read all of it, does.
func Fits(s string, limit int) bool {
	return Size(slackutilsx.EscapeMessage(clean(s, true))) <= limit
}

// Mrkdwn prepares text from a person for a place where Slack reads mrkdwn: on
// one line, with every mark that could start bold, italic, strike, code or an
// emoji exchanged for one that looks the same and means nothing. A mark inside a
// word, as in ada_l@example.com, means nothing to Slack and stays, so that such
// text can still be copied.
func Mrkdwn(s string, limit int) string {
	return fit(defuse(clean(head(s, limit), false)), limit, slackutilsx.EscapeMessage)
}

// head bounds the work on a text of any length: no more of it than this can
// become limit characters.
func head(s string, limit int) string {
	return s[:min(len(s), max(0, limit)*maxCluster)]
}

// clean removes what no one should be able to put into somebody else's channel:
// invalid UTF-8, control characters, and direction overrides that make text read
// as something else. Newlines stay only where lines is true, and never more than
// two in a row.
func clean(s string, lines bool) string {
	var b strings.Builder
	b.Grow(len(s))
	newlines, space := 0, true // space: nothing or a space was written last
	for _, r := range strings.ReplaceAll(s, "\r\n", "\n") {
		switch {
		case r == '\n', r == '\r', r == '\u2028', r == '\u2029', r == '\v', r == '\f', r == '\u0085':
			if lines && newlines < 2 && b.Len() > 0 {
				b.WriteByte('\n')
				newlines++
			} else if !lines && !space {
				b.WriteByte(' ')
			}
			space = true
			continue
		case unicode.IsSpace(r):
			if !space {
				b.WriteByte(' ')
			}
			space = true
			continue
		case r == utf8.RuneError, unicode.IsControl(r), invisible(r):
			continue
		}
		b.WriteRune(r)
		newlines, space = 0, false
	}
	return strings.TrimSpace(b.String())
}

// invisible tells of runes that show nothing and change how others read. The
// zero-width joiner and variation selectors are not among them: emoji and several
// scripts need them.
func invisible(r rune) bool {
	switch {
	case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069': // direction overrides, isolates
		return true
	case r == '\u200b', r == '\u200e', r == '\u200f', r == '\u061c', r == '\u2060', r == '\ufeff', r == '\u00ad':
		return true
	case r >= 0xe0000 && r <= 0xe007f: // tags: text that no one sees
		return true
	case r >= 0xe000 && r <= 0xf8ff: // private use
		return true
	}
	return false
}

var emojiName = regexp.MustCompile(`:([a-z0-9_+'-]+):`)

// defuse exchanges marks of mrkdwn for look-alikes.
func defuse(s string) string {
	for emojiName.MatchString(s) { // ":a:b:" overlaps, so until none is left; each round removes one colon or more
		s = emojiName.ReplaceAllString(s, "\ua789$1\ua789")
	}
	in := []rune(s)
	for i, r := range in {
		switch {
		case r == '`':
			in[i] = 'ˋ'
		case r == '*' && !insideWord(in, i):
			in[i] = '∗'
		case r == '_' && !insideWord(in, i):
			in[i] = '＿'
		case r == '~' && !insideWord(in, i):
			in[i] = '∼'
		case r == '>' && i == 0: // a quote, at the start of a line only
			in[i] = '›'
		}
	}
	return string(in)
}

func insideWord(in []rune, i int) bool {
	return i > 0 && i+1 < len(in) && wordRune(in[i-1]) && wordRune(in[i+1])
}

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// fit escapes s and cuts it to limit, between characters as a reader sees them:
// never inside an escape sequence, an accent or a joined emoji.
func fit(s string, limit int, escape func(string) string) string {
	if limit < 1 {
		return ""
	}
	if full := escape(s); Size(full) <= limit {
		return full
	}
	var b strings.Builder
	used := 0
	for len(s) > 0 {
		n := clusterLen(s)
		piece := escape(s[:n])
		if used += Size(piece); used > limit-1 {
			break
		}
		b.WriteString(piece)
		s = s[n:]
	}
	return strings.TrimRight(b.String(), " \n") + "…"
}

// maxCluster bounds a character as a reader sees it: text can pile accents
// without end, and a character that never ends could never be cut.
const maxCluster = 64

// clusterLen is the number of bytes of the first character of s as a reader
// sees it: a rune with the marks, joiners and modifiers that belong to it. It is
// the part of Unicode's rules for grapheme clusters that matters for cutting;
// s must not be empty.
func clusterLen(s string) int {
	first, n := utf8.DecodeRuneInString(s)
	joined := false
	flag := regionalIndicator(first)
	for n < len(s) && n < maxCluster {
		r, w := utf8.DecodeRuneInString(s[n:])
		switch {
		case flag && regionalIndicator(r):
			flag = false // two make a flag
		case joined:
			joined = false
		case extends(r):
			joined = r == '\u200d'
		default:
			return n
		}
		n += w
	}
	return n
}

func regionalIndicator(r rune) bool { return r >= 0x1f1e6 && r <= 0x1f1ff }

// extends tells whether r belongs to the character before it.
func extends(r rune) bool {
	return unicode.In(r, unicode.Mn, unicode.Me, unicode.Mc) ||
		r == '\u200d' || r == '\u200c' ||
		(r >= 0x1f3fb && r <= 0x1f3ff) || // skin tones
		(r >= 0x1160 && r <= 0x11ff) // Hangul vowels and finals
}
