package main

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func fakeBenchmarks() []benchmark {
	return []benchmark{{"one", "a thing", nil}, {"two", "more", nil}, {"new", "another", nil}}
}

// checkUntouched fails unless a comparison left no file behind: neither in the
// folder that it was given nor in the repository, .git included.
func checkUntouched(t *testing.T, dir, root string, before map[string]string) {
	t.Helper()
	if left := contents(t, dir); len(left) != 1 {
		t.Errorf("left behind: %q", slices.Sorted(maps.Keys(left)))
	}
	after := contents(t, root)
	for path, data := range after {
		if was, had := before[path]; !had || was != data {
			t.Errorf("%s was changed", path)
		}
	}
	if len(after) < len(before) {
		t.Error("files were removed")
	}
}

func TestAgainst(t *testing.T) {
	for _, test := range []struct {
		name     string
		bothKnow bool
	}{{"an older program", false}, {"a program as new", true}} {
		t.Run(test.name, func(t *testing.T) {
			root, dir := newFakeRepository(t, test.bothKnow), t.TempDir()
			before := contents(t, root)
			a := &against{root: root, revision: "HEAD", rounds: 3, chosen: fakeBenchmarks()}
			var out bytes.Buffer
			var order []string
			kept := map[string]bool{}
			err := during(t, a, &report{out: &out, dir: dir, quick: true}, func(runs *fakeRuns, _ func()) {
				for f := runs.next(t); f != nil; f = runs.next(t) {
					side := "ref"
					if f.root == root {
						side = "this"
					} else if !strings.HasPrefix(f.dir, dir) {
						t.Errorf("-dir is %s", f.dir)
					}
					order = append(order, side+" "+f.only)
					kept[side+f.keep+f.procyon] = true
					if f.quick != "true" || f.keep == "" {
						t.Errorf("%s was run with %+v", side, f)
					}
					if _, err := os.Stat(f.procyon); (err == nil) != test.bothKnow {
						t.Errorf("%s has -procyon %s", side, f.procyon)
					}
					f.tell(t, "measure")
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(order, ", "); got != "ref one, this one, ref two, this two, this one, ref one, this two, ref two, ref one, this one, ref two, this two" {
				t.Errorf("the order is %s", got)
			}
			if len(kept) != 2 {
				t.Errorf("not the same folders and programs in every round: %v", kept)
			}
			text := strings.Join(strings.Fields(out.String()), " ")
			for _, want := range []string{
				"`HEAD` is ", "(Begin) with changes that are not committed",
				"| the end | p50 | 10 ms | 12 ms | 1.20 | 1.20–1.20 | **worse** |",
				"Only `HEAD` has these benchmarks, which are not measured: old.", "Only this tree has these benchmarks, which are not measured: new.",
				"3 of 3 rounds took",
			} {
				if !strings.Contains(text, want) {
					t.Errorf("%q is missing in:\n%s", want, out.String())
				}
			}
			checkUntouched(t, dir, root, before)
		})
	}
}

func TestAgainstInterruptedOrFailing(t *testing.T) {
	root := newFakeRepository(t, false)
	before := contents(t, root)
	for _, test := range []struct {
		name string
		end  func(f *fakeRun, interrupt func())
		want string
	}{
		{"interrupted", func(f *fakeRun, interrupt func()) {
			interrupt()
			if !f.in.Scan() || f.in.Text() != "interrupted" {
				t.Errorf("the program was not interrupted: %q", f.in.Text())
			}
		}, "round 2: `HEAD`: context canceled"},
		{"failing", func(f *fakeRun, _ func()) { f.tell(t, "fail") }, "round 2: `HEAD`: exit status 3"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			a := &against{root: root, revision: "HEAD", rounds: 3, chosen: fakeBenchmarks()}
			var out bytes.Buffer
			err := during(t, a, &report{out: &out, dir: dir}, func(runs *fakeRuns, interrupt func()) {
				for n := 1; ; n++ {
					switch f := runs.next(t); {
					case f == nil:
						return
					case n == 6: // the second round's second
						test.end(f, interrupt)
					default:
						f.tell(t, "measure")
					}
				}
			})
			if err == nil || err.Error() != test.want {
				t.Errorf("the error is %v, want %s", err, test.want)
			}
			if test.name == "interrupted" && !errors.Is(err, context.Canceled) {
				t.Errorf("%v is no cancellation", err)
			}
			if !strings.Contains(out.String(), "**worse**") || !strings.Contains(out.String(), "1 of 3 rounds took") {
				t.Errorf("the whole round is not compared:\n%s", out.String())
			}
			checkUntouched(t, dir, root, before)
		})
	}
}

func TestAgainstRefuses(t *testing.T) {
	root := newFakeRepository(t, false)
	before := contents(t, root)
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, test := range []struct {
		name string
		ctx  context.Context
		a    against
		r    report
		want string
	}{
		{"no such revision", t.Context(), against{root: root, revision: "nothing", rounds: 1}, report{}, "rev-parse --verify nothing"},
		{"an option as revision", t.Context(), against{root: root, revision: "--all", rounds: 1}, report{}, `"--all" is no revision`},
		{"a file as revision", t.Context(), against{root: root, revision: "HEAD:go.mod", rounds: 1}, report{}, "rev-parse"},
		{"no round", t.Context(), against{root: root, revision: "HEAD"}, report{}, "less than one"},
		{"-keep", t.Context(), against{root: root, revision: "HEAD", rounds: 1}, report{keep: "x"}, "-keep"},
		{"not the root", t.Context(), against{root: filepath.Join(root, "below"), revision: "HEAD", rounds: 1}, report{}, "in the repository's root"},
		{"nothing to compare", t.Context(), against{root: root, revision: "HEAD", rounds: 1, chosen: fakeBenchmarks()[2:]}, report{}, "`HEAD` has none of these benchmarks"},
		{"interrupted before", canceled, against{root: root, revision: "HEAD", rounds: 1}, report{}, "context canceled"},
	} {
		dir := t.TempDir()
		test.r.out, test.r.dir = &bytes.Buffer{}, dir
		if err := test.a.run(test.ctx, &test.r); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: the error is %v, want %s", test.name, err, test.want)
		}
		checkUntouched(t, dir, root, before)
	}
}
