package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// recorded is a disk that notes what is synced, by names below root; of a file that is not
// in its place yet the name is "new".
func recorded(root string, names *[]string) disk {
	return disk{func(f *os.File) error {
		name, err := filepath.Rel(root, f.Name())
		if strings.HasPrefix(filepath.Base(name), ".new-") {
			name = "new"
		}
		*names = append(*names, name)
		return err
	}}
}

// A file has reached the disk before it is in its place, its folder after that, and of each
// folder that was made the one above.
func TestCreateLasts(t *testing.T) {
	root := t.TempDir()
	var synced []string
	d := recorded(root, &synced)
	path := filepath.Join(root, "a", "b", "key")
	if err := d.create(path, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if want := []string{"a", ".", "new", "a/b"}; !slices.Equal(synced, want) {
		t.Errorf("%q were synced, want %q", synced, want)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info, err)
	}

	// Another one does not take its place, and nothing is left behind.
	if err := d.create(path, []byte("y")); !errors.Is(err, fs.ErrExist) {
		t.Error(err)
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != "x" {
		t.Errorf("%q, %v", data, err)
	}
	if all, err := os.ReadDir(filepath.Dir(path)); err != nil || len(all) != 1 {
		t.Error(all, err)
	}
}

// What did not reach the disk is told, and the file is not there where that was itself.
func TestCreateFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	full := disk{func(f *os.File) error {
		if strings.HasPrefix(filepath.Base(f.Name()), ".new-") {
			return syscall.EIO
		}
		return nil
	}}
	if err := full.create(path, []byte("x")); !errors.Is(err, syscall.EIO) {
		t.Error(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if err := (disk{func(*os.File) error { return syscall.EIO }}).syncFolder(filepath.Dir(path)); !errors.Is(err, syscall.EIO) {
		t.Error(err)
	}
	// Not all file systems can.
	if err := (disk{func(*os.File) error { return syscall.EINVAL }}).syncFolder(filepath.Dir(path)); err != nil {
		t.Error(err)
	}
}
