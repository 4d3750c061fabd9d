package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"
)

// report is what a benchmark writes to and works with. It is for one goroutine.
type report struct {
	out     io.Writer
	dir     string // a temporary folder on the disk to measure on, gone afterwards
	profile string // a folder for CPU profiles, which the benchmark may ignore; empty: none
	keep    string // a folder for stores that take long to make; empty: they are made anew
	procyon string // the product's binary; empty: it is built
	beside  string // another binary of the product, to measure too; empty: none
	mongodb string // the URI of a server, without a database, to measure the journal on; empty: SQLite
	quick   bool   // do less of everything
}

// progress tells whoever waits what is going on; it is no part of the report.
func (r *report) progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "bench: "+format+"\n", args...)
}

func (r *report) title(name, about string) {
	fmt.Fprintf(r.out, "\n## %s\n\n%s%s.\n", name, strings.ToUpper(about[:1]), about[1:])
}

// note writes a paragraph.
func (r *report) note(format string, args ...any) {
	fmt.Fprintf(r.out, "\n"+format+"\n", args...)
}

// table writes a table; every row has as many cells as head. But for the first,
// columns whose cells begin with a digit line up on the right.
func (r *report) table(head []string, rows [][]string) {
	width := make([]int, len(head))
	for _, row := range append([][]string{head}, rows...) {
		for i, cell := range row {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	fmt.Fprintln(r.out)
	write := func(row []string, pad func(i int, cell string) string) {
		fmt.Fprint(r.out, "|")
		for i, cell := range row {
			fmt.Fprintf(r.out, " %s |", pad(i, cell))
		}
		fmt.Fprintln(r.out)
	}
	right := func(i int) bool { return i > 0 && len(rows) > 0 && numeric(rows[0][i]) }
	pad := func(i int, cell string) string {
		blank := strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell))
		if right(i) {
			return blank + cell
		}
		return cell + blank
	}
	write(head, pad)
	write(head, func(i int, _ string) string {
		if right(i) {
			return strings.Repeat("-", max(width[i]-1, 1)) + ":"
		}
		return strings.Repeat("-", width[i])
	})
	for _, row := range rows {
		write(row, pad)
	}
}

func numeric(cell string) bool { return cell != "" && cell[0] >= '0' && cell[0] <= '9' }

// target is a row of a table of targets.
type target struct {
	what, wanted, measured string
	met                    bool
}

// targets writes how what was promised compares with what was measured.
func (r *report) targets(list ...target) {
	rows := make([][]string, 0, len(list))
	for _, t := range list {
		met := "yes"
		if !t.met {
			met = "**no**"
		}
		rows = append(rows, []string{t.what, t.wanted, t.measured, met})
	}
	r.table([]string{targetsHead, "wanted", "measured", "met"}, rows)
}
