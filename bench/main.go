// Command bench measures what the product promises about speed and size, and
// prints Markdown: the machine's facts, then a table for each benchmark.
//
//	go run ./bench [-only name,name] [-quick] [-dir folder] [-keep folder] [-list]
//	go run ./bench -only due -mongodb URI
//	go run ./bench -only streams,resume [-procyon file] [-beside file]
//	go run ./bench -against revision [-rounds n] [-only name,name] [-quick] [-dir folder]
//
// It is to be run in the root of the repository. It is no test: a missed target is printed, not an error, because it may be the
// machine's. Progress goes to stderr. What needs a process of its own is this
// program again, started with -role.
//
// With -against it measures another revision and this tree in turn, each with its
// own bench program, and compares what they print.
//
// The benchmark history makes a store of 1,000,000 closed requests: some six minutes
// and 9 GB of disk. With -keep that is done once.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// benchmark is one measurement of several figures that belong together.
type benchmark struct {
	name  string // for -only
	about string // one line: what is measured
	run   func(ctx context.Context, r *report) error
}

// benchmarks returns all, in the order in which they run.
func benchmarks() []benchmark {
	return []benchmark{
		{"subscriptions", "server CPU for each delivery of a subscription, and memory of an idle subscriber", benchSubscriptions},
		{"streams", "an event that concerns one of many subscribers with streams of their own, and what these hold", benchStreams},
		{"resume", "many subscribers that resume together, and who is at the head meanwhile", benchResume},
		{"journal", "appends from many clients at once against those from one", benchJournal},
		{"due", "requests that are due at the same moment against as many appends", benchDue},
		{"http", "asking for access over HTTP at a fixed rate", benchHTTP},
		{"history", "pages, start-up and memory with little and with much history", benchHistory},
		{"verify", "the proof of a journal of much history", benchVerify},
		{"import", "a file of resources checked and imported, and who asks meanwhile", benchImport},
		{"export", "the journal exported in each format, and who asks meanwhile", benchExport},
		{"directory", "the first sync of a company's directory over SCIM, beside who asks and approves", benchDirectory},
		{"overview", "the numbers of an overview over much history", benchOverview},
		{"search", "searches of names in a large catalog and among many people", benchSearch},
		{"slackbot", "answers to commands, clicks and type-ahead in Slack, and memory with many people", benchSlackBot},
		{"hostile", "memory, descriptors and answers under attack by callers who do not say who they are", benchHostile},
		{"console", "first loads of the console, scrolling and decisions in a browser", benchConsole},
		{"latency", "from asking for access to the notification", benchLatency},
	}
}

// role is what another process of this program does, on a parent's behalf. It
// ends when stdin does.
type role func(ctx context.Context, args []string) error

// roles returns all, by name.
func roles() map[string]role {
	return map[string]role{
		roleServer:      serveRole,
		roleServed:      servedRole,
		roleSubscribers: subscribersRole,
		roleEnemy:       enemyRole,
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	only := flags.String("only", "", "the benchmarks to run, by name, separated by commas; all of them by default")
	quick := flags.Bool("quick", false, "less of everything: a look, not a measurement")
	dir := flags.String("dir", os.TempDir(), "an existing folder on the disk to measure on")
	profile := flags.String("profile", "", "an existing folder to write CPU profiles to, where a benchmark makes some")
	keep := flags.String("keep", "", "an existing folder to keep the stores of much history in for the next run; made anew by default")
	procyon := flags.String("procyon", "", "a built procyon to measure; built anew by default")
	beside := flags.String("beside", "", "another built procyon to measure beside it, where a benchmark can: subscriptions, streams, resume, verify")
	mongodb := flags.String("mongodb", "", "the mongodb:// URI of a server, without a database, to measure on in place of SQLite, where a benchmark can: due")
	revision := flags.String("against", "", "a git revision to compare this tree with, measured in turn")
	rounds := flags.Int("rounds", 3, "how often to measure each, with -against")
	list := flags.Bool("list", false, "list the benchmarks")
	part := flags.String("role", "", "internal: what to do as another benchmark's process")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *part != "" {
		return play(ctx, *part, flags.Args())
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q; see -help", flags.Arg(0))
	}
	chosen, err := choose(benchmarks(), *only)
	if err != nil {
		return err
	}
	if *list {
		for _, b := range chosen {
			fmt.Fprintf(out, "%-16s %s\n", b.name, b.about)
		}
		return nil
	}
	r := &report{out: out, dir: *dir, quick: *quick, profile: *profile, keep: *keep, procyon: *procyon, beside: *beside, mongodb: *mongodb}
	if *revision != "" {
		a := against{root: ".", revision: *revision, rounds: *rounds, chosen: chosen}
		return a.run(ctx, r)
	}
	return runAll(ctx, chosen, r)
}

func runAll(ctx context.Context, chosen []benchmark, r *report) (err error) {
	if r.dir, err = os.MkdirTemp(r.dir, "bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(r.dir)
	if err := r.machine(); err != nil {
		return err
	}
	for _, b := range chosen {
		r.progress("%s: %s", b.name, b.about)
		began := time.Now()
		r.title(b.name, b.about)
		if err := b.run(ctx, r); err != nil {
			return fmt.Errorf("%s: %w", b.name, err)
		}
		r.note("Took %s.", time.Since(began).Round(time.Second))
	}
	return nil
}

func play(ctx context.Context, name string, args []string) error {
	play, ok := roles()[name]
	if !ok {
		return fmt.Errorf("unknown role %q; there are %s", name, strings.Join(slices.Sorted(maps.Keys(roles())), ", "))
	}
	if err := play(ctx, args); err != nil {
		return fmt.Errorf("as %s: %w", name, err)
	}
	return nil
}

// choose returns those of all that are named in a list separated by commas, in
// their own order; all of them for an empty list.
func choose(all []benchmark, list string) ([]benchmark, error) {
	if list == "" {
		return all, nil
	}
	names := strings.Split(list, ",")
	var known []string
	for _, b := range all {
		known = append(known, b.name)
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("-only: there is no benchmark %q; there are %s", name, strings.Join(known, ", "))
		}
	}
	return slices.DeleteFunc(all, func(b benchmark) bool { return !slices.Contains(names, b.name) }), nil
}
