package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// round is what both trees printed, one right after the other.
type round struct{ ref, this reading }

// comparison is figures of two trees, side by side.
type comparison struct {
	ref, this string // what the trees are called
	rounds    []round
}

// compared is a figure that both trees have.
type compared struct {
	place
	ref, this figure    // medians over the rounds that have it
	ratios    []float64 // this to ref in each round in which that says something, sorted
	verdict   verdict
}

// verdict says if this tree is better, where that is known.
type verdict string

const (
	worse  verdict = "**worse**" // by more than a tenth
	better verdict = "better"    // by more than a tenth
	alike  verdict = ""          // or nobody knows which is better
)

// write writes a benchmark's table of all figures that both have, and names what
// only one has.
func (c *comparison) write(r *report, benchmark string) {
	all, differ := c.figures(benchmark)
	rows, bad := make([][]string, 0, len(all)), 0
	for _, f := range all {
		if f.verdict == worse {
			bad++
		}
		rows = append(rows, append([]string{f.row, f.column, f.ref.String(), f.this.String()}, f.cells()...))
	}
	if len(rows) > 0 {
		r.table([]string{"row", "column", c.ref, c.this, "ratio", "of each round", "verdict"}, rows)
		r.note("%d of %d figures are worse by more than a tenth.", bad, len(rows))
	}
	ref, this := c.merged(benchmark, round.ofRef), c.merged(benchmark, round.ofThis)
	for _, n := range []struct{ text, list string }{
		{"Only " + c.ref + " has", strings.Join(ref.without(this), "; ")},
		{"Only " + c.this + " has", strings.Join(this.without(ref), "; ")},
		{"Not comparable", strings.Join(differ, "; ")},
	} {
		if n.list != "" {
			r.note("%s: %s.", n.text, n.list)
		}
	}
}

// cells are the ratio, the least and greatest of the rounds, and the verdict, with
// a doubt where a round says the contrary.
func (f *compared) cells() []string {
	times, ok := middleRatio(f.ratios)
	if !ok {
		return []string{"", "", ""}
	}
	least, most, said := f.ratios[0], f.ratios[len(f.ratios)-1], string(f.verdict)
	if f.verdict != alike && least <= 1 && most >= 1 {
		said += ", not in every round"
	}
	if len(f.ratios) == 1 {
		return []string{timesText(times), "", said}
	}
	return []string{timesText(times), timesText(least) + "–" + timesText(most), said}
}

// middleRatio is the median of sorted ratios, between two of them the geometric mean:
// half and twice as much are as much as before. It is not ok if there are none.
func middleRatio(sorted []float64) (times float64, ok bool) {
	n := len(sorted)
	if n == 0 {
		return 0, false
	}
	if n%2 == 1 {
		return sorted[n/2], true
	}
	return math.Sqrt(sorted[n/2-1] * sorted[n/2]), true
}

// timesText is a ratio with two decimals, or two digits where those are behind.
func timesText(times float64) string {
	if times < 0.1 {
		return fmt.Sprintf("%.2g", times)
	}
	return fmt.Sprintf("%.2f", times)
}

func (r round) ofRef() reading  { return r.ref }
func (r round) ofThis() reading { return r.this }

// merged is a tree's section of all rounds, which may differ in what is a figure.
func (c *comparison) merged(benchmark string, of func(round) reading) *section {
	all := reading{}.section(benchmark)
	for _, r := range c.rounds {
		s := of(r).section(benchmark)
		for _, p := range s.places {
			if _, has := all.cells[p]; !has {
				all.add(p, nil)
			}
			all.cells[p] = append(all.cells[p], s.cells[p]...)
		}
	}
	return all
}

// without describes the places that other lacks: whole rows and columns as such.
func (s *section) without(other *section) []string {
	var said []string
	for _, p := range s.places {
		var what string
		switch _, has := other.cells[p]; {
		case has:
			continue
		case !other.hasRow(p.row):
			what = "row “" + p.row + "”"
		case !other.hasColumn(p.column):
			what = "column “" + p.column + "”"
		default:
			what = "row “" + p.row + "” in column “" + p.column + "”"
		}
		if !slices.Contains(said, what) {
			said = append(said, what)
		}
	}
	return said
}

// figures pairs the figures of a benchmark, in this tree's order. differ describes
// cells that both trees have and that are not the same kind of figures.
func (c *comparison) figures(benchmark string) (all []compared, differ []string) {
	ref, this := c.merged(benchmark, round.ofRef), c.merged(benchmark, round.ofThis)
	for _, p := range this.places {
		if _, has := ref.cells[p]; !has {
			continue
		}
		var pairs []compared
		fits := slices.Equal(partsOf(ref.cells[p]), partsOf(this.cells[p]))
		for _, part := range partsOf(this.cells[p]) {
			pair, ok := c.pair(benchmark, p, part)
			pairs, fits = append(pairs, pair), fits && ok
		}
		if fits {
			all = append(all, pairs...)
		} else {
			differ = append(differ, "row “"+p.row+"” in column “"+p.column+"”")
		}
	}
	return all, differ
}

// partsOf names the figures of a cell, each once.
func partsOf(figures []figure) []string {
	var parts []string
	for _, f := range figures {
		if !slices.Contains(parts, f.part) {
			parts = append(parts, f.part)
		}
	}
	return parts
}

// pair compares one figure of a cell over all rounds; ok is false where a tree
// doesn't have it, or not always of the same dimension.
func (c *comparison) pair(benchmark string, p place, part string) (pair compared, ok bool) {
	var ref, this []figure
	pair.place = p
	for _, r := range c.rounds {
		a, hasA := r.ref.figure(benchmark, p, part)
		b, hasB := r.this.figure(benchmark, p, part)
		if hasA {
			ref = append(ref, a)
		}
		if hasB {
			this = append(this, b)
		}
		if times, ok := ratio(a, b); ok && hasA && hasB {
			pair.ratios = append(pair.ratios, times)
		}
	}
	if len(ref) == 0 || len(this) == 0 || !sameDimension(slices.Concat(ref, this)) {
		return pair, false
	}
	if part != "" {
		pair.column += ", " + part
	}
	slices.Sort(pair.ratios)
	pair.ref, pair.this = medianOf(ref), medianOf(this)
	pair.verdict = judge(p, pair.ref, pair.ratios)
	return pair, true
}

// figure returns one figure of a cell.
func (r reading) figure(benchmark string, p place, part string) (figure, bool) {
	cell := r.section(benchmark).cells[p]
	i := slices.IndexFunc(cell, func(f figure) bool { return f.part == part })
	if i < 0 {
		return figure{}, false
	}
	return cell[i], true
}

func sameDimension(figures []figure) bool {
	return !slices.ContainsFunc(figures, func(f figure) bool { return f.unit.of != figures[0].unit.of })
}

// judge compares what is in a place by its sorted ratios; ref is one of its figures.
func judge(p place, ref figure, ratios []float64) verdict {
	const tenth = 0.1 + 1e-9 // exactly a tenth is none
	times, ok := middleRatio(ratios)
	high, known := highIsBetter(p, ref.unit.of)
	if !ok || !known || ref.value < 0 {
		return alike
	}
	switch {
	case times > 1+tenth && high, times < 1-tenth && !high:
		return better
	case times > 1+tenth, times < 1-tenth:
		return worse
	}
	return alike
}

// highIsBetter says which way figures are better. known is false where neither
// their unit nor the column's or row's name tells.
func highIsBetter(p place, of dimension) (high, known bool) {
	switch of {
	case ofTime, ofSize:
		return false, true
	case ofRate:
		return true, true
	case ofRatio, ofShare, ofCount: // the names have to tell
	}
	for _, words := range []string{"a second", "per second", "/s"} {
		if strings.Contains(p.column, words) || strings.HasSuffix(p.row, words) {
			return true, true
		}
	}
	if strings.Contains(p.column, "CPU") || strings.Contains(p.column, "grows by") {
		return false, true
	}
	return false, false
}
