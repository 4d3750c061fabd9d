package ferrettest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"procyon/access"
	"procyon/internal/subject"
	"procyon/journal"
)

// running runs a journal until stop is called, or else the test ends.
func running(t *testing.T, uri string) (j *journal.Journal, stop func()) {
	t.Helper()
	s := open(t, uri)
	j, err := journal.Open(t.Context(), s, journal.Options{Poll: 10 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- j.Run(ctx) }()
	stop = func() {
		cancel()
		if ended == nil {
			return
		}
		if err := errors.Join(<-ended, s.Close()); err != nil {
			t.Error(err)
		}
		ended = nil
	}
	t.Cleanup(stop)
	return j, stop
}

// A backup that is restored under a running server is noticed, by a change or without one:
// nothing is written behind the gap, and after a restart the journal goes on where the
// backup ends.
func TestABackupIsRestoredUnderAServer(t *testing.T) {
	const whole, kept = 9, 5
	uri, db, entries := few(t, whole)
	writing, stopWriting := running(t, uri)
	idle, stopIdle := running(t, uri)
	if _, err := db.Collection("entry").DeleteMany(t.Context(), bson.D{{Key: "_id", Value: bson.D{{Key: "$gt", Value: int64(kept)}}}}); err != nil {
		t.Fatal(err)
	}
	var gone []string
	for _, e := range entries[kept:] {
		gone = append(gone, e.Subject)
	}
	if _, err := db.Collection("document").DeleteMany(t.Context(), bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: gone}}}}); err != nil {
		t.Fatal(err)
	}
	change := access.Change{Subject: "req_new", Version: 1, At: time.Now(), Type: "CREATED", Data: []byte("{}"), After: []byte("{}"), Actor: access.Actor{Kind: access.ActorSystem, ID: "system"}}
	if _, err := writing.Append(t.Context(), change); access.CodeOf(err) != access.CodeJournalChanged {
		t.Errorf("it is written: %v", err)
	}
	for deadline := time.Now().Add(time.Minute); access.CodeOf(idle.Ready(t.Context())) != access.CodeJournalChanged; {
		if time.Now().After(deadline) {
			t.Fatal("a server that writes nothing does not notice")
		}
	}
	stopWriting()
	stopIdle()
	again, _ := running(t, uri)
	seq, err := again.Append(t.Context(), change)
	if err != nil || seq != kept+1 {
		t.Fatalf("after a restart: %d, %v", seq, err)
	}
	r, err := journal.Verify(t.Context(), open(t, uri), journal.Proof{Kinds: subject.Kinds()})
	if err != nil || fmt.Sprint(r.Entries) != fmt.Sprint(kept+1) {
		t.Errorf("%d entries, %v", r.Entries, err)
	}
}
