package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// against measures another revision and this tree in turn, in one run, so that
// the machine's moods meet both. Each is measured by the bench program of its own
// tree, which knows its API; what they print is compared.
type against struct {
	root     string // of this tree
	revision string // a name that git knows
	rounds   int
	chosen   []benchmark
}

// tree is one of the two that are measured.
type tree struct {
	name    string // in what we write
	root    string
	bench   string   // the path of its bench program
	procyon string   // the path of its product
	keep    string   // a folder for what it measures again in the next round
	flags   string   // what its bench program says of its flags
	has     []string // the names of its benchmarks
}

// run writes the comparison. It makes everything that it needs in a folder of its
// own beneath r.dir, and has removed that when it returns, whatever happened. A
// figure that is worse is no error; where a round fails, the whole ones before it
// are compared nevertheless.
func (a *against) run(ctx context.Context, r *report) (err error) {
	if r.keep != "" || r.profile != "" || r.procyon != "" || r.beside != "" {
		return errors.New("-against goes with none of -keep, -profile, -procyon and -beside")
	}
	if a.rounds < 1 {
		return fmt.Errorf("-rounds: %d is less than one", a.rounds)
	}
	if r.dir, err = filepath.Abs(r.dir); err != nil { // the two run elsewhere
		return err
	}
	if r.dir, err = os.MkdirTemp(r.dir, "bench-against-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(r.dir)) }()
	began := time.Now()
	commit, err := newRevision(ctx, a.root, a.revision)
	if err != nil {
		return err
	}
	ref, this, err := a.build(ctx, r, commit)
	if err != nil {
		return err
	}
	if err := a.introduce(ctx, r, commit, ref, this); err != nil {
		return err
	}
	c, err := a.measure(ctx, r, ref, this)
	if len(c.rounds) > 0 {
		a.write(r, c)
		r.note("%d of %d rounds took %s.", len(c.rounds), a.rounds, time.Since(began).Round(time.Second))
	}
	return err
}

// build makes both trees' programs.
func (a *against) build(ctx context.Context, r *report, commit revision) (ref, this *tree, err error) {
	ref = &tree{name: "`" + commit.name + "`", root: filepath.Join(r.dir, "ref")}
	this = &tree{name: "this tree", root: a.root}
	if err := commit.writeTo(ctx, a.root, ref.root); err != nil {
		return nil, nil, err
	}
	for i, t := range []*tree{ref, this} {
		r.progress("building %s", t.name)
		if err := t.build(ctx, filepath.Join(r.dir, fmt.Sprintf("built-%d", i))); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", t.name, err)
		}
	}
	return ref, this, nil
}

// build makes a tree's programs in a folder, and asks what they can do. The
// product is built here so that an old bench program, which builds it for each
// run, finds all of it but the linking done.
func (t *tree) build(ctx context.Context, folder string) (err error) {
	t.bench, t.procyon, t.keep = filepath.Join(folder, "bench"), filepath.Join(folder, "procyon"), filepath.Join(folder, "keep")
	if err := os.MkdirAll(t.keep, 0o700); err != nil {
		return err
	}
	if err := t.goBuild(ctx, t.bench, "./bench"); err != nil {
		return err
	}
	if err := t.goBuild(ctx, t.procyon, "procyon"); err != nil {
		return err
	}
	if t.flags, err = t.ask(ctx, "-help"); err != nil {
		return err
	}
	list, err := t.ask(ctx, "-list")
	for line := range strings.Lines(list) {
		if words := strings.Fields(line); len(words) > 0 {
			t.has = append(t.has, words[0])
		}
	}
	return err
}

// goBuild asks nothing of git, which would refresh the index.
func (t *tree) goBuild(ctx context.Context, program, source string) error {
	if out, err := interruptible(ctx, t.root, "go", "build", "-buildvcs=false", "-o", program, source).CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", source, err, out)
	}
	return nil
}

// ask returns what the bench program says to a flag.
func (t *tree) ask(ctx context.Context, flag string) (string, error) {
	out, err := interruptible(ctx, t.root, t.bench, flag).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("bench %s: %w\n%s", flag, err, out)
	}
	return string(out), nil
}

// knows says if a tree's bench program has a flag, which takes a value.
func (t *tree) knows(flag string) bool { return strings.Contains(t.flags, "\n  "+flag+" ") }

// lacks returns which benchmarks of other a tree has not.
func (t *tree) lacks(other *tree) []string {
	return slices.DeleteFunc(slices.Clone(other.has), func(name string) bool { return slices.Contains(t.has, name) })
}

// introduce writes what is compared, and leaves out benchmarks that ref lacks.
func (a *against) introduce(ctx context.Context, r *report, commit revision, ref, this *tree) error {
	state, err := describeTree(ctx, a.root)
	if err != nil {
		return err
	}
	if err := r.machine(); err != nil {
		return err
	}
	r.note("%s is %.7s (%s). This tree is %s. The two are measured in turn, %d times each. Figures are medians, also the ratios, each of which is this tree's figure to %[1]s's in the same round. "+
		"Worse and better is what differs by more than a tenth, where it is known which way is better.", ref.name, commit.hash, commit.subject, state, a.rounds)
	for _, only := range []struct {
		t     *tree
		names []string
	}{{ref, this.lacks(ref)}, {this, ref.lacks(this)}} {
		if len(only.names) > 0 {
			r.note("Only %s has these benchmarks, which are not measured: %s.", only.t.name, strings.Join(only.names, ", "))
		}
	}
	a.chosen = slices.DeleteFunc(slices.Clone(a.chosen), func(b benchmark) bool { return !slices.Contains(ref.has, b.name) })
	if len(a.chosen) == 0 {
		return fmt.Errorf("%s has none of these benchmarks", ref.name)
	}
	return nil
}

// measure lets the trees take turns with each benchmark: ref, this; in the next round
// this, ref; and so on, so that none is always the first. It returns the rounds that
// were whole, also with an error.
func (a *against) measure(ctx context.Context, r *report, ref, this *tree) (*comparison, error) {
	c := &comparison{ref: ref.name, this: this.name}
	for n := range a.rounds {
		order := []*tree{ref, this}
		if n%2 == 1 {
			order = []*tree{this, ref}
		}
		printed := map[*tree]reading{ref: {}, this: {}}
		for _, b := range a.chosen {
			for _, t := range order {
				r.progress("round %d of %d: %s: %s", n+1, a.rounds, b.name, t.name)
				out, err := t.measure(ctx, arguments(r, b, t, ref, this))
				if err != nil {
					return c, fmt.Errorf("round %d: %s: %w", n+1, t.name, err)
				}
				maps.Copy(printed[t], read(out))
			}
		}
		c.rounds = append(c.rounds, round{ref: printed[ref], this: printed[this]})
	}
	return c, nil
}

// arguments are those of t's bench program. What saves work is asked for only if
// both programs know how, so that both do the same.
func arguments(r *report, b benchmark, t, ref, this *tree) []string {
	args := []string{"-only", b.name, "-dir", r.dir}
	if r.quick {
		args = append(args, "-quick")
	}
	for _, f := range []struct{ flag, value string }{{"-keep", t.keep}, {"-procyon", t.procyon}} {
		if ref.knows(f.flag) && this.knows(f.flag) {
			args = append(args, f.flag, f.value)
		}
	}
	return args
}

// measure runs the bench program once and returns what it printed.
func (t *tree) measure(ctx context.Context, args []string) (string, error) {
	cmd := interruptible(ctx, t.root, t.bench, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	err := cmd.Run()
	if ctx.Err() != nil { // says more than how it ended
		err = ctx.Err()
	}
	return out.String(), err
}

// write writes a section for each benchmark, after what the two measured of the
// machine itself, its disk above all.
func (a *against) write(r *report, c *comparison) {
	c.write(r, machineTitle)
	for _, b := range a.chosen {
		r.title(b.name, b.about)
		c.write(r, b.name)
	}
}

// interruptible is a command in a folder that is interrupted when ctx ends, and so
// can stop what it started and remove what it made. It is killed if that takes long.
func interruptible(ctx context.Context, folder, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.WaitDelay = folder, 30*time.Second
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	return cmd
}
