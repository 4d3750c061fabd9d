//go:build unix

package demo

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// lockFile opens a file, which it makes where it is not there, and locks it until it is
// closed or the process ends; errLocked where another process has it. It follows no link,
// and takes nothing but a file: its caller writes to it, in a folder where others may
// have put something.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0o600)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(fmt.Errorf("%s is no file of a demo's", path), err, f.Close())
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = errLocked
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}
