package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"
)

// cpuTime is what this process has used of the processors, in its own code and
// in the system's.
func cpuTime() (time.Duration, error) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, err
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), nil
}

// footprint is the memory of a process at rest, in bytes.
type footprint struct{ resident, heap, stacks int64 }

// measureFootprint collects garbage first and gives back what is free.
func measureFootprint() footprint {
	runtime.GC()
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return footprint{resident: resident(), heap: int64(m.HeapAlloc), stacks: int64(m.StackInuse)}
}

// resident is the memory in which this process has pages; 0 where the system
// doesn't tell.
func resident() int64 { return residentOf(os.Getpid()) }

// residentOf is resident of another process.
func residentOf(pid int) int64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0
	}
	var size, pages int64
	if _, err := fmt.Sscan(string(data), &size, &pages); err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}

// needFiles raises the limit of open files as far as it goes, and says if that
// is not far enough.
func needFiles(n uint64) error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return err
	}
	if limit.Cur < limit.Max {
		limit.Cur = limit.Max
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
			return err
		}
	}
	if limit.Cur < n {
		return fmt.Errorf("%d open files are needed, %d allowed: raise the hard limit (ulimit -Hn)", n, limit.Cur)
	}
	return nil
}
