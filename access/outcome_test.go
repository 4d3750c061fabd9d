package access

import (
	"errors"
	"fmt"
	"testing"
)

// That nothing was committed is said of a command alone all of whose commits failed, each
// for certain.
func TestWhatIsUncommitted(t *testing.T) {
	w := newWorld(t)
	full := errors.New("the disk is full")
	create := func(name string) error {
		_, err := w.CreateGateway(t.Context(), w.admin, NewGateway{Name: name})
		return err
	}
	w.log.fail = func(Change) error { return full }
	err := create("one")
	if !errors.Is(err, full) || Uncommitted(t.Context(), err) {
		t.Errorf("%v is judged though nobody watched", err)
	}
	ctx := WatchCommits(t.Context())
	if !Uncommitted(ctx, err) || !Uncommitted(ctx, fmt.Errorf("make it: %w", err)) {
		t.Errorf("%v may have been done", err)
	}
	for what, err := range map[string]error{
		"another failure": errors.New("the network is down"), "one of several": errors.Join(err, full), "success": nil,
	} {
		if Uncommitted(ctx, err) {
			t.Errorf("%s was certainly not done", what)
		}
	}
	for what, outcome := range map[string]error{"one that succeeds": nil, "one that nobody knows of": ErrUnknownOutcome} {
		ctx := WatchCommits(t.Context())
		w.log.fail = func(Change) error { return outcome }
		if _, err := w.CreateGateway(ctx, w.admin, NewGateway{Name: what}); !errors.Is(err, outcome) {
			t.Fatal(err)
		}
		w.log.fail = func(Change) error { return full }
		if _, err := w.CreateGateway(ctx, w.admin, NewGateway{Name: "another"}); Uncommitted(ctx, err) {
			t.Errorf("after %s: %v", what, err)
		}
	}
	w.log.fail = func(Change) error { return Errorf(CodeJournalChanged, "", "changed") }
	if err := create("two"); CodeOf(err) != CodeJournalChanged || Uncommitted(WatchCommits(t.Context()), err) {
		t.Error(err)
	}
}
