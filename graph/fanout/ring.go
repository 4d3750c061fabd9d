package fanout

import (
	"slices"

	"procyon/graph/transport"
)

// item is a result and the entry that it is of.
type item struct {
	seq     uint64
	payload transport.Payload
}

// ring holds the latest results, every one after floor, bounded by count and
// by bytes but never empty once something was added.
type ring struct {
	floor              uint64 // nothing up to here is held
	items              []item // in order; those before start are gone
	start, bytes       int
	maxCount, maxBytes int
}

func (r *ring) add(it item) {
	r.items = append(r.items, it)
	r.bytes += len(it.payload.Data)
	for r.start < len(r.items)-1 && (len(r.items)-r.start > r.maxCount || r.bytes > r.maxBytes) {
		old := &r.items[r.start]
		r.floor = old.seq
		r.bytes -= len(old.payload.Data)
		*old = item{}
		r.start++
	}
	if r.start > len(r.items)/2 {
		r.items = slices.Delete(r.items, 0, r.start)
		r.start = 0
	}
}

// after returns the items with a sequence number above pos.
func (r *ring) after(pos uint64) []item {
	live := r.items[r.start:]
	if n := len(live); n == 0 || live[n-1].seq <= pos {
		return nil
	} else if n == 1 || live[n-2].seq <= pos {
		return live[n-1:] // most are only one behind
	}
	return itemsAfter(live, pos)
}

// itemsAfter returns those of some items, which are in order, with a sequence number above pos.
func itemsAfter(items []item, pos uint64) []item {
	i, _ := slices.BinarySearchFunc(items, pos, func(it item, pos uint64) int {
		if it.seq <= pos {
			return -1
		}
		return 1
	})
	return items[i:]
}
