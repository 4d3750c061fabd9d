package journal

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"procyon/access"
	"procyon/store"
)

// Rebuild makes all views anew from the journal, listed as this release lists them, and
// what entries are found by, and returns how many entries there are. What it removes for
// that it does not read, so no damage is in its way, and views that no entry speaks of are
// gone afterwards. While it runs, views are missing: stop the servers first. Where it is cut
// short none starts on the store until it was run again. A store whose views a newer release
// has listed is refused, and left as it is.
func Rebuild(ctx context.Context, db Store, kinds access.Kinds) (uint64, error) {
	have, err := readFormat(ctx, db)
	if err != nil {
		return 0, err
	}
	if err := writeFormat(ctx, db, have, format{Format: have.Format, Rebuilding: true}); err != nil {
		return 0, err
	}
	if err := db.Clear(ctx, prefixes(kinds)...); err != nil {
		return 0, fmt.Errorf("journal: remove the views: %w", err)
	}
	entries, err := rebuild(ctx, db, kinds)
	if err != nil {
		return entries, err
	}
	if err := db.RebuildIndex(ctx); err != nil {
		return entries, fmt.Errorf("journal: rebuild the index of the entries: %w", err)
	}
	if have, err = readFormat(ctx, db); err != nil {
		return entries, err
	}
	return entries, writeFormat(ctx, db, have, format{Format: access.ViewFormat})
}

// rebuild writes the view of each subject, and returns how many entries these have.
func rebuild(ctx context.Context, db Store, kinds access.Kinds) (uint64, error) {
	var entries uint64
	var some []store.Document
	write := func() error {
		if err := db.Repair(ctx, some); err != nil {
			return fmt.Errorf("journal: write views: %w", err)
		}
		some = some[:0]
		return nil
	}
	for end, err := range db.Subjects(ctx) {
		if err != nil {
			return entries, fmt.Errorf("journal: read the subjects: %w", err)
		}
		view, err := kinds.View(end.Last.Subject, end.Last.Version, end.Last.After)
		if err != nil {
			return entries, err
		}
		entries += end.Last.Version
		if some = append(some, view); len(some) == refreshChunk {
			if err := write(); err != nil {
				return entries, err
			}
		}
	}
	return entries, write()
}

// prefixes are what the IDs of all subjects begin with, in order.
func prefixes(kinds access.Kinds) []string {
	out := make([]string, 0, len(kinds))
	for _, k := range slices.Sorted(maps.Keys(kinds)) {
		out = append(out, string(k)+"_")
	}
	return out
}
