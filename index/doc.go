// Package index keeps in memory what lists need and no store can answer under its terms:
// the names of what is in the catalog and of people, so that a part of a word finds them
// (Names), and how many requests have ended, and how (Ended). Both follow from the journal
// alone, and read it from where they are; nothing here is ever the truth of anything.
package index

import (
	"context"

	"procyon/journal"
)

// Journal is the part of the journal that is followed.
type Journal interface {
	Head() uint64
	Read(ctx context.Context, after uint64, limit int) ([]journal.Entry, error)
	CatchUp(ctx context.Context) error
	Check(ctx context.Context, p journal.Position) error
}

// chunk is how many entries are read at once.
const chunk = 500

// A gate lets one in at a time, and whoever waits can give up.
type gate chan struct{}

func newGate() gate { return make(gate, 1) }

func (g gate) enter(ctx context.Context) error {
	select {
	case g <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (g gate) leave() { <-g }
