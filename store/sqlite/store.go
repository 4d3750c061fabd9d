package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the driver

	"procyon/internal/durable"
	"procyon/journal"
)

const (
	// busyTimeout is how long a write waits for another process's.
	busyTimeout = 10 * time.Second
	// readers is how many connections read at once.
	readers = 8
	// readerIdle is how long one that nobody needs stays open, with what it keeps of the file.
	// The one used last is used first, so that only those stay that are needed at once.
	readerIdle = 20 * time.Second
	// readCache and onceCache are how much of the file each of these keeps, in KiB. SQLite's
	// pages take twice that from the system.
	readCache, onceCache = 2048, 512
)

// ErrClosed says that the store has been closed.
var ErrClosed = errors.New("sqlite: the store is closed")

// Store is an open file. It is safe for concurrent use. Close it when done.
type Store struct {
	path  string
	file  os.FileInfo // what was at path when it was opened
	write *writer
	read  *reader
	// reading are the connections of read, for what needs more than a statement.
	reading *sql.DB
	close   func() error
}

var _ journal.Store = (*Store)(nil)

// Open opens the file at path, creating it (mode 0600) and its folder (0700)
// where they are absent, and brings its schema up to date. The context bounds
// the opening only.
func Open(ctx context.Context, path string) (*Store, error) {
	return OpenWith(ctx, path, Options{})
}

// Options say how a file is opened. The zero value is that of a server.
type Options struct {
	// Note hears of what takes long, in sentences for people, before it is done: where a
	// store of an earlier release is brought up to date. nil: nobody does.
	Note func(string)
	// Once says that much is read, and each page of the file once: little of it is kept in
	// memory.
	Once bool
}

// OpenWith is Open with options.
func OpenWith(ctx context.Context, path string, o Options) (*Store, error) {
	note, cache := o.Note, readCache
	if note == nil {
		note = func(string) {}
	}
	if o.Once {
		cache = onceCache
	}
	if err := create(path); err != nil {
		return nil, err
	}
	writing, err := open(path, [2]string{"busy_timeout", fmt.Sprint(busyTimeout.Milliseconds())},
		[2]string{"journal_mode", "WAL"}, [2]string{"synchronous", "FULL"}, [2]string{"foreign_keys", "OFF"},
		[2]string{"wal_autocheckpoint", "4000"}, [2]string{"journal_size_limit", "67108864"}, [2]string{"cache_size", "-32768"},
		[2]string{"temp_store", "MEMORY"}) // what undoes a savepoint
	if err != nil {
		return nil, err
	}
	writing.SetMaxOpenConns(1)
	w, err := openWriter(ctx, writing, path, note)
	if err != nil {
		return nil, errors.Join(err, writing.Close())
	}
	reading, err := open(path, [2]string{"busy_timeout", fmt.Sprint(busyTimeout.Milliseconds())},
		[2]string{"query_only", "ON"}, [2]string{"cache_size", fmt.Sprint(-cache)})
	if err != nil {
		return nil, errors.Join(err, w.close(), writing.Close())
	}
	reading.SetMaxOpenConns(readers)
	reading.SetMaxIdleConns(readers)
	reading.SetConnMaxIdleTime(readerIdle)
	r, err := openReader(ctx, reading)
	if err != nil {
		return nil, errors.Join(err, reading.Close(), w.close(), writing.Close())
	}
	file, err := os.Stat(path)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("sqlite: %w", err), r.close(), reading.Close(), w.close(), writing.Close())
	}
	// The writer closes last, so that it folds the WAL into the file.
	closing := sync.OnceValue(func() error {
		return errors.Join(w.close(), r.close(), reading.Close(), writing.Close())
	})
	return &Store{path: path, file: file, write: w, read: r, reading: reading, close: closing}, nil
}

// Close finishes the writes under way and closes the file. Calls after it give
// ErrClosed. It may be called more than once.
func (s *Store) Close() error { return s.close() }

// inPlace returns journal.ErrReplaced where the file that is open is no longer the one at
// its path, but removed or another put there: what is written to it is lost.
func (s *Store) inPlace() error {
	file, err := os.Stat(s.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: sqlite: %s is gone", journal.ErrReplaced, s.path)
	case err != nil:
		return fmt.Errorf("%w: sqlite: %w", journal.ErrNotWritten, err)
	case !os.SameFile(file, s.file):
		return fmt.Errorf("%w: sqlite: %s is another file", journal.ErrReplaced, s.path)
	}
	return nil
}

// failed says what failed. After Close that is what is said.
func (s *Store) failed(err error, what string) error {
	select {
	case <-s.write.ended:
		return ErrClosed
	default:
		return fmt.Errorf("sqlite: %s: %w", what, err)
	}
}

// create makes the file with a narrow mode. It never opens one that exists:
// closing it would drop the locks that this process may hold on it.
func create(path string) error {
	if path == "" || path == ":memory:" {
		return fmt.Errorf("sqlite: %q is not a file; give the path of one", path)
	}
	if err := durable.MkdirAll(filepath.Dir(path)); err != nil {
		return fmt.Errorf("sqlite: make the folder of %s: %w", path, err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("sqlite: create %s: %w", path, err)
	}
	return errors.Join(f.Close(), durable.SyncFolder(filepath.Dir(path)))
}

// open prepares connections to the file with these pragmas: names and values.
func open(path string, pragmas ...[2]string) (*sql.DB, error) {
	full, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("sqlite: %s: %w", path, err)
	}
	query := url.Values{}
	for _, p := range pragmas {
		query.Add("_pragma", p[0]+"("+p[1]+")")
	}
	name := "file:" + (&url.URL{Path: filepath.ToSlash(full)}).EscapedPath() + "?" + query.Encode()
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, fmt.Errorf("sqlite: open %s: %w", path, err)
	}
	return db, nil
}
