package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"procyon/journal"
)

// maxGroup is how many jobs one transaction carries at most.
const maxGroup = 128

// writer owns the connection that writes. Its one goroutine takes jobs from the
// queue and commits those that wait together in one transaction.
type writer struct {
	conn  *sql.Conn
	path  string
	queue chan *job
	quit  chan struct{} // closed to stop
	ended chan struct{} // closed when the goroutine has stopped
	statements
}

// job is one caller's change. Its run is called by the writer's goroutine,
// within a transaction; what it did is undone where it returns an error.
type job struct {
	ctx  context.Context
	run  func(*writer) error
	done chan error // capacity 1
}

func openWriter(ctx context.Context, db *sql.DB, path string, note func(string)) (*writer, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("sqlite: open %s: %w", path, err)
	}
	if err := migrate(ctx, conn, path, note); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	w := &writer{conn: conn, path: path, queue: make(chan *job, maxGroup), quit: make(chan struct{}), ended: make(chan struct{})}
	if err := w.prepare(ctx, conn); err != nil {
		return nil, errors.Join(fmt.Errorf("sqlite: prepare statements for %s: %w", path, err), conn.Close())
	}
	go w.loop()
	return w, nil
}

// close stops the goroutine, once it has committed what is in the queue.
func (w *writer) close() error {
	close(w.quit)
	<-w.ended
	return errors.Join(w.closeAll(), w.conn.Close())
}

// do runs a job and returns once it is durable or undone, or ctx is done: then the job may
// still be carried out, unless it has not begun.
func (w *writer) do(ctx context.Context, run func(*writer) error) error {
	j := &job{ctx: ctx, run: run, done: make(chan error, 1)}
	select {
	case <-w.ended:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	case w.queue <- j:
	}
	select {
	case err := <-j.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-w.ended:
	}
	select {
	case err := <-j.done:
		return err
	default:
		return ErrClosed
	}
}

func (w *writer) loop() {
	defer close(w.ended)
	for {
		select {
		case j := <-w.queue:
			w.commit(w.gather(j))
		case <-w.quit:
			for {
				select {
				case j := <-w.queue:
					w.commit(w.gather(j))
				default:
					return
				}
			}
		}
	}
}

// gather takes what else is waiting, up to a group.
func (w *writer) gather(first *job) []*job {
	group := []*job{first}
	for len(group) < maxGroup {
		select {
		case j := <-w.queue:
			group = append(group, j)
		default:
			return group
		}
	}
	return group
}

// commit runs a group in one transaction and answers each of its jobs. A job's
// own failure undoes that job alone; a failure of the transaction is everyone's.
func (w *writer) commit(group []*job) {
	results := make([]error, len(group))
	if err := w.transact(group, results); err != nil {
		err = fmt.Errorf("sqlite: commit: %w", err)
		for i := range results {
			results[i] = err
		}
	}
	for i, j := range group {
		j.done <- results[i]
	}
}

func (w *writer) transact(group []*job, results []error) error {
	ctx := context.Background() // a job's context must not break the others' transaction
	if err := w.exec(ctx, w.begin); err != nil {
		return w.abandon(ctx, err) // in case one is open that could not be ended
	}
	if len(group) == 1 {
		return w.alone(ctx, group[0], results)
	}
	for i, j := range group {
		if results[i] = j.ctx.Err(); results[i] != nil {
			continue
		}
		var err error
		if results[i], err = w.attempt(ctx, j); err != nil {
			return w.abandon(ctx, err)
		}
	}
	return w.finish(ctx)
}

// alone runs a job that has the transaction to itself: no savepoint is needed.
func (w *writer) alone(ctx context.Context, j *job, results []error) error {
	if results[0] = j.ctx.Err(); results[0] == nil {
		results[0] = j.run(w)
	}
	if results[0] != nil {
		if err := w.exec(ctx, w.rollback); err != nil {
			return w.abandon(ctx, errors.Join(results[0], err))
		}
		return nil
	}
	return w.finish(ctx)
}

// abandon rolls a transaction back that nothing can be committed of, for some reason, and
// says so. Where SQLite has rolled back itself, as it does where the disk is full, that fails.
func (w *writer) abandon(ctx context.Context, why error) error {
	_ = w.exec(ctx, w.rollback)
	return fmt.Errorf("%w: %w", journal.ErrNotWritten, why)
}

func (w *writer) finish(ctx context.Context) error {
	err := w.exec(ctx, w.end)
	if err == nil {
		return nil
	}
	// After some errors SQLite has rolled back itself, and this fails.
	_ = w.exec(ctx, w.rollback)
	var failure *sqlite.Error
	if errors.As(err, &failure) {
		switch failure.Code() {
		case sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_IOERR_WRITE:
			err = fmt.Errorf("%w: %w", journal.ErrNotWritten, err)
		default: // after a failed fsync it may be there
		}
	}
	return err
}

// attempt runs a job within a savepoint: result is the job's own error, err one
// that spoils the transaction.
func (w *writer) attempt(ctx context.Context, j *job) (result, err error) {
	if err := w.exec(ctx, w.savepoint); err != nil {
		return nil, err
	}
	if result = j.run(w); result != nil {
		if err := w.exec(ctx, w.undo); err != nil {
			return nil, errors.Join(result, err)
		}
	}
	return result, w.exec(ctx, w.release)
}

func (w *writer) exec(ctx context.Context, s *sql.Stmt, args ...any) error {
	_, err := s.ExecContext(ctx, args...)
	return err
}
