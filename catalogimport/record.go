package catalogimport

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"procyon/access"
	"procyon/catalogfile"
	"procyon/store"
)

// What was found of a file is kept beside the journal: a record of the whole, and its rows
// in parts, in the file's order. Neither is a view.

// Verdict is what a row would do to the catalog, or has done.
type Verdict string

// The verdicts on a row.
const (
	VerdictNew     Verdict = "NEW"
	VerdictChanged Verdict = "CHANGED"
	VerdictSame    Verdict = "SAME" // the catalog has it like that already
	VerdictWrong   Verdict = "WRONG"
)

// Outcome is what became of a new or changed row.
type Outcome string

// The outcomes of a row; none before it was its turn.
const (
	OutcomeApplied Outcome = "APPLIED" // the catalog has what the row says
	OutcomeRefused Outcome = "REFUSED" // the catalog stays as it is there
)

// Row is what was found of one row of a file.
type Row struct {
	Number  int     `json:"n"` // see catalogfile.Row
	Verdict Verdict `json:"verdict"`
	// Type, Name and In are what the row says, as it was written: what it is of, its name
	// and the account or gateway of a resource.
	Type    string             `json:"type,omitempty"`
	Name    string             `json:"name,omitempty"`
	In      string             `json:"in,omitempty"`
	Changes []string           `json:"changes,omitempty"` // in words
	Fault   *catalogfile.Fault `json:"fault,omitempty"`   // of a wrong row
	Wanted  *access.Wanted     `json:"wanted,omitempty"`  // of one that is new or changed
	Outcome Outcome            `json:"outcome,omitempty"`
	Refusal string             `json:"refusal,omitempty"` // why it was refused, for people
}

// toPut tells whether a row is of a kind, and has something to be put into the catalog.
func (r *Row) toPut(kind access.Kind) bool { return r.Wanted != nil && r.Wanted.Kind == kind }

// partSize is how many rows are kept, and put into the catalog, together.
const partSize = 250

// order is the order in which the rows of a file are put into the catalog: what others
// belong to comes first.
var order = []access.Kind{access.KindAccount, access.KindGateway, access.KindResource}

// partCounts say what is in a part, so that who looks for something need not read it.
type partCounts struct {
	By    Counts `json:"by"`
	ToPut []int  `json:"toPut"` // by kind, as in order

	Done Progress `json:"done,omitzero"` // of its rows
}

// record is what is kept of an import as a whole.
type record struct {
	Import Import       `json:"import"` // as it was checked, or as it was started
	Parts  []partCounts `json:"parts"`
	// Next is the next step of putting the rows into the catalog: a step is one kind of one
	// part.
	Next      int       `json:"next,omitempty"`
	Progress  Progress  `json:"progress,omitzero"`
	HeldBy    string    `json:"heldBy,omitempty"` // whoever works at it
	HeldUntil time.Time `json:"heldUntil,omitzero"`

	version uint64
}

// steps is how many steps there are.
func (r *record) steps() int { return len(order) * len(r.Parts) }

func recordID(importID string) string { return "imh_" + importID }
func partID(importID string, n int) string {
	return fmt.Sprintf("imr_%s_%04d", importID, n)
}

const (
	draftTerm   = "imh/draft"
	startedTerm = "imh/started"
	partTerm    = "imr/" // of all rows, by when they were checked
)

// document makes the next version of the record's document.
func (r *record) document() (store.Document, error) {
	data, err := json.Marshal(r)
	if err != nil {
		return store.Document{}, fmt.Errorf("encode an import: %w", err)
	}
	term, at := draftTerm, r.Import.CheckedAt
	if r.Import.Status != Checked {
		term, at = startedTerm, r.Import.StartedAt
	}
	return store.Document{ID: recordID(r.Import.ID), Version: r.version + 1, Sort: store.TimeSort(at), Terms: []string{term}, Data: data}, nil
}

func decodeRecord(d store.Document) (record, error) {
	r, err := access.Decode[record](d)
	r.version = d.Version
	return r, err
}

// record reads the record of an import; ok is false where there is none (any more).
func (s *Service) record(ctx context.Context, importID string) (r record, ok bool, err error) {
	docs, err := s.docs.Get(ctx, recordID(importID))
	if err != nil || len(docs) == 0 {
		return r, false, err
	}
	r, err = decodeRecord(docs[0])
	return r, err == nil, err
}

// part is some rows of an import.
type part struct {
	Checked time.Time `json:"checked"`
	Rows    []Row     `json:"rows"`

	id      string
	version uint64
}

func (s *Service) part(ctx context.Context, importID string, n int) (part, error) {
	p := part{id: partID(importID, n)}
	docs, err := s.docs.Get(ctx, p.id)
	if err != nil {
		return p, fmt.Errorf("read rows of an import: %w", err)
	}
	if len(docs) == 0 {
		return p, errRowsGone
	}
	read, err := access.Decode[part](docs[0])
	read.id, read.version = p.id, docs[0].Version
	return read, err
}

// errRowsGone says that rows of an import are kept no longer.
var errRowsGone = errors.New("rows of an import are gone")

func (p *part) document() (store.Document, error) {
	data, err := json.Marshal(p)
	if err != nil {
		return store.Document{}, fmt.Errorf("encode rows of an import: %w", err)
	}
	return store.Document{ID: p.id, Version: p.version + 1, Sort: store.TimeSort(p.Checked), Terms: []string{partTerm}, Data: data}, nil
}

// save keeps a file's rows, and what is said of the whole behind them: a record that is
// there has all of its rows.
func (s *Service) save(ctx context.Context, r *record, rows []Row) error {
	var docs []store.Document
	for chunk := range slices.Chunk(rows, partSize) {
		p := part{Checked: r.Import.CheckedAt, Rows: chunk, id: partID(r.Import.ID, len(r.Parts))}
		d, err := p.document()
		if err != nil {
			return err
		}
		docs = append(docs, d)
		r.Parts = append(r.Parts, countPart(chunk))
	}
	whole, err := r.document()
	if err != nil {
		return err
	}
	for some := range slices.Chunk(append(docs, whole), savedAtOnce) {
		if err := s.docs.Put(ctx, some...); err != nil {
			return fmt.Errorf("keep the rows of an import: %w", err)
		}
	}
	r.version = 1
	return nil
}

// savedAtOnce is how many documents are written at once: others wait meanwhile.
const savedAtOnce = 4

func countPart(rows []Row) partCounts {
	c := partCounts{ToPut: make([]int, len(order))}
	for i := range rows {
		c.By.add(rows[i].Verdict)
		for k, kind := range order {
			if rows[i].toPut(kind) {
				c.ToPut[k]++
			}
		}
	}
	return c
}

// of returns the counter of a verdict.
func (c *Counts) of(v Verdict) *int {
	switch v {
	case VerdictNew:
		return &c.New
	case VerdictChanged:
		return &c.Changed
	case VerdictSame:
		return &c.Same
	}
	return &c.Wrong
}

func (c *Counts) add(v Verdict) { *c.of(v)++ }
