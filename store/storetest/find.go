package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"procyon/access"
	"procyon/journal"
	"procyon/store"
)

// testFind compares what is found under every trait, between any two numbers and in both
// directions, with a look at all entries.
func testFind(t *testing.T, s suite) {
	random := rand.New(rand.NewPCG(5, 6))
	all := s.appendVaried(t, random, 120)
	tries := 1
	if s.options.Transactions {
		tries = 8 // such a driver answers at once
	}
	s.wantFound(t, random, all, tries)
	for _, db := range []journal.Store{s.a, s.b} {
		if err := errors.Join(CheckIndex(t.Context(), db), db.RebuildIndex(t.Context()), CheckIndex(t.Context(), db)); err != nil {
			t.Fatal(err)
		}
	}
	more := s.appendVaried(t, random, 20)
	s.wantFound(t, random, append(all, more...), tries)
	if err := CheckIndex(t.Context(), s.b); err != nil {
		t.Error(err)
	}
}

// variedActors are people and services, by themselves and for people, the server, and
// what a store could take for something else.
func variedActors() []access.Actor {
	person := func(id string) access.Actor { return access.Actor{Kind: access.ActorUser, ID: id, Name: "Zoë"} }
	by := func(a access.Actor, service string) access.Actor {
		a.ByID, a.ByName = service, "bot"
		return a
	}
	return []access.Actor{
		person("usr_1"), person("usr_2"), person("usr_1"), by(person("usr_1"), "svc_1"), by(person("usr_2"), "svc_1"), by(person("usr_2"), "svc_2"),
		{Kind: access.ActorService, ID: "svc_1"}, by(access.Actor{Kind: access.ActorService, ID: "svc_1"}, "svc_1"),
		{Kind: access.ActorSystem, ID: "system"}, {Kind: access.ActorSystem},
		person(`usr_'"\$.id%_é`), person("USR_1"), person("usr_1 "), person("1"), person("kind=req"),
	}
}

// appendVaried appends entries of many kinds, types and actors, some at a time.
func (s suite) appendVaried(t *testing.T, random *rand.Rand, n int) []journal.Entry {
	t.Helper()
	subjects := []string{"req_1", "req_2", "req_3_x", "acc_1", "acc_2", "usr_1", "res_", "req", "reqs_1", "_x", "REQ_1"}
	types := []string{"CREATED", "APPROVED", "APPROVED", "DENIED", "created", "req/CREATED", "É'"}
	actors := variedActors()
	head, err := s.a.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var all []journal.Entry
	for len(all) < n {
		var entries []journal.Entry
		var views []store.Document
		versions := map[string]uint64{}
		for range 1 + random.IntN(10) {
			subject := subjects[random.IntN(len(subjects))]
			if versions[subject] == 0 {
				if versions[subject], err = lastVersion(t.Context(), s.a, subject); err != nil {
					t.Fatal(err)
				}
			}
			versions[subject]++
			e, v := change(t, head, subject, versions[subject])
			e.Actor, e.Type = actors[random.IntN(len(actors))], types[random.IntN(len(types))]
			seal(t, &e, head)
			head = headOf(&e)
			entries, views = append(entries, e), append(views, v)
		}
		s.append(t, entries, views)
		all = append(all, entries...)
	}
	return all
}

// variedTraits are those of some entries, and some that hardly any entry has.
func variedTraits(all []journal.Entry) []journal.Trait {
	traits := []journal.Trait{
		{Actor: "usr_3"}, {Actor: "usr_"}, {Actor: "%"}, {Subject: "req_9"}, {Kind: "re"}, {Kind: "req", Type: "CREATE"}, {Kind: "svc", Type: "CREATED"}, {Kind: "r_q"},
	}
	for i := range all {
		e := &all[i]
		kind := access.KindOf(e.Subject)
		for _, trait := range []journal.Trait{{Actor: e.Actor.ID}, {Actor: e.Actor.ByID}, {Subject: e.Subject}, {Kind: kind}, {Kind: kind, Type: e.Type}} {
			if trait != (journal.Trait{}) && !slices.Contains(traits, trait) {
				traits = append(traits, trait)
			}
		}
	}
	return traits
}

// wantFound looks for each trait that many times.
func (s suite) wantFound(t *testing.T, random *rand.Rand, all []journal.Entry, tries int) {
	t.Helper()
	last := all[len(all)-1].Seq
	for _, trait := range variedTraits(all) {
		for range tries {
			q := journal.EntryQuery{Trait: trait, Desc: random.IntN(2) == 0, Limit: []int{1, 2, 7, 1000}[random.IntN(4)]}
			if random.IntN(2) == 0 {
				q.After = random.Uint64N(last + 2)
			}
			if random.IntN(2) == 0 {
				q.Before = random.Uint64N(last + 2)
			}
			if random.IntN(8) == 0 {
				q.After, q.Before = random.Uint64(), random.Uint64() // larger than a store may know
			}
			got, err := s.b.Find(t.Context(), q)
			if err != nil {
				t.Fatalf("Find %+v: %v", q, err)
			}
			if want := found(all, q); !slices.Equal(numbers(got), numbers(want)) {
				t.Fatalf("Find %+v: %v, want %v", q, numbers(got), numbers(want))
			} else {
				sameEntries(t, got, want)
			}
		}
	}
	if got, err := s.b.Find(t.Context(), journal.EntryQuery{Trait: journal.Trait{Kind: "req"}}); err != nil || len(got) != 0 {
		t.Errorf("Find of none: %v, %v", numbers(got), err)
	}
}

// found is what Find should, by a look at all entries.
func found(all []journal.Entry, q journal.EntryQuery) []journal.Entry {
	var out []journal.Entry
	for i := range all {
		e := &all[i]
		if q.Trait.Has(e) && e.Seq > q.After && (q.Before == 0 || e.Seq < q.Before) {
			out = append(out, *e)
		}
	}
	if q.Desc {
		slices.Reverse(out)
	}
	return out[:min(len(out), q.Limit)]
}

func numbers(entries []journal.Entry) []uint64 {
	out := make([]uint64, len(entries))
	for i := range entries {
		out[i] = entries[i].Seq
	}
	return out
}

// testRaceFind has readers look for entries while others write: what is committed is
// found, in order and without a gap.
func testRaceFind(t *testing.T, s suite) {
	const writers, each = 4, 4
	ctx, stop := context.WithCancel(t.Context())
	followed := make(chan error, 2)
	for _, db := range []journal.Store{s.a, s.b} {
		go func() { followed <- followFound(ctx, db) }()
	}
	race(t, writers, func(w int) error {
		db, other := []journal.Store{s.a, s.b}[w%2], []journal.Store{s.b, s.a}[w%2]
		for i := range each {
			subject := fmt.Sprintf("req_%d_%d", w, i)
			if err := appendFresh(t, db, subject); err != nil {
				return err
			}
			e, err := other.Subject(t.Context(), subject, 0, 1)
			if err != nil || len(e) != 1 {
				return fmt.Errorf("%s: %d entries, %w", subject, len(e), err)
			}
			for _, trait := range []journal.Trait{{Actor: "usr_1"}, {Actor: "svc_1"}, {Subject: subject}, {Kind: "req"}, {Kind: "req", Type: "THING_CHANGED"}} {
				got, err := other.Find(t.Context(), journal.EntryQuery{Trait: trait, After: e[0].Seq - 1, Limit: 1})
				if err != nil || len(got) != 1 || got[0].Subject != subject {
					return fmt.Errorf("%s is committed as entry %d and not found by %+v: %v, %w", subject, e[0].Seq, trait, numbers(got), err)
				}
			}
		}
		return nil
	})
	stop()
	for range 2 {
		if err := <-followed; err != nil {
			t.Error(err)
		}
	}
	if err := CheckIndex(t.Context(), s.a); err != nil {
		t.Error(err)
	}
}

// followFound reads what is new until ctx is done: all entries are of one kind.
func followFound(ctx context.Context, db journal.Store) error {
	var last uint64
	for ctx.Err() == nil {
		got, err := db.Find(ctx, journal.EntryQuery{Trait: journal.Trait{Kind: "req"}, After: last, Limit: 5})
		if err != nil && ctx.Err() == nil {
			return err
		}
		for _, e := range got {
			if e.Seq != last+1 {
				return fmt.Errorf("entry %d is found after entry %d", e.Seq, last)
			}
			last = e.Seq
		}
	}
	return nil
}

// CheckIndex returns an error where entries or documents are not found by what they are.
func CheckIndex(ctx context.Context, db journal.Store) error {
	in, err := db.Inspect(ctx)
	if err != nil {
		return err
	}
	if err = in.Entries(ctx, 0, in.Head().Seq, func(*journal.Entry) error { return nil }); err == nil {
		err = in.Documents(ctx, func(*store.Document) error { return nil })
	}
	if err == nil {
		err = in.Finding(ctx)
	}
	return errors.Join(err, in.Close())
}
