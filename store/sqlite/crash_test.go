package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"procyon/journal"
	"procyon/store"
	"procyon/store/sqlite"
)

// crashFile names the variable that makes this test binary a process that
// writes to the file it holds until it is killed.
const crashFile = "PROCYON_TEST_CRASH_FILE"

// TestCrash kills a process that writes, several times over on one file. What
// was acknowledged is there, the journal is unbroken, and each entry has its view.
func TestCrash(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "procyon.db")
	acknowledged := map[string]bool{}
	for round := range 4 {
		killWhileWriting(t, path, 30*(round+1), acknowledged)
		wantAcknowledged(t, path, acknowledged)
	}
}

// killWhileWriting runs a writing process, kills it once it has acknowledged so
// many writes, and notes all that it has acknowledged.
func killWhileWriting(t *testing.T, path string, writes int, acknowledged map[string]bool) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), crashFile+"="+path)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	for n := 0; ; n++ {
		line, err := lines.ReadString('\n')
		if err != nil { // an unfinished line acknowledges nothing
			break
		}
		acknowledged[strings.TrimSpace(line)] = true
		if n == writes {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = child.Wait() // it was killed
	if len(acknowledged) < writes {
		t.Fatalf("the writing process ended by itself after %d writes", len(acknowledged))
	}
}

func wantAcknowledged(t *testing.T, path string, acknowledged map[string]bool) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for id := range acknowledged {
		docs, err := s.Get(t.Context(), id)
		if err != nil || len(docs) != 1 {
			t.Errorf("%s was acknowledged and is gone (%v)", id, err)
		}
	}
	entries, err := s.Entries(t.Context(), 0, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	var head journal.Head
	for i := range entries {
		if err := entries[i].Follows(head); err != nil {
			t.Fatal(err)
		}
		head = journal.Head{Seq: entries[i].Seq, Hash: entries[i].Hash, At: entries[i].At}
		docs, err := s.Get(t.Context(), entries[i].Subject)
		if err != nil || len(docs) != 1 {
			t.Errorf("entry %d has no view (%v)", entries[i].Seq, err)
		}
	}
	// An operational document of a killed process is there whole or not at all.
	docs, err := s.List(t.Context(), store.Query{Term: "ses/", Limit: 1 << 20})
	if err != nil || len(docs) == 0 {
		t.Errorf("%d documents are listed (%v)", len(docs), err)
	}
}

// writeUntilKilled appends entries and puts documents, and writes the ID of
// each to its output once it is durable.
func writeUntilKilled(path string) {
	ctx := context.Background()
	s, err := sqlite.Open(ctx, path)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	head, err := s.Head(ctx)
	for w := range 4 {
		go func() {
			for i := 0; ; i++ {
				d := store.Document{ID: fmt.Sprintf("ses_%d_%d_%d", os.Getpid(), w, i), Version: 1, Sort: fmt.Sprint(i), Terms: []string{"ses/"}, Data: []byte("{}")}
				if s.Put(ctx, d) == nil {
					_, _ = fmt.Fprintln(os.Stdout, d.ID)
				}
			}
		}()
	}
	for err == nil {
		e := journal.Entry{Seq: head.Seq + 1, At: head.At, Subject: fmt.Sprintf("req_%d", head.Seq+1), Version: 1, Type: "X", Data: []byte("{}"), After: []byte("{}")}
		if err = e.Seal(head.Hash); err != nil {
			break
		}
		if _, err = s.Append(ctx, []journal.Entry{e}, []store.Document{{ID: e.Subject, Version: 1, Terms: []string{"req/"}, Data: e.After}}); err == nil {
			_, _ = fmt.Fprintln(os.Stdout, e.Subject)
		}
		head = journal.Head{Seq: e.Seq, Hash: e.Hash, At: e.At}
	}
	fmt.Fprintln(os.Stderr, err)
}
