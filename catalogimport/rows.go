package catalogimport

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"procyon/access"
	"procyon/store"
)

// RowFilter narrows the rows of an import.
type RowFilter struct {
	Verdicts []Verdict // any of these, so none of an empty list; nil: all
	Outcomes []Outcome // likewise; rows that have none are in no such list
}

func (f RowFilter) keeps(r *Row) bool {
	return (f.Verdicts == nil || slices.Contains(f.Verdicts, r.Verdict)) && (f.Outcomes == nil || slices.Contains(f.Outcomes, r.Outcome))
}

// mayHave tells whether a part may have rows that the filter keeps.
func (f RowFilter) mayHave(c partCounts) bool {
	has := f.Verdicts == nil || slices.ContainsFunc(f.Verdicts, func(v Verdict) bool { return *c.By.of(v) > 0 })
	done := f.Outcomes == nil || slices.ContainsFunc(f.Outcomes, func(o Outcome) bool {
		return o == OutcomeApplied && c.Done.Applied > 0 || o == OutcomeRefused && c.Done.Refused > 0
	})
	return has && done
}

// Count is how many rows of an import the filter keeps; ok is false where they would have to
// be counted one by one.
func (f RowFilter) Count(s State) (n int, ok bool) {
	switch {
	case !s.Kept:
		return 0, true
	case f.Outcomes == nil && f.Verdicts == nil:
		c := s.Counts
		return c.New + c.Changed + c.Same + c.Wrong, true
	case f.Outcomes == nil:
		for _, v := range f.Verdicts {
			n += *s.Counts.of(v)
		}
		return n, true
	case f.Verdicts == nil:
		for _, o := range f.Outcomes {
			if o == OutcomeApplied {
				n += s.Progress.Applied
			} else {
				n += s.Progress.Refused
			}
		}
		return n, true
	}
	return 0, false
}

// Rows lists the rows of an import in the order of the file; none where they are kept no
// longer. A row is a document, whose place is its own in the file.
func (s *Service) Rows(ctx context.Context, id string, f RowFilter, p store.Page) (store.Listed, error) {
	r, kept, err := s.record(ctx, id)
	if err != nil || !kept {
		return store.Listed{}, err
	}
	return store.List(ctx, rowReader{s, r, f}, []string{"rows"}, false, p, nil)
}

// DecodeRow reads what Rows listed.
func DecodeRow(d store.Document) (Row, error) { return access.Decode[Row](d) }

// rowReader reads the rows of an import as documents.
type rowReader struct {
	s *Service
	r record
	f RowFilter
}

// Get implements store.Reader: no row is asked for by ID.
func (rowReader) Get(context.Context, ...string) ([]store.Document, error) { return nil, nil }

// List implements store.Reader.
func (l rowReader) List(ctx context.Context, q store.Query) ([]store.Document, error) {
	at, step := 0, 1
	if q.Desc {
		at, step = len(l.r.Parts)*partSize-1, -1
	}
	if q.After != nil {
		n, err := strconv.Atoi(q.After.Sort)
		if err != nil {
			return nil, access.Errorf(access.CodeCursorMismatch, "after", "This is no place in the rows of an import.")
		}
		at = max(n+step, 0)
		if n+step < 0 {
			return nil, nil
		}
	}
	var out []store.Document
	for part := at / partSize; part >= 0 && part < len(l.r.Parts); part += step {
		if l.f.mayHave(l.r.Parts[part]) {
			var err error
			if out, err = l.some(ctx, out, part, at, q); err != nil || len(out) == q.Limit {
				return out, err
			}
		}
		at = (part + 1) * partSize
		if q.Desc {
			at = part*partSize - 1
		}
	}
	return out, nil
}

// some adds the rows of a part, from a place on.
func (l rowReader) some(ctx context.Context, out []store.Document, n, at int, q store.Query) ([]store.Document, error) {
	p, err := l.s.part(ctx, l.r.Import.ID, n)
	if err != nil {
		return nil, err
	}
	k, step := at-n*partSize, 1
	if q.Desc {
		k, step = min(k, len(p.Rows)-1), -1
	}
	for ; k >= 0 && k < len(p.Rows) && len(out) < q.Limit; k += step {
		if !l.f.keeps(&p.Rows[k]) {
			continue
		}
		data, err := json.Marshal(p.Rows[k])
		if err != nil {
			return nil, err
		}
		place := fmt.Sprintf("%08d", n*partSize+k)
		out = append(out, store.Document{ID: "row_" + place, Version: 1, Sort: place, Data: data})
	}
	return out, nil
}
