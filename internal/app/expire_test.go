package app

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"procyon/access"
	"procyon/delivery"
	"procyon/store"
	"procyon/workerstore"
)

// All that is kept for a time only is removed after it, however much that is, and none of it
// before.
func TestWhatIsKeptForATimeIsRemoved(t *testing.T) {
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	dir := t.TempDir()
	cfg := Config{
		Store: StoreConfig{URL: "sqlite:" + filepath.Join(dir, "p.db")}, Server: ServerConfig{PublicURL: "http://127.0.0.1"},
		Now: func() time.Time { return now }, CheapHashes: true, KeepDeliveries: 30 * 24 * time.Hour,
	}
	c, err := openCore(t.Context(), &cfg, slog.New(slog.DiscardHandler))
	must(err)
	t.Cleanup(func() { must(c.Close()) })
	ctx := t.Context()
	must(c.Do(ctx, func() error {
		for i := range 150 {
			if _, err := c.Ledger.Test(ctx, fmt.Sprint("int_", i), "a"); err != nil {
				return err
			}
		}
		value := "x"
		if err := c.Records.Put(ctx, "svc_1", []workerstore.Change{{Key: "note", Version: 1, Value: &value, KeepFor: time.Hour}, {Key: "stays", Version: 1, Value: &value}}); err != nil {
			return err
		}
		u, err := c.Access.CreateUser(ctx, Operator(), access.NewUser{Name: "Ada", Email: "ada@example.com"})
		if err != nil {
			return err
		}
		for range 3 {
			if _, err := c.Auth.SignInPerson(ctx, u.ID, time.Time{}, ""); err != nil {
				return err
			}
		}
		_, err = c.Expire(ctx, 0)
		return err
	}))
	left := func() string {
		t.Helper()
		owed, err := c.Ledger.List(ctx, delivery.Filter{}, false, store.Page{First: 1000})
		must(err)
		records, err := c.Records.List(ctx, "svc_1", "", "", 10)
		must(err)
		ending, err := c.Store.List(ctx, store.Query{Term: "auth/expiry", Limit: 100})
		must(err)
		return fmt.Sprintf("%d deliveries, %d records, %d sessions and browsers", len(owed.Docs), len(records), len(ending))
	}
	if got, want := left(), "150 deliveries, 2 records, 6 sessions and browsers"; got != want {
		t.Errorf("at first there are %s, want %s", got, want)
	}
	now = now.Add(400 * 24 * time.Hour)
	removed := 0
	for range 10 {
		n, err := c.Expire(ctx, 0)
		must(err)
		if removed += n; n == 0 {
			break
		}
	}
	if got, want := left(), "0 deliveries, 1 records, 0 sessions and browsers"; got != want {
		t.Errorf("after a year there are %s, want %s; %d were removed", got, want, removed)
	}
}

// Removing rests after each part, ends with its context, and leaves to the next time what is
// too much.
func TestRemovingIsBounded(t *testing.T) {
	calls := 0
	much := func(context.Context) (int, error) { calls++; return 100, nil }
	if n, err := expireSome(t.Context(), 0, much); n != 100*expireAtOnce || err != nil || calls != expireAtOnce {
		t.Errorf("%d in %d calls: %v", n, calls, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if n, err := expireSome(ctx, time.Hour, much); n != 100 || err != nil {
		t.Errorf("stopped: %d, %v", n, err)
	}
}
