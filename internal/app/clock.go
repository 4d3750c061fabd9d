//go:build !testclock

package app

import "time"

// clock is a server's clock, unless its configuration has another.
func clock() time.Time { return time.Now() }
