package notifier

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"procyon/client"
	"procyon/worker"
)

// Defaults of [Options].
const (
	DefaultConsumer  = "notifier"
	DefaultInterval  = time.Second
	DefaultPollEvery = time.Second
	DefaultGiveUp    = 24 * time.Hour
)

// Options say what a notifier works on, and how.
type Options struct {
	// Client calls the server. Its token needs the scopes events:read and
	// deliveries:write and, with Secrets, webhooks:read.
	Client *client.Client
	// Channels send to integrations, by the integration's kind. Integrations of other
	// kinds are left to others, which need a Consumer of another name.
	Channels map[string]Channel
	// Secrets has the server tell webhooks' URLs, for channels that need them.
	Secrets bool
	// Consumer is the name under which the server keeps the position. Notifiers
	// of one name share the work: one works, the others stand by.
	Consumer string
	// Holder names this process among those of one consumer. "" makes one up.
	Holder string
	// LeaseTTL is how long the others wait after this notifier fell silent: whole
	// seconds, from one second to five minutes; 0 is [worker.DefaultTTL].
	LeaseTTL time.Duration
	// Interval is the least time between two messages to one webhook. Slack allows
	// one a second: https://docs.slack.dev/apis/web-api/rate-limits. 0 means
	// [DefaultInterval], less than that no limit.
	Interval time.Duration
	// PollEvery is how often it is asked what is owed that no event tells of: test
	// messages and what an administrator had sent again.
	PollEvery time.Duration
	// GiveUp is how long a message is retried before it is a dead letter, from when it was
	// owed, or its integration was mended.
	GiveUp time.Duration
	// Attempted is told of each try, for metrics. Optional. It must not block, and
	// is called by several goroutines.
	Attempted func(Attempt)
	// Now is the clock by which messages are tried again, which may be set while they wait;
	// nil is time.Now.
	Now func() time.Time
	// Logger hears of trouble. Never of a webhook's URL.
	Logger *slog.Logger
}

// Attempt is a try to send, as it is told to [Options].Attempted.
type Attempt struct {
	// Outcome is what became of it.
	Outcome Outcome
	// Took is how long the try took, Age how long ago the message was owed.
	Took, Age time.Duration
}

// Channel sends messages to one kind of integration. It is safe for concurrent use.
type Channel interface {
	// Send sends a message to the address, once, and says what became of it. It
	// returns soon after ctx is done.
	Send(ctx context.Context, address string, m Message) Result
}

// Updater is a [Channel] that keeps up to date what it sent: a request has one message
// there, which always shows where the request stands, and a later event is but a line
// beneath it.
type Updater interface {
	Channel
	// Updates does nothing.
	Updates()
}

// Outcome is what is to be done after a try to send.
type Outcome string

// The outcomes of a try.
const (
	// OutcomeDelivered: the other side has it.
	OutcomeDelivered Outcome = "DELIVERED"
	// OutcomeRetry: it may work later.
	OutcomeRetry Outcome = "RETRY"
	// OutcomeDead: this message will never be taken; others may be.
	OutcomeDead Outcome = "DEAD"
	// OutcomeBroken: nothing will be taken until somebody mends the integration.
	OutcomeBroken Outcome = "BROKEN"
)

// Result is what became of one try.
type Result struct {
	Outcome Outcome
	// Status is the HTTP status, 0 without an answer.
	Status int
	// Detail says in a sentence what went wrong, without any secret.
	Detail string
	// RetryAfter is how long the other side asks to wait; 0: it did not say.
	RetryAfter time.Duration
}

// Notifier is the worker. Make it with [New].
type Notifier struct {
	opt    Options
	server server
	log    *slog.Logger
}

// New makes a Notifier. It connects to nothing yet.
func New(o Options) (*Notifier, error) {
	if o.Client == nil || len(o.Channels) == 0 {
		return nil, errors.New("notifier: a client and at least one channel are needed")
	}
	return newNotifier(o, newRemote(o.Client)), nil
}

func newNotifier(o Options, g server) *Notifier {
	o.Consumer = cmp.Or(o.Consumer, DefaultConsumer)
	o.Interval = cmp.Or(o.Interval, DefaultInterval)
	o.PollEvery = cmp.Or(o.PollEvery, DefaultPollEvery)
	o.GiveUp = cmp.Or(o.GiveUp, DefaultGiveUp)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Notifier{opt: o, server: g, log: o.Logger.With("worker", "notifier")}
}

// Run works until ctx is done, and then returns nil, after the messages in flight
// have ended. It returns an error only where the server refuses the token;
// anything else is tried again.
func (n *Notifier) Run(ctx context.Context) error {
	o := worker.Options{
		Client: n.server, Consumer: n.opt.Consumer, Worker: "notifier", Holder: n.opt.Holder, TTL: n.opt.LeaseTTL, Logger: n.log,
	}
	return worker.Run(ctx, o, n.run)
}
