//go:build testclock

package app

import (
	"os"
	"strings"
	"time"
)

// clock is a server's clock in a binary that is built for tests, with the tag testclock: it
// goes ahead of the machine's by the length of time in the file that PROCYON_TEST_CLOCK
// names, such as 2h or -90s. So a test sets it under a running server. Without the file it
// is the machine's.
func clock() time.Time {
	now := time.Now()
	text, err := os.ReadFile(os.Getenv("PROCYON_TEST_CLOCK"))
	if err != nil {
		return now
	}
	ahead, err := time.ParseDuration(strings.TrimSpace(string(text)))
	if err != nil {
		return now // it is just being written
	}
	return now.Add(ahead)
}
