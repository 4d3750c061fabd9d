package access

import (
	"context"
	"time"

	"procyon/store"
)

// Service carries out commands: it reads the current state, lets a pure function
// decide, and appends the change; where somebody else was faster it decides
// again. It is safe for concurrent use. Its errors are *Error where they are
// expected.
type Service struct {
	*Subjects
	opts Options

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
func New(log Log, views store.Reader, opts Options) *Service {
	if opts.DecideIn == 0 {
		opts.DecideIn = 24 * time.Hour
	}
	opts.MinReason = max(1, opts.MinReason)
	return &Service{
		Subjects: &Subjects{log: log, views: views, clock: opts.Now, uniqueID: opts.NewID, deriveID: opts.DeriveID}, opts: opts,
		maxOpen: mostOf(opts.MaxOpen, DefaultMaxOpen), maxPerHour: mostOf(opts.MaxPerHour, DefaultMaxPerHour),
	}
}

// Policy is the one in force.
func (s *Service) Policy() Policy { return s.opts.Policy }

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
