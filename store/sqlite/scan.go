package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"unsafe"

	"modernc.org/libc"
	"modernc.org/libc/sys/types"
	sqlite3 "modernc.org/sqlite/lib"
)

// scanner is a connection that reads many rows fast: SQLite without the driver around it,
// which locks, copies and boxes each value. It is for one goroutine at a time.
type scanner struct {
	tls        *libc.TLS
	db         uintptr
	statements map[string]uintptr
}

// lookEvery is how many rows are read between two looks whether it is still wanted.
const lookEvery = 1000

func openScanner(path string, cacheKiB int) (*scanner, error) {
	s := &scanner{tls: libc.NewTLS(), statements: map[string]uintptr{}}
	err := s.text(path, func(name uintptr) error {
		return s.out(func(to uintptr) error {
			code := sqlite3.Xsqlite3_open_v2(s.tls, name, to, sqlite3.SQLITE_OPEN_READWRITE|sqlite3.SQLITE_OPEN_NOMUTEX, 0)
			s.db = *(*uintptr)(pointer(to))
			return s.check(code)
		})
	})
	if err == nil {
		err = s.check(sqlite3.Xsqlite3_busy_timeout(s.tls, s.db, int32(busyTimeout.Milliseconds())))
	}
	for _, pragma := range []string{"query_only = ON", fmt.Sprintf("cache_size = %d", -cacheKiB)} {
		if err == nil {
			err = s.each(context.Background(), "PRAGMA "+pragma, nil, func(*cells) error { return nil })
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("sqlite: open %s: %w", path, err), s.close())
	}
	return s, nil
}

func (s *scanner) close() error {
	for _, statement := range s.statements {
		sqlite3.Xsqlite3_finalize(s.tls, statement)
	}
	err := s.check(sqlite3.Xsqlite3_close(s.tls, s.db))
	s.tls.Close()
	return err
}

// each calls f for each row of a query. What f is given is valid until it returns.
func (s *scanner) each(ctx context.Context, query string, args []int64, f func(*cells) error) error {
	statement, err := s.prepare(query)
	if err != nil {
		return err
	}
	for i, a := range args {
		if err := s.check(sqlite3.Xsqlite3_bind_int64(s.tls, statement, int32(i+1), a)); err != nil {
			return err
		}
	}
	row := cells{s.tls, statement}
	for n := 0; err == nil; n++ {
		if n%lookEvery == 0 && ctx.Err() != nil {
			err = ctx.Err()
			break
		}
		code := sqlite3.Xsqlite3_step(s.tls, statement)
		if code == sqlite3.SQLITE_DONE {
			break
		}
		if code != sqlite3.SQLITE_ROW {
			err = s.check(code)
			break
		}
		err = f(&row)
	}
	sqlite3.Xsqlite3_reset(s.tls, statement) // whose code is that of the last step
	return err
}

// prepare returns the statement of a query, which it keeps.
func (s *scanner) prepare(query string) (statement uintptr, err error) {
	if statement, ok := s.statements[query]; ok {
		return statement, nil
	}
	err = s.text(query, func(text uintptr) error {
		return s.out(func(to uintptr) error {
			code := sqlite3.Xsqlite3_prepare_v2(s.tls, s.db, text, -1, to, 0)
			statement = *(*uintptr)(pointer(to))
			return s.check(code)
		})
	})
	if err != nil {
		return 0, fmt.Errorf("prepare %q: %w", query, err)
	}
	s.statements[query] = statement
	return statement, nil
}

// text lends f a text in C's form.
func (s *scanner) text(text string, f func(uintptr) error) error {
	c, err := libc.CString(text)
	if err != nil {
		return err
	}
	defer libc.Xfree(s.tls, c)
	return f(c)
}

// out lends f the place of a pointer, which is zero.
func (s *scanner) out(f func(uintptr) error) error {
	to := libc.Xcalloc(s.tls, 1, types.Size_t(unsafe.Sizeof(uintptr(0))))
	if to == 0 {
		return errors.New("out of memory")
	}
	defer libc.Xfree(s.tls, to)
	return f(to)
}

func (s *scanner) check(code int32) error {
	if code == sqlite3.SQLITE_OK {
		return nil
	}
	what := libc.GoString(sqlite3.Xsqlite3_errstr(s.tls, code))
	if s.db != 0 {
		what = libc.GoString(sqlite3.Xsqlite3_errmsg(s.tls, s.db))
	}
	return &scanError{what, code}
}

// scanError is what SQLite says.
type scanError struct {
	what string
	code int32
}

func (e *scanError) Error() string { return fmt.Sprintf("%s (%d)", e.what, e.code) }

// cells are those of a row.
type cells struct {
	tls       *libc.TLS
	statement uintptr
}

// kind is SQLite's type of a cell: sqlite3.SQLITE_INTEGER and so on.
func (c *cells) kind(column int) int {
	return int(sqlite3.Xsqlite3_column_type(c.tls, c.statement, int32(column)))
}

func (c *cells) integer(column int) int64 {
	return sqlite3.Xsqlite3_column_int64(c.tls, c.statement, int32(column))
}

// optional is an integer, or NULL.
func (c *cells) optional(column int) sql.NullInt64 {
	if c.kind(column) != sqlite3.SQLITE_INTEGER {
		return sql.NullInt64{}
	}
	return sql.NullInt64{Int64: c.integer(column), Valid: true}
}

// bytes are those of a text or blob, in SQLite's own memory; nil where there are none.
func (c *cells) bytes(column int) []byte {
	p := sqlite3.Xsqlite3_column_blob(c.tls, c.statement, int32(column))
	n := sqlite3.Xsqlite3_column_bytes(c.tls, c.statement, int32(column))
	if p == 0 || n <= 0 {
		return nil
	}
	return unsafe.Slice((*byte)(pointer(p)), n) //nolint:gosec // SQLite says how long it is
}

// pointer makes one of an address in SQLite's memory, which is not Go's and does not move.
func pointer(address uintptr) unsafe.Pointer {
	return *(*unsafe.Pointer)(unsafe.Pointer(&address)) //nolint:gosec // see above
}
