package delivery

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"procyon/access"
	"procyon/journal"
	"procyon/store"
)

// Consumers lists the consumers by name. Each document holds a Consumer.
func (l *Ledger) Consumers(ctx context.Context, p store.Page) (store.Listed, error) {
	list, err := store.List(ctx, l.docs, []string{consumersTerm}, false, p, nil)
	if err != nil {
		return list, err
	}
	for i, d := range list.Docs {
		c, err := access.Decode[Consumer](d)
		if err != nil {
			return list, err
		}
		if !c.unmarked {
			continue
		}
		if err := l.complete(ctx, &c); err != nil {
			return list, err
		}
		if list.Docs[i].Data, err = json.Marshal(c); err != nil {
			return list, fmt.Errorf("encode consumer %s: %w", c.Name, err)
		}
	}
	return list, nil
}

// ConsumerByID returns a consumer, or a NOT_FOUND *access.Error.
func (l *Ledger) ConsumerByID(ctx context.Context, id string) (Consumer, error) {
	name, isOne := strings.CutPrefix(id, kindConsumer)
	if !isOne {
		return Consumer{}, noConsumer("id", name)
	}
	c, ok, err := l.consumer(ctx, name)
	if err == nil && !ok {
		err = noConsumer("id", name)
	}
	if err == nil {
		err = l.complete(ctx, &c)
	}
	return c, err
}

// complete is mark for who only looks: a place that is not in the journal stays as it is.
func (l *Ledger) complete(ctx context.Context, c *Consumer) error {
	err := l.mark(ctx, c)
	if access.CodeOf(err) == access.CodeJournalChanged {
		return nil
	}
	return err
}

// Behind is how many entries of the journal a consumer has not dealt with, events or not;
// ok is false where it stands at a place that is not in this journal.
func (l *Ledger) Behind(ctx context.Context, c Consumer) (entries int, ok bool, err error) {
	err = l.inJournal(ctx, &c)
	if access.CodeOf(err) == access.CodeJournalChanged {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	last := l.journal.Last().Seq
	if last < c.Position.Seq { // it has moved while we looked
		return 0, true, nil
	}
	return int(min(last-c.Position.Seq, 1<<31-1)), true, nil
}

// Note hears of what is about to be done to somebody else's consumer. Its error keeps it
// from being done. So a crash leaves a note of what was not done, but nothing that was done
// without one. nil hears of nothing.
type Note func(ctx context.Context, c Consumer) error

// once is the note for a change that may be decided again: it is not repeated while the
// consumer stands where it stood.
func (n Note) once() Note {
	type place struct {
		owner    string
		was, now journal.Position
	}
	var noted *place
	return func(ctx context.Context, c Consumer) error {
		at := place{c.Owner, c.Was, c.Position}
		if n == nil || noted != nil && *noted == at {
			return nil
		}
		if err := n(ctx, c); err != nil {
			return err
		}
		noted = &at
		return nil
	}
}

// storeNotedIn is how long storing may take of what was noted.
const storeNotedIn = 10 * time.Second

// putNoted stores a consumer as it is from now on, once its note was taken: then also if
// whoever asks has gone.
func (l *Ledger) putNoted(ctx context.Context, note Note, noted Consumer, c *Consumer) error {
	if err := note(ctx, noted); err != nil {
		return err
	}
	through, done := context.WithTimeout(context.WithoutCancel(ctx), storeNotedIn)
	defer done()
	return l.putConsumer(through, c)
}

// Delete ends a consumer, with its position. Whose it is may do so, and with anyOwner
// everybody; nobody as long as its lease is held: LEASE. Whoever acquires that name then
// makes it anew, and begins with what happens from then on. note hears of it where it is
// somebody else's.
func (l *Ledger) Delete(ctx context.Context, by, name string, anyOwner bool, note Note) (Consumer, error) {
	var c Consumer
	note = note.once()
	err := retry(ctx, func() error {
		var ok bool
		var err error
		c, ok, err = l.consumer(ctx, name)
		switch {
		case err != nil:
			return err
		case !ok:
			return noConsumer("name", name)
		case c.Owner != by && !anyOwner:
			return anothers("name", name)
		case c.Holder != "" && l.now().Before(c.LeaseExpiresAt):
			return access.Errorf(access.CodeLease, "name", "%s holds the lease of %q until %s; stop it first, or it begins anew at once.", c.Holder, c.Name, c.LeaseExpiresAt.Format(time.RFC3339))
		}
		gone := c
		gone.Deleted, gone.DeletedAt, gone.Holder = true, l.now(), ""
		if c.Owner == by {
			return l.putConsumer(ctx, &gone)
		}
		return l.putNoted(ctx, note, c, &gone)
	})
	return c, err
}

func noConsumer(field, name string) error {
	return access.Errorf(access.CodeNotFound, field, "There is no consumer %q.", name)
}
