//go:build !unix

package transport

import "syscall"

// attempt would write without waiting, where it were known how: everything is
// left to a goroutine that can wait.
type attempt struct{}

func (*attempt) write(syscall.RawConn, []byte) (int, error) { return 0, nil }
