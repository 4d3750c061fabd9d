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
	"procyon/journal"
	"procyon/store"
)

// Consumer is a named reader of the event stream whose position outlives it. One
// holder at a time has its lease; each new one gets a higher epoch, and what an
// earlier one says is refused.
type Consumer struct {
	Name           string           `json:"name"`
	Owner          string           `json:"owner"` // the ID of who made it: nobody else may use it
	Position       journal.Position `json:"-"`     // behind the last event that it has dealt with
	Epoch          int              `json:"epoch"`
	Holder         string           `json:"holder"`
	LeaseExpiresAt time.Time        `json:"leaseExpiresAt"`
	// Deleted keeps the place of one that was deleted, so that epochs of its name go on:
	// a holder from before holds nothing of one that is made anew. See forget.go for how
	// that ends.
	Deleted   bool      `json:"deleted,omitempty"`
	DeletedAt time.Time `json:"deletedAt,omitzero"`

	// Was is where it stood before it was reset, of what Acquire returns.
	Was journal.Position `json:"-"`

	version  uint64
	unmarked bool // an earlier release stored the position, without its mark
}

// ID is what the consumer is found by, beside its name.
func (c *Consumer) ID() string { return consumerID(c.Name) }

// plainConsumer is a Consumer without its JSON.
type plainConsumer Consumer

// storedConsumer is a consumer as its document has it. An earlier release did not store
// the mark.
type storedConsumer struct {
	plainConsumer
	Seq  uint64        `json:"cursor"`
	Mark *journal.Mark `json:"mark,omitempty"`
}

// MarshalJSON implements json.Marshaler.
func (c Consumer) MarshalJSON() ([]byte, error) {
	stored := storedConsumer{plainConsumer: plainConsumer(c), Seq: c.Position.Seq}
	if !c.unmarked {
		stored.Mark = &c.Position.Mark
	}
	return json.Marshal(stored)
}

// UnmarshalJSON implements json.Unmarshaler.
func (c *Consumer) UnmarshalJSON(data []byte) error {
	var stored storedConsumer
	if err := json.Unmarshal(data, &stored); err != nil {
		return err
	}
	*c = Consumer(stored.plainConsumer)
	c.Position.Seq = stored.Seq
	if stored.Mark != nil {
		c.Position.Mark = *stored.Mark
	} else {
		c.unmarked = stored.Seq > 0
	}
	return nil
}

// kindConsumer begins the IDs of consumers, which are no subjects of the journal.
const kindConsumer = "con_"

func consumerID(name string) string { return kindConsumer + name }

// consumersTerm lists the consumers by name, deletedTerm those that were deleted, the first
// deleted first.
const (
	consumersTerm = "con/"
	deletedTerm   = "con/deleted"
)

// ownersTerm lists the consumers of whoever made them, by name.
func ownersTerm(owner string) string { return "con/owner=" + owner }

// maxConsumers is how many consumers one owner can have.
const maxConsumers = 100

func (c *Consumer) document() (store.Document, error) {
	data, err := json.Marshal(c)
	if err != nil {
		return store.Document{}, fmt.Errorf("encode consumer %s: %w", c.Name, err)
	}
	doc := store.Document{ID: c.ID(), Version: c.version + 1, Sort: c.Name, Data: data}
	if c.Deleted {
		doc.Sort, doc.Terms = store.TimeSort(c.DeletedAt), []string{deletedTerm}
	} else {
		doc.Terms = []string{consumersTerm, ownersTerm(c.Owner)}
	}
	return doc, nil
}

// consumer reads a consumer. Where there is none, what it returns still knows the epochs
// of one of that name that was deleted.
func (l *Ledger) consumer(ctx context.Context, name string) (c Consumer, ok bool, err error) {
	docs, err := l.docs.Get(ctx, consumerID(name))
	if err != nil || len(docs) == 0 {
		return Consumer{Name: name}, false, err
	}
	if err := json.Unmarshal(docs[0].Data, &c); err != nil {
		return Consumer{Name: name}, false, fmt.Errorf("consumer %s: %w", name, err)
	}
	c.version = docs[0].Version
	return c, !c.Deleted, nil
}

// moveTo says where a consumer stands from now on.
func (c *Consumer) moveTo(p journal.Position) { c.Position, c.unmarked = p, false }

// mark completes a position that an earlier release stored. Where the journal does not
// reach that far the position stays as it is.
func (l *Ledger) mark(ctx context.Context, c *Consumer) error {
	if !c.unmarked {
		return nil
	}
	p, err := l.journal.PositionAt(ctx, c.Position.Seq)
	if err != nil {
		return err
	}
	c.moveTo(p)
	return nil
}

// inJournal refuses a consumer whose place is not in this journal, with what to do.
func (l *Ledger) inJournal(ctx context.Context, c *Consumer) error {
	err := l.mark(ctx, c)
	if err == nil {
		err = l.journal.Check(ctx, c.Position)
	}
	if access.CodeOf(err) == access.CodeJournalChanged {
		return access.Errorf(access.CodeJournalChanged, "name", "The consumer %q stands behind event %d, which is not in this journal: a backup was restored, "+
			"and not all of it. Restore all of the store, or look at what happened since the backup and acquire the consumer with resetTo: j0 "+
			"to begin anew, or a cursor of this journal.", c.Name, c.Position.Seq)
	}
	return err
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

// Lease is a lease that somebody asks for.
type Lease struct {
	By     string // the ID of whoever asks
	Name   string // the consumer's
	Holder string // another one in each process
	TTL    time.Duration
	// ResetTo begins anew behind that position, wherever the consumer stands; nil goes on
	// where it stands.
	ResetTo *journal.Position
	// AnyOwner allows to reset somebody else's consumer, which stays theirs.
	AnyOwner bool
	// Note hears of a reset of somebody else's consumer, which is given as it will be.
	Note Note
}

// Acquire takes, keeps or takes over a consumer's lease. A new consumer belongs to who
// asks from then on, and begins with what happens from now on. It returns an
// *access.Error: FORBIDDEN where the consumer is somebody else's, NOT_FOUND where there is
// none that anybody's right to reset could be for, LEASE where another
// holder has it, JOURNAL_CHANGED where the place at which it stands, or to which it is to
// be reset, is not in this journal. A reset ends the epoch, also of the same holder.
func (l *Ledger) Acquire(ctx context.Context, ask Lease) (Consumer, error) {
	if err := checkNames(ask.Name, ask.Holder, ask.TTL); err != nil {
		return Consumer{}, err
	}
	if ask.ResetTo != nil {
		if err := l.check(ctx, "resetTo", *ask.ResetTo); err != nil {
			return Consumer{}, err
		}
	}
	var c Consumer
	note := ask.Note.once()
	err := retry(ctx, func() error {
		var ok bool
		var err error
		if c, ok, err = l.consumer(ctx, ask.Name); err != nil {
			return err
		}
		now := l.now()
		switch {
		case !ok && ask.ResetTo != nil && ask.AnyOwner:
			// It would be the administrator's from then on, and its worker shut out.
			return access.Errorf(access.CodeNotFound, "name", "There is no consumer %q to reset. Its worker makes it, by its first use.", ask.Name)
		case !ok:
			if err := l.begin(ctx, &c, ask.By); err != nil {
				return err
			}
		case c.Owner != ask.By && (ask.ResetTo == nil || !ask.AnyOwner):
			return anothers("name", ask.Name)
		case c.Holder != ask.Holder && now.Before(c.LeaseExpiresAt):
			return access.Errorf(access.CodeLease, "holder", "%s holds the lease of %q until %s.", c.Holder, c.Name, c.LeaseExpiresAt.Format(time.RFC3339))
		case c.Holder != ask.Holder || ask.ResetTo != nil:
			c.Epoch++
		}
		if ask.ResetTo != nil {
			c.Was = c.Position
			c.moveTo(*ask.ResetTo)
		} else if err := l.inJournal(ctx, &c); err != nil {
			return err
		}
		c.Holder, c.LeaseExpiresAt = ask.Holder, now.Add(ask.TTL)
		if c.Owner == ask.By {
			return l.putConsumer(ctx, &c)
		}
		return l.putNoted(ctx, note, c, &c)
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

// begin makes a consumer somebody's, which is new or was deleted.
func (l *Ledger) begin(ctx context.Context, c *Consumer, owner string) error {
	docs, err := l.docs.List(ctx, store.Query{Term: ownersTerm(owner), Limit: maxConsumers})
	if err != nil {
		return fmt.Errorf("list the consumers of %s: %w", owner, err)
	}
	if len(docs) == maxConsumers {
		return access.Errorf(access.CodeLimited, "name", "You have %d consumers, and can have no more; delete one that nobody uses.", maxConsumers)
	}
	if c.version == 0 { // where it was deleted long ago, its name's epochs are not known any more
		if c.Epoch, err = l.forgotten(ctx); err != nil {
			return err
		}
	}
	c.Owner, c.Deleted, c.DeletedAt = owner, false, time.Time{}
	c.Epoch++
	c.moveTo(l.journal.Last())
	return nil
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

// Advance moves a consumer's position forward; never backwards. A place that is not in
// this journal is JOURNAL_CHANGED, and moves nothing.
func (l *Ledger) Advance(ctx context.Context, claim Claim, to journal.Position) (Consumer, error) {
	var c Consumer
	err := retry(ctx, func() error {
		var err error
		if c, err = l.held(ctx, claim); err != nil {
			return err
		}
		if err := l.check(ctx, "cursor", to); err != nil {
			return err
		}
		if to.Seq <= c.Position.Seq {
			return l.mark(ctx, &c)
		}
		c.moveTo(to)
		return l.putConsumer(ctx, &c)
	})
	return c, err
}

// check refuses a position that is not in the journal.
func (l *Ledger) check(ctx context.Context, field string, p journal.Position) error {
	return access.AtField(field, l.journal.Check(ctx, p))
}
