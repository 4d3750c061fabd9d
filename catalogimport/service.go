package catalogimport

import (
	"context"
	"fmt"
	"time"

	"procyon/access"
	"procyon/store"
)

// Service checks files, and imports them. It is safe for concurrent use, by several servers
// too. Its errors are *access.Error where they are expected.
type Service struct {
	catalog *access.Service
	docs    store.Documents
	worker  string // who this process is among those that work at imports

	checking chan struct{} // holds a token for each file that is being checked
	wake     chan struct{} // has something when an import was started here
}

// checkedAtOnce is how many files are checked at once: each is held in memory.
const checkedAtOnce = 2

// New makes a Service over a catalog. docs keeps what was found of files.
func New(catalog *access.Service, docs store.Documents) *Service {
	return &Service{
		catalog: catalog, docs: docs, worker: catalog.NewID("wrk"),
		checking: make(chan struct{}, checkedAtOnce), wake: make(chan struct{}, 1),
	}
}

// State is an import as it is now.
type State struct {
	Import

	Progress Progress // so far
	Kept     bool     // its rows are: they can be listed
}

// Get returns an import, also one that was only checked, or a NOT_FOUND *access.Error.
func (s *Service) Get(ctx context.Context, id string) (State, error) {
	r, kept, err := s.record(ctx, id)
	if err != nil {
		return State{}, err
	}
	i, err := access.Load[Import](ctx, s.catalog.Subjects, id, "importId")
	switch {
	case err == nil:
		return stateOf(i, r, kept), nil
	case access.CodeOf(err) == access.CodeNotFound && kept:
		return stateOf(r.Import, r, kept), nil
	}
	return State{}, err
}

// stateOf goes by what is kept of the rows, where it is: who stops an import does not know of
// those that are being put at that moment.
func stateOf(i Import, r record, kept bool) State {
	st := State{Import: i, Progress: i.Progress, Kept: kept}
	if kept {
		st.Progress = r.Progress
	}
	return st
}

// States completes imports as the journal has them, in their order.
func (s *Service) States(ctx context.Context, imports []Import) ([]State, error) {
	ids := make([]string, len(imports))
	for n, i := range imports {
		ids[n] = recordID(i.ID)
	}
	records := map[string]record{}
	if len(ids) > 0 {
		docs, err := s.docs.Get(ctx, ids...)
		if err != nil {
			return nil, fmt.Errorf("read imports: %w", err)
		}
		for _, d := range docs {
			r, err := decodeRecord(d)
			if err != nil {
				return nil, err
			}
			records[r.Import.ID] = r
		}
	}
	out := make([]State, len(imports))
	for n, i := range imports {
		r, kept := records[i.ID]
		out[n] = stateOf(i, r, kept)
	}
	return out, nil
}

// List lists the imports that were started, the newest first.
func (s *Service) List(ctx context.Context, p store.Page) (store.Listed, error) {
	return store.List(ctx, s.catalog.Views(), []string{importTerm}, true, p, nil)
}

// Start begins an import of a file that was checked, and returns it. One that has begun
// stays as it is, so to repeat that is harmless. CONFLICT where rows are wrong, or nothing
// would change. FORBIDDEN where by is not who has checked the file, or manages no longer.
func (s *Service) Start(ctx context.Context, by access.Actor, id string) (State, error) {
	if err := s.catalog.MayImport(ctx, by); err != nil {
		return State{}, err
	}
	r, kept, err := s.record(ctx, id)
	if err != nil {
		return State{}, err
	}
	if !kept {
		return s.Get(ctx, id) // it ended long ago, or never was
	}
	i, err := access.Upsert(ctx, s.catalog.Subjects, by, id, func(f access.Found[Import]) (access.Effect, error) {
		switch c := r.Import.Counts; {
		case f.Version > 0:
			return access.Nothing(), nil
		case r.Import.By.ID != by.ID || r.Import.By.ByID != by.ByID:
			return access.Nothing(), access.Errorf(access.CodeForbidden, "importId", "Somebody else checked this file. Check it yourself, and import what you have seen.")
		case c.Wrong > 0:
			return access.Nothing(), access.Errorf(access.CodeConflict, "importId", "%d rows are wrong. Mend them in the file, and check it again.", c.Wrong)
		case c.New+c.Changed == 0:
			return access.Nothing(), access.Errorf(access.CodeConflict, "importId", "The catalog has all that is in the file; there is nothing to import.")
		}
		started := r.Import
		started.StartedAt = s.catalog.Now()
		started.By = stored(by)
		return access.Effect{Type: typeStarted, Data: started, At: started.StartedAt}, nil
	})
	if err != nil {
		return State{}, err
	}
	if r.Import.Status == Checked {
		r.Import = i
		if err := gone(s.put(ctx, &r)); err != nil {
			return State{}, err
		}
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
	return stateOf(i, r, true), nil
}

// stored is an actor as an import keeps them.
func stored(by access.Actor) access.Actor {
	by.Admin, by.Groups, by.Scopes = false, nil, nil
	return by
}

// Stop ends an import that is running, as somebody's doing; what it has done stays. One that
// has ended stays as it is.
func (s *Service) Stop(ctx context.Context, by access.Actor, id string) (State, error) {
	r, _, err := s.record(ctx, id)
	if err != nil {
		return State{}, err
	}
	if _, err := s.end(ctx, by, id, typeStopped, r.Progress, "Stopped by "+by.Name+"."); err != nil {
		return State{}, err
	}
	return s.Get(ctx, id)
}

// end ends an import that is running.
func (s *Service) end(ctx context.Context, by access.Actor, id, typ string, p Progress, why string) (Import, error) {
	return access.Update(ctx, s.catalog.Subjects, by, id, "importId", func(i Import) (access.Effect, error) {
		if i.Status != Running {
			return access.Nothing(), nil
		}
		now := s.catalog.Now()
		return access.Effect{Type: typ, Data: ending{Progress: p, At: now, Why: why}, At: now}, nil
	})
}

// Wake has something when an import was started in this process: there is work to do.
func (s *Service) Wake() <-chan struct{} { return s.wake }

// now is the time in the precision that is stored.
func (s *Service) now() time.Time { return s.catalog.Now() }
