package app

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
)

func newTestGateway(t *testing.T, change ...func(*config)) (*gateway, *config) {
	t.Helper()
	cfg := &config{store: "sqlite:" + filepath.Join(t.TempDir(), "procyon.db"), listen: "127.0.0.1:0", workers: "none"}
	for _, c := range change {
		c(cfg)
	}
	if err := cfg.check(); err != nil {
		t.Fatal(err)
	}
	g, err := openGateway(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.close(); err != nil {
			t.Error(err)
		}
	})
	return g, cfg
}

// Whoever stops a gateway while it still starts has done nothing wrong.
func TestStopDuringStart(t *testing.T) {
	g, cfg := newTestGateway(t)
	ctx, stop := context.WithCancel(t.Context())
	err := g.run(ctx, cfg, func(ctx context.Context) error {
		stop()
		<-ctx.Done()
		return ctx.Err()
	})
	if err != nil {
		t.Errorf("run: %v", err)
	}
	if err := g.keepTime(ctx); err != nil {
		t.Errorf("keepTime: %v", err)
	}
}

// A start that fails is the operator's to hear of.
func TestFailedStart(t *testing.T) {
	g, cfg := newTestGateway(t)
	err := g.run(t.Context(), cfg, func(context.Context) error { return context.DeadlineExceeded })
	if err == nil {
		t.Error("run says nothing of what failed")
	}
}
