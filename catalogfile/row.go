package catalogfile

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Format is how a file is written.
type Format string

// The formats.
const (
	CSV  Format = "CSV"
	JSON Format = "JSON"
)

// The columns of a file. [Type] and [Name] must be there, the others where a row needs them.
const (
	Type       = "type" // account, gateway or resource
	Name       = "name"
	Provider   = "provider"
	ExternalID = "externalId"
	Kind       = "kind"
	Account    = "account" // by its name or its ID at the provider
	Gateway    = "gateway" // by its name
	Roles      = "roles"   // parted by |
)

// Columns are the names of all columns.
func Columns() []string {
	return []string{Type, Name, Provider, ExternalID, Kind, Account, Gateway, Roles}
}

// What a file may have.
const (
	MaxRows  = 100_000
	MaxBytes = 16 << 20
	MaxRow   = 256 << 10 // bytes of a row: a good one has some hundred, and never more than this
)

// Row is one row of a file, as it was written there. Its texts have no spaces around them.
type Row struct {
	// Number is the number of the line in which a row of a CSV file begins, or which object
	// of a JSON file it is. Both begin with 1.
	Number int
	// Cells are the texts by column. An absent one is "".
	Cells map[string]string
	// Roles are those in the column of that name. nil: there is no such column, which is
	// not the same as none.
	Roles []string
	// Wrong says why the row can't be read; nil where it can.
	Wrong *Fault
}

// Fault is what is wrong with a row.
type Fault struct {
	Column  string `json:"column,omitempty"` // as the file's first line has it in [Columns]; "" where it is none alone
	Message string `json:"message"`          // for a person: what was wrong and what to do
}

func faultf(column, format string, args ...any) *Fault {
	return &Fault{column, fmt.Sprintf(format, args...)}
}

// Error says why a file can't be read as a whole; it is for a person.
type Error struct{ Message string }

func (e *Error) Error() string { return e.Message }

func errorf(format string, args ...any) error { return &Error{fmt.Sprintf(format, args...)} }

// Read reads a file and calls each with its rows, in their order, until one returns an
// error. It returns an *Error where the file can't be read at all, and passes on any other
// of from and each. The file is read as it comes: rows may have been handed out before an
// *Error.
func Read(from io.Reader, format Format, each func(Row) error) error {
	rows := 0
	counted := func(r Row) error {
		if rows++; rows > MaxRows {
			return errorf("The file has more than %d rows. Divide it, and import the parts one after the other.", MaxRows)
		}
		return each(r)
	}
	var err error
	in := &source{from: from}
	switch format {
	case CSV:
		err = readCSV(in, counted)
	case JSON:
		err = readJSON(in, counted)
	default:
		err = errorf("A file is CSV or JSON.")
	}
	switch {
	case errors.Is(err, errLong):
		err = errorf("Behind the first %d rows is one of more than %d KiB. Perhaps a quote there is not closed.", rows, MaxRow>>10)
	case err == nil && rows == 0:
		err = errorf("The file has no rows.")
	}
	return err
}

// source is a file of which no more is read than MaxRow from one call of next to the other:
// what parts a row into cells needs many times its bytes.
type source struct {
	from io.Reader
	left int
}

// errLong says that a row does not end.
var errLong = errors.New("a row is too long")

// next lets another row be read.
func (s *source) next() { s.left = MaxRow }

// Read implements io.Reader. It gives little at once, so that who reads ahead has hardly begun
// another row.
func (s *source) Read(p []byte) (int, error) {
	if s.left <= 0 {
		return 0, errLong
	}
	n, err := s.from.Read(p[:min(len(p), s.left, peeked)])
	s.left -= n
	return n, err
}

// newRow makes a row of its cells. roles tells whether there is such a column.
func newRow(number int, cells map[string]string, roles bool) Row {
	r := Row{Number: number, Cells: cells}
	if roles {
		r.Roles = split(cells[Roles])
	}
	delete(cells, Roles)
	for _, column := range Columns() {
		if fault := spoiled(column, cells[column]); fault != nil {
			r.Wrong = fault
			return r
		}
	}
	return r
}

// split reads roles that are parted by |; empty ones are left out.
func split(cell string) []string {
	roles := []string{}
	for part := range strings.SplitSeq(cell, "|") {
		if part = strings.TrimSpace(part); part != "" {
			roles = append(roles, part)
		}
	}
	return roles
}

var (
	shortened = regexp.MustCompile(`^[0-9]([.,][0-9]+)?E\+[0-9]+$`)
	failed    = []string{"#NAME?", "#REF!", "#VALUE!", "#DIV/0!", "#N/A", "#NULL!", "#NUM!"}
)

// spoiled finds what a spreadsheet has made of a cell that was something else.
func spoiled(column, cell string) *Fault {
	switch {
	case !utf8.ValidString(cell):
		return faultf(column, "This is not UTF-8 text. In Excel save the file as \"CSV UTF-8\".")
	case column == ExternalID && shortened.MatchString(cell):
		return faultf(column, "%s is a number that a spreadsheet has shortened. Give the column the format Text, and enter the whole number again.", shorten(cell))
	case slices.Contains(failed, cell):
		return faultf(column, "%s is the error of a formula. Write the value itself.", cell)
	}
	return nil
}
