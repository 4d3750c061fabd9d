package catalogimport

import (
	"context"
	"errors"
	"fmt"
	"time"

	"procyon/access"
	"procyon/store"
)

const (
	// heldFor is how long who works at an import has it for themselves, from each step on.
	heldFor = 15 * time.Second
	// putAtOnce is how many rows are put into the catalog at once: so one write carries many.
	// More of them would make others wait longer for theirs.
	putAtOnce = 32
	// restPart is which part of the time that a step took is left to others behind it, and
	// maxRest the most that is.
	restPart = 3
	maxRest  = 30 * time.Millisecond
)

// Work puts the rows of the imports that are running into the catalog, those that nobody
// else works at, to their end or until ctx is done. What fails goes on at the next call.
func (s *Service) Work(ctx context.Context) error {
	running, err := access.All[Import](ctx, s.catalog.Subjects, runningTerm)
	if err != nil {
		return err
	}
	var errs []error
	for _, i := range running {
		if err := s.run(ctx, i); err != nil && ctx.Err() == nil {
			errs = append(errs, fmt.Errorf("import %s: %w", i.ID, err))
		}
	}
	return errors.Join(errs...)
}

// errTaken says that somebody else works at an import.
var errTaken = errors.New("somebody else works at this import")

// run works at one import.
func (s *Service) run(ctx context.Context, i Import) error {
	r, kept, err := s.record(ctx, i.ID)
	if err != nil {
		return err
	}
	by := i.By
	by.Import, by.Admin = i.ID, true // AsOfNow takes it from who has it no longer
	if !kept {
		return s.cutOff(ctx, i.ID, Progress{})
	}
	r.Import = i
	if err := s.take(ctx, &r); err != nil {
		return gone(err)
	}
	for r.Next < r.steps() && err == nil && ctx.Err() == nil {
		began := time.Now()
		err = s.step(ctx, by, &r)
		rest(ctx, min(time.Since(began)/restPart, maxRest))
	}
	switch {
	case errors.Is(err, errTaken):
		return nil
	case errors.Is(err, errRowsGone):
		return s.cutOff(ctx, i.ID, r.Progress)
	case err == nil && ctx.Err() == nil:
		_, err = s.end(ctx, by, i.ID, typeEnded, r.Progress, "")
	}
	return errors.Join(err, s.release(context.WithoutCancel(ctx), &r))
}

// rest waits, or until ctx is done.
func rest(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// cutOff ends an import whose rows are kept no longer.
func (s *Service) cutOff(ctx context.Context, id string, p Progress) error {
	_, err := s.end(ctx, access.System(), id, typeStopped, p, "Its rows are kept no longer. Check the file again, and import what is left.")
	return err
}

// gone makes nothing of it that somebody else works at an import: that is as it should be.
func gone(err error) error {
	if errors.Is(err, errTaken) {
		return nil
	}
	return err
}

// take has an import for this process.
func (s *Service) take(ctx context.Context, r *record) error {
	if r.HeldBy != "" && r.HeldBy != s.worker && s.now().Before(r.HeldUntil) {
		return errTaken
	}
	r.HeldBy, r.HeldUntil = s.worker, s.now().Add(heldFor)
	return s.put(ctx, r)
}

// release gives it back, so that others need not wait.
func (s *Service) release(ctx context.Context, r *record) error {
	r.HeldBy, r.HeldUntil = "", time.Time{}
	return gone(s.put(ctx, r))
}

// put writes a record, behind what belongs to it; errTaken where somebody else did.
func (s *Service) put(ctx context.Context, r *record, before ...store.Document) error {
	d, err := r.document()
	if err != nil {
		return err
	}
	if err := s.docs.Put(ctx, append(before, d)...); err != nil {
		if errors.Is(err, store.ErrVersion) {
			return errTaken
		}
		return fmt.Errorf("keep how far an import is: %w", err)
	}
	r.version++
	return nil
}

// step puts the rows of one kind of one part into the catalog. Who may not import any more
// goes no further, nor does an import that was stopped.
func (s *Service) step(ctx context.Context, by access.Actor, r *record) error {
	kind, n := r.Next/len(r.Parts), r.Next%len(r.Parts)
	if r.Parts[n].ToPut[kind] == 0 {
		r.Next++
		return nil
	}
	if err := s.mayGoOn(ctx, by, r); err != nil {
		return err
	}
	p, err := s.part(ctx, r.Import.ID, n)
	if err != nil {
		return err
	}
	if err := s.putRows(ctx, by, order[kind], p.Rows); err != nil {
		return err
	}
	done := Progress{}
	for i := range p.Rows {
		if row := &p.Rows[i]; row.toPut(order[kind]) && row.Outcome == OutcomeApplied {
			done.Applied++
		} else if row.toPut(order[kind]) {
			done.Refused++
		}
	}
	r.Next++
	r.Progress.add(done)
	r.Parts[n].Done.add(done)
	r.HeldUntil = s.now().Add(heldFor)
	rows, err := p.document()
	if err != nil {
		return err
	}
	return s.put(ctx, r, rows)
}

func (p *Progress) add(q Progress) {
	p.Applied += q.Applied
	p.Refused += q.Refused
}

// mayGoOn looks whether an import still runs, and stops that of somebody who may not import
// any more.
func (s *Service) mayGoOn(ctx context.Context, by access.Actor, r *record) error {
	i, err := access.Load[Import](ctx, s.catalog.Subjects, r.Import.ID, "importId")
	if err == nil && i.Status != Running {
		err = errTaken
	}
	if err != nil {
		return err
	}
	err = s.catalog.MayImport(ctx, by)
	if access.CodeOf(err) != access.CodeForbidden {
		return err
	}
	_, err = s.end(ctx, access.System(), i.ID, typeStopped, r.Progress, by.Name+", who began it, may not change the catalog any more.")
	return errors.Join(errTaken, err)
}

// putRows puts those rows of one kind into the catalog that have no outcome yet, and says
// what became of each.
func (s *Service) putRows(ctx context.Context, by access.Actor, kind access.Kind, rows []Row) error {
	errs := make([]error, len(rows))
	access.InParallel(len(rows), putAtOnce, func(n int) {
		row := &rows[n]
		if !row.toPut(kind) || row.Outcome != "" || ctx.Err() != nil {
			return
		}
		err := s.catalog.Put(ctx, by, *row.Wanted)
		var expected *access.Error
		switch {
		case err == nil:
			row.Outcome = OutcomeApplied
		case errors.As(err, &expected):
			row.Outcome, row.Refusal = OutcomeRefused, expected.Message
		default:
			errs[n] = err
		}
	})
	return errors.Join(ctx.Err(), errors.Join(errs...))
}
