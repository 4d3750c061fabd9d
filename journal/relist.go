package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"procyon/access"
	"procyon/store"
)

// Where a view is listed follows from code, so a view that an older release wrote
// can lack terms that queries of this one rest on. The store has a mark that says
// in which format its views are listed: access.ViewFormat of who wrote them.

// formatID is the mark's document. It is no view: no subject is of its kind.
const formatID = "meta_views"

// unmarked is the format of a store that has no mark.
const unmarked = 1

// format is a store's mark.
type format struct {
	Format int `json:"format"`
	// Rebuilding says that the views are made anew, or were until that was cut short: some
	// are missing or old.
	Rebuilding bool   `json:"rebuilding,omitempty"`
	version    uint64 // of the document; 0 where it is absent
}

// errRebuilding refuses a store whose views are not to be relied on.
var errRebuilding = errors.New("journal: the views are being made anew, or that was cut short, so that some are missing or old; let procyon journal rebuild end, or run it again")

// readFormat reads a store's mark. It refuses that of a newer release, whose
// listing this one would spoil.
func readFormat(ctx context.Context, db Store) (format, error) {
	f := format{Format: unmarked}
	docs, err := db.Get(ctx, formatID)
	if err != nil {
		return f, fmt.Errorf("journal: read the format of the views: %w", err)
	}
	if len(docs) == 0 {
		return f, nil
	}
	if err := json.Unmarshal(docs[0].Data, &f); err != nil {
		return f, fmt.Errorf("journal: document %s: %w", formatID, err)
	}
	f.version = docs[0].Version
	if f.Format > access.ViewFormat {
		return f, fmt.Errorf("journal: the views are listed in format %d and this release knows up to %d; run the newer release that wrote them", f.Format, access.ViewFormat)
	}
	return f, nil
}

// present tells whether the mark says that all is there and listed as this release does it.
func (f format) present() bool { return f.says(format{Format: access.ViewFormat}) }

// says tells whether a store has a mark, and that says the same as another one.
func (f format) says(want format) bool {
	want.version = f.version
	return f.version > 0 && f == want
}

// formatTries bounds how often the mark is written against other processes.
const formatTries = 10

// writeFormat marks a store. Of several processes that do so at once one writes the mark,
// and the others find it.
func writeFormat(ctx context.Context, db Store, have, want format) error {
	data, err := json.Marshal(want)
	if err != nil {
		return fmt.Errorf("journal: encode the format of the views: %w", err)
	}
	for range formatTries {
		if have.says(want) {
			return nil
		}
		err := db.Put(ctx, store.Document{ID: formatID, Version: have.version + 1, Data: data})
		if err == nil {
			return nil
		}
		if !errors.Is(err, store.ErrVersion) {
			return fmt.Errorf("journal: note the format of the views: %w", err)
		}
		if have, err = readFormat(ctx, db); err != nil {
			return err
		}
	}
	return fmt.Errorf("journal: note the format of the views: somebody else changes it all the time")
}

// relistTold is after how many views more it is told how far relisting is.
const relistTold = 5000

// relist lists the views of a store anew that an older release listed otherwise,
// and marks the store when it is through. So after a crash the next one begins
// again, and finds what was done already. Several processes may do it at once, also
// while others of this release write: a view that changed meanwhile is theirs.
func relist(ctx context.Context, db Store, opts Options, have format) error {
	if have.present() {
		return nil
	}
	done, told := 0, 0
	for _, term := range access.Relist(have.Format) {
		err := relistTerm(ctx, db, opts.Kinds, term, func(n int) {
			if done += n; opts.OnRelist != nil && done >= told+relistTold {
				told = done
				opts.OnRelist(done)
			}
		})
		if err != nil {
			return fmt.Errorf("journal: list the views under %s anew: %w", term, err)
		}
	}
	return writeFormat(ctx, db, have, format{Format: access.ViewFormat})
}

// relistChunk is how many views are read and listed at once.
const relistChunk = 200

// relistTerm lists the documents under a term anew, page by page. One that moves
// while it is at it is listed as it should be already, so none is missed.
func relistTerm(ctx context.Context, db Store, kinds access.Kinds, term string, listed func(n int)) error {
	for docs, err := range store.EachPage(ctx, db, term, relistChunk) {
		if err != nil {
			return err
		}
		var changed []store.Document
		for _, d := range docs {
			view, err := kinds.View(d.ID, d.Version, d.Data)
			if err != nil {
				return err
			}
			if view.Sort != d.Sort || !slices.Equal(view.Terms, d.Terms) {
				changed = append(changed, view)
			}
		}
		if len(changed) > 0 {
			if err := db.Reindex(ctx, changed); err != nil {
				return err
			}
			listed(len(changed))
		}
	}
	return nil
}
