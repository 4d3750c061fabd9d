package access

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Effect is what a command does to its subject: one entry. One without a type does
// nothing.
type Effect struct {
	Type   string
	Data   any       // what happened, for State.Apply; as JSON in the entry
	At     time.Time // zero: the time of the commit
	Guards []Guard   // on all that was read to decide, besides the subject itself
}

// Nothing is the effect of a command that finds all as it should be.
func Nothing() Effect { return Effect{} }

// Entry types that all kinds of catalog subjects have. Requests have their own: see EventType.
const (
	typeCreated = "CREATED"
	typeUpdated = "UPDATED"
	typeDeleted = "DELETED"
)

// created makes a catalog subject.
func created(state any, at time.Time, guards ...Guard) Effect {
	return Effect{Type: typeCreated, Data: state, At: at, Guards: guards}
}

// updated gives a catalog subject its next state.
func updated(next any, guards ...Guard) Effect {
	return Effect{Type: typeUpdated, Data: next, Guards: guards}
}

// deleted takes a catalog subject away.
func deleted(guards ...Guard) Effect {
	return Effect{Type: typeDeleted, Data: struct{}{}, Guards: guards}
}

// applyCatalog is Apply for the subjects whose entries carry their new state.
func applyCatalog[S any](s *S, typ string, data []byte, deleted func(*S)) error {
	switch typ {
	case typeCreated, typeUpdated:
		var next S
		if err := json.Unmarshal(data, &next); err != nil {
			return err
		}
		*s = next
		return nil
	case typeDeleted:
		deleted(s)
		return nil
	default:
		return fmt.Errorf("unknown entry type %q", typ)
	}
}

// stateOf is a State whose methods are those of a pointer.
type stateOf[S any] interface {
	*S
	State
}

// Found is a subject as a command finds it.
type Found[S any] struct {
	State   S
	Version uint64 // how many entries it has; 0: there is no such subject
	Since   uint64 // the log's head before it was read
}

// Update changes one subject, and returns its state afterwards. It reads the subject,
// lets decide say what happens to it, and commits that, unless it or anything guarded
// changed meanwhile: then all is read and decided again. So decide may be called many
// times, and should only read. What is not there, or has ended, is a NOT_FOUND *Error
// that names the field.
func Update[S any, P stateOf[S]](ctx context.Context, s *Subjects, by Actor, id, field string, decide func(S) (Effect, error)) (state S, err error) {
	err = retry(ctx, func() error {
		state, err = updateOnce[S, P](ctx, s, by, id, field, decide)
		return err
	})
	return state, err
}

// updateOnce is one try of Update: see UpsertOnce.
func updateOnce[S any, P stateOf[S]](ctx context.Context, s *Subjects, by Actor, id, field string, decide func(S) (Effect, error)) (S, error) {
	return UpsertOnce[S, P](ctx, s, by, id, func(f Found[S]) (Effect, error) {
		if f.Version == 0 || ended(P(&f.State)) {
			return Nothing(), Missing[S, P](field)
		}
		return decide(f.State)
	})
}

// Upsert is Update for a subject that may not be there yet.
func Upsert[S any, P stateOf[S]](ctx context.Context, s *Subjects, by Actor, id string, decide func(Found[S]) (Effect, error)) (state S, err error) {
	err = retry(ctx, func() error {
		state, err = UpsertOnce[S, P](ctx, s, by, id, decide)
		return err
	})
	return state, err
}

// UpsertOnce is one try of Upsert: ErrRaced where something changed meanwhile. It is for
// commands that concern more than one subject, and are to be decided again as a whole.
func UpsertOnce[S any, P stateOf[S]](ctx context.Context, s *Subjects, by Actor, id string, decide func(Found[S]) (Effect, error)) (S, error) {
	f := Found[S]{Since: s.log.Head()}
	var err error
	if f.State, f.Version, err = lookUp[S, P](ctx, s, id); err != nil {
		return f.State, err
	}
	effect, err := decide(f)
	if err != nil || effect.Type == "" {
		return f.State, err
	}
	err = s.commit(ctx, by, id, f.Version+1, effect, P(&f.State))
	return f.State, err
}

// create makes a subject and returns it, or what an earlier call with the same
// idempotency key made. decide is that of Update.
func create[S any, P stateOf[S]](ctx context.Context, s *Subjects, by Actor, c creation, decide func() (Effect, error)) (state S, err error) {
	err = retry(ctx, func() error {
		known, err := madeBefore[S, P](ctx, s, c)
		if known != nil || err != nil {
			state = *cmp.Or(known, new(S))
			return err
		}
		effect, err := decide()
		if err != nil {
			return err
		}
		state = *new(S)
		return s.commit(ctx, by, c.id, 1, effect, P(&state))
	})
	return state, err
}

// maxTries bounds how often a command is decided again; each time somebody else
// has made progress.
const maxTries = 100

// retry runs a command until it is not overtaken.
func retry(ctx context.Context, f func() error) error {
	for range maxTries {
		err := f()
		if !errors.Is(err, ErrRaced) {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return Errorf(CodeConflict, "", "Too many others are changing this at the same time; try again.")
}
