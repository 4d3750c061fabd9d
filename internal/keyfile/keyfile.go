// Package keyfile reads and makes files that hold keys: nobody else may read them, and one
// is made whole or not at all, and never over another.
package keyfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"procyon/internal/durable"
)

// Read returns what a key file holds. It refuses one that others can read.
func Read(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("key file %s can be read by others: run chmod 600 on it", path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	return data, nil
}

// ReadOrCreate is Read, but makes the file of what fresh returns where there is none.
// Several processes may do so at once: they all read what the first has made. It lasts once
// this returns.
func ReadOrCreate(path string, fresh func() (string, error)) ([]byte, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		text, err := fresh()
		if err == nil {
			err = durable.Create(path, []byte(text))
		}
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("make key file %s: %w", path, err)
		}
	}
	return Read(path)
}
