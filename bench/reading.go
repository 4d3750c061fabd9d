package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// place is where a cell stands in what a benchmark printed. Another run of the
// same benchmark, also of another revision, has the same figure in the same place.
type place struct{ row, column string }

// section is the tables of one benchmark.
type section struct {
	places []place            // of all cells, as they came
	cells  map[place][]figure // none for a cell that is no figure
}

func (s *section) add(p place, figures []figure) {
	s.places = append(s.places, p)
	s.cells[p] = figures
}

func (s *section) hasRow(row string) bool {
	return slices.ContainsFunc(s.places, func(p place) bool { return p.row == row })
}

func (s *section) hasColumn(column string) bool {
	return slices.ContainsFunc(s.places, func(p place) bool { return p.column == column })
}

// reading is what a bench program printed: a section for each benchmark, by name.
type reading map[string]*section

// targetsHead begins the tables of report.targets, which repeat figures of others.
const targetsHead = "target"

// read takes the tables out of a report.
func read(report string) reading {
	found := reading{}
	var name, caption string
	var table [][]string
	flush := func() {
		if len(table) > 2 && table[0][0] != targetsHead {
			found.section(name).addTable(caption, table)
		}
		if table != nil {
			caption, table = "", nil
		}
	}
	for line := range strings.Lines(report) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "|") {
			table = append(table, cellsOf(line))
			continue
		}
		flush()
		if title, ok := strings.CutPrefix(line, "## "); ok {
			name, caption = strings.TrimSpace(title), ""
		} else if line != "" {
			caption = line
		}
	}
	flush()
	return found
}

func (r reading) section(name string) *section {
	if r[name] == nil {
		r[name] = &section{cells: map[place][]figure{}}
	}
	return r[name]
}

func cellsOf(line string) []string {
	cells := strings.Split(strings.TrimSuffix(strings.TrimPrefix(line, "|"), "|"), "|")
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	return cells
}

// addTable adds the cells of a table: a head, a line of dashes, rows. Those of the
// first column are the rows' labels.
func (s *section) addTable(caption string, table [][]string) {
	columns := columnNames(table[0])
	for _, cells := range table[2:] {
		row := rowName(caption, table[0][0], cells[0])
		for n := 2; s.hasCell(row, columns); n++ { // a table like another, or a row like another
			row = fmt.Sprintf("%s (%d)", rowName(caption, table[0][0], cells[0]), n)
		}
		for i := 1; i < min(len(cells), len(columns)); i++ {
			s.add(place{row, columns[i]}, figuresOf(cells[i]))
		}
	}
}

func (s *section) hasCell(row string, columns []string) bool {
	return slices.ContainsFunc(columns, func(c string) bool {
		_, has := s.cells[place{row, c}]
		return has
	})
}

// setting is a caption's beginning that says under what conditions the table
// below was measured, such as "5000 subscribers: ".
var setting = regexp.MustCompile(`^\d[^:.]{1,30}: `)

// rowName is a row's label. What it needs in order to be understood by itself
// stands before it: the caption's setting, and the head of a column of numbers.
func rowName(caption, head, label string) string {
	if figuresOf(label) != nil && head != "" {
		label = head + ": " + label
	}
	return setting.FindString(caption) + label
}

// columnNames makes the columns' names differ: what stands more than once in a head
// belongs to the nearest column before it that does not.
func columnNames(head []string) []string {
	count := map[string]int{}
	for _, h := range head {
		count[h]++
	}
	names, owner, used := make([]string, len(head)), "", map[string]int{}
	for i, h := range head {
		names[i] = h
		if count[h] == 1 {
			if i > 0 {
				owner = h
			}
		} else if owner != "" {
			names[i] = owner + ": " + h
		}
		used[names[i]]++
		if n := used[names[i]]; n > 1 {
			names[i] = fmt.Sprintf("%s (%d)", names[i], n)
		}
	}
	return names
}
