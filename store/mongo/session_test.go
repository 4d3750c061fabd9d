package mongo_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"procyon/journal"
	"procyon/store"
	"procyon/store/mongo"
)

// openScripted opens a store on a scripted server, which then has nothing in it.
func openScripted(t *testing.T) (*scripted, *mongo.Store) {
	t.Helper()
	server := newScripted(t)
	server.answers(func(command string, _ bson.Raw) bson.D {
		if command == "find" { // the schema's version
			return found(bson.D{{Key: "version", Value: int64(3)}})
		}
		return nil
	})
	s := open(t, server.uri())
	server.answers(nil)
	return server, s
}

// What is read is never older than what this process has read or written before, whichever
// server answers.
func TestReadsAreNotOlderThanWhatWasSeen(t *testing.T) {
	server, s := openScripted(t)
	written := uint32(0)
	for n := range 3 {
		if err := s.Put(t.Context(), store.Document{ID: fmt.Sprint("ses_", n), Version: 1}); err != nil {
			t.Fatal(err)
		}
		server.mu.Lock()
		written = server.now - 1
		server.mu.Unlock()
		if _, err := s.Get(t.Context(), "ses_1"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Entries(t.Context(), 0, 10); err != nil {
			t.Fatal(err)
		}
	}
	finds := server.commands("find")
	if len(finds) != 6 {
		t.Fatalf("it was asked %d times", len(finds))
	}
	last := uint32(0)
	for _, c := range finds {
		after, _, ok := c.Lookup("readConcern", "afterClusterTime").TimestampOK()
		level, _ := c.Lookup("readConcern", "level").StringValueOK()
		if !ok || after <= last || level != "majority" {
			t.Errorf("read after %d, at %q: %s", after, level, c)
		}
		last = after
	}
	if last < written {
		t.Errorf("the last is read after %d, and written was at %d", last, written)
	}
}

// entryOf makes the entry behind a head, with its view.
func entryOf(t *testing.T, head journal.Head) (journal.Entry, store.Document) {
	t.Helper()
	id := fmt.Sprint("req_", head.Seq+1)
	e := journal.Entry{Seq: head.Seq + 1, At: time.UnixMicro(1).UTC(), Subject: id, Version: 1, Type: "CREATED", Data: []byte(`{}`), After: []byte(`{}`)}
	if err := e.Seal(head.Hash); err != nil {
		t.Fatal(err)
	}
	return e, store.Document{ID: id, Version: 1, Data: e.After}
}

// A backup that is restored between the look before an insert and the insert leaves a gap:
// nothing is acknowledged then, and what was inserted behind the gap is taken away.
func TestARestoreDuringAnAppend(t *testing.T) {
	server, s := openScripted(t)
	before := journal.Head{Seq: 7, Hash: journal.Hash{1, 2, 3}}
	for name, there := range map[string]func(asked int) bson.D{
		"it is gone before": func(int) bson.D { return nil },
		"it is gone after": func(asked int) bson.D {
			if asked > 1 {
				return nil
			}
			return found(bson.D{{Key: "hash", Value: before.Hash[:]}})
		},
		"another one is there after": func(asked int) bson.D {
			if asked > 1 {
				return found(bson.D{{Key: "hash", Value: make([]byte, 32)}})
			}
			return found(bson.D{{Key: "hash", Value: before.Hash[:]}})
		},
	} {
		asked := 0
		server.answers(func(command string, body bson.Raw) bson.D {
			switch command {
			case "find":
				asked++
				return there(asked)
			case "insert", "delete":
				return bson.D{{Key: "n", Value: 1}}
			}
			return nil
		})
		e, v := entryOf(t, before)
		if n, err := s.Append(t.Context(), []journal.Entry{e}, []store.Document{v}); n != 0 || !errors.Is(err, journal.ErrReplaced) {
			t.Errorf("%s: %d, %v", name, n, err)
		}
		inserts, deletes := server.commands("insert"), server.commands("delete")
		if asked == 1 {
			if len(inserts)+len(deletes) > 0 {
				t.Errorf("%s: it was written", name)
			}
			continue
		}
		if len(inserts) != 1 || len(deletes) != 1 {
			t.Fatalf("%s: %d inserts and %d deletes", name, len(inserts), len(deletes))
		}
		batch := inserts[0].Lookup("documents", "0", "batch").ObjectID()
		if got := deletes[0].Lookup("deletes", "0", "q", "batch").ObjectID(); got != batch {
			t.Errorf("%s: another batch is deleted", name)
		}
	}
}
