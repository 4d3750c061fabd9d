package main

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// dimension is what a unit measures. Figures of different ones can't be compared.
type dimension string

const (
	ofTime  dimension = "time"  // in seconds
	ofSize  dimension = "size"  // in bytes
	ofRate  dimension = "rate"  // a second
	ofRatio dimension = "ratio" // so many times
	ofShare dimension = "share" // of a hundred
	ofCount dimension = "count" // anything that is printed without a unit
)

// unit is how a figure is printed.
type unit struct {
	name string
	of   dimension
	size float64 // in the dimension's own unit
}

// units returns all that figures are read in.
func units() []unit {
	return []unit{
		{"", ofCount, 1},
		{"ns", ofTime, 1e-9}, {"µs", ofTime, 1e-6}, {"μs", ofTime, 1e-6}, {"us", ofTime, 1e-6}, {"ms", ofTime, 1e-3}, {"s", ofTime, 1}, {"min", ofTime, 60},
		{"B", ofSize, 1}, {"kB", ofSize, 1e3}, {"KB", ofSize, 1e3}, {"MB", ofSize, 1e6}, {"GB", ofSize, 1e9},
		{"KiB", ofSize, 1 << 10}, {"MiB", ofSize, 1 << 20}, {"GiB", ofSize, 1 << 30},
		{"/s", ofRate, 1}, {"a second", ofRate, 1},
		{"×", ofRatio, 1}, {"x", ofRatio, 1},
		{"%", ofShare, 1},
	}
}

// figure is a number of a table's cell.
type figure struct {
	value    float64 // in the dimension's own unit
	unit     unit    // in which it was printed
	decimals int     // with which it was printed
	part     string  // which of the cell's figures it is; "" where it is the only one
}

func (f figure) String() string {
	return strings.TrimSpace(strconv.FormatFloat(f.value/f.unit.size, 'f', f.decimals, 64) + " " + f.unit.name)
}

var remark = regexp.MustCompile(`\s*\([^()]*\)$`)

// figuresOf reads a cell: "1,568", "160µs", "2.7 ×", "3.55 µs, 6.4 ×", "1.45 / 3.60 ms",
// "1,382–1,756" and what is made of these, with or without a remark in parentheses
// behind. It returns none for a cell that says anything else.
func figuresOf(cell string) []figure {
	cell = strings.Trim(remark.ReplaceAllString(strings.TrimSpace(cell), ""), "*` ")
	var found []figure
	lists := strings.Split(cell, ", ")
	for i, list := range lists {
		figures := figuresInList(list)
		if figures == nil {
			return nil
		}
		if len(lists) > 1 {
			nameParts(figures, ordinal(i))
		}
		found = append(found, figures...)
	}
	return found
}

// figuresInList reads figures separated by slashes, of which those without a unit
// have that of the next one.
func figuresInList(list string) []figure {
	var found []figure
	pieces := strings.Split(list, " / ")
	for i, piece := range pieces {
		figures := figuresInRange(piece)
		if figures == nil {
			return nil
		}
		if len(pieces) > 1 {
			nameParts(figures, ordinal(i))
		}
		found = append(found, figures...)
	}
	for i, f := range slices.Backward(found) {
		if f.unit.name == "" && i+1 < len(found) {
			found[i].value, found[i].unit = f.value*found[i+1].unit.size, found[i+1].unit
		}
	}
	return found
}

// figuresInRange reads a figure, or two with a dash between them.
func figuresInRange(text string) []figure {
	least, most, isRange := strings.Cut(text, "–")
	from, ok := figureOf(least)
	if !ok {
		return nil
	}
	if !isRange {
		return []figure{from}
	}
	to, ok := figureOf(most)
	if !ok {
		return nil
	}
	from.part, to.part = "least", "most"
	return []figure{from, to}
}

func ordinal(i int) string {
	if i < 3 {
		return [...]string{"1st", "2nd", "3rd"}[i]
	}
	return strconv.Itoa(i+1) + "th"
}

// nameParts puts a part's name before the names that its own parts have.
func nameParts(figures []figure, part string) {
	for i, f := range figures {
		figures[i].part = part
		if f.part != "" {
			figures[i].part = part + ", " + f.part
		}
	}
}

// number is a sign, digits, which may stand in groups of three, decimals, and the rest.
var number = regexp.MustCompile(`^([-−]?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?(?:\s*)(\D.*)?$`)

// figureOf reads a single figure; Go's own durations ("1m2.5s") are in seconds.
func figureOf(text string) (figure, bool) {
	text = strings.TrimSpace(text)
	m := number.FindStringSubmatch(text)
	if m == nil {
		return figure{}, false
	}
	i := slices.IndexFunc(units(), func(u unit) bool { return u.name == m[4] })
	if i < 0 {
		d, err := time.ParseDuration(text)
		return figure{value: d.Seconds(), unit: unit{"s", ofTime, 1}, decimals: 1}, err == nil
	}
	value, err := strconv.ParseFloat(strings.ReplaceAll(m[2], ",", "")+"."+m[3]+"0", 64)
	if err != nil {
		return figure{}, false
	}
	if m[1] != "" {
		value = -value
	}
	u := units()[i]
	return figure{value: value * u.size, unit: u, decimals: len(m[3])}, true
}

// medianOf is the middle of figures of one dimension, or between the two in the
// middle. It is printed as the first is, with the decimals of the most exact one.
func medianOf(figures []figure) figure {
	values := make([]float64, 0, len(figures))
	middle := figures[0]
	for _, f := range figures {
		values = append(values, f.value)
		middle.decimals = max(middle.decimals, f.decimals)
	}
	slices.Sort(values)
	n := len(values)
	middle.value = (values[(n-1)/2] + values[n/2]) / 2
	return middle
}

// ratio is how many times b is a; ok is false where that says nothing, as with
// a zero or with different signs.
func ratio(a, b figure) (times float64, ok bool) {
	times = b.value / a.value
	return times, a.unit.of == b.unit.of && times > 0 && !math.IsInf(times, 0)
}
