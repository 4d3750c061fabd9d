package catalogfile

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"

	"procyon/phrase"
)

// peeked is how much of a file is looked at to find out how it is written.
const peeked = 4096

func readCSV(from *source, each func(Row) error) error {
	from.next()
	in, err := plain(from)
	if err != nil {
		return err
	}
	comma, before, err := separator(in)
	if err != nil {
		return err
	}
	r := csv.NewReader(in)
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = comma, -1, true
	names, err := r.Read()
	if err != nil {
		return csvError(err, "The first line names the columns, and this one can't be read: %s.")
	}
	columns, err := header(names)
	if err != nil {
		return err
	}
	for {
		from.next()
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var broken *csv.ParseError
		var row Row
		switch {
		case errors.As(err, &broken):
			row = Row{Number: broken.StartLine, Wrong: faultf("", "%s.", because(broken))}
		case err != nil:
			return err
		case empty(cells):
			continue
		default:
			line, _ := r.FieldPos(0)
			row = rowOf(line, columns, cells)
		}
		row.Number += before
		if err := each(row); err != nil {
			return err
		}
	}
}

// plain leaves out a byte order mark, and refuses what is no UTF-8 text at all.
func plain(from io.Reader) (*bufio.Reader, error) {
	in := bufio.NewReaderSize(from, peeked)
	start, err := in.Peek(peeked)
	if err != nil && !errors.Is(err, io.EOF) && len(start) == 0 {
		return nil, err
	}
	switch {
	case len(bytes.TrimSpace(start)) == 0:
		return nil, errorf("The file is empty.")
	case bytes.HasPrefix(start, []byte("PK\x03\x04")), bytes.HasPrefix(start, []byte("\xd0\xcf\x11\xe0")):
		return nil, errorf("This is a workbook. Save it as \"CSV UTF-8\", and take that file.")
	case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")), bytes.IndexByte(start, 0) >= 0:
		return nil, errorf("This file is UTF-16, or no text. In Excel save it as \"CSV UTF-8\", not as \"Unicode Text\".")
	case bytes.HasPrefix(start, []byte("\xef\xbb\xbf")):
		_, err = in.Discard(3)
		return in, err
	}
	return in, nil
}

// separator finds what parts the cells: what the first line has most of, or says itself as
// spreadsheets do (sep=;). before is how many lines were read for that.
func separator(in *bufio.Reader) (comma rune, before int, err error) {
	start, _ := in.Peek(peeked)
	line, _, _ := bytes.Cut(start, []byte("\n"))
	if said, ok := bytes.CutPrefix(bytes.TrimRight(line, "\r"), []byte("sep=")); ok {
		if len(said) != 1 || !strings.ContainsRune(",;\t", rune(said[0])) {
			return 0, 0, errorf("The first line says that cells are parted by %q; they can be by a comma, a semicolon or a tab.", said)
		}
		_, err := in.Discard(min(len(line)+1, len(start)))
		return rune(said[0]), 1, err
	}
	comma, most := ',', 0
	for _, c := range ",;\t" {
		if n := strings.Count(string(line), string(c)); n > most {
			comma, most = c, n
		}
	}
	return comma, 0, nil
}

// header reads the line that names the columns: what each cell of a row is, "" where it is
// nothing.
func header(names []string) ([]string, error) {
	columns := make([]string, len(names))
	for i, name := range names {
		name = strings.TrimSpace(name)
		if name == "" {
			continue // spreadsheets keep empty columns behind the last
		}
		column, ok := known(name)
		switch {
		case !ok:
			return nil, errorf("There is no column %s.%s The columns are: %s. Rename it, or leave it out.", phrase.Quoted(shorten(name)), meant(name), strings.Join(Columns(), ", "))
		case slices.Contains(columns[:i], column):
			return nil, errorf("The column %q is there twice.", column)
		}
		columns[i] = column
	}
	for _, column := range []string{Type, Name} {
		if !slices.Contains(columns, column) {
			return nil, errorf("There is no column %q. The first line must name the columns: %s.", column, strings.Join(Columns(), ", "))
		}
	}
	return columns, nil
}

// bare is the name of a column without what people write differently.
func bare(name string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", "_", "", "-", "").Replace(name))
}

func known(name string) (string, bool) {
	i := slices.IndexFunc(Columns(), func(c string) bool { return bare(c) == bare(name) })
	if i < 0 {
		return "", false
	}
	return Columns()[i], true
}

// meant says which column somebody may have meant.
func meant(name string) string {
	if len(name) > 20 {
		return ""
	}
	for _, c := range Columns() {
		if phrase.Slips(bare(c), bare(name)) <= 2 {
			return " Did you mean " + c + "?"
		}
	}
	return ""
}

// shorten bounds what is repeated of a file.
func shorten(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

func empty(cells []string) bool {
	return !slices.ContainsFunc(cells, func(c string) bool { return strings.TrimSpace(c) != "" })
}

func rowOf(line int, columns, cells []string) Row {
	by := make(map[string]string, len(columns))
	for i, cell := range cells {
		cell = strings.TrimSpace(cell)
		switch {
		case cell == "":
		case i >= len(columns):
			return Row{Number: line, Wrong: faultf("", "The row has %d cells, and the first line names %d columns. A text that has the separator in it must stand in quotes.", len(cells), len(columns))}
		case columns[i] == "":
			return Row{Number: line, Wrong: faultf("", "There is something in the cell %d, whose column has no name.", i+1)}
		default:
			by[columns[i]] = cell
		}
	}
	return newRow(line, by, slices.Contains(columns, Roles))
}

// csvError words why a line can't be read; any other error stays as it is.
func csvError(err error, format string) error {
	var broken *csv.ParseError
	switch {
	case errors.As(err, &broken):
		return errorf(format, because(broken))
	case errors.Is(err, io.EOF):
		return errorf("The file is empty.")
	}
	return err
}

func because(e *csv.ParseError) string {
	if errors.Is(e.Err, csv.ErrBareQuote) {
		return "There is a quote within a cell that does not begin with one: put the whole cell in quotes, and write a quote in it twice"
	}
	return "A quote begins a cell and does not end it: close it, and write a quote within a cell twice"
}
