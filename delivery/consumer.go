package delivery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"procyon/access"
	"procyon/store"
)

// Consumer is a named reader of the event stream whose position outlives it. One
// holder at a time has its lease; each new one gets a higher epoch, and what an
// earlier one says is refused.
type Consumer struct {
	Name           string    `json:"name"`
	Owner          string    `json:"owner"` // the ID of who made it: nobody else may use it
	Cursor         uint64    `json:"cursor"`
	Epoch          int       `json:"epoch"`
	Holder         string    `json:"holder"`
	LeaseExpiresAt time.Time `json:"leaseExpiresAt"`

	version uint64
}

func consumerID(name string) string { return "con_" + name }

func (c *Consumer) document() (store.Document, error) {
	data, err := json.Marshal(c)
	if err != nil {
		return store.Document{}, fmt.Errorf("encode consumer %s: %w", c.Name, err)
	}
	return store.Document{ID: consumerID(c.Name), Version: c.version + 1, Sort: c.Name, Terms: []string{"con/"}, Data: data}, nil
}

func (l *Ledger) consumer(ctx context.Context, name string) (Consumer, bool, error) {
	docs, err := l.docs.Get(ctx, consumerID(name))
	if err != nil || len(docs) == 0 {
		return Consumer{Name: name}, false, err
	}
	var c Consumer
	if err := json.Unmarshal(docs[0].Data, &c); err != nil {
		return c, false, fmt.Errorf("consumer %s: %w", name, err)
	}
	c.version = docs[0].Version
	return c, true, nil
}

// Claim is what somebody says: that they hold the lease of a consumer.
type Claim struct {
	By       string // the ID of who says so
	Consumer string
	Epoch    int
}

// held returns a consumer if the claim is true, or an *Error: LEASE where its epoch
// is over.
func (l *Ledger) held(ctx context.Context, claim Claim) (Consumer, error) {
	name, epoch := claim.Consumer, claim.Epoch
	c, ok, err := l.consumer(ctx, name)
	if err != nil {
		return c, err
	}
	if !ok {
		return c, access.Errorf(access.CodeNotFound, "consumer", "There is no consumer %q; acquire it first.", name)
	}
	if c.Owner != claim.By {
		return c, anothers("consumer", name)
	}
	if c.Epoch != epoch {
		return c, access.Errorf(access.CodeLease, "epoch", "The lease of %q was lost: its epoch is %d now.", name, c.Epoch)
	}
	return c, nil
}

func anothers(field, name string) error {
	return access.Errorf(access.CodeForbidden, field, "The consumer %q is another service account's; use that one's token, or choose another name.", name)
}

func (l *Ledger) putConsumer(ctx context.Context, c *Consumer) error {
	doc, err := c.document()
	if err != nil {
		return err
	}
	if err := l.docs.Put(ctx, doc); err != nil {
		return err
	}
	c.version++
	return nil
}

// maxTries bounds how often a change is tried again after somebody else's.
const maxTries = 20

func retry(ctx context.Context, f func() error) error {
	for range maxTries {
		if err := f(); !errors.Is(err, store.ErrVersion) {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return access.Errorf(access.CodeConflict, "", "Too many others are changing this at the same time; try again.")
}

// Acquire takes, keeps or takes over a consumer's lease for by, the ID of whoever
// asks. A new consumer is theirs alone from then on, and begins at head: with what
// happens from now on. FORBIDDEN where it is somebody else's.
func (l *Ledger) Acquire(ctx context.Context, by, name, holder string, ttl time.Duration, head uint64) (Consumer, error) {
	if err := checkNames(name, holder, ttl); err != nil {
		return Consumer{}, err
	}
	var c Consumer
	err := retry(ctx, func() error {
		var ok bool
		var err error
		if c, ok, err = l.consumer(ctx, name); err != nil {
			return err
		}
		now := l.now()
		switch {
		case !ok:
			c.Owner, c.Cursor, c.Epoch = by, head, 1
		case c.Owner != by:
			return anothers("name", name)
		case c.Holder == holder:
		case now.Before(c.LeaseExpiresAt):
			return access.Errorf(access.CodeLease, "holder", "%s holds the lease of %q until %s.", c.Holder, name, c.LeaseExpiresAt.Format(time.RFC3339))
		default:
			c.Epoch++
		}
		c.Holder, c.LeaseExpiresAt = holder, now.Add(ttl)
		return l.putConsumer(ctx, &c)
	})
	return c, err
}

func checkNames(name, holder string, ttl time.Duration) error {
	switch {
	case strings.TrimSpace(name) == "" || utf8.RuneCountInString(name) > 80:
		return access.Errorf(access.CodeInvalid, "name", "Give the consumer a name of 1 to 80 characters.")
	case strings.TrimSpace(holder) == "" || utf8.RuneCountInString(holder) > 120:
		return access.Errorf(access.CodeInvalid, "holder", "Give the holder a name of 1 to 120 characters.")
	case ttl < time.Second || ttl > 5*time.Minute:
		return access.Errorf(access.CodeInvalid, "ttl", "A lease lasts from 1 second to 5 minutes.")
	default:
		return nil
	}
}

// Release gives a lease back, so that another holder can go on at once.
func (l *Ledger) Release(ctx context.Context, claim Claim) (Consumer, error) {
	var c Consumer
	err := retry(ctx, func() error {
		var err error
		if c, err = l.held(ctx, claim); err != nil {
			return err
		}
		c.Holder, c.LeaseExpiresAt = "", l.now()
		return l.putConsumer(ctx, &c)
	})
	return c, err
}

// Advance moves a consumer's cursor forward, up to head; never backwards.
func (l *Ledger) Advance(ctx context.Context, claim Claim, cursor, head uint64) (Consumer, error) {
	var c Consumer
	err := retry(ctx, func() error {
		var err error
		if c, err = l.held(ctx, claim); err != nil {
			return err
		}
		if err := checkCursor(cursor, head); err != nil {
			return err
		}
		if cursor <= c.Cursor {
			return nil
		}
		c.Cursor = cursor
		return l.putConsumer(ctx, &c)
	})
	return c, err
}

func checkCursor(cursor, head uint64) error {
	if cursor > head {
		return access.Errorf(access.CodeInvalid, "cursor", "The journal has not come to this cursor yet.")
	}
	return nil
}
