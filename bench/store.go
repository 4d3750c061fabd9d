package main

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"procyon/access"
	"procyon/internal/subject"
	"procyon/journal"
	"procyon/store/sqlite"
)

// inStore has subjects made in the store of a server that does not run, which is made
// where there is none, by the product's own code.
func inStore(ctx context.Context, path string, do func(*access.Subjects, *sqlite.Store) error) error {
	db, err := sqlite.Open(ctx, path)
	if err != nil {
		return err
	}
	j, err := journal.Open(ctx, db, journal.Options{Kinds: subject.Kinds()})
	if err != nil {
		return errors.Join(err, db.Close())
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- j.Run(running) }()
	var ids atomic.Uint64
	err = do(access.NewSubjects(j, db, access.SubjectOptions{
		Kinds: subject.Kinds(), Now: time.Now, NewID: func() string { return sequentialID("x", time.Now(), ids.Add(1))[2:] }, DeriveID: access.DeriveID,
	}), db)
	stop()
	return errors.Join(err, <-ended, db.Close())
}
