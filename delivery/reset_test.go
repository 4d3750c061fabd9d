package delivery_test

import (
	"path/filepath"
	"testing"
	"time"

	"procyon/delivery"
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
