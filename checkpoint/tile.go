package checkpoint

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"procyon/journal"
	"procyon/store"
)

// readsAPiece is how often entries are read, some hundred at a time, between two pauses.
const readsAPiece = 8

// grow returns the tree over the entries up to head, and stores its tiles: from the newest
// checkpoint on, where the stored tiles are what that one says, and otherwise from the first
// entry. It calls pause, unless that is nil, after each piece.
func (l *Log) grow(ctx context.Context, head journal.Head, last *Checkpoint, pause func(context.Context) error) (*tree, error) {
	t, at, err := l.resume(ctx, last)
	if err != nil {
		return nil, err
	}
	t.full = func(level int, n int64, hashes []tlog.Hash) error { return l.saveTile(ctx, level, n, hashes) }
	for n := 1; at.Seq < head.Seq; n++ {
		if pause != nil && n%readsAPiece == 0 {
			if err := pause(ctx); err != nil {
				return nil, err
			}
		}
		entries, err := l.store.Entries(ctx, at.Seq, int(min(head.Seq-at.Seq, width)))
		if err != nil {
			return nil, fmt.Errorf("checkpoints: read after entry %d: %w", at.Seq, err)
		}
		if len(entries) == 0 {
			return nil, fmt.Errorf("checkpoints: entry %d is missing", at.Seq+1)
		}
		for i := range entries {
			e := &entries[i]
			if err := e.Follows(at); err != nil {
				return nil, err // which nobody should sign
			}
			at = journal.Head{Seq: e.Seq, Hash: e.Hash, At: e.At}
			if err := t.add(e.Hash); err != nil {
				return nil, err
			}
			if last != nil && e.Seq == last.Size && t.root() != last.Root {
				return nil, fmt.Errorf("%w: entries before entry %d are others", ErrRewritten, last.Size)
			}
		}
	}
	if at.Hash != head.Hash {
		return nil, fmt.Errorf("%w: entry %d was replaced meanwhile", journal.ErrReplaced, head.Seq)
	}
	for level := 1; level < len(t.edge); level++ {
		if err := l.saveTile(ctx, level, t.tile(level), t.edge[level]); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// resume returns the tree as the newest checkpoint says it, from the stored tiles, and the
// entry that it ends with; an empty one where they are missing or are others.
func (l *Log) resume(ctx context.Context, last *Checkpoint) (*tree, journal.Head, error) {
	if last == nil {
		return &tree{}, journal.Head{}, nil
	}
	t := &tree{size: int64(last.Size)}
	r := &tileReader{ctx: ctx, store: l.store}
	for level := 0; t.size>>(height*level) > 0; level++ {
		n := int(t.size>>(height*level)) % width
		edge := make([]tlog.Hash, 0, width)
		if n > 0 {
			data, err := r.read(tlog.Tile{H: height, L: level, N: t.tile(level), W: n})
			if errors.Is(err, errNoTile) {
				return &tree{}, journal.Head{}, nil
			}
			if err != nil {
				return nil, journal.Head{}, err
			}
			for h := range n {
				edge = append(edge, tlog.Hash(data[h*tlog.HashSize:]))
			}
		}
		t.edge = append(t.edge, edge)
	}
	if t.root() != last.Root {
		return &tree{}, journal.Head{}, nil
	}
	return t, journal.Head{Seq: last.Size, Hash: last.Head}, nil
}

// tileTerm lists the tiles.
const tileTerm = "checkpoint/tile"

// keptTile is how a tile is stored: its hashes, one after the other. One that grows keeps
// those that it has.
type keptTile struct {
	Hashes []byte `json:"hashes"`
}

func tileID(level int, n int64) string { return fmt.Sprintf("tile_%d_%012x", level, n) }

// saveTile stores a tile of which more is known now. What others have stored of it is the
// same, more or less of it, for it follows from the journal.
func (l *Log) saveTile(ctx context.Context, level int, n int64, hashes []tlog.Hash) error {
	if len(hashes) == 0 {
		return nil
	}
	var kept keptTile
	for i := range hashes {
		kept.Hashes = append(kept.Hashes, hashes[i][:]...)
	}
	data, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	id := tileID(level, n)
	for range casTries {
		docs, err := l.store.Get(ctx, id)
		if err != nil {
			return fmt.Errorf("checkpoints: read %s: %w", id, err)
		}
		version := uint64(0)
		if len(docs) > 0 {
			var have keptTile
			if err := json.Unmarshal(docs[0].Data, &have); err == nil && bytes.HasPrefix(have.Hashes, kept.Hashes) {
				return nil
			}
			version = docs[0].Version
		}
		err = l.store.Put(ctx, store.Document{ID: id, Version: version + 1, Sort: id, Terms: []string{tileTerm}, Data: data})
		if !errors.Is(err, store.ErrVersion) {
			return err
		}
	}
	return fmt.Errorf("checkpoints: other servers change %s all the time; sign again later, by fewer servers at once", id)
}

// Forget removes what is stored of the tree. The next checkpoint makes it anew. Checkpoints
// stay.
func Forget(ctx context.Context, docs store.Documents) error {
	for tiles, err := range store.EachPage(ctx, docs, tileTerm, 100) {
		if err != nil {
			return fmt.Errorf("checkpoints: list the tiles: %w", err)
		}
		ids := make([]string, len(tiles))
		for i := range tiles {
			ids[i] = tiles[i].ID
		}
		if err := docs.Delete(ctx, ids...); err != nil {
			return fmt.Errorf("checkpoints: delete tiles: %w", err)
		}
	}
	return nil
}

// errNoTile says that a tile is missing, or damaged.
var errNoTile = errors.New("a part of the tree is missing")

// tileReader reads tiles for tlog, which proves them: those of the lowest level from the
// journal, and the others as they are stored.
type tileReader struct {
	ctx   context.Context //nolint:containedctx // of one call, through an interface that has none
	store journal.Store
	seen  map[tlog.Tile][]byte // nil keeps none
}

// Height implements tlog.TileReader.
func (r *tileReader) Height() int { return height }

// SaveTiles implements tlog.TileReader.
func (r *tileReader) SaveTiles([]tlog.Tile, [][]byte) {}

// ReadTiles implements tlog.TileReader.
func (r *tileReader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, t := range tiles {
		have, ok := r.seen[t]
		if !ok {
			var err error
			if have, err = r.read(t); err != nil {
				return nil, err
			}
			if r.seen != nil {
				r.seen[t] = have
			}
		}
		data[i] = have
	}
	return data, nil
}

func (r *tileReader) read(t tlog.Tile) ([]byte, error) {
	if t.L == 0 {
		return r.leaves(t)
	}
	docs, err := r.store.Get(r.ctx, tileID(t.L, t.N))
	if err != nil {
		return nil, fmt.Errorf("checkpoints: read %s: %w", tileID(t.L, t.N), err)
	}
	var kept keptTile
	if len(docs) == 0 || json.Unmarshal(docs[0].Data, &kept) != nil || len(kept.Hashes) < t.W*tlog.HashSize {
		return nil, fmt.Errorf("%w: %s", errNoTile, t.Path())
	}
	return kept.Hashes[:t.W*tlog.HashSize], nil
}

// leaves are a tile of the lowest level.
func (r *tileReader) leaves(t tlog.Tile) ([]byte, error) {
	entries, err := r.store.Entries(r.ctx, uint64(t.N)*width, t.W)
	if err != nil {
		return nil, fmt.Errorf("checkpoints: read after entry %d: %w", t.N*width, err)
	}
	if len(entries) != t.W {
		return nil, fmt.Errorf("%w: entries after entry %d", errNoTile, t.N*width)
	}
	data := make([]byte, 0, t.W*tlog.HashSize)
	for i := range entries {
		leaf := tlog.RecordHash(entries[i].Hash[:])
		data = append(data, leaf[:]...)
	}
	return data, nil
}
