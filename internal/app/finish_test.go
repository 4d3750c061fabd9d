package app

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"procyon/access"
	"procyon/store"
)

// crashed is the store of a server that has crashed with entries of what was to end.
type crashed struct {
	t     *testing.T
	cfg   Config
	ahead atomic.Int64 // of the clock
	user  access.User
}

func newCrashed(t *testing.T) *crashed {
	x := &crashed{t: t}
	x.cfg = Config{
		Store: StoreConfig{URL: "sqlite:" + filepath.Join(t.TempDir(), "p.db")}, Server: ServerConfig{PublicURL: "http://127.0.0.1"}, CheapHashes: true,
		Now: func() time.Time { return time.Now().Add(time.Duration(x.ahead.Load())) },
	}
	x.serve(func(ctx context.Context, c *Core) {
		var err error
		x.user, err = c.Access.CreateUser(ctx, Operator(), access.NewUser{Name: "Ada", Email: "ada@example.com"})
		x.must(err)
	})
	return x
}

func (x *crashed) must(err error) {
	x.t.Helper()
	if err != nil {
		x.t.Fatal(err)
	}
}

// serve runs a server's core on the store while f works.
func (x *crashed) serve(f func(ctx context.Context, c *Core)) {
	x.t.Helper()
	c, err := openCore(x.t.Context(), &x.cfg, slog.New(slog.DiscardHandler))
	x.must(err)
	x.must(c.Do(x.t.Context(), func() error {
		ctx, stop := context.WithCancel(x.t.Context())
		ended := make(chan error, 1)
		go func() { ended <- c.finish(ctx) }()
		f(ctx, c)
		stop()
		return <-ended
	}))
	x.must(c.Close())
}

// leave makes two sessions and a token, and writes that they have ended, as a server does that
// crashes then.
func (x *crashed) leave(ctx context.Context, c *Core) {
	x.t.Helper()
	v, err := c.Auth.SignInPerson(ctx, x.user.ID, time.Time{}, "")
	x.must(err)
	_, err = c.Auth.SignInPerson(ctx, x.user.ID, time.Time{}, "")
	x.must(err)
	_, token, err := c.Auth.CreatePersonalToken(ctx, Operator(), x.user.Email, "t", nil, time.Hour)
	x.must(err)
	x.must(c.Access.RecordSessionsEnded(ctx, Operator(), x.user.ID, v.ID, 1))
	x.must(c.Access.RecordSessionsEnded(ctx, Operator(), x.user.ID, "", 1))
	x.must(c.Access.RecordRevocation(ctx, Operator(), x.user.ID, token.ID))
}

// left is how many sessions and tokens there are.
func (x *crashed) left(ctx context.Context, c *Core) int {
	x.t.Helper()
	sessions, err := c.Auth.Sessions(ctx, x.user.ID, store.Page{First: 10})
	x.must(err)
	tokens, err := c.Auth.Tokens(ctx, x.user.ID, store.Page{First: 10})
	x.must(err)
	return len(sessions.Docs) + len(tokens.Docs)
}

func (x *crashed) untilNoneIsLeft(ctx context.Context, c *Core) {
	x.t.Helper()
	look, late := time.NewTicker(2*time.Millisecond), time.After(20*time.Second)
	defer look.Stop()
	for n := x.left(ctx, c); n > 0; n = x.left(ctx, c) {
		select {
		case <-look.C:
		case <-late:
			x.t.Fatalf("%d are left", n)
		}
	}
}

// What a server has written has ended, and crashed before it did, every other one ends after
// a while: one that is there, and one that starts.
func TestWhatACrashLeftEndsOnAnyServer(t *testing.T) {
	t.Parallel()
	for name, starts := range map[string]bool{"a server that is there": false, "a server that starts": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newCrashed(t)
			x.serve(func(ctx context.Context, c *Core) {
				x.leave(ctx, c)
				if n := x.left(ctx, c); n != 3 {
					t.Errorf("%d are left at once", n)
				}
				if !starts {
					x.ahead.Add(int64(finishGrace))
					x.untilNoneIsLeft(ctx, c)
				}
			})
			if starts {
				x.serve(func(ctx context.Context, c *Core) {
					x.ahead.Add(int64(finishGrace + time.Minute))
					x.untilNoneIsLeft(ctx, c)
				})
			}
		})
	}
}

// Where it goes on is stored now and then, never behind what is not finished yet, and never
// back.
func TestWhereItIsFinishedUpToIsRemembered(t *testing.T) {
	t.Parallel()
	x := newCrashed(t)
	x.serve(func(ctx context.Context, c *Core) {
		if after, ok := c.firstToFinish(ctx); after != 0 || !ok {
			t.Errorf("at first it begins behind %d", after)
		}
		for _, seq := range []uint64{1, 2, 1} {
			x.must(c.Access.RecordPassword(ctx, Operator(), x.user.ID, false))
			x.must(c.putFinished(ctx, seq))
		}
		if after, _ := c.firstToFinish(ctx); after != 2 {
			t.Errorf("it goes on behind %d", after)
		}
		f, version, err := c.readFinished(ctx)
		if err != nil || f.Seq != 2 || version != 2 {
			t.Errorf("%+v, %d, %v", f, version, err)
		}
		x.must(c.Store.Put(ctx, store.Document{ID: finishedID, Version: 3, Data: []byte(`{"seq": 99}`)})) // of another journal
		if after, _ := c.firstToFinish(ctx); after != 0 {
			t.Errorf("in another journal it begins behind %d", after)
		}
	})
}
