package e2e

import "syscall"

// ownGroup starts a process in a group of its own; it dies with us, also when we are
// killed or panic.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
