package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// lockName is the file of a folder that says that it is a demo's. Whoever runs one there
// has it locked, which ends with the process, however that ends. It stays when the demo is
// over: to remove it would let two of them have a lock on two files of that name.
const lockName = "demo.lock"

// place is where a demo runs, as its lock says it to others.
type place struct {
	Process int    `json:"process"`
	Console string `json:"console"`
	Slack   string `json:"slack"`
}

// RunningError says that a folder is that of a demo that runs.
type RunningError struct {
	Folder string
	At     place // zero where it has not said so yet
}

func (e *RunningError) Error() string {
	at := ""
	if e.At.Process != 0 {
		at = fmt.Sprintf(" as process %d: the console at %s, the simulated Slack at %s", e.At.Process, e.At.Console, e.At.Slack)
	}
	return fmt.Sprintf("a demo runs already in %s%s. Use it, or stop it (Ctrl-C where it was started), or start another one beside it with other addresses and another folder: --listen 127.0.0.1:9080 --demo-slack 127.0.0.1:9090 --demo-dir %s (for make demo, the variables PROCYON_LISTEN, PROCYON_DEMO_SLACK and PROCYON_DEMO_DIR)",
		e.Folder, at, e.Folder+"-2")
}

// errLocked says that another process has the lock.
var errLocked = errors.New("the file is locked")

// glance is more than it takes to look whether a folder is locked, for which it is locked
// for a moment: of two demos that start at once, the one that looks who is there must not
// keep the other from starting.
const glance = 200 * time.Millisecond

// folder is a folder that this process has for its demo.
type folder struct {
	path string
	lock *os.File
}

// take takes a folder for a demo that is to be at a place, and makes it where it is not
// there. It refuses one with files that are no demo's, as these are removed.
func take(ctx context.Context, path string, at place) (*folder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("PROCYON_DEMO_DIR: %w", err)
	}
	if err := checkFolder(path); err != nil {
		return nil, err
	}
	lock, err := lockFile(filepath.Join(path, lockName))
	for began := time.Now(); errors.Is(err, errLocked) && time.Since(began) < glance; {
		select {
		case <-time.After(glance / 100):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		lock, err = lockFile(filepath.Join(path, lockName))
	}
	if errors.Is(err, errLocked) {
		return nil, &RunningError{Folder: path, At: readPlace(path)}
	}
	if err != nil {
		return nil, fmt.Errorf("lock the demo's folder: %w", err)
	}
	at.Process = os.Getpid()
	text, err := json.Marshal(at)
	if err == nil {
		err = lock.Truncate(0)
	}
	if err == nil {
		_, err = lock.WriteAt(text, 0)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock the demo's folder: %w", err), lock.Close())
	}
	return &folder{path, lock}, nil
}

// checkFolder refuses a folder that holds something, but not the lock of a demo. The default
// one is only ever a demo's.
func checkFolder(path string) error {
	files, err := os.ReadDir(path)
	if err != nil {
		return fmt.Errorf("PROCYON_DEMO_DIR: %w", err)
	}
	if len(files) == 0 || filepath.Clean(path) == DefaultFolder {
		return nil
	}
	for _, f := range files {
		if f.Name() == lockName {
			return nil
		}
	}
	return fmt.Errorf("PROCYON_DEMO_DIR: %s holds what is no demo's, such as %s, and a demo removes its folder's store at each start; name a new folder with --demo-dir", path, files[0].Name())
}

// clear removes what the last demo kept there.
func (f *folder) clear() error {
	files, err := os.ReadDir(f.path)
	if err != nil {
		return err
	}
	for _, file := range files {
		if name := file.Name(); strings.HasPrefix(name, "procyon.db") || name == "secret.key" {
			err = errors.Join(err, os.Remove(filepath.Join(f.path, name)))
		}
	}
	return err
}

// give lets others have the folder.
func (f *folder) give() error { return f.lock.Close() }

// whoHas returns where the demo runs that has a folder; nil where none does.
func whoHas(path string) error {
	name := filepath.Join(path, lockName)
	if _, err := os.Stat(name); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	lock, err := lockFile(name)
	if err == nil {
		_ = lock.Close()
	}
	if errors.Is(err, errLocked) {
		return &RunningError{Folder: path, At: readPlace(path)}
	}
	return nil
}

// readPlace reads what the lock of a folder says; zero where it says nothing yet.
func readPlace(path string) place {
	var at place
	file, err := os.Open(filepath.Join(path, lockName))
	if err != nil {
		return at
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, 4096))
	if err != nil || json.Unmarshal(text, &at) != nil {
		return place{}
	}
	return at
}
