package workerstore_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"procyon/access"
	"procyon/internal/seal"
	"procyon/store"
	"procyon/store/sqlite"
	"procyon/workerstore"
)

func records(t *testing.T) (*workerstore.Store, *sqlite.Store) {
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
	return workerstore.New(db, func(parts ...string) string { return fmt.Sprintf("%x", strings.Join(parts, "\x00")) }, keys), db
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
