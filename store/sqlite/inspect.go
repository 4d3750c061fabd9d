package sqlite

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"procyon/internal/pack"
	"procyon/internal/tally"
	"procyon/journal"
	"procyon/store"
)

// inspection is the file as of one moment. Of what entries and documents are found by it
// keeps sums: of the rows that there must be, while it reads entries and documents, and of
// those that there are.
type inspection struct {
	s     *Store
	head  journal.Head
	idle  chan *scanner // all see the same moment
	seeds tally.Seeds
	must  [len(indexes)]tally.Sum
	// misfiled is the first entry whose columns have another actor than it has; 0: none is.
	misfiled atomic.Int64
}

// sums are those of what each index must have of some entries or documents.
type sums [len(indexes)]tally.Hash

func (s *sums) add(index int, h tally.Hash) { s[index] = s[index].Plus(h) }

func (s *sums) addTo(in *inspection) {
	for i := range s {
		in.must[i].Add(s[i])
	}
}

// Inspect implements journal.Store. Until it is closed the WAL grows by what others write.
func (s *Store) Inspect(ctx context.Context) (journal.Inspection, error) {
	in := &inspection{s: s, idle: make(chan *scanner, runtime.GOMAXPROCS(0)), seeds: tally.NewSeeds()}
	all := make([]*scanner, cap(in.idle))
	for i := range all {
		var err error
		if all[i], err = openScanner(s.path, onceCache); err != nil {
			return nil, errors.Join(err, in.Close())
		}
		in.idle <- all[i]
	}
	// While nobody can write, so that all see the same.
	err := s.write.do(ctx, func(*writer) error {
		for _, c := range all {
			if err := c.begin(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		err = in.readHead(ctx)
	}
	if err != nil {
		return nil, errors.Join(s.failed(err, "begin to inspect it"), in.Close())
	}
	return in, nil
}

// begin begins a transaction, which sees the file as it is now.
func (s *scanner) begin(ctx context.Context) error {
	for _, query := range []string{`BEGIN`, `SELECT 1 FROM sqlite_schema LIMIT 1`} {
		if err := s.each(ctx, query, nil, func(*cells) error { return nil }); err != nil {
			return err
		}
	}
	return nil
}

func (in *inspection) readHead(ctx context.Context) error {
	return in.scan(ctx, `SELECT seq, at, hash FROM entry ORDER BY seq DESC LIMIT 1`, nil, func(c *cells) error {
		in.head = journal.Head{Seq: uint64(c.integer(0)), At: time.UnixMicro(c.integer(1)).UTC()}
		return setHash(&in.head.Hash, c.bytes(2), in.head.Seq)
	})
}

// Close implements journal.Inspection.
func (in *inspection) Close() error {
	var err error
	for range len(in.idle) {
		err = errors.Join(err, (<-in.idle).close())
	}
	return err
}

// scan calls f for each row, once one of the connections is idle.
func (in *inspection) scan(ctx context.Context, query string, args []int64, f func(*cells) error) error {
	select {
	case c := <-in.idle:
		defer func() { in.idle <- c }()
		return c.each(ctx, query, args, f)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Head implements journal.Inspection.
func (in *inspection) Head() journal.Head { return in.head }

// Keys implements journal.Inspection.
func (in *inspection) Keys(ctx context.Context, each func(journal.Key) error) error {
	var k journal.Key
	err := in.scan(ctx, `SELECT subject, version, seq FROM entry ORDER BY subject, version`, nil, func(c *cells) error {
		if subject := c.bytes(0); string(subject) != k.Subject {
			k.Subject = string(subject)
		}
		k.Version, k.Seq = uint64(c.integer(1)), uint64(c.integer(2))
		return each(k)
	})
	return in.told(err, "read the subjects")
}

// IDs implements journal.Inspection.
func (in *inspection) IDs(ctx context.Context, each func(string) error) error {
	return in.told(in.scan(ctx, `SELECT id FROM document ORDER BY id`, nil, func(c *cells) error {
		return each(string(c.bytes(0)))
	}), "read the documents")
}

// told gives errors of SQLite a context, and leaves those of others.
func (in *inspection) told(err error, what string) error {
	var failure *scanError
	if errors.As(err, &failure) {
		return in.s.failed(err, what)
	}
	return err
}

// inspected are the columns of an entry; entryCells reads them.
const inspected = `SELECT format, seq, at, subject, version, type, body, prev, hash, actor_id, by_id, actor, data, after FROM entry WHERE seq > ? AND seq <= ? ORDER BY seq`

// Entries implements journal.Inspection.
func (in *inspection) Entries(ctx context.Context, after, to uint64, each func(*journal.Entry) error) error {
	r := entryReader{in: in}
	defer r.must.addTo(in)
	args := []int64{int64(min(after, maxInteger)), int64(min(to, maxInteger))}
	return in.told(in.scan(ctx, inspected, args, func(c *cells) error {
		if err := r.read(c); err != nil {
			return fmt.Errorf("sqlite: %w", err)
		}
		return each(&r.entry)
	}), "read entries")
}

// entryReader reads entries, each into the place of the one before.
type entryReader struct {
	in     *inspection
	entry  journal.Entry
	opener pack.Opener
	key    []byte
	must   sums
}

func (r *entryReader) read(c *cells) error {
	e := &r.entry
	e.Format, e.Seq, e.At = journal.FormatOf(c.integer(0)), uint64(c.integer(1)), time.UnixMicro(c.integer(2)).UTC()
	if subject := c.bytes(3); string(subject) != e.Subject {
		e.Subject = string(subject)
	}
	e.Version = uint64(c.integer(4))
	if typ := c.bytes(5); string(typ) != e.Type {
		e.Type = string(typ)
	}
	if err := errors.Join(setHash(&e.Prev, c.bytes(7), e.Seq), setHash(&e.Hash, c.bytes(8), e.Seq)); err != nil {
		return err
	}
	content := journal.Stored{Actor: c.bytes(11), Data: c.bytes(12), After: c.bytes(13), Body: c.bytes(6)}
	if err := e.LendStored(content, &r.opener); err != nil {
		return err
	}
	if e.Format != journal.WithAfter {
		have := filedBy{c.optional(9), c.optional(10)}
		if have != fileBy(e) {
			r.in.isMisfiled(int64(e.Seq))
		}
	}
	for i := range indexes {
		if key, ok := indexes[i].key(r.key[:0], e); ok {
			r.key = key
			r.must.add(i, r.in.seeds.Hash(key))
		}
	}
	return nil
}

func (in *inspection) isMisfiled(seq int64) {
	for {
		have := in.misfiled.Load()
		if have != 0 && have <= seq || in.misfiled.CompareAndSwap(have, seq) {
			return
		}
	}
}

// Documents implements journal.Inspection.
func (in *inspection) Documents(ctx context.Context, each func(*store.Document) error) error {
	var most int64
	if err := in.scan(ctx, `SELECT coalesce(max(num), 0) FROM document`, nil, func(c *cells) error {
		most = c.integer(0)
		return nil
	}); err != nil {
		return in.told(err, "read documents")
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(cap(in.idle))
	for from := int64(0); from < most; from += documentPart {
		g.Go(func() error {
			var r documentReader
			defer r.must.addTo(in)
			args := []int64{from, from + documentPart}
			return in.told(in.scan(ctx, `SELECT num, id, version, sort, body FROM document WHERE num > ? AND num <= ?`, args, func(c *cells) error {
				if err := r.read(c, in); err != nil {
					return err
				}
				return each(&r.document)
			}), "read documents")
		})
	}
	return g.Wait()
}

// documentPart is how many documents are read in one go.
const documentPart = 2000

// documentReader reads documents, each into the place of the one before.
type documentReader struct {
	document store.Document
	opener   pack.Opener
	key      []byte
	must     sums
}

func (r *documentReader) read(c *cells, in *inspection) error {
	num, d := c.integer(0), &r.document
	d.ID, d.Version, d.Sort = string(c.bytes(1)), uint64(c.integer(2)), string(c.bytes(3))
	if err := lendBody(d, c.bytes(4), &r.opener); err != nil {
		return err
	}
	r.key = appendInteger(appendText(r.key[:0], []byte(d.ID)), num)
	r.must.add(byID, in.seeds.Hash(r.key))
	for _, h := range hashTerms(d.Terms) {
		r.key = appendInteger(appendText(appendInteger(r.key[:0], h), []byte(d.Sort)), num)
		r.must.add(byTerm, in.seeds.Hash(r.key))
	}
	return nil
}

// Finding implements journal.Inspection.
func (in *inspection) Finding(ctx context.Context) error {
	g, running := errgroup.WithContext(ctx)
	g.SetLimit(cap(in.idle))
	for _, table := range []string{"entry", "document"} {
		g.Go(func() error { return in.sound(running, table) })
	}
	var have [len(indexes)]tally.Sum
	for i := range indexes {
		for _, part := range indexes[i].parts() {
			g.Go(func() error { return in.sumUp(running, &indexes[i], part, &have[i]) })
		}
	}
	if err := g.Wait(); err != nil {
		return err
	}
	if seq := in.misfiled.Load(); seq != 0 {
		return fmt.Errorf("sqlite: entry %d is found by other actors than it has; rebuild the indexes", seq)
	}
	for i := range indexes {
		if !have[i].Equal(&in.must[i]) {
			return in.differs(ctx, &indexes[i])
		}
	}
	return nil
}

// sound has SQLite look at the pages of a table and its indexes.
func (in *inspection) sound(ctx context.Context, table string) error {
	return in.told(in.scan(ctx, `PRAGMA quick_check(`+table+`)`, nil, func(c *cells) error {
		if found := string(c.bytes(0)); found != "ok" {
			return fmt.Errorf("sqlite: table %s is damaged: %s", table, found)
		}
		return nil
	}), "check the tables")
}

// sumUp adds the rows of a part of an index. They must be in order: what is not can't be
// found.
func (in *inspection) sumUp(ctx context.Context, x *index, part indexPart, sum *tally.Sum) error {
	var last, key []byte
	var have tally.Hash
	defer func() { sum.Add(have) }()
	return in.told(in.scan(ctx, x.query+part.where, part.args, func(c *cells) error {
		key = key[:0]
		for column := range x.columns {
			key = appendCell(key, c, column)
		}
		if string(key) <= string(last) {
			return fmt.Errorf("sqlite: %s is not in order; rebuild it", x.name)
		}
		have = have.Plus(in.seeds.Hash(key))
		last, key = key, last
		return nil
	}), "check the indexes")
}

// differs names what an index lacks or has too much.
func (in *inspection) differs(ctx context.Context, x *index) error {
	if x.name == "term" {
		if err := in.s.wrongRow(ctx); err != nil {
			return err
		}
		return errors.New("sqlite: the lists are not those of the documents")
	}
	err := in.told(in.scan(ctx, `PRAGMA integrity_check(`+x.table+`)`, nil, func(c *cells) error {
		if found := string(c.bytes(0)); found != "ok" {
			return fmt.Errorf("sqlite: the indexes of table %s are damaged: %s; rebuild them", x.table, found)
		}
		return nil
	}), "check the indexes")
	if err != nil {
		return err
	}
	return fmt.Errorf("sqlite: %s is not that of the rows of table %s; rebuild it", x.name, x.table)
}

var _ journal.Inspection = (*inspection)(nil)
