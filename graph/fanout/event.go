package fanout

import (
	"fmt"
	"slices"

	"procyon/journal"
)

// Event is an entry of the journal as subscriptions take it.
type Event struct {
	journal.Entry
	// Value is what Options.Read made of the entry. All subscriptions share it: it is never
	// to be changed. nil: no subscription has an event of this entry.
	Value any
	// Topics are what the entry touches; see Route.
	Topics []string
	// Err is why the entry can't be read.
	Err error
}

// Route says which entries may be events of a subscription: those that touch one of its
// topics. It may let through too many, for what it lets through is looked at again, and
// never too few. nil lets everything through, an empty one nothing.
//
// Who follows one of ten thousand people costs an entry nothing where it is of another one.
type Route []string

// concerns tells whether an event is one for the route. What can't be read concerns everybody.
func (r Route) concerns(e *Event) bool {
	switch {
	case e.Err != nil:
		return true
	case e.Value == nil:
		return false
	}
	return r == nil || slices.ContainsFunc(e.Topics, func(t string) bool { return slices.Contains(r, t) })
}

// readAll reads entries, in their order.
func (f *Fanout) readAll(entries []journal.Entry) []Event {
	events := make([]Event, len(entries))
	for i, e := range entries {
		events[i] = f.read(e)
	}
	return events
}

// read is Options.Read, with a panic as an error.
func (f *Fanout) read(e journal.Entry) (out Event) {
	out.Entry = e
	if f.opt.Read == nil {
		out.Value = e
		return out
	}
	defer func() {
		if p := recover(); p != nil {
			out = Event{Entry: e, Err: fmt.Errorf("panic: %v", p)}
		}
	}()
	out.Value, out.Topics, out.Err = f.opt.Read(e)
	return out
}
