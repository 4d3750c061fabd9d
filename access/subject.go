package access

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"procyon/store"
)

// Change is one decided change of one subject, to be committed as one entry.
type Change struct {
	Subject string
	Version uint64 // the subject's version afterwards: 1 makes it
	At      time.Time
	Actor   Actor
	Type    string
	Data    []byte // JSON: what happened
	After   []byte // JSON: the state afterwards
	Guards  []Guard
}

// Guard makes a change conditional on what others did meanwhile: the change is
// refused with ErrRaced if an entry after Since concerns the subject named Key
// or leaves its subject listed under the term Key. It is what keeps names
// unique and references whole, across servers, without transactions.
type Guard struct {
	Key   string
	Since uint64
}

// ErrRaced says that a change was decided against a state that is over; decide again.
var ErrRaced = errors.New("access: the state changed meanwhile")

// ErrUnknownOutcome says that a change may have been committed or not: look before it is
// made again, or make it again with the same idempotency key.
var ErrUnknownOutcome = errors.New("access: it is not known whether the change was made")

// Log commits changes; the package journal has the one that the product uses.
type Log interface {
	// Append commits one change and returns its sequence number once it is
	// durable and its view readable. ErrRaced: nothing was committed, decide
	// again. ErrUnknownOutcome: it may be committed, or may still become so. Any other
	// error: it is not, and never will be.
	Append(ctx context.Context, c Change) (uint64, error)
	// Head is the sequence number up to which this process knows the log.
	Head() uint64
}

// Subjects reads the subjects of a log and commits what is decided about them. Each room
// of the domain stands on it: see Update. It is safe for concurrent use.
type Subjects struct {
	log   Log
	views store.Reader
	opts  SubjectOptions
}

// SubjectOptions are the surroundings of Subjects. All but Names are needed.
type SubjectOptions struct {
	Kinds    Kinds // of the log's subjects
	Now      func() time.Time
	NewID    func() string                // unique and not to be guessed; without prefix
	DeriveID func(parts ...string) string // an ID made from its parts, always the same
	Names    Names                        // finds by names; nil: the store is read for that
}

// NewSubjects makes the Subjects of a log.
func NewSubjects(log Log, views store.Reader, opts SubjectOptions) *Subjects {
	return &Subjects{log: log, views: views, opts: opts}
}

// Views reads the current states.
func (s *Subjects) Views() store.Reader { return s.views }

// Now is the time in the precision that is stored.
func (s *Subjects) Now() time.Time { return s.opts.Now().UTC().Truncate(time.Microsecond) }

// NewID makes a new subject's ID, which is unique and can't be guessed.
func (s *Subjects) NewID(k Kind) string { return string(k) + "_" + s.opts.NewID() }

// DeriveID makes the ID of a subject that follows from some parts: always the same.
func (s *Subjects) DeriveID(k Kind, parts ...string) string {
	return string(k) + "_" + s.opts.DeriveID(parts...)
}

// Head is the sequence number up to which this process knows the log.
func (s *Subjects) Head() uint64 { return s.log.Head() }

// Version returns how many entries a subject has; 0 where there is no such subject.
func (s *Subjects) Version(ctx context.Context, id string) (uint64, error) {
	if s.opts.Kinds[KindOf(id)] == nil {
		return 0, nil
	}
	docs, err := s.views.Get(ctx, id)
	if err != nil || len(docs) == 0 {
		return 0, err
	}
	return docs[0].Version, nil
}

// lookUp reads one subject; version 0 says that there is none of that kind.
func lookUp[S any, P stateOf[S]](ctx context.Context, s *Subjects, id string) (state S, version uint64, err error) {
	if KindOf(id) != P(&state).Named().Kind {
		return state, 0, nil
	}
	docs, err := s.views.Get(ctx, id)
	if err != nil {
		return state, 0, fmt.Errorf("read %s: %w", id, err)
	}
	if len(docs) == 0 {
		return state, 0, nil
	}
	state, err = Decode[S](docs[0])
	return state, docs[0].Version, err
}

// Load returns a subject by its ID, also what has ended, or a NOT_FOUND *Error that names
// the field.
func Load[S any, P stateOf[S]](ctx context.Context, s *Subjects, id, field string) (S, error) {
	state, version, err := lookUp[S, P](ctx, s, id)
	if err == nil && version == 0 {
		err = Missing[S, P](field)
	}
	return state, err
}

// LoadCurrent is Load, but it does not find what has ended.
func LoadCurrent[S any, P stateOf[S]](ctx context.Context, s *Subjects, id, field string) (S, error) {
	state, err := Load[S, P](ctx, s, id, field)
	if err == nil && ended(P(&state)) {
		err = Missing[S, P](field)
	}
	return state, err
}

func ended(s State) bool {
	e, ok := s.(endable)
	return ok && e.Ended()
}

// Missing is the NOT_FOUND *Error of a subject that a field of the input names.
func Missing[S any, P stateOf[S]](field string) error {
	return Errorf(CodeNotFound, field, "There is no such %s.", P(new(S)).Named().Noun)
}

// allChunk is how many subjects All reads at once.
const allChunk = 200

// All returns every subject under a term, in their order. It is for lists that are wanted as
// a whole, and never a part of them. What moves elsewhere meanwhile may be missing.
func All[S any](ctx context.Context, s *Subjects, term string) ([]S, error) {
	var all []S
	for docs, err := range store.EachPage(ctx, s.views, term, allChunk) {
		if err != nil {
			return nil, err
		}
		for _, d := range docs {
			state, err := Decode[S](d)
			if err != nil {
				return nil, err
			}
			all = append(all, state)
		}
	}
	return all, nil
}

// First returns the first subject under a term; ok is false where there is none.
func First[S any](ctx context.Context, s *Subjects, term string) (state S, ok bool, err error) {
	docs, err := s.views.List(ctx, store.Query{Term: term, Limit: 1})
	if err != nil || len(docs) == 0 {
		return state, false, err
	}
	state, err = Decode[S](docs[0])
	return state, err == nil, err
}

// Free checks that no subject but self is listed under a term, and returns the
// guard that keeps it so until the commit; else the error taken.
func (s *Subjects) Free(ctx context.Context, term, self string, taken error) (Guard, error) {
	g := Guard{Key: term, Since: s.log.Head()}
	docs, err := s.views.List(ctx, store.Query{Term: term, Limit: 2})
	if err != nil {
		return g, fmt.Errorf("look up %s: %w", term, err)
	}
	for _, d := range docs {
		if d.ID != self {
			return g, taken
		}
	}
	return g, nil
}

// another finds another subject than self under a term, and returns the guard that it
// stays as it is until the commit; or the error where there is none.
func (s *Subjects) another(ctx context.Context, term, self string, none error) (Guard, error) {
	since := s.log.Head()
	docs, err := s.views.List(ctx, store.Query{Term: term, Limit: 2})
	if err != nil {
		return Guard{}, err
	}
	for _, d := range docs {
		if d.ID != self {
			return Guard{Key: d.ID, Since: since}, nil
		}
	}
	return Guard{}, none
}

// commit appends an effect as a subject's version, and applies it to the state before.
func (s *Subjects) commit(ctx context.Context, by Actor, subject string, version uint64, e Effect, st State) error {
	d, err := json.Marshal(e.Data)
	if err != nil {
		return fmt.Errorf("encode %s of %s: %w", e.Type, subject, err)
	}
	if err := st.Apply(e.Type, d); err != nil {
		return fmt.Errorf("apply %s to %s: %w", e.Type, subject, err)
	}
	if v, ok := st.(versioned); ok {
		v.at(version)
	}
	after, err := json.Marshal(st)
	if err != nil {
		return fmt.Errorf("encode %s: %w", subject, err)
	}
	if e.At.IsZero() {
		e.At = s.Now()
	}
	_, err = s.log.Append(ctx, Change{
		Subject: subject, Version: version, At: e.At, Actor: by, Type: e.Type, Data: d, After: after, Guards: e.Guards,
	})
	return committed(ctx, err)
}
