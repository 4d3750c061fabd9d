package index

import (
	"cmp"
	"slices"
	"time"
)

// Days are counted in quarters of an hour: with these, days can begin at midnight in any
// time zone, for all zones are some quarters away from UTC.
const (
	quarter     = 15 * time.Minute
	quartersDay = 96
)

// cell is how often something was in a quarter of a day. It is small, for there are many.
type cell struct {
	of      uint32 // what
	n       uint32
	quarter uint8 // of the day, in UTC
}

// cells are the counts of a day, in order of what and when.
type cells []cell

func (c cells) find(of uint32, at uint8) (int, bool) {
	return slices.BinarySearchFunc(c, cell{of: of, quarter: at}, func(a, b cell) int {
		return cmp.Or(cmp.Compare(a.of, b.of), cmp.Compare(a.quarter, b.quarter))
	})
}

// add counts one more of something in a quarter.
func (c *cells) add(of uint32, at uint8) {
	i, found := c.find(of, at)
	if !found {
		*c = slices.Insert(*c, i, cell{of: of, quarter: at})
	}
	(*c)[i].n++
}

// busiest are the cells of what was most often, all in all, so many at most.
func (c cells) busiest(most int) cells {
	type group struct {
		cells cells
		n     uint32
	}
	var groups []group
	for from := 0; from < len(c); {
		g := group{}
		to := from
		for ; to < len(c) && c[to].of == c[from].of; to++ {
			g.n += c[to].n
		}
		g.cells = c[from:to]
		groups = append(groups, g)
		from = to
	}
	slices.SortStableFunc(groups, func(a, b group) int { return cmp.Compare(b.n, a.n) })
	var out cells
	for _, g := range groups {
		if len(out)+len(g.cells) > most {
			break
		}
		out = append(out, g.cells...)
	}
	slices.SortFunc(out, func(a, b cell) int { return cmp.Or(cmp.Compare(a.of, b.of), cmp.Compare(a.quarter, b.quarter)) })
	return slices.Clip(out)
}

// flat are cells as they are stored: what, when and how often, one after the other.
func (c cells) flat() []uint32 {
	out := make([]uint32, 0, 3*len(c))
	for _, one := range c {
		out = append(out, one.of, uint32(one.quarter), one.n)
	}
	return out
}

// cellsOf reads what flat wrote, and puts what the numbers stand for in their place.
func cellsOf(flat []uint32, number func(uint32) uint32) (cells, bool) {
	if len(flat)%3 != 0 {
		return nil, false
	}
	out := make(cells, 0, len(flat)/3)
	for f := range slices.Chunk(flat, 3) {
		if f[1] >= quartersDay {
			return nil, false
		}
		out = append(out, cell{of: number(f[0]), quarter: uint8(f[1]), n: f[2]})
	}
	slices.SortFunc(out, func(a, b cell) int { return cmp.Or(cmp.Compare(a.of, b.of), cmp.Compare(a.quarter, b.quarter)) })
	return out, true
}
