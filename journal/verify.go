package journal

import (
	"bytes"
	"context"
	"fmt"

	"procyon/access"
	"procyon/store"
)

// Report is what Verify found.
type Report struct {
	Entries  uint64
	Subjects int
	Head     Head // keep it elsewhere: only with it can a cut tail be told
}

// Verify reads the whole journal and proves that nothing in it was altered,
// removed or reordered: the sequence is dense, each entry is chained to the one
// before, each subject's versions are dense, and each view is what its last
// entry says (so that a tail cut off shows as a view ahead of the journal), and each
// entry is found by what it is. The error names the first bad entry.
func Verify(ctx context.Context, db Store) (Report, error) {
	var r Report
	last := map[string]mark{}
	for {
		entries, err := db.Entries(ctx, r.Head.Seq, refreshChunk)
		if err != nil {
			return r, fmt.Errorf("journal: read after entry %d: %w", r.Head.Seq, err)
		}
		if len(entries) == 0 {
			break
		}
		for i := range entries {
			e := &entries[i]
			if err := e.Follows(r.Head); err != nil {
				return r, err
			}
			if have := last[e.Subject].version; e.Version != have+1 {
				return r, fmt.Errorf("journal: entry %d has version %d of %s, after version %d", e.Seq, e.Version, e.Subject, have)
			}
			last[e.Subject] = mark{e.Version, e.Seq}
			r.Head = e.head()
			r.Entries++
		}
	}
	r.Subjects = len(last)
	if err := verifyViews(ctx, db, last); err != nil {
		return r, err
	}
	if err := db.CheckIndex(ctx); err != nil {
		return r, fmt.Errorf("journal: entries are not found by what they are; rebuild the views: %w", err)
	}
	return r, nil
}

type mark struct{ version, seq uint64 }

func verifyViews(ctx context.Context, db Store, last map[string]mark) error {
	ids := make([]string, 0, viewChunk)
	check := func() error {
		docs, err := db.Get(ctx, ids...)
		if err != nil {
			return fmt.Errorf("journal: read views: %w", err)
		}
		found := make(map[string]store.Document, len(docs))
		for _, d := range docs {
			found[d.ID] = d
		}
		for _, id := range ids {
			if err := verifyView(ctx, db, id, last[id], found[id]); err != nil {
				return err
			}
		}
		ids = ids[:0]
		return nil
	}
	for id := range last {
		ids = append(ids, id)
		if len(ids) == viewChunk {
			if err := check(); err != nil {
				return err
			}
		}
	}
	return check()
}

const viewChunk = 200

func verifyView(ctx context.Context, db Store, id string, m mark, d store.Document) error {
	if d.ID == "" {
		return fmt.Errorf("journal: the view of %s (entry %d) is missing; rebuild the views", id, m.seq)
	}
	if d.Version != m.version {
		return fmt.Errorf("journal: the view of %s has version %d, its last entry (%d) version %d: entries were removed, or the view is out of date", id, d.Version, m.seq, m.version)
	}
	entries, err := db.Subject(ctx, id, m.version-1, 1)
	if err != nil {
		return fmt.Errorf("journal: read %s: %w", id, err)
	}
	if len(entries) != 1 || !bytes.Equal(entries[0].After, d.Data) {
		return fmt.Errorf("journal: the view of %s is not what entry %d says; rebuild the views", id, m.seq)
	}
	return nil
}

// Rebuild makes all views anew from the journal, listed as this release lists them, and
// what entries are found by, and returns how many entries it read. While it runs, views are missing or old:
// stop the servers first. Where it is cut short none starts on the store until it was run
// again. A store whose views a newer release has listed is refused, and left as it is.
func Rebuild(ctx context.Context, db Store, kinds access.Kinds) (uint64, error) {
	have, err := readFormat(ctx, db)
	if err != nil {
		return 0, err
	}
	if err := writeFormat(ctx, db, have, format{Format: have.Format, Rebuilding: true}); err != nil {
		return 0, err
	}
	seq, err := rebuild(ctx, db, kinds)
	if err != nil {
		return seq, err
	}
	if err := db.RebuildIndex(ctx); err != nil {
		return seq, fmt.Errorf("journal: rebuild the index of the entries: %w", err)
	}
	if have, err = readFormat(ctx, db); err != nil {
		return seq, err
	}
	return seq, writeFormat(ctx, db, have, format{Format: access.ViewFormat})
}

func rebuild(ctx context.Context, db Store, kinds access.Kinds) (uint64, error) {
	var seq uint64
	for {
		entries, err := db.Entries(ctx, seq, refreshChunk)
		if err != nil {
			return seq, fmt.Errorf("journal: read after entry %d: %w", seq, err)
		}
		if len(entries) == 0 {
			return seq, nil
		}
		var fresh []string
		views := make([]store.Document, len(entries))
		for i, e := range entries {
			if e.Version == 1 {
				fresh = append(fresh, e.Subject)
			}
			if views[i], err = kinds.View(e.Subject, e.Version, e.After); err != nil {
				return seq, err
			}
		}
		if err := db.Delete(ctx, fresh...); err != nil {
			return seq, fmt.Errorf("journal: delete views: %w", err)
		}
		if err := db.Repair(ctx, newest(views)); err != nil {
			return seq, fmt.Errorf("journal: write views: %w", err)
		}
		seq = entries[len(entries)-1].Seq
	}
}
