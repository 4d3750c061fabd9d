// Package durable makes files and folders that a power cut does not take away: a file is
// there for sure only once the folder that names it has reached the disk, too.
package durable

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// disk is what files are made on.
type disk struct {
	sync func(*os.File) error // as (*os.File).Sync
}

func system() disk { return disk{(*os.File).Sync} }

// Create makes a file, readable by its owner alone, whole or not at all. Where there is one
// already it stays as it is, and the error is fs.ErrExist. It makes its folder where that is
// absent. Once it returns nil the file lasts.
func Create(path string, content []byte) error { return system().create(path, content) }

// MkdirAll is os.MkdirAll, for the owner alone. Once it returns nil what it has made lasts.
func MkdirAll(folder string) error { return system().mkdirAll(folder) }

// SyncFolder lets last what was made in a folder, or renamed or removed there.
func SyncFolder(folder string) error { return system().syncFolder(folder) }

func (d disk) create(path string, content []byte) error {
	folder := filepath.Dir(path)
	if err := d.mkdirAll(folder); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(folder, ".new-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	_, err = tmp.Write(content)
	if err == nil {
		err = d.sync(tmp)
	}
	if err := errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	if err := os.Link(tmp.Name(), path); err != nil {
		return err
	}
	return d.syncFolder(folder)
}

func (d disk) mkdirAll(folder string) error {
	var missing []string
	for at := filepath.Clean(folder); ; at = filepath.Dir(at) {
		if _, err := os.Stat(at); err == nil || at == filepath.Dir(at) {
			break
		}
		missing = append(missing, at)
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	for _, made := range missing {
		if err := d.syncFolder(filepath.Dir(made)); err != nil {
			return err
		}
	}
	return nil
}

func (d disk) syncFolder(folder string) error {
	if runtime.GOOS == "windows" {
		return nil // which has no such thing
	}
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	err = d.sync(f)
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EINVAL) {
		err = nil // some file systems have no such thing, either
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("sync the folder %s: %w", folder, err)
	}
	return nil
}
