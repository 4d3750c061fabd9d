package main

import (
	"math"
	"strings"
	"testing"
)

func TestFiguresOf(t *testing.T) {
	for _, test := range []struct {
		cell string
		want string // as printed again, with the part before a colon; "" where it is no figure
	}{
		{"1,568", "1568"},
		{"1568", "1568"},
		{"12,345,678.5", "12345678.5"},
		{"0", "0"},
		{"2.7 ×", "2.7 ×"},
		{"3.55 µs", "3.55 µs"},
		{"160µs", "160 µs"},
		{"2.3ms", "2.3 ms"},
		{"5m12.3s", "312.3 s"},
		{"1h0m0s", "3600.0 s"},
		{"23.2 KB", "23.2 KB"},
		{"90 MiB", "90 MiB"},
		{"-0.3 KB", "-0.3 KB"},
		{"−0.3 KB", "-0.3 KB"},
		{"4 %", "4 %"},
		{"120/s", "120 /s"},
		{"**12 ms**", "12 ms"},
		{"4812 (at 160µs)", "4812"},
		{"3.55 µs, 6.4 ×", "1st: 3.55 µs; 2nd: 6.4 ×"},
		{"1.45 / 3.60 ms", "1st: 1.45 ms; 2nd: 3.60 ms"},
		{"1 / 2 / 3 / 4", "1st: 1; 2nd: 2; 3rd: 3; 4th: 4"},
		{"950 µs / 1.2 ms", "1st: 950 µs; 2nd: 1.2 ms"},
		{"1,382–1,756", "least: 1382; most: 1756"},
		{"1.0–1.9 ×", "least: 1.0 ×; most: 1.9 ×"},
		{"1–2 / 3–4 ms", "1st, least: 1 ms; 1st, most: 2 ms; 2nd, least: 3 ms; 2nd, most: 4 ms"},
		{"", ""},
		{"kept", ""},
		{"yes", ""},
		{"unknown", ""},
		{"2026-11-23", ""},
		{"< 50 ms", ""},
		{"≥ 5 ×", ""},
		{"1 ×, within 5 %", ""},
		{"3 of 4", ""},
		{"1,56", ""},
		{"1,,000", ""},
		{"1.", ""},
		{"1.2.3 ms", ""},
		{"NaN ×", ""},
		{"+Inf ×", ""},
		{"5 ms / ", ""},
		{"5–", ""},
		{"go1.26.8 linux/amd64", ""},
		{"2 requests", ""},
	} {
		var parts []string
		for _, f := range figuresOf(test.cell) {
			text := f.String()
			if f.part != "" {
				text = f.part + ": " + text
			}
			parts = append(parts, text)
		}
		if got := strings.Join(parts, "; "); got != test.want {
			t.Errorf("%q is read as %q, want %q", test.cell, got, test.want)
		}
	}
}

func TestMedianOf(t *testing.T) {
	for _, test := range []struct {
		cells []string
		want  string
	}{
		{[]string{"5 ms"}, "5 ms"},
		{[]string{"9 ms", "1 ms", "5 ms"}, "5 ms"},
		{[]string{"1.5 ms", "2.5 ms"}, "2.0 ms"},
		{[]string{"950µs", "1.1ms", "0.9ms"}, "950.0 µs"},
		{[]string{"1 MiB", "1024 KiB", "3 MiB"}, "1 MiB"},
		{[]string{"1", "1.25", "1.5"}, "1.25"},
	} {
		var all []figure
		for _, cell := range test.cells {
			all = append(all, figuresOf(cell)...)
		}
		if got := medianOf(all).String(); got != test.want {
			t.Errorf("the median of %q is %s, want %s", test.cells, got, test.want)
		}
	}
}

func TestRatio(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want float64 // 0: none
	}{
		{"2 ms", "3 ms", 1.5},
		{"500 µs", "1 ms", 2},
		{"1 MiB", "512 KiB", 0.5},
		{"-2 KB", "-1 KB", 0.5},
		{"-2 KB", "1 KB", 0},
		{"0 ms", "1 ms", 0},
		{"0", "0", 0},
		{"1 ms", "0 ms", 0},
		{"1 ms", "1 KB", 0},
		{"1", "1 ×", 0},
	} {
		got, ok := ratio(figuresOf(test.a)[0], figuresOf(test.b)[0])
		if ok != (test.want != 0) || ok && math.Abs(got-test.want) > 1e-9 {
			t.Errorf("from %s to %s: %v %v, want %v", test.a, test.b, got, ok, test.want)
		}
	}
}
