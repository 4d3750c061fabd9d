//go:build unix

package transport

import (
	"errors"
	"syscall"
)

// attempt writes without waiting. It is reused, for it is made often.
type attempt struct {
	buf []byte
	n   int
	err error
	do  func(fd uintptr) // a.once, made once
}

// write writes as much as the system takes at once. The error is nil where that
// is not all.
func (a *attempt) write(raw syscall.RawConn, buf []byte) (n int, err error) {
	if a.do == nil {
		a.do = a.once
	}
	a.buf, a.n, a.err = buf, 0, nil
	err = raw.Control(a.do) // Write would prepare to wait
	a.buf = nil
	if err == nil && !errors.Is(a.err, syscall.EAGAIN) && !errors.Is(a.err, syscall.EINTR) {
		err = a.err
	}
	return max(a.n, 0), err
}

func (a *attempt) once(fd uintptr) { a.n, a.err = syscall.Write(int(fd), a.buf) }
