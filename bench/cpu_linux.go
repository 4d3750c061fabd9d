package main

import (
	"fmt"
	"syscall"
	"time"
	"unsafe"
)

// cpuOf is what all threads of a process have used of the processors, by the clock that
// the system has for that: /proc counts in steps of 10 ms.
func cpuOf(pid int) (time.Duration, error) {
	const ofProcess = 2 // a schedule's clock, of a whole process
	var ts syscall.Timespec
	_, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, uintptr(^pid<<3|ofProcess), uintptr(unsafe.Pointer(&ts)), 0)
	if errno != 0 {
		return 0, fmt.Errorf("the processor time of process %d: %w", pid, errno)
	}
	return time.Duration(ts.Nano()), nil
}
