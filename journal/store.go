package journal

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"procyon/store"
)

// Store keeps the journal and the documents: its views, and the operational ones of
// which store.Documents says what is guaranteed. The drivers are in store/; one
// conformance suite, store/storetest, holds them to what is said here and there. A
// Store is safe for concurrent use, by several processes too.
type Store interface {
	store.Documents

	// Append commits entries, which continue the head they were chained to, in
	// order, each with its view (views[i] belongs to entries[i]; several entries
	// of one batch may concern one subject). When it returns nil all of them are
	// durable and their views readable. It returns the number of entries committed (a prefix), and:
	//   - ErrBehind when another writer has taken the first missing sequence number;
	//   - *TakenError when the entry at that index meets an existing (subject, version);
	//   - ErrReplaced when the store has not the entry that they were chained to; nothing of
	//     what it does have is touched then, and none of them is committed;
	//   - ErrNotWritten when the write failed, and nothing of the rest is or will be there;
	//   - any other error when the outcome of the rest is unknown: read the head, and write
	//     the same again.
	// A driver that has transactions commits all or nothing.
	Append(ctx context.Context, entries []Entry, views []store.Document) (int, error)

	// Head returns the last entry's place in the chain.
	Head(ctx context.Context) (Head, error)

	// Holds returns nil where the store has the entry at a place, as whoever writes sees
	// it, and ErrReplaced where it has none there or another: the store is not the one that
	// was opened, or not with the same content. The zero Head is in every store.
	Holds(ctx context.Context, h Head) error

	// Entries returns up to limit entries with Seq > after, in order, densely.
	Entries(ctx context.Context, after uint64, limit int) ([]Entry, error)

	// Subject returns up to limit entries of one subject with Version > after, in order.
	Subject(ctx context.Context, subject string, after uint64, limit int) ([]Entry, error)

	// Find returns up to q.Limit entries with a trait, in the order that q names. What it
	// reads grows neither with the journal nor with where in it the page is: an index has
	// them in order.
	Find(ctx context.Context, q EntryQuery) ([]Entry, error)

	// RebuildIndex makes what Find goes by anew from the entries. It may be cut short and
	// called again.
	RebuildIndex(ctx context.Context) error

	// Subjects returns how each subject ends that has entries, in the order of their IDs. It
	// reads all of them in a bounded number of round trips and bounded memory. What others
	// write meanwhile may be in it. It ends with the first error.
	Subjects(ctx context.Context) iter.Seq2[Ending, error]

	// Inspect begins to read all of the store for Verify. Who calls it closes what it returns.
	Inspect(ctx context.Context) (Inspection, error)

	// Clear removes all documents whose IDs begin with one of the prefixes, whatever state
	// they are in, and lists the others anew under the terms that they have. It may be cut
	// short and called again.
	Clear(ctx context.Context, prefixes ...string) error

	// Repair writes those views that are newer than what is stored, each
	// guarded by its version; the others it leaves.
	Repair(ctx context.Context, views []store.Document) error

	// Reindex lists views under their Sort and Terms as given, each where the
	// stored version is its own; the others it leaves, absent ones too. Data and
	// versions stay as they are stored. A driver that has transactions lists all
	// or none.
	Reindex(ctx context.Context, views []store.Document) error

	Close() error
}

// Inspection is a store that is read as a whole: as of one moment where its driver can, or
// else as of when each part is read. What its methods hand to each is valid until that
// returns; each is not called any more after an error, which they return.
type Inspection interface {
	// Head is the journal's when it began.
	Head() Head

	// Keys reads those of all entries, by subject and version.
	Keys(ctx context.Context, each func(Key) error) error

	// Entries reads those with after < Seq <= to that are stored, by number, each
	// once. Several may run at once.
	Entries(ctx context.Context, after, to uint64, each func(*Entry) error) error

	// IDs reads those of all documents, in order.
	IDs(ctx context.Context, each func(id string) error) error

	// Documents reads all documents, once. It calls each from several goroutines at once, in no order.
	Documents(ctx context.Context, each func(*store.Document) error) error

	// Finding returns an error where Find would leave out an entry or return one that has not
	// the trait; where List would leave out a document, or return one that is not under that
	// term or not with that Sort; or where entries or documents are not found by their numbers,
	// subjects and IDs. It goes by what Entries and Documents have read: all must have been,
	// once.
	Finding(ctx context.Context) error

	Close() error
}

// ErrBehind says that the journal has grown past the head that a batch was chained to.
var ErrBehind = errors.New("journal: behind the head")

// ErrReplaced says that a store no longer has an entry that it had: a backup was restored,
// or another store put in its place, while it was open.
var ErrReplaced = errors.New("journal: the store no longer has what it had")

// ErrNotWritten says that a write failed as a whole: nothing of it is there, or will be.
var ErrNotWritten = errors.New("journal: nothing was written")

// TakenError says that entries[Index]'s (subject, version) is already taken.
type TakenError struct {
	Index   int
	Subject string
	Version uint64
}

func (e *TakenError) Error() string {
	return fmt.Sprintf("journal: %s already has version %d", e.Subject, e.Version)
}
