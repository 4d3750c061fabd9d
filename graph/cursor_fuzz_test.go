package graph

import (
	"slices"
	"testing"

	"procyon/access"
	"procyon/journal"
	"procyon/store"
)

// Whatever is given to a list as a cursor is what the list wrote, or is refused with a code.
func FuzzListCursor(f *testing.F) {
	accounts, timeline := listOf("accounts", "x"), listOf("accessRequest.timeline", "req_1")
	f.Add(accounts.behind(store.Position{ID: "acc_1", Sort: "a\x00b"}))
	f.Add(timeline.behindEntry(7, journal.Mark{1, 2, 3, 4, 5}))
	f.Add(timeline.behindEntry(0, journal.Mark{}))
	f.Add("l1.")
	f.Add("l2.YQ")
	f.Add("j1a")
	f.Add("YWNjXzEAbmFtZQ")
	codes := []access.Code{access.CodeCursorMismatch, access.CodeCursorExpired}
	f.Fuzz(func(t *testing.T, in string) {
		for _, l := range []list{accounts, timeline} {
			p, err := l.document("after", &in)
			if err == nil && l.behind(*p) != in || err != nil && !slices.Contains(codes, access.CodeOf(err)) {
				t.Fatalf("%s: %q is %v, %v", l.name, in, p, err)
			}
			n, m, err := l.entry("after", in)
			if err == nil && l.behindEntry(n, m) != in || err != nil && !slices.Contains(codes, access.CodeOf(err)) {
				t.Fatalf("%s: %q is %d %v, %v", l.name, in, n, m, err)
			}
		}
	})
}
