package access

import (
	"context"
	"time"

	"procyon/integration"
	"procyon/policy"
)

// Service carries out commands: it reads the current state, lets a pure function
// decide, and appends the change; where somebody else was faster it decides
// again. It is safe for concurrent use. Its errors are *Error where they are
// expected.
type Service struct {
	*Subjects
	opts Options

	decoded             decodedPolicies
	maxOpen, maxPerHour int // 0: no limit
	persons             personLocks
}

// Options are the Service's surroundings. All are needed but the durations.
type Options struct {
	Secrets      Sealer
	Integrations []integration.Kind // the kinds of integrations: there are no others
	DecideIn     time.Duration      // how long a request waits for a decision; 0: 24 h
	// MaxDuration is the longest that anything may be held, whatever policies say; 0:
	// DefaultMaxDuration.
	MaxDuration time.Duration
	// ApproveInConsole takes approvals from people who are signed in to the console, and no
	// others: not from Slack, and not by a token.
	ApproveInConsole bool
	// Conditions evaluates those of guardrails; nil: there can be none.
	Conditions policy.Conditions
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
	// Ended returns how many requests have ended, by how; ok is false while that is not
	// counted. nil: it never is.
	Ended func(ctx context.Context) (n map[Status]int, ok bool, err error)
	// Workspaces knows where a bot may post; nil: nowhere.
	Workspaces Workspaces
	// Standing says whether who calls in ctx may go on: their session or token is not over since
	// they were let in. Its error is what they are told, as an *Error. It is asked for each
	// decision of who manages; nil: they may.
	Standing func(ctx context.Context) error
	// EndFor ends what other rooms keep for a person, as by, as long as they are disabled.
	// It is called again where it failed, or a crash came between. nil: they keep nothing.
	EndFor func(ctx context.Context, by Actor, userID string) error
	// OnError hears of a subject that can't be read, and is left out of what happens by
	// itself; nil: nobody does.
	OnError func(error)
}

// Workspaces is the room that knows where a bot may post, as the domain needs it.
type Workspaces interface {
	// CheckChannel checks that a channel can be in a workspace that counts, and returns the
	// guard that the workspace stays as it is.
	CheckChannel(ctx context.Context, c Channel) (Guard, error)
	// Offered returns the webhook that a workspace offers, as it was installed at the time
	// that was seen (nil: any), and the guard that the workspace stays as it is.
	Offered(ctx context.Context, workspaceID string, seen *time.Time) (Offer, Guard, error)
}

// Offer is a webhook that can be made an integration, once.
type Offer struct{ ID, URL string }

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
func New(subjects *Subjects, opts Options) *Service {
	if opts.DecideIn == 0 {
		opts.DecideIn = 24 * time.Hour
	}
	if opts.MaxDuration <= 0 {
		opts.MaxDuration = DefaultMaxDuration
	}
	opts.MinReason = max(1, opts.MinReason)
	if opts.OnError == nil {
		opts.OnError = func(error) {}
	}
	return &Service{
		Subjects: subjects, opts: opts,
		maxOpen: mostOf(opts.MaxOpen, DefaultMaxOpen), maxPerHour: mostOf(opts.MaxPerHour, DefaultMaxPerHour),
	}
}
