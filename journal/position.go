package journal

import (
	"context"
	"encoding/base32"
	"fmt"

	"procyon/access"
)

// Position is a place in a journal: behind the entry with that number, which has that
// mark. The zero value is the beginning. It is a place, never a permission.
type Position struct {
	Seq  uint64
	Mark Mark
}

// Mark is the beginning of an entry's hash. It tells the entry from another one that has
// its number in another journal, such as one that grew on after a backup was restored.
// It guards against mistakes and not against attackers, who gain nothing by a position:
// so forty bits will do, by which one mistake in a million millions goes unnoticed.
type Mark [5]byte

// markText writes five bytes as eight characters that no URL, JSON or shell changes.
var markText = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

// String returns the mark in eight characters: digits and small letters.
func (m Mark) String() string { return markText.EncodeToString(m[:]) }

// ParseMark reads what String wrote, and nothing else.
func ParseMark(s string) (Mark, error) {
	var m Mark
	if len(s) != markText.EncodedLen(len(m)) {
		return m, fmt.Errorf("journal: a mark has %d characters", markText.EncodedLen(len(m)))
	}
	if _, err := markText.Decode(m[:], []byte(s)); err != nil || m.String() != s {
		return Mark{}, fmt.Errorf("journal: a mark has digits and letters from a to v alone")
	}
	return m, nil
}

// MarshalText implements encoding.TextMarshaler.
func (m Mark) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (m *Mark) UnmarshalText(text []byte) (err error) {
	*m, err = ParseMark(string(text))
	return err
}

// Mark returns the mark of an entry with that hash.
func (h Hash) Mark() Mark { return Mark(h[:len(Mark{})]) }

// Position is the place behind the entry.
func (e *Entry) Position() Position { return Position{Seq: e.Seq, Mark: e.Hash.Mark()} }

// Last returns the place behind the last entry that this process knows.
func (j *Journal) Last() Position {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.head.Seq == 0 {
		return Position{}
	}
	return Position{Seq: j.head.Seq, Mark: j.head.Hash.Mark()}
}

// ReachTo returns once Head is at least seq, or the store was looked at once and has no
// more: so what another server has given out is known here, though this process has yet
// to hear of it. Run must be running. It never waits for entries that are not written yet.
func (j *Journal) ReachTo(ctx context.Context, seq uint64) error {
	if j.Head() >= seq {
		return nil
	}
	return j.CatchUp(ctx)
}

// CatchUp looks at the store once, and returns when all that was committed before the
// call is known here, whichever server wrote it. Those who call at once share one look.
// Run must be running.
func (j *Journal) CatchUp(ctx context.Context) error {
	if err := j.Broken(); err != nil {
		return err
	}
	answer := make(chan error, 1)
	select {
	case j.looks <- answer:
	case <-j.end:
		return ErrStopped
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-answer:
		return err
	case <-j.end:
		return ErrStopped
	case <-ctx.Done():
		return ctx.Err()
	}
}

// look takes in what other servers have written, once for all who wait for it.
func (j *Journal) look(first chan<- error) {
	waiting := []chan<- error{first}
	for more := true; more; {
		select {
		case answer := <-j.looks:
			waiting = append(waiting, answer)
		default:
			more = false
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
	defer cancel()
	err := j.refresh(ctx)
	for _, answer := range waiting {
		answer <- err
	}
}

// PositionAt returns the place behind the entry with a number, or a JOURNAL_CHANGED
// *access.Error where the journal does not reach that far, even after one look at the
// store. It reads the store for older entries alone.
func (j *Journal) PositionAt(ctx context.Context, seq uint64) (Position, error) {
	if seq == 0 {
		return Position{}, nil
	}
	e, err := j.at(ctx, seq)
	return e.Position(), err
}

// EntryAt returns the entry behind which a position is, or a JOURNAL_CHANGED
// *access.Error: where the journal has another one there or none, even after one look at
// the store. Before the first entry there is none. It reads the store for older entries
// alone.
func (j *Journal) EntryAt(ctx context.Context, p Position) (Entry, error) {
	e, err := j.at(ctx, p.Seq)
	if err == nil && e.Hash.Mark() != p.Mark {
		return Entry{}, Changed("The journal has another entry at this place than when the cursor was given out")
	}
	return e, err
}

// Check returns nil where a position is one of this journal, and otherwise what EntryAt
// does.
func (j *Journal) Check(ctx context.Context, p Position) error {
	if p == (Position{}) {
		return nil
	}
	_, err := j.EntryAt(ctx, p)
	return err
}

func (j *Journal) at(ctx context.Context, seq uint64) (Entry, error) {
	if err := j.Broken(); err != nil {
		return Entry{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	if err := j.ReachTo(ctx, seq); err != nil {
		return Entry{}, fmt.Errorf("journal: look for entry %d: %w", seq, err)
	}
	if seq == 0 || seq > j.Head() {
		return Entry{}, Changed("The journal does not reach as far as this cursor")
	}
	entries, err := j.Read(ctx, seq-1, 1)
	if err != nil {
		return Entry{}, fmt.Errorf("journal: read entry %d: %w", seq, err)
	}
	if len(entries) != 1 || entries[0].Seq != seq {
		return Entry{}, fmt.Errorf("journal: entry %d is missing", seq)
	}
	return entries[0], nil
}

// Changed is the failure of who comes with a place of another journal; what says what
// was found.
func Changed(what string) *access.Error {
	return access.Errorf(access.CodeJournalChanged, "", "%s: a backup was restored, or it is another gateway's. "+
		"Look at what happened since the backup, then begin at j0 or with what happens from now on.", what)
}
