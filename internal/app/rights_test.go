package app

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"

	"procyon/access"
)

// What somebody may do is looked at anew after any entry but those of requests, whichever
// process wrote it.
func TestRightsChange(t *testing.T) {
	path := "sqlite:" + filepath.Join(t.TempDir(), "procyon.db")
	open := func() *Core {
		c, err := OpenCore(t.Context(), StoreConfig{URL: path}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
	here, there := open(), open()
	in := func(c *Core, f func(ctx context.Context) error) {
		t.Helper()
		if err := c.Do(t.Context(), func() error { return f(t.Context()) }); err != nil {
			t.Fatal(err)
		}
	}
	var last uint64
	r := &rights{journal: here.Journal}
	err := here.Do(t.Context(), func() error {
		expect := func(what string, another bool) {
			t.Helper()
			now, err := r.changed(t.Context())
			if err != nil || (now != last) != another {
				t.Errorf("%s: %d after %d, %v", what, now, last, err)
			}
			last = now
		}
		expect("nothing", false)
		var u access.User
		var res access.Resource
		in(there, func(ctx context.Context) (err error) {
			u, err = there.Access.CreateUser(ctx, access.System(), access.NewUser{Email: "dev@example.com", Name: "Dev"})
			return err
		})
		expect("a person, by another process", true)
		expect("nothing more", false)
		res, err := here.Access.CreateResource(t.Context(), access.System(), access.NewResource{Name: "db", Kind: access.ResourcePrivateServer, Roles: []string{"reader"}})
		if err != nil {
			return err
		}
		expect("a resource", true)
		if _, err := here.Access.CreateUser(t.Context(), access.System(), access.NewUser{Email: "ada@example.com", Name: "Ada", Admin: true}); err != nil { // who can decide
			return err
		}
		expect("an administrator", true)
		_, err = here.Access.CreateRequest(t.Context(), access.ActorOf(u), access.NewRequest{Items: []access.ItemRef{{ResourceID: res.ID, Role: "reader"}}, Duration: 3600, Reason: "why is that"})
		if err != nil {
			return err
		}
		expect("a request", false)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
