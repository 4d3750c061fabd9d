//go:build unix

package app

import (
	"math"
	"syscall"
)

// openFiles is how many files this process may have open; 0 where that is not known.
func openFiles() int64 {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0
	}
	return int64(min(uint64(limit.Cur), math.MaxInt64)) //nolint:unconvert // its type differs between systems
}
