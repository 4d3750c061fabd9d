package graph

import (
	"context"
	"slices"

	"procyon/catalogimport"
)

func toCatalogImport(s catalogimport.State) *CatalogImport {
	c := s.Counts
	return &CatalogImport{
		ID: s.ID, Status: CatalogImportStatus(s.Status), FileName: optional(s.FileName), Digest: s.Digest, Actor: toActor(s.By),
		CheckedAt: s.CheckedAt, StartedAt: optionalTime(s.StartedAt), EndedAt: optionalTime(s.EndedAt), StopReason: optional(s.Why),
		Counts:       &CatalogImportCounts{New: c.New, Changed: c.Changed, Same: c.Same, Wrong: c.Wrong},
		AppliedCount: s.Progress.Applied, RefusedCount: s.Progress.Refused, RowsKept: s.Kept, Source: s,
	}
}

func toCatalogImportRow(r catalogimport.Row) *CatalogImportRow {
	out := &CatalogImportRow{
		Number: r.Number, Verdict: CatalogImportVerdict(r.Verdict), Type: r.Type, Name: r.Name, In: optional(r.In),
		Changes: slices.Concat([]string{}, r.Changes), Refusal: optional(r.Refusal),
	}
	if r.Fault != nil {
		out.Column, out.Fault = optional(r.Fault.Column), &r.Fault.Message
	}
	if r.Wanted != nil {
		out.SubjectID = &r.Wanted.ID
	}
	if r.Outcome != "" {
		out.Outcome = new(CatalogImportOutcome(r.Outcome))
	}
	return out
}

// catalogImports lists the imports that were started, as they are now.
func (r *Resolver) catalogImports(ctx context.Context, p paged) (*CatalogImportConnection, error) {
	l, err := r.Imports.List(ctx, p.Page)
	out, err := connection[CatalogImportConnection](ctx, p, l, err, func(i catalogimport.Import) *CatalogImport {
		return toCatalogImport(catalogimport.State{Import: i})
	})
	if err != nil {
		return nil, err
	}
	imports := make([]catalogimport.Import, len(out.Nodes))
	for i, n := range out.Nodes {
		imports[i] = n.Source.Import
	}
	states, err := r.Imports.States(ctx, imports)
	if err != nil {
		return nil, err
	}
	for i, s := range states {
		*out.Nodes[i] = *toCatalogImport(s)
	}
	return out, nil
}

// rowsOf lists the rows of an import.
func (r *Resolver) rowsOf(ctx context.Context, obj *CatalogImport, f catalogimport.RowFilter, p paged) (*CatalogImportRowConnection, error) {
	p.count = func(context.Context) (int, bool, error) {
		n, ok := f.Count(obj.Source)
		return n, ok, nil
	}
	l, err := r.Imports.Rows(ctx, obj.ID, f, p.Page)
	return connection[CatalogImportRowConnection](ctx, p, l, err, toCatalogImportRow)
}
