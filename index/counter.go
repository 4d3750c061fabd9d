package index

import (
	"context"
	"fmt"

	"procyon/journal"
)

// near is how far behind the journal counts can be and still be brought up to date for
// somebody who waits.
const near = 2000

// A counter follows the journal for one that counts its entries and keeps the counts in the
// store, with the place up to which they go: so a server that starts has little to read.
// Several servers may keep the same counts; whoever has come further is believed.
type counter struct {
	journal   Journal
	of        counts
	keepAfter uint64 // it is written down after so many entries

	counting gate             // whoever is in it brings the rest up to date
	loaded   bool             // guarded by counting
	saved    uint64           // guarded by counting: the entry up to which it is kept in the store
	at       journal.Position // guarded by counting: up to where it counts
}

// counts are what a counter counts. It calls one of these at a time.
type counts interface {
	// load takes over what is kept, and returns up to where that counts. Where nothing is
	// kept, or what is of another journal, it returns where counting begins.
	load(ctx context.Context) (journal.Position, error)
	// take counts an entry, the next one.
	take(e *journal.Entry) error
	// keep writes down what was counted, up to a place, unless another server has counted
	// further.
	keep(ctx context.Context, at journal.Position) error
}

func newCounter(j Journal, of counts, keepAfter uint64) counter {
	return counter{journal: j, of: of, keepAfter: keepAfter, counting: newGate()}
}

// enter waits until nobody else counts, and brings the counts up to all that was committed
// before the call; done is false where that would take long: then they go up to c.at. Who
// has entered leaves.
func (c *counter) enter(ctx context.Context) (done bool, err error) {
	if err := c.counting.enter(ctx); err != nil {
		return false, err
	}
	if done, err = c.present(ctx); err != nil {
		c.counting.leave()
	}
	return done, err
}

func (c *counter) present(ctx context.Context) (done bool, err error) {
	if err := c.ready(ctx); err != nil {
		return false, err
	}
	if err := c.journal.CatchUp(ctx); err != nil {
		return false, err
	}
	for c.at.Seq < c.journal.Head() {
		if c.journal.Head()-c.at.Seq > near {
			return false, nil
		}
		if err := c.step(ctx); err != nil {
			return false, err
		}
	}
	return true, nil
}

func (c *counter) leave() { c.counting.leave() }

// Follow counts up to the present, and keeps it in the store where that is due.
func (c *counter) Follow(ctx context.Context) error {
	for more := true; more; { // the gate is left in between, so that nobody waits for all of it
		if err := c.counting.enter(ctx); err != nil {
			return err
		}
		err := c.ready(ctx)
		if err == nil {
			err = c.step(ctx)
		}
		if err == nil && c.at.Seq >= c.saved+c.keepAfter {
			err = c.write(ctx)
		}
		more = c.at.Seq < c.journal.Head()
		c.counting.leave()
		if err != nil {
			return err
		}
	}
	return nil
}

// Keep writes down what was counted, if it is not.
func (c *counter) Keep(ctx context.Context) error {
	if err := c.counting.enter(ctx); err != nil {
		return err
	}
	defer c.counting.leave()
	if !c.loaded || c.at.Seq == c.saved {
		return nil
	}
	return c.write(ctx)
}

// ready reads what is kept, once.
func (c *counter) ready(ctx context.Context) error {
	if c.loaded {
		return nil
	}
	at, err := c.of.load(ctx)
	if err != nil {
		return err
	}
	c.at, c.saved, c.loaded = at, at.Seq, true
	return nil
}

func (c *counter) write(ctx context.Context) error {
	if err := c.of.keep(ctx, c.at); err != nil {
		return err
	}
	c.saved = c.at.Seq
	return nil
}

// step counts some entries.
func (c *counter) step(ctx context.Context) error {
	entries, err := c.journal.Read(ctx, c.at.Seq, chunk)
	if err != nil {
		return fmt.Errorf("index: read entries after %d: %w", c.at.Seq, err)
	}
	if len(entries) == 0 && c.at.Seq < c.journal.Head() {
		return fmt.Errorf("index: there is no entry after %d", c.at.Seq)
	}
	for i := range entries {
		if err := c.of.take(&entries[i]); err != nil {
			return err
		}
		c.at = entries[i].Position()
	}
	return nil
}
