package sqlite_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"procyon/access"
	"procyon/journal"
	"procyon/store"
	"procyon/store/sqlite"
	"procyon/store/storetest"
)

// mixed is the fixture, whose entries are of format 1, with three of today's behind it: its
// path, and the number of the first of them.
func mixed(t *testing.T) (string, uint64) {
	t.Helper()
	path := storetest.LoadFixture(t).SQLite(t)
	s := open(t, path)
	head, err := s.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	first := head.Seq + 1
	for i := range 3 {
		e := journal.Entry{
			Seq: head.Seq + 1, At: head.At, Subject: fmt.Sprintf("acc_new%d", i), Version: 1, Type: "CREATED", Data: []byte(`{"name":"New"}`), After: []byte(`{"name":"New"}`),
			Actor: access.Actor{Kind: access.ActorUser, ID: fmt.Sprintf("usr_new%d", i), Name: "Ada", ByID: "svc_new"},
		}
		if err := e.Seal(head.Hash); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Append(t.Context(), []journal.Entry{e}, []store.Document{{ID: e.Subject, Version: 1, Data: e.After}}); err != nil {
			t.Fatal(err)
		}
		head = journal.Head{Seq: e.Seq, Hash: e.Hash, At: e.At}
	}
	if err := errors.Join(follow(t, s), s.Close()); err != nil {
		t.Fatal(err)
	}
	return path, first
}

// follow reads all entries one by one and checks the chain.
func follow(t *testing.T, s *sqlite.Store) error {
	t.Helper()
	for head := (journal.Head{}); ; {
		entries, err := s.Entries(t.Context(), head.Seq, 1)
		if err != nil || len(entries) == 0 {
			return err
		}
		if err := entries[0].Follows(head); err != nil {
			return err
		}
		head = journal.Head{Seq: entries[0].Seq, Hash: entries[0].Hash, At: entries[0].At}
	}
}

// Whatever of an entry is altered in the file is named, of either format: also what no
// release reads, such as a field that was planted in what is stored.
func TestAlteredEntries(t *testing.T) {
	t.Parallel()
	base, first := mixed(t)
	planted := journal.Entry{Format: journal.WithAfterSum, Subject: "acc_new0", ActorJSON: []byte(`{"kind":"USER","id":"usr_new0","name":"Ada","byId":"svc_new","planted":1}`), Data: []byte(`{"name":"New"}`), After: []byte(`{"name":"New"}`)}
	for name, c := range map[string]struct {
		seq    uint64
		change string
		want   string
	}{
		"planted in an actor of format 1": {5, `actor = json_insert(actor, '$.planted', 1)`, "entry 5 was altered"},
		"an actor of format 1 in spaces":  {5, `actor = replace(actor, ',', ', ')`, "entry 5 was altered"},
		"data of format 1":                {5, `data = cast('{"planted":1}' AS BLOB)`, "entry 5 was altered"},
		"after-image of format 1":         {5, `after = cast('{"planted":1}' AS BLOB)`, "entry 5 was altered"},
		"format 1 said to be 2":           {5, `format = 2`, "entry 5 is damaged: more is stored"},
		"planted in format 2":             {first, fmt.Sprintf(`body = x'%x'`, planted.Body()), fmt.Sprintf("entry %d was altered", first)},
		"body cut off":                    {first, `body = substr(body, 1, length(body) - 3)`, fmt.Sprintf("the body of entry %d is damaged", first)},
		"an actor beside the body":        {first, `actor = '{}'`, fmt.Sprintf("entry %d is damaged: more is stored", first)},
		"data beside the body":            {first, `data = x'7b7d'`, fmt.Sprintf("entry %d is damaged: more is stored", first)},
		"no body":                         {first, `body = NULL`, fmt.Sprintf("the body of entry %d is damaged", first)},
		"body of another":                 {first, `body = (SELECT body FROM entry ORDER BY seq DESC LIMIT 1)`, fmt.Sprintf("entry %d was altered", first)},
		"format 2 said to be 1":           {first, `format = 1`, fmt.Sprintf("entry %d is damaged: more is stored", first)},
		"a newer format":                  {first, `format = 3`, fmt.Sprintf("entry %d has format 3, and this release knows up to 2; run the newer release", first)},
		"a newer packing":                 {first, `body = x'63010203'`, fmt.Sprintf("entry %d: pack: a newer release wrote this", first)},
		"the last said to be earlier":     {first + 2, `at = at - 1`, fmt.Sprintf("entry %d was altered", first+2)},
	} {
		path := t.TempDir() + "/procyon.db"
		raw(t, base, `VACUUM INTO '`+path+`'`)
		raw(t, path, fmt.Sprintf(`UPDATE entry SET %s WHERE seq = %d`, c.change, c.seq))
		s := open(t, path)
		if err := follow(t, s); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// What entries are found by is compared with what they hold, and made anew from it.
func TestMisfiledActors(t *testing.T) {
	t.Parallel()
	base, first := mixed(t)
	for _, change := range []string{`actor_id = 7`, `actor_id = NULL`, `by_id = 7`, `by_id = NULL`, `actor_id = by_id, by_id = actor_id`} {
		path := t.TempDir() + "/procyon.db"
		raw(t, base, `VACUUM INTO '`+path+`'`)
		raw(t, path, fmt.Sprintf(`UPDATE entry SET %s WHERE seq = %d`, change, first))
		s := open(t, path)
		if err := storetest.CheckIndex(t.Context(), s); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("entry %d is found by other actors", first)) {
			t.Errorf("%s: %v", change, err)
		}
		if err := errors.Join(s.RebuildIndex(t.Context()), storetest.CheckIndex(t.Context(), s), follow(t, s)); err != nil {
			t.Errorf("%s: %v", change, err)
		}
		for id, want := range map[string]int{"usr_new0": 1, "svc_new": 3} {
			found, err := s.Find(t.Context(), journal.EntryQuery{Trait: journal.Trait{Actor: id}, Limit: 10})
			if err != nil || len(found) != want {
				t.Errorf("%s: %s has %d entries, %v, want %d", change, id, len(found), err, want)
			}
		}
	}
}

// Actors whose IDs have one hash, which anybody can find a pair for, are told apart.
func TestActorsOfOneHash(t *testing.T) {
	t.Parallel()
	path, first := mixed(t)
	raw(t, path, fmt.Sprintf(`UPDATE entry SET actor_id = (SELECT actor_id FROM entry WHERE seq = %d) WHERE seq > %d`, first+2, first))
	s := open(t, path)
	for _, desc := range []bool{false, true} {
		for _, limit := range []int{1, 2, 10} {
			found, err := s.Find(t.Context(), journal.EntryQuery{Trait: journal.Trait{Actor: "usr_new2"}, Limit: limit, Desc: desc})
			if err != nil || len(found) != 1 || found[0].Seq != first+2 {
				t.Errorf("by %d: %d entries, %v", limit, len(found), err)
			}
		}
	}
}
