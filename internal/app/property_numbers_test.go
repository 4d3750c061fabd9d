package app

import (
	"time"

	"procyon/access"
	"procyon/overview"
	"procyon/store"
)

// judgeNumbers holds the overview of all that happened against a plain count of the journal
// and of the lists.
func (w *world) judgeNumbers() {
	w.t.Helper()
	s := w.servers[0]
	o := &overview.Overview{Access: s.Access, Ledger: s.Ledger, Days: s.days, Now: w.now}
	span, err := o.Last(overview.MaxDays, "Asia/Kathmandu")
	w.must(err)
	w.must(s.days.Follow(w.ctx))
	got, err := o.Requests(w.ctx, span)
	w.must(err)
	counts := map[access.EventType]int{}
	for after := uint64(0); ; {
		entries, err := s.Store.Entries(w.ctx, after, 500)
		w.must(err)
		if len(entries) == 0 {
			break
		}
		for _, e := range entries {
			if after = e.Seq; access.KindOf(e.Subject) == access.KindRequest && !e.At.Before(span.From()) {
				counts[access.EventType(e.Type)]++
			}
		}
	}
	for what, n := range map[access.EventType]int{
		access.EventCreated: got.All.Made, access.EventApproved: got.All.Approved, access.EventDenied: got.All.Denied, access.EventTimedOut: got.All.TimedOut,
	} {
		if n != counts[what] {
			w.t.Errorf("%d of %d requests are counted that were %s", n, counts[what], what)
		}
	}
	if n, all := got.All.Waits.Count(), counts[access.EventApproved]+counts[access.EventDenied]; n != all || !got.UpTo.IsZero() {
		w.t.Errorf("%d of %d decisions took a time, up to %s", n, all, got.UpTo)
	}
	ages, err := o.Pending(w.ctx, span)
	w.must(err)
	for _, age := range ages {
		n := 0
		f := access.RequestFilter{Statuses: []access.Status{access.StatusPending}, AskedFrom: age.From, AskedBefore: age.Before}
		for page := (store.Page{First: 100}); ; {
			l, err := s.Access.Requests(w.ctx, access.System(), f, access.RequestOrder{Desc: true}, page)
			w.must(err)
			if n += len(l.Docs); !l.Next {
				break
			}
			page.After = l.End
		}
		if n != age.Count {
			w.t.Errorf("%d requests are counted that were made from %s to %s and wait, %d are listed", age.Count, age.From.Format(time.RFC3339), age.Before.Format(time.RFC3339), n)
		}
	}
}
