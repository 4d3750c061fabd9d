package app

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"procyon/access"
	"procyon/auth"
	"procyon/catalogimport"
	"procyon/delivery"
	"procyon/index"
	"procyon/internal/seal"
	"procyon/internal/slackapi"
	"procyon/internal/subject"
	"procyon/journal"
	"procyon/policy/condition"
	"procyon/slackworkspace"
	"procyon/workerstore"
)

// Core is the product without its network: the journal on its store, the domain over it,
// and who may act. The server serves it; the commands of administration use it directly.
type Core struct {
	Store      journal.Store
	Journal    *journal.Journal
	Access     *access.Service
	Imports    *catalogimport.Service
	Workspaces *slackworkspace.Service
	Ledger     *delivery.Ledger
	Records    *workerstore.Store
	Auth       *auth.Service

	names  *index.Names
	ended  *index.Ended
	days   *index.Days
	log    *slog.Logger
	public *url.URL
	now    func() time.Time

	// stepping says that requests' due steps are taken, which goes before what is in no hurry.
	stepping atomic.Bool
}

// OpenCore opens the core alone, for administration, also while servers run on the same
// store: it is a further writer of their journal. Changes are made within [Core.Do].
// Whoever has opened it closes it.
func OpenCore(ctx context.Context, cfg StoreConfig, log *slog.Logger) (*Core, error) {
	return openCore(ctx, &Config{Store: cfg}, log)
}

func openCore(ctx context.Context, cfg *Config, log *slog.Logger) (*Core, error) {
	hosts, err := slackapi.ParseHostPolicy(cfg.WebhookHosts)
	if err != nil {
		return nil, fmt.Errorf("PROCYON_WEBHOOK_HOSTS: %w", err)
	}
	public, err := url.Parse(cfg.Server.PublicURL)
	if err != nil {
		return nil, fmt.Errorf("PROCYON_PUBLIC_URL: %w", err)
	}
	store, err := OpenStore(ctx, cfg.Store.URL, StoreOptions{Note: func(what string) { log.Info("store", "migration", what) }})
	if err != nil {
		return nil, err
	}
	if cfg.WrapStore != nil {
		store = cfg.WrapStore(store)
	}
	path := cfg.Store.keyPath()
	keys, err := seal.LoadOrCreate(path)
	if err == nil {
		err = checkKeys(ctx, store, keys, path)
	}
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	j, err := journal.Open(ctx, store, journal.Options{
		Kinds: subject.Kinds(), OnError: func(err error) { log.Error("journal", "error", err) },
		OnRelist: func(done int) { log.Info("listing what an older release wrote in the new way, once", "done", done) },
	})
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	now := clock
	if cfg.Now != nil {
		now = cfg.Now
	}
	c := &Core{Store: store, Journal: j, log: log, public: public, now: now}
	c.names = index.NewNames(j, store, index.Options{Kinds: subject.Kinds(), Terms: subject.NameTerms(), OnError: func(err error) { log.Error("names", "error", err) }})
	subjects := access.NewSubjects(j, store, access.SubjectOptions{Kinds: subject.Kinds(), Now: c.now, NewID: newID, DeriveID: access.DeriveID, Names: c.names})
	c.Workspaces = slackworkspace.New(subjects, store, keys, hosts.CheckURL)
	c.ended = index.NewEnded(j, store)
	c.days = index.NewDays(j, store)
	conditions, err := condition.New()
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	c.Access = access.New(subjects, access.Options{
		Conditions: conditions,
		Ended:      c.ended.Count,
		Workspaces: c.Workspaces, EndFor: c.Workspaces.EndFor, Standing: c.mayManage,
		MaxDuration: cfg.Requests.MaxDuration, ApproveInConsole: cfg.Requests.ApproveInConsole, Secrets: keys,
		Integrations: kinds(hosts), DecideIn: cfg.Requests.DecideIn, MinReason: cfg.Requests.MinReason,
		MaxOpen: unlessZero(cfg.Requests.MaxOpen), MaxPerHour: unlessZero(cfg.Requests.MaxPerHour), History: journal.History(store),
		OnError: func(err error) { log.Error("a subject can't be read", "error", err) },
	})
	c.Imports = catalogimport.New(c.Access, store)
	c.Ledger = delivery.New(store, j, c.now, newID, access.DeriveID)
	c.Ledger.Keep = cfg.KeepDeliveries
	c.Records = workerstore.New(store, c.now, access.DeriveID, keys)
	c.Auth = auth.New(store, c.Access, auth.Options{Clock: c.now, CheapHashes: cfg.CheapHashes, SecureCookie: public.Scheme == "https", PublicURL: public, MayActFor: c.Workspaces.Linked, Changed: (&rights{journal: j}).changed})
	return c, nil
}

// mayManage refuses who was let in by a session or token that is over by now. What else has
// changed of their rights the domain looks at itself.
func (c *Core) mayManage(ctx context.Context) error {
	err := c.Auth.Valid(ctx)
	switch {
	case errors.Is(err, auth.ErrUnauthenticated):
		return access.Errorf(access.CodeForbidden, "", "The session or token that this was asked with is over; nothing was changed.")
	case errors.Is(err, auth.ErrRightsChanged):
		return nil
	}
	return err
}

// Do runs the journal while f works. What f has handed in is committed before Do
// returns, also where ctx has ended. The core is of no use for changes after it.
func (c *Core) Do(ctx context.Context, f func() error) error {
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- c.Journal.Run(running) }()
	err := f()
	stop()
	return errors.Join(err, <-ended)
}

// Close closes the store.
func (c *Core) Close() error { return c.Store.Close() }

// Operator is who acts on the command line: whoever can read the store.
func Operator() access.Actor {
	name := os.Getenv("USER")
	if name == "" {
		name = "operator"
	}
	return access.Actor{Kind: access.ActorSystem, ID: "operator", Name: name, Via: "cli", Admin: true}
}

// newID makes IDs that grow with time, so that indexes stay compact, and that
// can't be guessed: 74 of their bits are random (RFC 9562, version 7).
func newID() string {
	id := uuid.Must(uuid.NewV7())
	return hex.EncodeToString(id[:])
}
