package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"procyon/access"
	"procyon/client"
	"procyon/store"
)

// Tokens and sessions stand beside the journal. That one ends is written there first, so a
// crash between the two leaves an entry and what is not over. Every server sees the entry,
// and makes sure of the rest after a while; one that starts goes on where it was last seen to.

const (
	// finishGrace is how long whoever wrote the entry has to end it.
	finishGrace = 5 * time.Second
	// finishAgain is how long it rests after it failed.
	finishAgain = 5 * time.Second
	// finishedEach is after how many entries it is stored up to where all is finished, and
	// finishedFirst how many of the latest are looked at where that is not known.
	finishedEach, finishedFirst = 1000, 2000
	// finishedID is the document that says so. It is no view: no subject is of its kind.
	finishedID = "meta_finished"
)

// finished is up to which entry all is finished that was to end.
type finished struct {
	Seq uint64 `json:"seq"`
}

// toFinish is what is made sure of at a time.
type toFinish struct {
	at   time.Time
	seq  uint64 // of the entry
	what access.Revoked
}

// finish makes sure that what the journal says has ended is over, until ctx is done.
func (c *Core) finish(ctx context.Context) error {
	after, ok := c.firstToFinish(ctx)
	if !ok {
		return nil
	}
	stored := after
	var waiting []toFinish
	for ctx.Err() == nil {
		var until time.Time
		if len(waiting) > 0 {
			until = waiting[0].at
		}
		entries, err := c.changes(ctx, after, until)
		if err != nil {
			return err
		}
		for i := range entries {
			e := &entries[i]
			after = e.Seq
			r, ok, err := access.RevokedIn(access.Change{Subject: e.Subject, Type: e.Type, Data: e.Data, Actor: e.Actor, At: e.At})
			if err != nil {
				c.log.Error("what was to end", "entry", e.Seq, "error", err)
			}
			if ok {
				waiting = append(waiting, toFinish{c.now().Add(finishGrace), e.Seq, r})
			}
		}
		waiting = c.finishDue(ctx, waiting)
		upTo := after
		if len(waiting) > 0 {
			upTo = waiting[0].seq - 1
		}
		if upTo >= stored+finishedEach {
			if err := c.putFinished(ctx, upTo); err != nil && ctx.Err() == nil {
				c.log.Error("can't remember what has ended", "error", err)
			}
			stored = upTo
		}
	}
	return nil
}

// finishDue finishes what is due, in order, and returns what is left.
func (c *Core) finishDue(ctx context.Context, waiting []toFinish) []toFinish {
	for len(waiting) > 0 && !c.now().Before(waiting[0].at) {
		if err := c.Auth.Finish(ctx, waiting[0].what); err != nil {
			if ctx.Err() == nil {
				c.log.Error("can't end what was to end; trying again", "entry", waiting[0].seq, "error", err)
			}
			waiting[0].at = c.now().Add(finishAgain)
			return waiting
		}
		waiting = waiting[1:]
	}
	return waiting
}

// firstToFinish is behind which entry to begin; ok is false where ctx was done before that
// could be read.
func (c *Core) firstToFinish(ctx context.Context) (after uint64, ok bool) {
	for {
		f, _, err := c.readFinished(ctx)
		head := c.Journal.Head()
		switch {
		case err == nil && f.Seq > 0 && f.Seq <= head:
			return f.Seq, true
		case err == nil: // it was never stored, or of a journal that went further
			return head - min(head, finishedFirst), true
		case ctx.Err() == nil:
			c.log.Error("can't read what has ended; trying again", "error", err)
		}
		if !client.Sleep(ctx, readAgain) {
			return 0, false
		}
	}
}

func (c *Core) readFinished(ctx context.Context) (f finished, version uint64, err error) {
	docs, err := c.Store.Get(ctx, finishedID)
	if err != nil || len(docs) == 0 {
		return f, 0, err
	}
	f, err = access.Decode[finished](docs[0])
	return f, docs[0].Version, err
}

// putFinished stores it, unless another server has come further, or does so just now.
func (c *Core) putFinished(ctx context.Context, seq uint64) error {
	f, version, err := c.readFinished(ctx)
	if err != nil || f.Seq >= seq && f.Seq <= c.Journal.Head() {
		return err
	}
	data, err := json.Marshal(finished{seq})
	if err != nil {
		return fmt.Errorf("encode what has ended: %w", err)
	}
	err = c.Store.Put(ctx, store.Document{ID: finishedID, Version: version + 1, Data: data})
	if errors.Is(err, store.ErrVersion) {
		return nil
	}
	return err
}
