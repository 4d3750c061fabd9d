package access

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Kind is the prefix of a subject's ID, up to the underscore.
type Kind string

// The kinds of subjects.
const (
	KindAccount     Kind = "acc"
	KindGateway     Kind = "gw"
	KindResource    Kind = "res"
	KindIntegration Kind = "int"
	KindRequest     Kind = "req"
	KindUser        Kind = "usr"
	KindService     Kind = "svc"

	KindSlackWorkspace Kind = "wsp"
	KindSlackLink      Kind = "slk"
)

// KindOf returns the kind that an ID names, or "" where it has no prefix.
func KindOf(id string) Kind {
	prefix, _, ok := strings.Cut(id, "_")
	if !ok {
		return ""
	}
	return Kind(prefix)
}

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
// unique and references whole, across gateways, without transactions.
type Guard struct {
	Key   string
	Since uint64
}

// ErrRaced says that a change was decided against a state that is over; decide again.
var ErrRaced = errors.New("access: the state changed meanwhile")

// Log commits changes; the package journal has the one that the product uses.
type Log interface {
	// Append commits one change and returns its sequence number once it is
	// durable and its view readable. ErrRaced: nothing was committed, decide
	// again. Any other error: nothing is known to be committed.
	Append(ctx context.Context, c Change) (uint64, error)
	// Head is the sequence number up to which this process knows the log.
	Head() uint64
}

// Views reads the current state of subjects.
type Views interface {
	Get(ctx context.Context, ids ...string) ([]Document, error)
	List(ctx context.Context, q Query) ([]Document, error)
}

// state is what each kind of subject can do: take the next entry, and say
// where its view is listed.
type state interface {
	apply(typ string, data []byte) error
	index() (sort string, terms []string)
}

func newState(kind Kind) (state, error) {
	switch kind {
	case KindAccount:
		return &Account{}, nil
	case KindGateway:
		return &Gateway{}, nil
	case KindResource:
		return &Resource{}, nil
	case KindIntegration:
		return &Integration{}, nil
	case KindRequest:
		return &Request{}, nil
	case KindUser:
		return &User{}, nil
	case KindService:
		return &ServiceAccount{}, nil
	case KindSlackWorkspace:
		return &SlackWorkspace{}, nil
	case KindSlackLink:
		return &SlackLink{}, nil
	default:
		return nil, fmt.Errorf("access: no subject of kind %q", kind)
	}
}

func isSubject(k Kind) bool {
	_, err := newState(k)
	return err == nil
}

// View makes the document of a subject's state, as an entry's after-image has it.
func View(subject string, version uint64, after []byte) (Document, error) {
	s, err := newState(KindOf(subject))
	if err != nil {
		return Document{}, err
	}
	if err := json.Unmarshal(after, s); err != nil {
		return Document{}, fmt.Errorf("access: state of %s version %d: %w", subject, version, err)
	}
	sort, terms := s.index()
	return Document{ID: subject, Version: version, Sort: sort, Terms: terms, Data: after}, nil
}

// Replay applies one entry to the state before it (nil before the first) and
// returns the state after it: the proof that an after-image follows from its entry.
func Replay(subject string, before []byte, typ string, data []byte) ([]byte, error) {
	s, err := newState(KindOf(subject))
	if err != nil {
		return nil, err
	}
	if len(before) > 0 {
		if err := json.Unmarshal(before, s); err != nil {
			return nil, fmt.Errorf("access: state of %s: %w", subject, err)
		}
	}
	if err := s.apply(typ, data); err != nil {
		return nil, fmt.Errorf("access: %s of %s: %w", typ, subject, err)
	}
	return json.Marshal(s)
}

// Entry types that all kinds of catalog subjects have. Requests have their own: see EventType.
const (
	typeCreated = "CREATED"
	typeUpdated = "UPDATED"
	typeDeleted = "DELETED"
)

// applyCatalog is apply for the subjects whose entries carry their new state.
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
