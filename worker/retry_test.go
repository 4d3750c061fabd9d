package worker

import (
	"context"
	"errors"
	"testing"
	"time"

	"procyon/client"
)

func TestRetry(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		calls, began := 0, time.Now()
		err := Retry(t.Context(), client.IsRetryable, func() error {
			if calls++; calls < 20 {
				return errDown
			}
			return nil
		})
		if err != nil || calls != 20 {
			t.Errorf("%v after %d calls", err, calls)
		}
		if took := time.Since(began); took < time.Minute/2 || took > 20*mostRetry {
			t.Errorf("it took %v", took)
		}
		final := errors.New("no")
		calls = 0
		err = Retry(t.Context(), client.IsRetryable, func() error { calls++; return final })
		if !errors.Is(err, final) || calls != 1 {
			t.Errorf("%v after %d calls", err, calls)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		began = time.Now()
		if err := Retry(ctx, client.IsRetryable, func() error { return errDown }); !errors.Is(err, errDown) || time.Since(began) != time.Minute {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

func TestEvery(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute+time.Second)
		defer cancel()
		calls := 0
		if err := Every(ctx, 10*time.Second, func(context.Context) error { calls++; return nil }); err != nil || calls != 7 {
			t.Errorf("%v after %d calls", err, calls)
		}
		err := Every(t.Context(), time.Second, func(context.Context) error {
			if calls++; calls == 9 {
				return errDown
			}
			return nil
		})
		if !errors.Is(err, errDown) || calls != 9 {
			t.Errorf("%v after %d calls", err, calls)
		}
		if err := Every(ctx, time.Second, func(ctx context.Context) error { return ctx.Err() }); err != nil {
			t.Errorf("stopped in a call: %v", err)
		}
	})
}

func TestRefused(t *testing.T) {
	for _, err := range []error{&client.Error{Code: client.CodeForbidden}, &client.Error{Code: client.CodeUnauthenticated}} {
		if !Refused(err) {
			t.Errorf("%v refuses the token", err)
		}
	}
	for _, err := range []error{nil, errDown, client.UserErrors{{Code: client.CodeForbidden}}} {
		if Refused(err) {
			t.Errorf("%v does not refuse the token", err)
		}
	}
}
