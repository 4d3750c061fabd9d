package slackbot

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"procyon/client"
	"procyon/internal/slackapi"
)

// Options say what a bot works with.
type Options struct {
	// Client calls the server. Its token needs the scopes slack:act and events:read.
	Client *client.Client
	// API is Slack's Web API.
	API *slackapi.API
	// PublicURL is where people, and Slack, reach the server.
	PublicURL *url.URL
	// SigningSecret proves that a request is Slack's.
	SigningSecret string
	// Signed is told, with a request's context, that it is Slack's. Optional.
	Signed func(ctx context.Context)
	// AppToken opens a socket through which Slack sends everything, for servers that
	// it can't reach; "" means that it calls the endpoints.
	AppToken string
	// ClientID and ClientSecret are the app's, for installing it.
	ClientID, ClientSecret string
	// QuietApprovers: those who may decide get no direct message. They hear of requests
	// in channels, on their Home tab and by /procyon approvals.
	QuietApprovers bool
	// LeaseTTL is how long another replica waits to keep messages up to date after the
	// one that does fell silent: whole seconds, from one second to five minutes; 0 is [worker.DefaultTTL].
	LeaseTTL time.Duration
	// SweepEvery is how often all messages, and accesses that end soon, are looked
	// through; 0 is a minute.
	SweepEvery time.Duration
	// AnswerIn is how long the bot takes at most to answer Slack, which waits for three
	// seconds; 0 is two and a half.
	AnswerIn time.Duration
	// Shorten says how long to wait between two tries, or two looks at what no event tells
	// of, where the bot would wait for d. It is for tests; nil is d.
	Shorten func(d time.Duration) time.Duration
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// Logger hears of trouble, never of a token.
	Logger *slog.Logger
}

// Bot answers Slack, and keeps its messages up to date. Make it with [New].
type Bot struct {
	opt        Options
	log        *slog.Logger
	now        func() time.Time
	server     *server
	spaces     *workspaces
	members    members
	refusals   refusals
	links      linkSweep // of the bot that holds the lease
	directory  directory // likewise
	endings    endings   // likewise
	reconciler *reconciler
	mux        *http.ServeMux
	rotating   sync.Mutex // held while tokens are rotated, so that each is exchanged once
}

// New makes a Bot. It connects to nothing yet.
func New(o Options) (*Bot, error) {
	if o.Client == nil || o.API == nil || o.PublicURL == nil {
		return nil, errors.New("slackbot: a client, Slack's API and the public URL are needed")
	}
	if o.SigningSecret == "" && o.AppToken == "" {
		return nil, errors.New("slackbot: the app's signing secret is missing, or its app-level token for Socket Mode")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Signed == nil {
		o.Signed = func(context.Context) {}
	}
	if o.SweepEvery == 0 {
		o.SweepEvery = time.Minute
	}
	if o.AnswerIn == 0 {
		o.AnswerIn = answerIn
	}
	if o.Shorten == nil {
		o.Shorten = func(d time.Duration) time.Duration { return d }
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	b := &Bot{opt: o, log: o.Logger.With("worker", "slackbot"), now: o.Now, server: &server{o.Client}}
	b.spaces = newWorkspaces(b.server, o.API, o.Now)
	b.reconciler = &reconciler{bot: b}
	b.mux = http.NewServeMux()
	for pattern, h := range b.routes() {
		b.mux.Handle(pattern, h)
	}
	return b, nil
}

// ServeHTTP answers what Slack, and people who install the app, send to /slack/….
func (b *Bot) ServeHTTP(w http.ResponseWriter, r *http.Request) { b.mux.ServeHTTP(w, r) }

// answerIn is what Options.AnswerIn is for Slack itself.
const answerIn = 2500 * time.Millisecond

// lookUpIn is how long Slack may take to say who somebody is, so that there is time left
// to answer: a second and a half.
func (b *Bot) lookUpIn() time.Duration { return b.opt.AnswerIn * 3 / 5 }

// lookUpSoon is how long is waited for what a form shows before it opens without: half a
// second.
func (b *Bot) lookUpSoon() time.Duration { return b.opt.AnswerIn / 5 }
