package slackapi

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPlain(t *testing.T) {
	for _, c := range []struct {
		in    string
		limit int
		want  string
	}{
		{"", 10, ""},
		{"a & b <c>", 100, "a &amp; b &lt;c&gt;"},
		{"  two\r\nlines\n\n\n\nthree ", 100, "two\nlines\n\nthree"},
		{"a\u202eb\u200bc\x00d\x1b[31m", 100, "abcd[31m"},
		{"abcdef", 6, "abcdef"},
		{"abcdefg", 6, "abcde…"},
		{"&&&", 12, "&amp;&amp;…"},                   // 15 long whole; an escape is never cut
		{"ab👩‍👩‍👧‍👦cd", 9, "ab…"},                    // the family is 11 units and stays whole
		{"ae\u0301\u0301zzzz", 5, "ae\u0301\u0301…"}, // accents stay on their letter
		{"🇩🇪🇫🇷🇮🇹", 9, "🇩🇪🇫🇷…"},
		{"\xff\xfeok", 10, "ok"},
		{"x", 0, ""},
	} {
		if got := Plain(c.in, c.limit); got != c.want {
			t.Errorf("Plain(%q, %d) = %q, want %q", c.in, c.limit, got, c.want)
		}
	}
	if got := PlainLine("a\n b\tc\u2028d", 100); got != "a b c d" {
		t.Errorf("PlainLine keeps lines: %q", got)
	}
}

func TestMrkdwn(t *testing.T) {
	for in, want := range map[string]string{
		"ada_l@example.com": "ada_l@example.com",
		"*bold* _i_ ~s~":    "∗bold∗ ＿i＿ ∼s∼",
		"a`b`c":             "aˋbˋc",
		":tada: 12:30":      "꞉tada꞉ 12:30",
		":a:b:c:":           "꞉a꞉b꞉c꞉",
		"> quote > not":     "› quote &gt; not",
		"<!channel>":        "&lt;!channel&gt;",
		"2*3=6":             "2*3=6",
		"one\ntwo":          "one two",
	} {
		if got := Mrkdwn(in, 100); got != want {
			t.Errorf("Mrkdwn(%q) = %q, want %q", in, got, want)
		}
	}
}

// ours matches the only things between angle brackets that a card may hold.
var ours = regexp.MustCompile(`^<(!date\^\d+\^\{date_short_pretty\} \{time\}\|\d{4}-\d\d-\d\d \d\d:\d\d UTC|https://[^<>|\s]+\|[A-Z][A-Za-z ]+)>`)

// FuzzCard: whatever people type, Slack would accept the message, and nothing
// that they typed is a mention, a link or formatting.
func FuzzCard(f *testing.F) {
	for _, s := range []string{"", "<!channel>", "<@U123>", "<#C1|x>", "<https://e|x>", "&lt;!here&gt;", "*_~`:x:", "\xff<!", strings.Repeat("&", 5000), strings.Repeat("👩‍👩‍👧‍👦", 900), "e" + strings.Repeat("\u0301", 9000), "\n\n>x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, e := range []Event{EventCreated, EventDenied, EventTest, Event(s)} {
			c := hostile(s)
			c.Event = e
			m := c.Message()
			if err := Check(m); err != nil {
				t.Fatal(err)
			}
			raw, err := json.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			var v any
			if err := json.Unmarshal(raw, &v); err != nil {
				t.Fatal(err)
			}
			eachText(v, func(text string) { harmless(t, text) })
			for _, mark := range []string{"`", "<"} {
				if strings.Contains(m.Text, mark) {
					t.Fatalf("the top-level text holds %q", mark)
				}
			}
		}
	})
}

func eachText(v any, visit func(string)) {
	switch v := v.(type) {
	case string:
		visit(v)
	case []any:
		for _, e := range v {
			eachText(e, visit)
		}
	case map[string]any:
		for _, e := range v {
			eachText(e, visit)
		}
	}
}

func harmless(t *testing.T, text string) {
	t.Helper()
	if !utf8.ValidString(text) {
		t.Fatalf("not UTF-8: %q", text)
	}
	for rest := text; ; {
		i := strings.IndexByte(rest, '<')
		if i < 0 {
			break
		}
		rest = rest[i:]
		if !ours.MatchString(rest) {
			t.Fatalf("a raw < that is not ours: %.80q", rest)
		}
		rest = rest[1:]
	}
	for rest := text; ; {
		i := strings.IndexByte(rest, '&')
		if i < 0 {
			return
		}
		rest = rest[i+1:]
		if !strings.HasPrefix(text, "https://") && !strings.HasPrefix(rest, "amp;") && !strings.HasPrefix(rest, "lt;") && !strings.HasPrefix(rest, "gt;") {
			t.Fatalf("a raw or cut & in %.80q", text)
		}
	}
}

// FuzzFit: the limit holds, and what remains is a beginning of the text.
func FuzzFit(f *testing.F) {
	f.Add("a & b", 3)
	f.Add("👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 12)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		limit %= 200
		got := Plain(s, limit)
		if Size(got) > max(0, limit) {
			t.Fatalf("%d long, limit %d: %q", Size(got), limit, got)
		}
		begin, cutOff := strings.CutSuffix(got, "…")
		if full := Plain(s, 1<<30); cutOff && !strings.HasPrefix(full, begin) {
			t.Fatalf("%q is not the beginning of %q", got, full)
		}
	})
}
