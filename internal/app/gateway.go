package app

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"procyon/access"
	"procyon/auth"
	"procyon/delivery"
	"procyon/internal/seal"
	"procyon/internal/slackapi"
	"procyon/internal/subject"
	"procyon/journal"
	"procyon/slackworkspace"
	"procyon/store/mongo"
	"procyon/store/sqlite"
)

// core is the product without its network: the journal on its store, the domain
// over it, and who may act. The gateway serves it; the commands of
// administration use it directly.
type core struct {
	log        *slog.Logger
	store      journal.Store
	journal    *journal.Journal
	access     *access.Service
	workspaces *slackworkspace.Service
	ledger     *delivery.Ledger
	records    *delivery.Records
	auth       *auth.Service
	public     *url.URL
	now        func() time.Time

	stop  context.CancelFunc
	ended chan error
}

// openCore opens the store and starts the journal. close ends both.
func openCore(ctx context.Context, cfg *config, log *slog.Logger) (*core, error) {
	hosts, err := slackapi.ParseHostPolicy(cfg.webhookHosts)
	if err != nil {
		return nil, fmt.Errorf("PROCYON_WEBHOOK_HOSTS: %w", err)
	}
	public, err := url.Parse(cfg.publicURL)
	if err != nil {
		return nil, fmt.Errorf("PROCYON_PUBLIC_URL: %w", err)
	}
	store, err := openStore(ctx, cfg.store)
	if err != nil {
		return nil, err
	}
	keys, err := seal.LoadOrCreate(cfg.keyPath())
	if err == nil {
		err = checkKeys(ctx, store, keys, cfg.keyPath())
	}
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	j, err := journal.Open(ctx, store, journal.Options{Kinds: subject.Kinds(), OnError: func(err error) { log.Error("journal", "error", err) }})
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	now := time.Now
	if cfg.now != nil {
		now = cfg.now
	}
	c := &core{log: log, store: store, journal: j, public: public, now: now, ended: make(chan error, 1)}
	subjects := access.NewSubjects(j, store, access.SubjectOptions{Kinds: subject.Kinds(), Now: c.now, NewID: newID, DeriveID: access.DeriveID})
	c.workspaces = slackworkspace.New(subjects, keys, hosts.CheckURL)
	c.access = access.New(subjects, access.Options{
		Workspaces: c.workspaces, EndFor: c.workspaces.EndFor,
		Policy: access.BuiltinPolicy{ApproveInConsole: cfg.consoleOnly}, Secrets: keys,
		Integrations: kinds(hosts), DecideIn: cfg.decideIn, MinReason: cfg.minReason,
		MaxOpen: unlessZero(cfg.maxOpen), MaxPerHour: unlessZero(cfg.maxPerHour), History: journal.History(store),
	})
	c.ledger = delivery.New(store, c.now, newID, access.DeriveID)
	c.records = delivery.NewRecords(store, access.DeriveID, keys)
	c.auth = auth.New(store, c.access, auth.Options{Clock: c.now, SecureCookie: public.Scheme == "https", PublicURL: public, MayActFor: c.workspaces.Linked})
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	c.stop = stop
	go func() { c.ended <- j.Run(running) }()
	return c, nil
}

// close commits what was handed in, ends the journal and closes the store.
func (c *core) close() error {
	c.stop()
	return errors.Join(<-c.ended, c.store.Close())
}

func openStore(ctx context.Context, where string) (journal.Store, error) {
	if path, ok := strings.CutPrefix(where, "sqlite:"); ok && path != "" {
		return sqlite.Open(ctx, path)
	}
	if strings.HasPrefix(where, "mongodb://") || strings.HasPrefix(where, "mongodb+srv://") {
		return mongo.Open(ctx, where)
	}
	return nil, errors.New("PROCYON_STORE must be sqlite:PATH or a mongodb:// URI")
}

// newID makes IDs that grow with time, so that indexes stay compact, and that
// can't be guessed: 74 of their bits are random (RFC 9562, version 7).
func newID() string {
	id := uuid.Must(uuid.NewV7())
	return hex.EncodeToString(id[:])
}

// keepTime runs the schedule: what time alone brings to requests. It follows the
// journal, so it knows of every gateway's changes.
func (c *core) keepTime(ctx context.Context) error {
	s := access.NewSchedule(c.access)
	after := c.journal.Head()
	if err := s.Load(ctx); err != nil && ctx.Err() == nil {
		return err
	}
	for ctx.Err() == nil {
		if err := s.Advance(ctx); err != nil && ctx.Err() == nil {
			c.log.Error("what time brings to requests", "error", err)
		}
		entries, err := c.news(ctx, after, s.Next())
		if err != nil {
			return err
		}
		for _, e := range entries {
			if err := s.Observe(e.Subject, e.After); err != nil {
				c.log.Error("what time brings to requests", "entry", e.Seq, "error", err)
			}
			after = e.Seq
		}
	}
	return nil
}

// readAgain is how long reading the journal rests after it failed.
const readAgain = time.Second

// news waits for entries after a position, and returns some. It returns none when
// ctx is done, or at a moment, unless that is zero.
func (c *core) news(ctx context.Context, after uint64, until time.Time) ([]journal.Entry, error) {
	wait := ctx
	if !until.IsZero() {
		var cancel context.CancelFunc
		wait, cancel = context.WithDeadline(ctx, until)
		defer cancel()
	}
	err := c.journal.Wait(wait, after)
	if wait.Err() != nil {
		return nil, nil
	}
	if err != nil {
		return nil, err // the journal has ended
	}
	entries, err := c.journal.Read(ctx, after, 500)
	if err != nil && ctx.Err() == nil {
		c.log.Error("can't read the journal; trying again", "error", err)
		select {
		case <-time.After(readAgain):
		case <-ctx.Done():
		}
		return nil, nil
	}
	return entries, nil
}
