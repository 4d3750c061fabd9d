package catalogimport

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"procyon/access"
	"procyon/catalogfile"
	"procyon/store"
)

// Check reads a file, holds each of its rows against the catalog, keeps what it has found
// for a day, and returns it. Nothing of the catalog is written. INVALID where the file can't
// be read at all; LIMITED while others are being checked. At most maxDrafts are kept: the
// oldest that were not imported go first.
//
// still is asked when the file has come in whole, before anything is kept: an error of it is
// returned. nil: nobody is asked.
func (s *Service) Check(ctx context.Context, by access.Actor, f File, still func() error) (State, error) {
	select {
	case s.checking <- struct{}{}:
		defer func() { <-s.checking }()
	default:
		return State{}, access.Errorf(access.CodeLimited, "file", "Other files are being checked. Try again in a few seconds.")
	}
	name, err := access.CleanText("fileName", f.Name, 0, maxFileName, false)
	if err != nil {
		return State{}, err
	}
	c := newChecker(s, s.catalog.NewID(KindImport))
	sum := sha256.New()
	err = catalogfile.Read(io.TeeReader(f.Content, sum), f.Format, c.take)
	if err == nil {
		_, err = io.Copy(sum, f.Content) // what is behind the last row, if anything
	}
	var unreadable *catalogfile.Error
	switch {
	case errors.As(err, &unreadable):
		return State{}, access.Errorf(access.CodeInvalid, "file", "%s", unreadable.Message)
	case err != nil:
		return State{}, err
	}
	if still != nil {
		if err := still(); err != nil {
			return State{}, err
		}
	}
	if err := c.judge(ctx); err != nil {
		return State{}, err
	}
	r := record{Import: Import{ID: c.id, FileName: name, Digest: hex.EncodeToString(sum.Sum(nil)), By: stored(by), CheckedAt: s.now(), Status: Checked}}
	for i := range c.rows {
		r.Import.Counts.add(c.rows[i].Verdict)
	}
	if err := s.makeRoom(ctx); err != nil {
		return State{}, err
	}
	if err := s.save(ctx, &r, c.rows); err != nil {
		return State{}, err
	}
	return stateOf(r.Import, r, true), nil
}

// File is a file as it comes in.
type File struct {
	Name    string // up to 200 characters, for people; may be ""
	Format  catalogfile.Format
	Content io.Reader
}

const (
	maxFileName = 200
	maxDrafts   = 20
)

// makeRoom removes the oldest files that were checked and not imported, so that there is
// room for another.
func (s *Service) makeRoom(ctx context.Context) error {
	docs, err := s.docs.List(ctx, store.Query{Term: draftTerm, Desc: true, Limit: maxDrafts + removedAtOnce})
	if err != nil || len(docs) < maxDrafts {
		return err
	}
	return s.remove(ctx, docs[maxDrafts-1:])
}

// checker holds the rows of a file against the catalog. It is for one file.
type checker struct {
	s    *Service
	id   string // of the import
	rows []Row
	file []catalogfile.Row // as they were written, beside rows

	accounts, gateways *places
}

func newChecker(s *Service, id string) *checker {
	return &checker{s: s, id: id, accounts: newPlaces("account"), gateways: newPlaces("gateway")}
}

// take keeps a row for judge.
func (c *checker) take(r catalogfile.Row) error {
	c.file = append(c.file, r)
	c.rows = append(c.rows, Row{
		Number: r.Number, Verdict: VerdictWrong, Type: bounded(strings.ToLower(r.Cells[catalogfile.Type])), Name: bounded(r.Cells[catalogfile.Name]),
		In: bounded(r.Cells[catalogfile.Account] + r.Cells[catalogfile.Gateway]), Fault: r.Wrong,
	})
	return nil
}

// maxShown is how much of a cell is kept to show it, in characters.
const maxShown = 100

func bounded(cell string) string {
	if r := []rune(strings.ToValidUTF8(cell, "\ufffd")); len(r) > maxShown {
		return string(r[:maxShown]) + "…"
	}
	return strings.ToValidUTF8(cell, "\ufffd")
}

// judge gives each row its verdict: accounts and gateways first, which resources belong to.
func (c *checker) judge(ctx context.Context) error {
	if err := c.load(ctx); err != nil {
		return err
	}
	for i := range c.rows {
		if c.rows[i].Fault == nil {
			c.known(i)
		}
	}
	for i := range c.rows {
		switch {
		case c.rows[i].Fault != nil && c.rows[i].Type == "account":
			c.accounts.spoil(&c.file[i])
		case c.rows[i].Fault != nil && c.rows[i].Type == "gateway":
			c.gateways.spoil(&c.file[i])
		case c.rows[i].Fault != nil:
		case c.rows[i].Type == "account":
			c.account(i)
		case c.rows[i].Type == "gateway":
			c.gateway(i)
		}
	}
	return c.resources(ctx)
}

// load reads the accounts and gateways that there are.
func (c *checker) load(ctx context.Context) error {
	err := c.s.catalog.EachAccount(ctx, func(f access.Found[access.Account]) error {
		c.accounts.add(&place{id: f.State.ID, version: f.Version, name: f.State.Name, provider: f.State.Provider, externalID: f.State.ExternalID})
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the accounts: %w", err)
	}
	err = c.s.catalog.EachGateway(ctx, func(f access.Found[access.Gateway]) error {
		c.gateways.add(&place{id: f.State.ID, version: f.Version, name: f.State.Name})
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the gateways: %w", err)
	}
	return nil
}

// wrong says what is wrong with a row.
func (c *checker) wrong(i int, column, format string, args ...any) {
	c.rows[i].Verdict, c.rows[i].Wanted = VerdictWrong, nil
	c.rows[i].Fault = &catalogfile.Fault{Column: column, Message: fmt.Sprintf(format, args...)}
}

// refused says what the domain finds wrong with a row; any other error is returned.
func (c *checker) refused(i int, err error) error {
	var e *access.Error
	if !errors.As(err, &e) {
		return err
	}
	column, _, _ := strings.Cut(e.Field, ".")
	switch column {
	case "accountId":
		column = catalogfile.Account
	case "gatewayId":
		column = catalogfile.Gateway
	}
	c.wrong(i, column, "%s", e.Message)
	return nil
}

// fits gives a row its verdict: w is what it wants, made where it is not there, and changed
// by some changes where it is.
func (c *checker) fits(i int, w access.Wanted, changes []string) {
	r := &c.rows[i]
	switch {
	case w.Version == 0:
		r.Verdict = VerdictNew
	case len(changes) > 0:
		r.Verdict, r.Changes = VerdictChanged, changes
	default:
		r.Verdict = VerdictSame
		return
	}
	r.Wanted = &w
}
