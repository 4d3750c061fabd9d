package access

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Service carries out commands: it reads the current state, lets a pure function
// decide, and appends the change; where somebody else was faster it decides
// again. It is safe for concurrent use. Its errors are *Error where they are
// expected.
type Service struct {
	log   Log
	views Views
	opts  Options

	maxOpen, maxPerHour int // 0: no limit
	persons             personLocks
}

// Options are the Service's surroundings. All are needed but the durations.
type Options struct {
	Now      func() time.Time
	NewID    func() string // unique and not to be guessed; without prefix
	Policy   Policy
	Secrets  Sealer
	CheckURL func(raw string) error       // whether a webhook may go there; its message is for a person
	MaskURL  func(raw string) string      // the URL without its secret, for display
	DecideIn time.Duration                // how long a request waits for a decision; 0: 24 h
	DeriveID func(parts ...string) string // an ID made from its parts, always the same
	// MinReason is the least length of a text that says why, in characters, wherever one
	// is asked for: a request, an extension, a denial, a revocation. 0: 1.
	MinReason int
	// MaxOpen is how many requests of one person may be open at once, and MaxPerHour how
	// often one person may ask within an hour, changes and extensions included. 0: the
	// default; less: no limit; MostAsked at most.
	MaxOpen, MaxPerHour int
	// History returns up to limit steps of a subject after a version, in order; nil: a
	// change that comes too late is refused without saying what changed.
	History func(ctx context.Context, subject string, after uint64, limit int) ([]Step, error)
}

// Step is one entry of a subject's past.
type Step struct {
	Version uint64 // the subject's, from 1
	Type    string
	At      time.Time
	Actor   Actor
	After   []byte // JSON: the state afterwards
}

// Sealer encrypts secrets. What was sealed with a context opens only with it.
type Sealer interface {
	Seal(plain, context string) (string, error)
	Open(sealed, context string) (string, error)
}

// New makes a Service.
func New(log Log, views Views, opts Options) *Service {
	if opts.DecideIn == 0 {
		opts.DecideIn = 24 * time.Hour
	}
	opts.MinReason = max(1, opts.MinReason)
	return &Service{
		log: log, views: views, opts: opts,
		maxOpen: mostOf(opts.MaxOpen, DefaultMaxOpen), maxPerHour: mostOf(opts.MaxPerHour, DefaultMaxPerHour),
	}
}

// now is the service's time in the precision that is stored.
func (s *Service) now() time.Time { return s.opts.Now().UTC().Truncate(time.Microsecond) }

func (s *Service) newID(k Kind) string { return string(k) + "_" + s.opts.NewID() }

// Policy is the one in force.
func (s *Service) Policy() Policy { return s.opts.Policy }

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
	return Errorf(Conflict, "", "Too many others are changing this at the same time; try again.")
}

// load reads one subject's state into dst and returns its version, or a
// NOT_FOUND *Error that names the field.
func (s *Service) load(ctx context.Context, id string, kind Kind, field string, dst any) (uint64, error) {
	if KindOf(id) != kind {
		return 0, notFound(field, kind)
	}
	docs, err := s.views.Get(ctx, id)
	if err != nil {
		return 0, fmt.Errorf("read %s: %w", id, err)
	}
	if len(docs) == 0 {
		return 0, notFound(field, kind)
	}
	if err := json.Unmarshal(docs[0].Data, dst); err != nil {
		return 0, fmt.Errorf("view %s: %w", id, err)
	}
	if v, ok := dst.(versioned); ok {
		v.at(docs[0].Version)
	}
	return docs[0].Version, nil
}

// versioned is a state that counts its entries.
type versioned interface{ at(version uint64) }

func notFound(field string, kind Kind) error {
	names := map[Kind]string{
		KindAccount: "account", KindGateway: "gateway", KindResource: "resource", KindIntegration: "integration",
		KindRequest: "access request", KindUser: "user", KindService: "service account",
		KindSlackWorkspace: "Slack workspace", KindSlackLink: "Slack link",
	}
	return Errorf(NotFound, field, "There is no such %s.", names[kind])
}

// commit appends what was decided. before is the state it was decided on.
func (s *Service) commit(ctx context.Context, by Actor, subject string, version uint64, typ string, data any, st state, at time.Time, guards ...Guard) error {
	d, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("encode %s of %s: %w", typ, subject, err)
	}
	if err := st.apply(typ, d); err != nil {
		return fmt.Errorf("apply %s to %s: %w", typ, subject, err)
	}
	after, err := json.Marshal(st)
	if err != nil {
		return fmt.Errorf("encode %s: %w", subject, err)
	}
	_, err = s.log.Append(ctx, Change{
		Subject: subject, Version: version, At: at, Actor: by, Type: typ, Data: d, After: after, Guards: guards,
	})
	return err
}

// free checks that no subject but self is listed under a term, and returns the
// guard that keeps it so until the commit.
func (s *Service) free(ctx context.Context, term, self string, taken error) (Guard, error) {
	g := Guard{Key: term, Since: s.log.Head()}
	docs, err := s.views.List(ctx, Query{Term: term, Limit: 2})
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

// Decode reads a view's document, or the state that an entry leads to: then the
// document has the entry's subject, version and after-image.
func Decode[S any](d Document) (S, error) {
	var s S
	if err := json.Unmarshal(d.Data, &s); err != nil {
		return s, fmt.Errorf("view %s: %w", d.ID, err)
	}
	if v, ok := any(&s).(versioned); ok {
		v.at(d.Version)
	}
	return s, nil
}

// Version returns how many entries a subject has; 0 where there is no such subject.
func (s *Service) Version(ctx context.Context, id string) (uint64, error) {
	if !isSubject(KindOf(id)) {
		return 0, nil
	}
	docs, err := s.views.Get(ctx, id)
	if err != nil || len(docs) == 0 {
		return 0, err
	}
	return docs[0].Version, nil
}
