package fanout

import (
	"testing"

	"procyon/graph/transport"
)

func TestRingIsBounded(t *testing.T) {
	r := ring{maxCount: 100, maxBytes: 1000}
	for seq := uint64(1); seq <= 10_000; seq++ {
		size := int(seq*7919) % 40
		if seq%1000 == 0 {
			size = 5000 // alone beyond the bound
		}
		r.add(item{seq: seq, payload: transport.Payload{Data: make([]byte, size)}})
		live := r.items[r.start:]
		bytes := 0
		for _, it := range live {
			bytes += len(it.payload.Data)
		}
		if bytes != r.bytes || len(live) > r.maxCount || bytes > r.maxBytes && len(live) > 1 {
			t.Fatalf("at %d: %d results of %d bytes (%d counted)", seq, len(live), bytes, r.bytes)
		}
		if live[0].seq != r.floor+1 || live[len(live)-1].seq != seq {
			t.Fatalf("at %d: holds %d to %d, and floor is %d", seq, live[0].seq, live[len(live)-1].seq, r.floor)
		}
		if got := r.after(seq - 1); len(got) != 1 || len(r.after(seq)) != 0 {
			t.Fatalf("at %d: %d after the one before", seq, len(got))
		}
		if cap(r.items) > 4*r.maxCount+64 {
			t.Fatalf("at %d: room for %d", seq, cap(r.items))
		}
	}
}
