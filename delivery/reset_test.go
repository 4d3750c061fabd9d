package delivery_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"procyon/access"
	"procyon/delivery"
	"procyon/store"
)

// An administrator who resets a consumer that is not there, because its name is wrong or
// its document was not restored, does not take it from the worker whose it is to be.
func TestAResetMakesNobodyElsesConsumerOnesOwn(t *testing.T) {
	w := newWorld(t, filepath.Join(t.TempDir(), "p.db"))
	to := at(1)
	_, err := w.Acquire(t.Context(), delivery.Lease{By: "usr_1", Name: "notifier", Holder: "me", TTL: time.Second, ResetTo: &to, AnyOwner: true})
	t.Logf("the reset: %v", err)
	w.pass(time.Minute)
	if _, err := w.Acquire(t.Context(), lease("one")); err != nil {
		t.Errorf("the worker: %v", err)
	}
}

// What an administrator does to a worker's consumer is noted before: neither a crash nor
// one who leaves at the right moment does it without a trace.
func TestNothingIsDoneToAConsumerWithoutANote(t *testing.T) {
	to := at(1)
	for name, do := range map[string]func(ctx context.Context, l *line, note delivery.Note) error{
		"reset": func(ctx context.Context, l *line, note delivery.Note) error {
			_, err := l.Acquire(ctx, delivery.Lease{By: "usr_1", Name: "notifier", Holder: "me", TTL: time.Second, ResetTo: &to, AnyOwner: true, Note: note})
			return err
		},
		"delete": func(ctx context.Context, l *line, note delivery.Note) error {
			_, err := l.Delete(ctx, "usr_1", "notifier", true, note)
			return err
		},
	} {
		m := newMemory()
		l := newLine(t, m)
		l.pass(time.Hour)
		before := m.docs["con_notifier"].Version
		changed := func() bool { return m.docs["con_notifier"].Version != before }
		err := do(t.Context(), l, func(context.Context, delivery.Consumer) error { return errCrash })
		if !errors.Is(err, errCrash) || changed() {
			t.Errorf("%s: %v, though there is no note", name, err)
		}
		// It is noted once, though another was faster, and done though nobody waits for it.
		ctx, leave := context.WithCancel(t.Context())
		notes, raced := 0, false
		m.before = func(store.Document) error {
			if raced {
				return nil
			}
			raced = true
			return store.ErrVersion
		}
		err = do(ctx, l, func(_ context.Context, c delivery.Consumer) error {
			if notes++; changed() || c.Owner != "svc_1" {
				t.Errorf("%s: %+v", name, c)
			}
			return nil
		})
		if err != nil || notes != 1 || !changed() {
			t.Errorf("%s: %v, %d notes", name, err, notes)
		}
		before = m.docs["con_notifier"].Version
		l.pass(time.Hour)
		if name == "reset" {
			err = do(ctx, l, func(context.Context, delivery.Consumer) error { leave(); return nil })
			if err != nil || !changed() {
				t.Errorf("of who left: %v", err)
			}
		}
		leave()
	}
}

// One's own consumer is one's own business.
func TestNobodyIsToldOfOnesOwnConsumer(t *testing.T) {
	l := newLine(t, newMemory())
	l.pass(time.Hour)
	note := func(context.Context, delivery.Consumer) error { return errCrash }
	ask := lease("two")
	ask.Note = note
	_, err := l.Acquire(t.Context(), ask)
	l.must(err)
	l.pass(time.Hour)
	_, err = l.Delete(t.Context(), ask.By, ask.Name, false, note)
	l.must(err)
	if _, err := l.ConsumerByID(t.Context(), "con_notifier"); access.CodeOf(err) != access.CodeNotFound {
		t.Error(err)
	}
}
