package demo

import (
	"errors"
	"os"
	"syscall"
)

// errSharing is what Windows says of a file that another process has for itself.
const errSharing syscall.Errno = 32 // ERROR_SHARING_VIOLATION

// lockFile opens a file, which it makes where it is not there, and keeps others from
// opening it to write until it is closed or the process ends; errLocked where another
// process has it. Others may read it.
func lockFile(path string) (*os.File, error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, err
	}
	h, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, syscall.FILE_SHARE_READ, nil,
		syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if errors.Is(err, errSharing) {
		return nil, errLocked
	}
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	return os.NewFile(uintptr(h), path), nil
}
