package checkpoint

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"procyon/journal"
	"procyon/store"
)

// Log makes the checkpoints of a store's journal and keeps them there. Several may work on
// one store at once. It is safe for concurrent use.
type Log struct {
	store journal.Store
	keys  *Keys
	now   func() time.Time
}

// NewLog makes the log of a store. The keys need a private one where it makes checkpoints.
func NewLog(db journal.Store, keys *Keys, now func() time.Time) *Log {
	return &Log{store: db, keys: keys, now: now}
}

// Public is the public key of those who check what the log signs.
func (l *Log) Public() string { return l.keys.Public() }

// ErrEmpty says that a journal has no entry, and so nothing to sign.
var ErrEmpty = errors.New("the journal is empty: there is nothing to sign")

// ErrRewritten says that a journal no longer is what the store's own newest checkpoint says.
var ErrRewritten = errors.New("the journal is not what the store's newest checkpoint says")

// Stored is the newest checkpoint in a store, whoever signed it: who wants to rely on it
// checks that. It is nil where there is none.
func Stored(ctx context.Context, r store.Reader) (*Checkpoint, error) {
	return newest(ctx, r, readUnchecked)
}

// Newest is the newest checkpoint in the store; nil where there is none. Where none of the
// keys signed it the error is ErrUnknownKey.
func (l *Log) Newest(ctx context.Context) (*Checkpoint, error) {
	return newest(ctx, l.store, l.read)
}

// read reads a checkpoint that one of the keys has signed.
func (l *Log) read(text []byte) (Checkpoint, error) { return Parse(text, l.keys) }

func newest(ctx context.Context, r store.Reader, read func([]byte) (Checkpoint, error)) (*Checkpoint, error) {
	docs, err := r.List(ctx, store.Query{Term: checkpointTerm, Desc: true, Limit: 1})
	if err != nil {
		return nil, fmt.Errorf("checkpoints: read the newest: %w", err)
	}
	if len(docs) == 0 {
		return nil, nil
	}
	return parse(&docs[0], read)
}

func parse(d *store.Document, read func([]byte) (Checkpoint, error)) (*Checkpoint, error) {
	var kept keptCheckpoint
	if err := json.Unmarshal(d.Data, &kept); err != nil {
		return nil, fmt.Errorf("checkpoints: document %s: %w", d.ID, err)
	}
	c, err := read([]byte(kept.Note))
	if err != nil {
		return nil, fmt.Errorf("checkpoints: the store's checkpoint %s: %w", d.ID, err)
	}
	return &c, nil
}

// checkpointTerm lists the checkpoints by their sizes.
const checkpointTerm = "checkpoint"

// keptCheckpoint is how a checkpoint is stored.
type keptCheckpoint struct {
	Note string `json:"note"`
}

// document is how a checkpoint is stored: one for each size, whoever signed it first.
func (c *Checkpoint) document() (store.Document, error) {
	data, err := json.Marshal(keptCheckpoint{c.Note})
	sort := fmt.Sprintf("%016x", c.Size)
	return store.Document{ID: "ckp_" + sort, Version: 1, Sort: sort, Terms: []string{checkpointTerm}, Data: data}, err
}

// Make signs the journal as it is now. It reads the entries since the newest checkpoint, and
// signs nothing that does not continue it: see ErrRewritten. Where there are none it returns
// that one. It may be cut short at any point, and run beside others.
func (l *Log) Make(ctx context.Context) (*Checkpoint, error) {
	last, err := l.Newest(ctx)
	if err != nil {
		return nil, err
	}
	return l.after(ctx, last, nil)
}

// MakeAnew is Make for a new key: the newest checkpoint need not be by a known one, and
// nothing is compared with it then.
func (l *Log) MakeAnew(ctx context.Context) (*Checkpoint, error) {
	last, err := l.Newest(ctx)
	if errors.Is(err, ErrUnknownKey) {
		last, err = nil, nil
	}
	if err != nil {
		return nil, err
	}
	return l.after(ctx, last, nil)
}

// MakeDue is Make where the newest checkpoint is at least that old and the journal has grown,
// and returns nil otherwise. One that was signed that long after now is no reason to wait: the
// clock was wrong then, or is. After each piece of some thousand entries it calls pause, so
// that a long journal, which nobody has signed before, holds up nobody; an error ends it.
func (l *Log) MakeDue(ctx context.Context, age time.Duration, pause func(context.Context) error) (*Checkpoint, error) {
	last, err := l.Newest(ctx)
	if err != nil {
		return nil, err
	}
	if last != nil && l.now().Sub(last.At).Abs() < age {
		return nil, nil
	}
	c, err := l.after(ctx, last, pause)
	if errors.Is(err, ErrEmpty) || err == nil && last != nil && c.Size == last.Size {
		return nil, nil
	}
	return c, err
}

func (l *Log) after(ctx context.Context, last *Checkpoint, pause func(context.Context) error) (*Checkpoint, error) {
	head, err := l.store.Head(ctx)
	if err != nil {
		return nil, fmt.Errorf("checkpoints: read the head: %w", err)
	}
	if head.Seq == 0 && last == nil {
		return nil, ErrEmpty
	}
	origin, err := l.check(ctx, head, last)
	if err != nil {
		return nil, err
	}
	if last != nil && head.Seq == last.Size {
		return last, nil
	}
	t, err := l.grow(ctx, head, last, pause)
	if err != nil {
		return nil, err
	}
	c := &Checkpoint{Origin: origin, Size: head.Seq, Root: t.root(), Head: head.Hash, At: l.now().UTC().Truncate(time.Second)}
	if err := c.sign(l.keys); err != nil {
		return nil, err
	}
	return l.keep(ctx, c, last == nil)
}

// check makes sure that the journal continues its newest checkpoint, as far as single entries
// tell, and returns its origin.
func (l *Log) check(ctx context.Context, head journal.Head, last *Checkpoint) (string, error) {
	first, err := l.entry(ctx, 1)
	if err != nil {
		return "", err
	}
	origin := originOf(first.Hash)
	if last == nil {
		return origin, nil
	}
	if origin != last.Origin {
		return "", fmt.Errorf("%w: it begins with another entry", ErrRewritten)
	}
	if head.Seq < last.Size {
		return "", fmt.Errorf("%w: it ends with entry %d, and had %d: its end was cut off", ErrRewritten, head.Seq, last.Size)
	}
	e, err := l.entry(ctx, last.Size)
	if err != nil {
		return "", err
	}
	if e.Hash != last.Head {
		return "", fmt.Errorf("%w: entry %d is another one", ErrRewritten, last.Size)
	}
	return origin, nil
}

func (l *Log) entry(ctx context.Context, seq uint64) (*journal.Entry, error) {
	entries, err := l.store.Entries(ctx, seq-1, 1)
	if err != nil {
		return nil, fmt.Errorf("checkpoints: read entry %d: %w", seq, err)
	}
	if len(entries) != 1 || entries[0].Seq != seq {
		return nil, fmt.Errorf("checkpoints: entry %d is missing", seq)
	}
	return &entries[0], nil
}

// keep stores a new checkpoint, and returns the one that the store has of that size then.
// With a new key it takes the place of one that another key signed.
func (l *Log) keep(ctx context.Context, c *Checkpoint, anew bool) (*Checkpoint, error) {
	d, err := c.document()
	if err != nil {
		return nil, err
	}
	for range 3 {
		if err = l.store.Put(ctx, d); !errors.Is(err, store.ErrVersion) {
			break
		}
		docs, err := l.store.Get(ctx, d.ID)
		if err != nil {
			return nil, fmt.Errorf("checkpoints: read %s: %w", d.ID, err)
		}
		if len(docs) == 0 {
			continue
		}
		kept, err := parse(&docs[0], l.read)
		if !anew || !errors.Is(err, ErrUnknownKey) {
			return kept, err
		}
		d.Version = docs[0].Version + 1
	}
	if err != nil {
		return nil, fmt.Errorf("checkpoints: store %s: %w", d.ID, err)
	}
	return c, nil
}

// Prove proves entries to be in the journal as a checkpoint says it: for each number the
// audit path of its hash.
func (l *Log) Prove(ctx context.Context, c *Checkpoint, seqs ...uint64) ([]tlog.RecordProof, error) {
	hashes := tlog.TileHashReader(tlog.Tree{N: int64(c.Size), Hash: c.Root}, &tileReader{ctx: ctx, store: l.store, seen: map[tlog.Tile][]byte{}})
	proofs := make([]tlog.RecordProof, len(seqs))
	for i, seq := range seqs {
		var err error
		if proofs[i], err = tlog.ProveRecord(int64(c.Size), int64(seq)-1, hashes); err != nil {
			return nil, fmt.Errorf("checkpoints: entry %d can't be proved to be in the checkpoint of %d entries; run procyon journal verify, and if it finds nothing procyon journal rebuild: %w", seq, c.Size, err)
		}
	}
	return proofs, nil
}
