package mongo

import (
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"procyon/access"
	"procyon/journal"
	"procyon/store"
)

// entryRecord is how an entry is stored.
type entryRecord struct {
	Seq     int64  `bson:"_id"`
	At      int64  `bson:"at"`               // microseconds since 1970
	Format  int64  `bson:"format,omitempty"` // absent: 1
	Subject string `bson:"subject"`
	Version int64  `bson:"version"`
	Type    string `bson:"type"`
	Body    []byte `bson:"body,omitempty"` // of format 2: actor, data and after-image, packed
	Prev    []byte `bson:"prev"`
	Hash    []byte `bson:"hash"`

	// Of entries of format 1 alone.
	Actor string `bson:"actor,omitempty"` // JSON
	Data  []byte `bson:"data,omitempty"`
	After []byte `bson:"after,omitempty"`

	// Batch is the Append that made it, so that one whose answer was lost
	// knows its own entries.
	Batch bson.ObjectID `bson:"batch"`

	// Traits is what the entry is found by. It follows from the fields above, and the
	// hash is not over it.
	Traits []string `bson:"traits"`
}

// What the traits of an entry are called: of whom it is, of which kind, of which type.
func traitActor(id string) string              { return "actor=" + id }
func traitKind(k access.Kind) string           { return "kind=" + string(k) }
func traitType(k access.Kind, t string) string { return "type=" + string(k) + "/" + t }

// traitsOf are the traits of an entry. One whose actor is damaged has none of an actor.
func traitsOf(a access.Actor, subject, typ string) []string {
	kind := access.KindOf(subject)
	traits := []string{traitKind(kind), traitType(kind, typ)}
	for _, id := range []string{a.ID, a.ByID} {
		if id != "" && !slices.Contains(traits, traitActor(id)) {
			traits = append(traits, traitActor(id))
		}
	}
	return traits
}

func newEntryRecord(e *journal.Entry, batch bson.ObjectID) (entryRecord, error) {
	if e.Format != journal.WithAfterSum {
		return entryRecord{}, fmt.Errorf("mongo: entry %d has format %d: new ones have format %d", e.Seq, e.Format, journal.WithAfterSum)
	}
	return entryRecord{
		Format: int64(e.Format), Seq: int64(e.Seq), At: e.At.UnixMicro(), Subject: e.Subject, Version: int64(e.Version),
		Type: e.Type, Body: e.Body(), Prev: e.Prev[:], Hash: e.Hash[:], Batch: batch,
		Traits: traitsOf(e.Actor, e.Subject, e.Type),
	}, nil
}

func (r *entryRecord) entry() (journal.Entry, error) {
	e, err := r.content()
	if err != nil {
		return e, err
	}
	if len(r.Prev) != len(e.Prev) || len(r.Hash) != len(e.Hash) {
		return e, fmt.Errorf("mongo: the hashes of entry %d are damaged: they have %d and %d bytes", r.Seq, len(r.Prev), len(r.Hash))
	}
	copy(e.Prev[:], r.Prev)
	copy(e.Hash[:], r.Hash)
	return e, nil
}

// content is the entry without its hashes.
func (r *entryRecord) content() (journal.Entry, error) {
	e := journal.Entry{
		Format: r.format(), Seq: uint64(r.Seq), At: time.UnixMicro(r.At).UTC(), Subject: r.Subject, Version: uint64(r.Version),
		Type: r.Type,
	}
	if err := e.SetStored(journal.Stored{Actor: []byte(r.Actor), Data: r.Data, After: r.After, Body: r.Body}); err != nil {
		return e, fmt.Errorf("mongo: %w", err)
	}
	return e, nil
}

// format is that of the entry.
func (r *entryRecord) format() journal.Format {
	if r.Format == 0 {
		return journal.WithAfter
	}
	return journal.FormatOf(r.Format)
}

// documentRecord is how a document is stored.
type documentRecord struct {
	ID      string   `bson:"_id"`
	Version int64    `bson:"version"`
	Sort    string   `bson:"sort"`
	Terms   []string `bson:"terms"` // never null
	Data    []byte   `bson:"data"`
}

func newDocumentRecord(d *store.Document) documentRecord {
	terms := d.Terms
	if terms == nil {
		terms = []string{}
	}
	return documentRecord{ID: d.ID, Version: int64(d.Version), Sort: d.Sort, Terms: terms, Data: d.Data}
}

func (r *documentRecord) document() store.Document {
	return store.Document{ID: r.ID, Version: uint64(r.Version), Sort: r.Sort, Terms: r.Terms, Data: r.Data}
}
