// Package workerstore keeps what workers remember between two calls and two processes,
// such as which message of Slack's shows which request: small values under keys, of each
// worker its own, encrypted at rest and changed by compare-and-set.
package workerstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"procyon/access"
	"procyon/store"
)

// Record is something that a worker remembers: a small value under a key. Each
// worker has its own; no other can read them, and the values are encrypted at rest.
type Record struct {
	Key     string
	Version uint64 // 1, 2, 3, …: guards every change
	Value   string
}

// Change is a change of a record.
type Change struct {
	Key string
	// Version is the record's afterwards: 1 makes it, n replaces version n-1.
	Version uint64
	// Value is the new value; nil forgets the record, whatever its version.
	Value *string
	// Due also lists it where its worker has yet to do something: see Store.Due.
	Due bool
	// KeepFor forgets it by itself: after that time from now, and two days later at the
	// latest. 0 keeps it until it is forgotten.
	KeepFor time.Duration
}

// Store keeps the workers' records. It is safe for concurrent use, by several
// servers too.
type Store struct {
	docs    store.Documents
	now     func() time.Time
	derive  func(parts ...string) string
	secrets access.Sealer
}

// New makes a Store. derive makes an ID from its parts, always the same.
func New(docs store.Documents, now func() time.Time, derive func(parts ...string) string, secrets access.Sealer) *Store {
	return &Store{docs, now, derive, secrets}
}

// What a record may hold, and how many are changed at once.
const (
	maxKey     = 200
	maxValue   = 64 << 10
	maxChanges = 100
	minKeep    = time.Hour
	maxKeep    = 366 * 24 * time.Hour
)

type storedRecord struct {
	Key    string `json:"key"`
	Sealed string `json:"sealed"`
}

func (r *Store) id(owner, key string) string { return "rec_" + r.derive("record", owner, key) }

// Put changes an owner's records, all or none where the store can, and otherwise
// in order up to the first that fails. CONFLICT where a version is not as expected.
func (r *Store) Put(ctx context.Context, owner string, changes []Change) error {
	if len(changes) > maxChanges {
		return access.Errorf(access.CodeInvalid, "records", "Change at most %d records at once; these are %d.", maxChanges, len(changes))
	}
	var put []store.Document
	var forget []string
	for i, c := range changes {
		doc, err := r.document(owner, c)
		var e *access.Error
		if errors.As(err, &e) {
			e.Field = fmt.Sprintf("records.%d.%s", i, e.Field)
		}
		switch {
		case err != nil:
			return err
		case c.Value == nil:
			forget = append(forget, doc.ID)
		default:
			put = append(put, doc)
		}
	}
	if len(put) > 0 {
		if err := r.docs.Put(ctx, put...); err != nil {
			return recordConflict(err)
		}
	}
	if len(forget) > 0 {
		return r.docs.Delete(ctx, forget...)
	}
	return nil
}

func (r *Store) document(owner string, c Change) (store.Document, error) {
	id := r.id(owner, c.Key)
	switch {
	case c.Key == "" || len(c.Key) > maxKey || !utf8.ValidString(c.Key):
		return store.Document{}, access.Errorf(access.CodeInvalid, "key", "Give a key of 1 to %d bytes.", maxKey)
	case c.Value == nil:
		return store.Document{ID: id}, nil
	case c.Version < 1:
		return store.Document{}, access.Errorf(access.CodeInvalid, "version", "The first version is 1.")
	case len(*c.Value) > maxValue:
		return store.Document{}, access.Errorf(access.CodeInvalid, "value", "A value has at most %d bytes.", maxValue)
	case c.KeepFor != 0 && (c.KeepFor < minKeep || c.KeepFor > maxKeep):
		return store.Document{}, access.Errorf(access.CodeInvalid, "keepFor", "A record is kept for 1 hour to 366 days; leave it out to keep it until it is forgotten.")
	}
	sealed, err := r.secrets.Seal(*c.Value, id)
	if err != nil {
		return store.Document{}, fmt.Errorf("seal a record: %w", err)
	}
	data, err := json.Marshal(storedRecord{c.Key, sealed})
	if err != nil {
		return store.Document{}, fmt.Errorf("encode a record: %w", err)
	}
	terms := []string{recordTerm(owner)}
	if c.Due {
		terms = append(terms, dueTerm(owner))
	}
	if c.KeepFor != 0 {
		terms = append(terms, expiryTerm(r.now().Add(c.KeepFor)))
	}
	return store.Document{ID: id, Version: c.Version, Sort: c.Key, Terms: terms, Data: data}, nil
}

func recordTerm(owner string) string { return "rec/" + owner }
func dueTerm(owner string) string    { return "rec/due/" + owner }

// Get returns those of an owner's records that are there, in any order.
func (r *Store) Get(ctx context.Context, owner string, keys ...string) ([]Record, error) {
	ids := make([]string, len(keys))
	for i, k := range keys {
		ids[i] = r.id(owner, k)
	}
	docs, err := r.docs.Get(ctx, ids...)
	if err != nil {
		return nil, fmt.Errorf("read records: %w", err)
	}
	return r.open(docs)
}

// List returns up to limit of an owner's records whose keys begin with a prefix,
// by key, those after a key.
func (r *Store) List(ctx context.Context, owner, prefix, after string, limit int) ([]Record, error) {
	return r.list(ctx, recordTerm(owner), owner, prefix, after, limit)
}

// Due is List for those alone that were last stored as due. So a worker that sweeps what is
// left to do reads that, and not all that it remembers.
func (r *Store) Due(ctx context.Context, owner, prefix, after string, limit int) ([]Record, error) {
	return r.list(ctx, dueTerm(owner), owner, prefix, after, limit)
}

func (r *Store) list(ctx context.Context, term, owner, prefix, after string, limit int) ([]Record, error) {
	from := store.Position{Sort: prefix}
	if after > prefix {
		from = store.Position{Sort: after, ID: r.id(owner, after)}
	}
	docs, err := r.docs.List(ctx, store.Query{Term: term, After: &from, Limit: limit})
	if err != nil {
		return nil, fmt.Errorf("list records: %w", err)
	}
	for i, d := range docs {
		if !strings.HasPrefix(d.Sort, prefix) {
			docs = docs[:i]
			break
		}
	}
	return r.open(docs)
}

func (r *Store) open(docs []store.Document) ([]Record, error) {
	out := make([]Record, len(docs))
	for i, d := range docs {
		var s storedRecord
		if err := json.Unmarshal(d.Data, &s); err != nil {
			return nil, fmt.Errorf("record %s: %w", d.ID, err)
		}
		value, err := r.secrets.Open(s.Sealed, d.ID)
		if err != nil {
			return nil, fmt.Errorf("record %s: %w", d.ID, err)
		}
		out[i] = Record{Key: s.Key, Version: d.Version, Value: value}
	}
	return out, nil
}

func recordConflict(err error) error {
	if errors.Is(err, store.ErrVersion) {
		return access.Errorf(access.CodeConflict, "records", "A record was changed by somebody else; read it again.")
	}
	return fmt.Errorf("store records: %w", err)
}
