package journal_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

// An entry is expected from when its change is handed in until it can be read, or its
// caller has gone.
func TestWhatIsComing(t *testing.T) {
	t.Parallel()
	held := make(chan chan struct{}, 1) // what the next write waits for
	hold := func(_ context.Context, write func() (int, error)) (int, error) {
		<-<-held
		return write()
	}
	withFault(t, hold, func(t *testing.T, f *fault) {
		if f.Coming() {
			t.Error("nothing was handed in")
		}
		release, done := make(chan struct{}), make(chan error, 1)
		held <- release
		go func() {
			_, _, err := f.append(context.Background(), "gw_1", 1)
			done <- err
		}()
		synctest.Wait()
		if !f.Coming() {
			t.Error("one is being written")
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, _, err := f.append(ctx, "gw_2", 1); !errors.Is(err, context.Canceled) {
			t.Errorf("withdrawn, but got %v", err)
		}
		close(release)
		f.must(f.Wait(t.Context(), 0))
		if f.Coming() {
			t.Error("all can be read")
		}
		f.must(<-done)
		if f.Coming() {
			t.Error("it counts less than none, or more")
		}
	})
}
