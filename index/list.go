package index

import (
	"slices"
	"sort"

	"procyon/store"
)

// list is all of one kind, in their order, mostly that of their names. It lies in blocks, so that little
// moves when one comes or goes; and what tells most of what a search passes by lies close
// together, so that a hundred thousand are passed by in a millisecond.
type list struct {
	blocks []*block
	size   int
	tagged map[tagSet]int // how many have a tag
	in     map[int32]int  // how many belong to one, by its number
}

// block is a part of a list: brief[i] is of the same subject as rows[i].
type block struct {
	brief []brief
	rows  []row
}

// brief is what is looked at first of a subject.
type brief struct {
	signature signature
	tags      tagSet
	in        int32 // the number of what it belongs to, or nowhere
}

const (
	// nowhere is the number of nothing.
	nowhere int32 = -1
	// maxBlock is how many subjects a block has at most.
	maxBlock = 512
)

// row is where a subject stands, and its text.
type row struct {
	place store.Position
	text  string // folded: what it is searched by
}

func newList() *list { return &list{tagged: map[tagSet]int{}, in: map[int32]int{}} }

// find returns where the first is that is not before a place: its block and its index
// there, or behind the last.
func (l *list) find(at store.Position) (in, i int) {
	in = max(0, sort.Search(len(l.blocks), func(k int) bool { return at.Before(l.blocks[k].rows[0].place) })-1)
	if in == len(l.blocks) {
		return in, 0
	}
	rows := l.blocks[in].rows
	return in, sort.Search(len(rows), func(k int) bool { return !rows[k].place.Before(at) })
}

// add puts a subject into its place, where none is.
func (l *list) add(r row, b brief) {
	in, i := l.find(r.place)
	if len(l.blocks) == 0 {
		l.blocks = []*block{{}}
	}
	k := l.blocks[in]
	k.rows, k.brief = slices.Insert(k.rows, i, r), slices.Insert(k.brief, i, b)
	if len(k.rows) > maxBlock {
		half := len(k.rows) / 2
		l.blocks = slices.Insert(l.blocks, in+1, &block{slices.Clone(k.brief[half:]), slices.Clone(k.rows[half:])})
		clear(k.rows[half:]) // their texts are not kept from here
		k.rows, k.brief = k.rows[:half], k.brief[:half]
	}
	l.count(b, 1)
}

// drop takes the subject at a place away, if there is one.
func (l *list) drop(at store.Position) {
	in, i := l.find(at)
	if in == len(l.blocks) || i == len(l.blocks[in].rows) || l.blocks[in].rows[i].place != at {
		return
	}
	k := l.blocks[in]
	l.count(k.brief[i], -1)
	k.rows, k.brief = slices.Delete(k.rows, i, i+1), slices.Delete(k.brief, i, i+1)
	if len(k.rows) == 0 {
		l.blocks = slices.Delete(l.blocks, in, in+1)
	}
}

// count adds to how many there are like one.
func (l *list) count(b brief, by int) {
	l.size += by
	for set := b.tags; set != 0; set &= set - 1 {
		l.tagged[set&-set] += by
	}
	if b.in != nowhere {
		l.in[b.in] += by
	}
}

// scan looks at the subjects behind a place (nil: at all) in one direction, until found,
// which is called for those that pass, says that it is enough.
func (l *list) scan(q *query, after *store.Position, desc bool, found func(store.Position) (more bool)) {
	in, i, step := 0, 0, 1
	switch {
	case desc && after == nil:
		in, step = len(l.blocks)-1, -1
		i = maxBlock
	case desc:
		step = -1
		in, i = l.find(*after)
		i--
	case after != nil:
		if in, i = l.find(*after); in < len(l.blocks) && i < len(l.blocks[in].rows) && l.blocks[in].rows[i].place == *after {
			i++
		}
	}
	for ; in >= 0 && in < len(l.blocks); in += step {
		k := l.blocks[in]
		for i = min(i, len(k.rows)-1+max(step, 0)); i >= 0 && i < len(k.rows); i += step {
			if q.mayPass(&k.brief[i]) && q.passes(&k.brief[i], k.rows[i].text) && !found(k.rows[i].place) {
				return
			}
		}
		i = 0
		if desc {
			i = maxBlock
		}
	}
}
