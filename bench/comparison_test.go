package main

import (
	"bytes"
	"strings"
	"testing"
)

// table is a report with one table, in the section "a"; a row's cells are separated
// by "|".
func tableReport(head string, rows ...string) string {
	lines := []string{"## a", "", "| " + head + " |", "|" + strings.Repeat("-|", strings.Count(head, "|")+1)}
	for _, row := range rows {
		lines = append(lines, "| "+row+" |")
	}
	return strings.Join(lines, "\n") + "\n"
}

// written is what a comparison of the section "a" prints, without the tables' padding.
func written(rounds ...[2]string) string {
	c := &comparison{ref: "ref", this: "this"}
	for _, r := range rounds {
		c.rounds = append(c.rounds, round{ref: read(r[0]), this: read(r[1])})
	}
	var out bytes.Buffer
	c.write(&report{out: &out}, "a")
	var lines []string
	for line := range strings.Lines(out.String()) {
		if line = strings.Join(strings.Fields(line), " "); line != "" && !strings.HasPrefix(line, "| --") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

const comparisonHead = "| row | column | ref | this | ratio | of each round | verdict |\n"

func TestComparison(t *testing.T) {
	for _, test := range []struct {
		name   string
		rounds [][2]string
		want   string
	}{
		{"one round", [][2]string{
			{tableReport("until|p50", "answered|10 ms"), tableReport("until|p50", "answered|11 ms")},
		}, comparisonHead + "| answered | p50 | 10 ms | 11 ms | 1.10 | | |\n0 of 1 figures are worse by more than a tenth."},
		{"medians, and ratios of each round", [][2]string{
			{tableReport("until|p50", "answered|10 ms"), tableReport("until|p50", "answered|12 ms")},
			{tableReport("until|p50", "answered|30 ms"), tableReport("until|p50", "answered|27 ms")},
			{tableReport("until|p50", "answered|20 ms"), tableReport("until|p50", "answered|25 ms")},
		}, comparisonHead + "| answered | p50 | 20 ms | 25 ms | 1.20 | 0.90–1.25 | **worse**, not in every round |\n1 of 1 figures are worse by more than a tenth."},
		{"half and twice as much are as much", [][2]string{
			{tableReport("until|p50", "answered|10 ms"), tableReport("until|p50", "answered|20 ms")},
			{tableReport("until|p50", "answered|20 ms"), tableReport("until|p50", "answered|10 ms")},
		}, comparisonHead + "| answered | p50 | 15 ms | 15 ms | 1.00 | 0.50–2.00 | |\n0 of 1 figures are worse by more than a tenth."},
		{"a machine that slows down", [][2]string{
			{tableReport("until|p50", "answered|10 ms"), tableReport("until|p50", "answered|12 ms")},
			{tableReport("until|p50", "answered|20 ms"), tableReport("until|p50", "answered|24 ms")},
			{tableReport("until|p50", "answered|400 ms"), tableReport("until|p50", "answered|480 ms")},
			{tableReport("until|p50", "answered|800 ms"), tableReport("until|p50", "answered|960 ms")},
		}, comparisonHead + "| answered | p50 | 210 ms | 252 ms | 1.20 | 1.20–1.20 | **worse** |\n1 of 1 figures are worse by more than a tenth."},
		{"very much better", [][2]string{
			{tableReport("until|p50", "answered|10 s"), tableReport("until|p50", "answered|12 ms")},
		}, comparisonHead + "| answered | p50 | 10 s | 12 ms | 0.0012 | | better |\n0 of 1 figures are worse by more than a tenth."},
		{"more a second is better", [][2]string{
			{tableReport("clients|appends a second|range", "1|1,000|900–1,100"), tableReport("clients|appends a second|range", "1|1,200|700–1,100")},
		}, comparisonHead + "| clients: 1 | appends a second | 1000 | 1200 | 1.20 | | better |\n| clients: 1 | range, least | 900 | 700 | 0.78 | | |\n" +
			"| clients: 1 | range, most | 1100 | 1100 | 1.00 | | |\n0 of 3 figures are worse by more than a tenth."},
		{"several figures in a cell, in other units", [][2]string{
			{tableReport("closed|start", "10|900 / 1,000 µs"), tableReport("closed|start", "10|0.45 / 2.00 ms")},
		}, comparisonHead + "| closed: 10 | start, 1st | 900 µs | 0.45 ms | 0.50 | | better |\n| closed: 10 | start, 2nd | 1000 µs | 2.00 ms | 2.00 | | **worse** |\n" +
			"1 of 2 figures are worse by more than a tenth."},
		{"a figure in one round only", [][2]string{
			{tableReport("closed|built", "10|8 s"), tableReport("closed|built", "10|6 s")},
			{tableReport("closed|built", "10|kept"), tableReport("closed|built", "10|kept")},
		}, comparisonHead + "| closed: 10 | built | 8 s | 6 s | 0.75 | | better |\n0 of 1 figures are worse by more than a tenth."},
		{"rows, columns and cells of one side", [][2]string{
			{tableReport("x|p50|p99", "p|1 ms|2 ms", "q|1 ms|2 ms", "s|1 ms"), tableReport("x|p50|max|p99", "p|1 ms|3 ms|2 ms", "r|1 ms|3 ms|2 ms", "s|1 ms|3 ms|2 ms")},
		}, comparisonHead + "| p | p50 | 1 ms | 1 ms | 1.00 | | |\n| p | p99 | 2 ms | 2 ms | 1.00 | | |\n| s | p50 | 1 ms | 1 ms | 1.00 | | |\n" +
			"0 of 3 figures are worse by more than a tenth.\nOnly ref has: row “q”.\nOnly this has: column “max”; row “r”; row “s” in column “p99”."},
		{"what is not the same kind of figure", [][2]string{
			{tableReport("x|a|b|c|d", "p|1 ms|1 ms|unknown|1 / 2 ms"), tableReport("x|a|b|c|d", "p|1 ms|1 KB|1 ms|1 ms")},
		}, comparisonHead + "| p | a | 1 ms | 1 ms | 1.00 | | |\n0 of 1 figures are worse by more than a tenth.\n" +
			"Not comparable: row “p” in column “b”; row “p” in column “c”; row “p” in column “d”."},
		{"labels only", [][2]string{{tableReport("x|a", "p|yes"), tableReport("x|a", "p|no")}}, ""},
		{"nothing to divide by", [][2]string{
			{tableReport("x|a", "p|0 ms"), tableReport("x|a", "p|1 ms")},
			{tableReport("x|a", "p|0 ms"), tableReport("x|a", "p|1 ms")},
		}, comparisonHead + "| p | a | 0 ms | 1 ms | | | |\n0 of 1 figures are worse by more than a tenth."},
		{"one side has nothing", [][2]string{{"", tableReport("x|a", "p|1 ms")}}, "Only this has: row “p”."},
		{"none has anything", [][2]string{{"", ""}}, ""},
	} {
		if got := written(test.rounds...); got != test.want {
			t.Errorf("%s:\n%s\nwant:\n%s", test.name, got, test.want)
		}
	}
}

func TestJudge(t *testing.T) {
	for _, test := range []struct {
		row, column, ref, this string
		want                   verdict
	}{
		{"", "p50", "100 ms", "110 ms", alike},
		{"", "p50", "0.50 ms", "0.55 ms", alike}, // which floating point takes for more than a tenth
		{"", "p50", "100 ms", "111 ms", worse},
		{"", "p50", "100 ms", "90 ms", alike},
		{"", "p50", "100 ms", "89 ms", better},
		{"", "resident", "50 MiB", "60 MiB", worse},
		{"", "resident", "50 MiB", "40 MiB", better},
		{"", "resident", "-1 KB", "-2 KB", alike},
		{"", "appends a second", "1,000", "899", worse},
		{"", "appends a second", "1,000", "900", alike},
		{"", "appends a second", "1,000", "1,101", better},
		{"", "appends a second: range", "1,000", "500", worse},
		{"", "answers", "100/s", "50/s", worse},
		{"appends a second", "value", "100", "50", worse},
		{"commands, 80 a second, of all", "calls", "100", "50", alike},
		{"commands, 80 a second", "p50", "100 ms", "50 ms", better}, // a time, whatever the words
		{"", "CPU", "10 %", "20 %", worse},
		{"", "p50 grows by", "1.0 ×", "2.0 ×", worse},
		{"", "of Procyon's", "1.0 ×", "2.0 ×", alike},
		{"", "calls", "1", "2", alike},
	} {
		ref, this := figuresOf(test.ref)[0], figuresOf(test.this)[0]
		times, _ := ratio(ref, this)
		if got := judge(place{test.row, test.column}, ref, []float64{times}); got != test.want {
			t.Errorf("%s, %s: from %s to %s is %q, want %q", test.row, test.column, test.ref, test.this, got, test.want)
		}
	}
}
