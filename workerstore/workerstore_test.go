package workerstore_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"procyon/access"
	"procyon/internal/seal"
	"procyon/store"
	"procyon/store/sqlite"
	"procyon/workerstore"
)

// clock is a time that a test moves.
type clock struct{ time.Time }

func (c *clock) now() time.Time { return c.Time }

func records(t *testing.T) (*workerstore.Store, *sqlite.Store) {
	t.Helper()
	return recordsAt(t, &clock{time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)})
}

func recordsAt(t *testing.T, c *clock) (*workerstore.Store, *sqlite.Store) {
	t.Helper()
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "procyon.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	keys, err := seal.LoadOrCreate(filepath.Join(t.TempDir(), "secret.key"))
	if err != nil {
		t.Fatal(err)
	}
	return workerstore.New(db, c.now, func(parts ...string) string { return fmt.Sprintf("%x", strings.Join(parts, "\x00")) }, keys), db
}

func set(key string, version uint64, value string) workerstore.Change {
	return workerstore.Change{Key: key, Version: version, Value: &value}
}

func TestRecords(t *testing.T) {
	r, db := records(t)
	put := func(owner string, want access.Code, changes ...workerstore.Change) {
		t.Helper()
		if err := r.Put(t.Context(), owner, changes); access.CodeOf(err) != want || want == "" && err != nil {
			t.Fatalf("%v, want %q", err, want)
		}
	}
	list := func(owner, prefix, after string, limit int) string {
		t.Helper()
		got, err := r.List(t.Context(), owner, prefix, after, limit)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, v := range got {
			out = append(out, fmt.Sprintf("%s@%d=%s", v.Key, v.Version, v.Value))
		}
		return strings.Join(out, " ")
	}
	put("svc_a", "", set("msg/1", 1, "one"), set("msg/2", 1, "two"), set("msg", 1, "zero"), set("tok/1", 1, "xoxb-secret"))
	put("svc_b", "", set("msg/1", 1, "other"))
	put("svc_a", "", set("msg/2", 2, "zwei"))
	put("svc_a", access.CodeConflict, set("msg/2", 2, "late"))
	put("svc_a", access.CodeConflict, set("msg/1", 1, "again"))
	if got := list("svc_a", "msg/", "", 10); got != "msg/1@1=one msg/2@2=zwei" {
		t.Error(got)
	}
	if got := list("svc_a", "msg/", "", 1) + " " + list("svc_a", "msg/", "msg/1", 1) + list("svc_a", "msg/", "msg/2", 1); got != "msg/1@1=one msg/2@2=zwei" {
		t.Error(got)
	}
	if got := list("svc_b", "", "", 10); got != "msg/1@1=other" {
		t.Errorf("another's records: %s", got)
	}
	got, err := r.Get(t.Context(), "svc_a", "tok/1", "none")
	if err != nil || len(got) != 1 || got[0].Value != "xoxb-secret" {
		t.Errorf("%+v, %v", got, err)
	}
	docs, err := db.List(t.Context(), store.Query{Term: "rec/svc_a", Limit: 10})
	if err != nil || len(docs) != 4 {
		t.Fatal(docs, err)
	}
	for _, d := range docs {
		if strings.Contains(string(d.Data), "xoxb") {
			t.Error("a value is stored in the clear")
		}
	}
	put("svc_a", "", workerstore.Change{Key: "msg/1"}, workerstore.Change{Key: "never"})
	if got := list("svc_a", "msg/", "", 10); got != "msg/2@2=zwei" {
		t.Error(got)
	}
}

func TestRecordsAreAllOrNone(t *testing.T) {
	r, _ := records(t)
	if err := r.Put(t.Context(), "svc_a", []workerstore.Change{set("a", 1, "x"), set("b", 7, "x")}); access.CodeOf(err) != access.CodeConflict {
		t.Fatal(err)
	}
	if got, _ := r.List(t.Context(), "svc_a", "", "", 10); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

func TestRecordsRefuseNonsense(t *testing.T) {
	r, _ := records(t)
	many := make([]workerstore.Change, 101)
	for field, changes := range map[string][]workerstore.Change{
		"records.0.key":     {set("", 1, "x")},
		"records.1.key":     {set("a", 1, "x"), set(strings.Repeat("k", 201), 1, "x")},
		"records.0.version": {set("a", 0, "x")},
		"records.0.value":   {set("a", 1, strings.Repeat("v", 64<<10+1))},
		"records":           many,
	} {
		err := r.Put(t.Context(), "svc_a", changes)
		if access.CodeOf(err) != access.CodeInvalid || !strings.HasPrefix(err.Error(), field+":") {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// What is due is listed by itself, until it is stored as done.
func TestDueRecords(t *testing.T) {
	r, _ := records(t)
	put := func(key string, version uint64, due bool) {
		t.Helper()
		if err := r.Put(t.Context(), "svc_a", []workerstore.Change{{Key: key, Version: version, Value: new("x"), Due: due}}); err != nil {
			t.Fatal(err)
		}
	}
	due := func(owner, prefix, after string) string {
		t.Helper()
		list, err := r.Due(t.Context(), owner, prefix, after, 10)
		if err != nil {
			t.Fatal(err)
		}
		var keys []string
		for _, v := range list {
			keys = append(keys, v.Key)
		}
		return strings.Join(keys, " ")
	}
	for i := range 5 {
		put(fmt.Sprint("msg/", i), 1, i%2 == 0)
	}
	put("home/1", 1, true)
	if got := due("svc_a", "msg/", ""); got != "msg/0 msg/2 msg/4" {
		t.Error(got)
	}
	put("msg/2", 2, false)
	put("msg/1", 2, true)
	if got := due("svc_a", "msg/", "msg/0"); got != "msg/1 msg/4" {
		t.Error(got)
	}
	if got := due("svc_b", "", ""); got != "" {
		t.Errorf("another's: %s", got)
	}
}

// A record with a time is forgotten after it, within two days, and no other is.
func TestRecordsExpire(t *testing.T) {
	c := &clock{time.Date(2026, 11, 23, 23, 30, 0, 0, time.UTC)}
	r, _ := recordsAt(t, c)
	put := func(key string, version uint64, keep time.Duration) {
		t.Helper()
		if err := r.Put(t.Context(), "svc_a", []workerstore.Change{{Key: key, Version: version, Value: new("x"), KeepFor: keep}}); err != nil {
			t.Fatal(err)
		}
	}
	sweep := func() {
		t.Helper()
		for range 1000 {
			n, err := r.Expire(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				return
			}
		}
		t.Fatal("it does not end")
	}
	left := func() int {
		t.Helper()
		list, err := r.List(t.Context(), "svc_a", "", "", 1000)
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	sweep()
	put("stays", 1, 0)
	put("prolonged", 1, time.Hour)
	for i := range 250 { // more than are forgotten at once
		put(fmt.Sprint("note/", i), 1, time.Hour)
	}
	put("later", 1, 10*24*time.Hour)
	put("prolonged", 2, 30*24*time.Hour)
	if sweep(); left() != 253 {
		t.Fatalf("%d are left at once", left())
	}
	c.Time = c.Add(3 * 24 * time.Hour)
	if sweep(); left() != 3 {
		t.Errorf("%d are left after three days", left())
	}
	c.Time = c.Add(60 * 24 * time.Hour) // nobody was here for two months
	if sweep(); left() != 1 {
		t.Errorf("%d are left after two months", left())
	}
	for _, keep := range []time.Duration{time.Minute, -time.Hour, 400 * 24 * time.Hour} {
		err := r.Put(t.Context(), "svc_a", []workerstore.Change{{Key: "x", Version: 1, Value: new("x"), KeepFor: keep}})
		if access.CodeOf(err) != access.CodeInvalid || !strings.Contains(err.Error(), "records.0.keepFor") {
			t.Errorf("%v: %v", keep, err)
		}
	}
}
