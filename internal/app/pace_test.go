package app

import (
	"testing"
	"time"
)

// A lease lasts at least as long as the setting says, and whole seconds.
func TestLeaseTTL(t *testing.T) {
	for set, want := range map[time.Duration]time.Duration{
		0: time.Second, time.Millisecond: time.Second, 1500 * time.Millisecond: 2 * time.Second, 10 * time.Second: 10 * time.Second,
	} {
		if got := (&PaceConfig{LeaseTTL: set}).leaseTTL(); got != want {
			t.Errorf("%v: %v, want %v", set, got, want)
		}
	}
}
