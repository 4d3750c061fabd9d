package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"procyon/catalogfile"
	"procyon/catalogimport"
	"procyon/internal/app"
	"procyon/phrase"
	"procyon/store"
)

// Catalog is about accounts, gateways and resources.
func Catalog() *cobra.Command {
	return group("catalog", "bring many accounts, gateways and resources into the catalog", catalogImport())
}

func catalogImport() *cobra.Command {
	var path string
	var dryRun bool
	c, s := admin("import", "check a file of accounts, gateways and resources, and put it into the catalog", func(ctx context.Context, c *cobra.Command, k *app.Core) error {
		checked, err := checkCatalog(ctx, k, path)
		if err != nil {
			return err
		}
		n := checked.Counts
		if _, err := fmt.Fprintf(c.OutOrStdout(), "%d new, %d changed, %d the same, %d wrong.\n", n.New, n.Changed, n.Same, n.Wrong); err != nil {
			return err
		}
		switch {
		case n.Wrong > 0:
			return errors.Join(printRows(ctx, c.OutOrStdout(), k, checked.ID, catalogimport.RowFilter{Verdicts: []catalogimport.Verdict{catalogimport.VerdictWrong}}),
				errors.New("nothing was written: mend the rows above in the file, and import it again"))
		case dryRun || n.New+n.Changed == 0:
			_, err := fmt.Fprintln(c.OutOrStdout(), "Nothing was written.")
			return err
		}
		return runImport(ctx, c.OutOrStdout(), k, checked.ID)
	})
	s.StringVar(&path, "file", "", "the file: CSV, or JSON where its name ends with .json")
	s.BoolVar(&dryRun, "dry-run", false, "only check the file, and write nothing")
	s.need("file")
	return c
}

func checkCatalog(ctx context.Context, k *app.Core, path string) (catalogimport.State, error) {
	f, err := os.Open(path)
	if err != nil {
		return catalogimport.State{}, err
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err != nil || info.Size() > catalogfile.MaxBytes {
		return catalogimport.State{}, errors.Join(err, fmt.Errorf("%s is longer than %d MiB: divide it, and import the parts one after the other", path, catalogfile.MaxBytes>>20))
	}
	format := catalogfile.CSV
	if strings.EqualFold(filepath.Ext(path), ".json") {
		format = catalogfile.JSON
	}
	return k.Imports.Check(ctx, app.Operator(), catalogimport.File{Name: filepath.Base(path), Format: format, Content: f}, nil)
}

// runImport imports what was checked, and says what came of it.
func runImport(ctx context.Context, out io.Writer, k *app.Core, id string) error {
	if _, err := k.Imports.Start(ctx, app.Operator(), id); err != nil {
		return err
	}
	if err := k.Imports.Work(ctx); err != nil {
		return err
	}
	done, err := k.Imports.Get(ctx, id)
	if err != nil {
		return err
	}
	if done.Status == catalogimport.Running { // a server was faster, and works at it
		_, err := fmt.Fprintln(out, "A gateway goes on with it.")
		return err
	}
	_, err = fmt.Fprintf(out, "%s imported, %d refused.%s\n", phrase.Count(done.Progress.Applied, "row"), done.Progress.Refused, strings.TrimRight(" "+done.Why, " "))
	return errors.Join(err, printRows(ctx, out, k, id, catalogimport.RowFilter{Outcomes: []catalogimport.Outcome{catalogimport.OutcomeRefused}}))
}

// printed is how many rows are printed at most.
const printed = 100

func printRows(ctx context.Context, out io.Writer, k *app.Core, id string, f catalogimport.RowFilter) error {
	l, err := k.Imports.Rows(ctx, id, f, store.Page{First: printed})
	if err != nil || len(l.Docs) == 0 {
		return err
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	row(t, "ROW", "NAME", "COLUMN", "WHAT IS WRONG")
	for _, d := range l.Docs {
		r, err := catalogimport.DecodeRow(d)
		if err != nil {
			return err
		}
		fault := catalogfile.Fault{Message: r.Refusal}
		if r.Fault != nil {
			fault = *r.Fault
		}
		row(t, strconv.Itoa(r.Number), strings.Join(strings.Fields(r.Name), " "), fault.Column, fault.Message)
	}
	if l.Next {
		row(t, "…")
	}
	return t.Flush()
}
