package scalar

import (
	"bytes"
	"errors"
	"net/url"
	"strings"
	"testing"

	"procyon/access"
	"procyon/journal"
)

func TestCursors(t *testing.T) {
	mark := journal.Mark{0xff, 0, 0x1f, 0x80, 0x01}
	for text, want := range map[string]journal.Position{
		"j0":                           {},
		"j1." + mark.String():          {Seq: 1, Mark: mark},
		"j1z.00000000":                 {Seq: 71},
		"j1y2p0ij32e8e7." + "vvvvvvvv": {Seq: 1<<63 - 1, Mark: journal.Mark{255, 255, 255, 255, 255}},
	} {
		got, err := UnmarshalCursor(text)
		if err != nil || got != want || FormatCursor(want) != text || url.QueryEscape(text) != text {
			t.Errorf("%s: %v, %v; written %s", text, got, err, FormatCursor(want))
		}
		var b bytes.Buffer
		MarshalCursor(want).MarshalGQL(&b)
		if b.String() != `"`+text+`"` {
			t.Errorf("written %s", b.String())
		}
	}
	for code, list := range map[access.Code][]any{
		access.CodeCursorMismatch: {
			"", "j", "x1", "j-1", "j01", "jZ", "j1 ", 1, nil, "j" + strings.Repeat("z", 30), "j0.00000000", "j1.", "j1.0000000", "j1.000000000",
			"j1.0000000w", "j1.0000000V", "j01.00000000", "j1,00000000", "1.00000000", "l1.YQ", "YWNjXzEAbmFtZQ",
		},
		access.CodeCursorExpired: {"j1", "j1a", "jzzzzzz"},
	} {
		for _, in := range list {
			_, err := UnmarshalCursor(in)
			var e *Error
			if !errors.As(err, &e) || e.Code != code || !strings.HasPrefix(err.Error(), "Cursor ") {
				t.Errorf("%v: %v, want %s", in, err, code)
			}
		}
	}
}

func FuzzCursor(f *testing.F) {
	f.Add("j1z")
	f.Add("j1z.01234abc")
	f.Add("j0")
	f.Fuzz(func(t *testing.T, in string) {
		p, err := ParseCursor(in)
		var e *Error
		switch {
		case err == nil && FormatCursor(p) != in:
			t.Fatalf("%q and %q are one cursor", in, FormatCursor(p))
		case err != nil && (!errors.As(err, &e) || e.Code == "" || p != journal.Position{}):
			t.Fatalf("%q: %v, %v", in, p, err)
		}
	})
}
