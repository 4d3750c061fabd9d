package access

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"procyon/store"
)

// Kind is the prefix of a subject's ID, up to the underscore.
type Kind string

// The kinds of the domain's own subjects.
const (
	KindAccount     Kind = "acc"
	KindGateway     Kind = "gw"
	KindResource    Kind = "res"
	KindIntegration Kind = "int"
	KindRequest     Kind = "req"
	KindUser        Kind = "usr"
	KindService     Kind = "svc"
	KindGroup       Kind = "grp"
	KindPolicies    Kind = "pol"
)

// KindOf returns the kind that an ID names, or "" where it has no prefix.
func KindOf(id string) Kind {
	prefix, _, ok := strings.Cut(id, "_")
	if !ok {
		return ""
	}
	return Kind(prefix)
}

// State is what each kind of subject can do. Its JSON is what the journal and the views
// keep of it.
type State interface {
	// Named returns what the kind is called; it does not depend on the state.
	Named() Naming
	// Apply takes the subject's next entry. It is pure: the same entries lead to the same
	// state, for ever.
	Apply(typ string, data []byte) error
	// Index says where the subject's view is listed: under which terms, and in which order
	// there. No terms hide it from every list.
	Index() (sort string, terms []string)
}

// Naming is what a kind of subject is called.
type Naming struct {
	Kind Kind
	Noun string // as a person reads it: "access request"
}

// endable is a State that can be over while its subject stays on record, such as what was
// deleted: commands then don't find it.
type endable interface{ Ended() bool }

// versioned is a State that counts its entries.
type versioned interface{ at(version uint64) }

// Registration is a kind of subject as a journal knows it.
type Registration struct {
	Kind Kind
	New  func() State // the state before the first entry
}

// Register makes the Registration of a kind whose states are an S.
func Register[S any, P stateOf[S]]() Registration {
	return Registration{P(new(S)).Named().Kind, func() State { return P(new(S)) }}
}

// OwnKinds are the kinds of subjects that the domain has by itself.
func OwnKinds() []Registration {
	return []Registration{
		Register[Account](), Register[Gateway](), Register[Resource](), Register[Integration](), Register[Request](),
		Register[User](), Register[ServiceAccount](), Register[Group](), Register[Policies](),
	}
}

// Kinds are the kinds of subjects that a journal holds: how each is decoded, applied and
// listed.
type Kinds map[Kind]func() State

// NewKinds makes the table of some kinds. It panics where two have the same prefix.
func NewKinds(rooms ...[]Registration) Kinds {
	k := Kinds{}
	for _, r := range slices.Concat(rooms...) {
		if k[r.Kind] != nil {
			panic(fmt.Sprintf("access: two kinds of subjects have the prefix %q", r.Kind))
		}
		k[r.Kind] = r.New
	}
	return k
}

func (k Kinds) state(subject string) (State, error) {
	kind := KindOf(subject)
	if k[kind] == nil {
		return nil, fmt.Errorf("access: no subject of kind %q", kind)
	}
	return k[kind](), nil
}

// View makes the document of a subject's state, as an entry's after-image has it.
func (k Kinds) View(subject string, version uint64, after []byte) (store.Document, error) {
	s, err := k.state(subject)
	if err != nil {
		return store.Document{}, err
	}
	if err := json.Unmarshal(after, s); err != nil {
		return store.Document{}, fmt.Errorf("access: state of %s version %d: %w", subject, version, err)
	}
	sort, terms := s.Index()
	return store.Document{ID: subject, Version: version, Sort: sort, Terms: terms, Data: after}, nil
}

// Replay applies one entry to the state before it (nil before the first) and
// returns the state after it: the proof that an after-image follows from its entry.
func (k Kinds) Replay(subject string, before []byte, typ string, data []byte) ([]byte, error) {
	s, err := k.state(subject)
	if err != nil {
		return nil, err
	}
	if len(before) > 0 {
		if err := json.Unmarshal(before, s); err != nil {
			return nil, fmt.Errorf("access: state of %s: %w", subject, err)
		}
	}
	if err := s.Apply(typ, data); err != nil {
		return nil, fmt.Errorf("access: %s of %s: %w", typ, subject, err)
	}
	return json.Marshal(s)
}

// Decode reads a view's document, or the state that an entry leads to: then the
// document has the entry's subject, version and after-image.
func Decode[S any](d store.Document) (S, error) {
	var s S
	if err := json.Unmarshal(d.Data, &s); err != nil {
		return s, fmt.Errorf("view %s: %w", d.ID, err)
	}
	if v, ok := any(&s).(versioned); ok {
		v.at(d.Version)
	}
	return s, nil
}

// DecodeAll is Decode of some documents, in their order.
func DecodeAll[S any](docs []store.Document) ([]S, error) {
	out := make([]S, len(docs))
	for i, d := range docs {
		var err error
		if out[i], err = Decode[S](d); err != nil {
			return nil, err
		}
	}
	return out, nil
}
