package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// subscriptionReport is as the benchmarks print: the same head twice, repeated
// columns, captions, a table of targets.
const subscriptionReport = `## the machine

| fact  | value      |
| ----- | ---------- |
| cores | 2          |
| date  | 2026-11-23 |

## subscriptions

Server CPU for each delivery.

1000 subscribers: server CPU for each delivery.

|                  | single events | of Procyon's | bursts of 10 | of Procyon's |
| ---------------- | ------------: | -----------: | -----------: | -----------: |
| Procyon          |       3.82 µs |        1.0 × |      0.55 µs |        1.0 × |
| gqlgen: as it is |      34.63 µs |        9.1 × |     22.11 µs |       40.2 × |

5000 subscribers: server CPU for each delivery.

|         | single events | of Procyon's | bursts of 10 | of Procyon's |
| ------- | ------------: | -----------: | -----------: | -----------: |
| Procyon |       7.26 µs |        1.0 × |      0.83 µs |        1.0 × |

| target | wanted | measured | met |
| ------ | ------ | -------: | --- |
| single | 1 ×    |   0.96 × | yes |

Took 12s.

## journal

Took: 9 s.

| clients | appends a second |       range |
| ------: | ---------------: | ----------: |
|       1 |            1,568 | 1,382–1,756 |
|      64 |             kept |         2–3 |
`

// cellLines lists the cells of a section, one a line.
func cellLines(s *section) string {
	var lines []string
	for _, p := range s.places {
		lines = append(lines, fmt.Sprintf("%s | %s | %v", p.row, p.column, s.cells[p]))
	}
	return strings.Join(lines, "\n")
}

func TestRead(t *testing.T) {
	got := read(subscriptionReport)
	for name, want := range map[string]string{
		"the machine": `cores | value | [2]
date | value | []`,
		"subscriptions": `1000 subscribers: Procyon | single events | [3.82 µs]
1000 subscribers: Procyon | single events: of Procyon's | [1.0 ×]
1000 subscribers: Procyon | bursts of 10 | [0.55 µs]
1000 subscribers: Procyon | bursts of 10: of Procyon's | [1.0 ×]
1000 subscribers: gqlgen: as it is | single events | [34.63 µs]
1000 subscribers: gqlgen: as it is | single events: of Procyon's | [9.1 ×]
1000 subscribers: gqlgen: as it is | bursts of 10 | [22.11 µs]
1000 subscribers: gqlgen: as it is | bursts of 10: of Procyon's | [40.2 ×]
5000 subscribers: Procyon | single events | [7.26 µs]
5000 subscribers: Procyon | single events: of Procyon's | [1.0 ×]
5000 subscribers: Procyon | bursts of 10 | [0.83 µs]
5000 subscribers: Procyon | bursts of 10: of Procyon's | [1.0 ×]`,
		"journal": `clients: 1 | appends a second | [1568]
clients: 1 | range | [1382 1756]
clients: 64 | appends a second | []
clients: 64 | range | [2 3]`,
	} {
		if got[name] == nil {
			t.Errorf("%s is missing", name)
		} else if cells := cellLines(got[name]); cells != want {
			t.Errorf("%s:\n%s\nwant:\n%s", name, cells, want)
		}
	}
	if len(got) != 3 {
		t.Errorf("%d sections", len(got))
	}
}

func TestReadOddTables(t *testing.T) {
	for _, test := range []struct{ name, report, want string }{
		{"no table", "## a\n\ntext\n", ""},
		{"no rows", "## a\n\n| x | y |\n|---|---|\n", ""},
		{"a short row and a long one", "## a\n\n| x | y | z |\n|---|---|---|\n| p | 1 |\n| q | 2 | 3 | 4 |\n", "p | y | [1]\nq | y | [2]\nq | z | [3]"},
		{"the same row again", "## a\n\n| x | y |\n|---|---|\n| p | 1 |\n| p | 2 |\n", "p | y | [1]\np (2) | y | [2]"},
		{"the same table again", "## a\n\n| x | y |\n|---|---|\n| p | 1 |\n\n| x | y |\n|---|---|\n| p | 2 |\n", "p | y | [1]\np (2) | y | [2]"},
		{"other columns of the same row", "## a\n\n| x | y |\n|---|---|\n| p | 1 |\n\n| x | z |\n|---|---|\n| p | 2 |\n", "p | y | [1]\np | z | [2]"},
		{"a caption is for one table", "## a\n\n10 people: x.\n\n| x | y |\n|---|---|\n| p | 1 |\n\n| x | z |\n|---|---|\n| p | 2 |\n", "10 people: p | y | [1]\np | z | [2]"},
		{"without blanks or an end", "## a\n|x|y|\n|-|-|\n|p|1|", "p | y | [1]"},
	} {
		got := ""
		if s := read(test.report)["a"]; s != nil {
			got = cellLines(s)
		}
		if got != test.want {
			t.Errorf("%s:\n%s\nwant:\n%s", test.name, got, test.want)
		}
	}
}

func TestColumnNames(t *testing.T) {
	for _, test := range []struct{ head, want []string }{
		{[]string{"x", "a", "b"}, []string{"x", "a", "b"}},
		{[]string{"x", "a", "range", "b", "range"}, []string{"x", "a", "a: range", "b", "b: range"}},
		{[]string{"x", "a", "a"}, []string{"x", "a", "a (2)"}},
		{[]string{"x", "b", "a", "a"}, []string{"x", "b", "b: a", "b: a (2)"}},
	} {
		if got := columnNames(test.head); !slices.Equal(got, test.want) {
			t.Errorf("%q becomes %q, want %q", test.head, got, test.want)
		}
	}
}
