package main

import (
	"bufio"
	"context"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// fakeBench is a bench program that does as the test tells it: it says on a
// connection how it was started, and waits for a word. It leaves a folder in -dir
// unless it measures or is interrupted.
const fakeBench = `package main

import (
	"bufio"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
)

func main() {
	only, dir, quick, list := flag.String("only", "", ""), flag.String("dir", "", ""), flag.Bool("quick", false, ""), flag.Bool("list", false, "")
	keep := flag.String("keep", "", "")
	FLAGS
	flag.Parse()
	if *list {
		fmt.Print("LIST")
		return
	}
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	conn, err := net.Dial("tcp", os.Getenv("FAKE_BENCH_ADDRESS"))
	if err != nil {
		panic(err)
	}
	folder, err := os.MkdirTemp(*dir, "bench-")
	if err != nil {
		panic(err)
	}
	root, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	fmt.Fprintf(conn, "%s|%s|%s|%v|%s|%s\n", root, *only, *dir, *quick, *keep, PROCYON)
	go func() {
		<-interrupts
		os.Remove(folder)
		fmt.Fprintln(conn, "interrupted")
		os.Exit(1)
	}()
	if word, _ := bufio.NewReader(conn).ReadString('\n'); word != "measure\n" {
		os.Exit(3)
	}
	os.Remove(folder)
	fmt.Println("## " + *only + "\n\n| until | p50 |\n|---|---|\n| the end | FIGURE |")
}
`

// newFakeRepository makes a repository with one commit, whose program measures
// 10 ms. The working tree's, which is not committed, measures 12 ms; each has a
// benchmark that the other lacks. The new one knows -procyon, the old one if bothKnow.
func newFakeRepository(t *testing.T, bothKnow bool) string {
	t.Helper()
	if testing.Short() {
		t.Skip("builds programs, which takes long")
	}
	for _, v := range os.Environ() { // a hook's, of another repository
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "GIT_") {
			t.Setenv(name, "")
			os.Unsetenv(name)
		}
	}
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	old, knowing := []string{"FLAGS", "", "PROCYON", `"unknown"`}, []string{"FLAGS", `procyon := flag.String("procyon", "", "")`, "PROCYON", "*procyon"}
	if bothKnow {
		old = knowing
	}
	write := func(name, text string, replace ...string) {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(strings.NewReplacer(replace...).Replace(text)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	git := func(args ...string) {
		cmd := exec.CommandContext(t.Context(), "git", append([]string{"-C", root, "-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v\n%s", args, err, out)
		}
	}
	write("go.mod", "module procyon\n\ngo 1.24\n")
	write("main.go", "package main\n\nfunc main() {}\n")
	write("bench/main.go", fakeBench, append(old, "FIGURE", "10 ms", "LIST", `one  a thing\ntwo  more\nold  another\n`)...)
	write("below/file", "")
	git("init", "--quiet")
	git("add", "--all")
	git("commit", "--quiet", "--message", "Begin")
	write("bench/main.go", fakeBench, append(knowing, "FIGURE", "12 ms", "LIST", `one  a thing\ntwo  more\nnew  another\n`)...)
	write("staged", "")
	git("add", "staged")
	write("untracked", "")
	return root
}

// contents is every file below a folder, with what is in it.
func contents(t *testing.T, root string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := fs.WalkDir(os.DirFS(root), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			found[path] = ""
			return err
		}
		data, err := os.ReadFile(filepath.Join(root, path))
		found[path] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// fakeRun is a fake bench program that has been started and waits.
type fakeRun struct {
	conn                                  net.Conn
	in                                    *bufio.Scanner
	root, only, dir, quick, keep, procyon string
}

// tell sends it a word.
func (f *fakeRun) tell(t *testing.T, word string) {
	t.Helper()
	if _, err := f.conn.Write([]byte(word + "\n")); err != nil {
		t.Fatal(err)
	}
}

// fakeRuns hands out those that are started.
type fakeRuns struct{ listener net.Listener }

func newFakeRuns(t *testing.T) *fakeRuns {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	t.Setenv("FAKE_BENCH_ADDRESS", l.Addr().String())
	return &fakeRuns{listener: l}
}

// next waits for the next run; nil if run ended first, which closes the listener.
func (r *fakeRuns) next(t *testing.T) *fakeRun {
	t.Helper()
	conn, err := r.listener.Accept()
	if err != nil {
		return nil
	}
	t.Cleanup(func() { conn.Close() })
	f := &fakeRun{conn: conn, in: bufio.NewScanner(conn)}
	if !f.in.Scan() {
		t.Fatal("a run said nothing")
	}
	said := strings.Split(f.in.Text(), "|")
	f.root, f.only, f.dir, f.quick, f.keep, f.procyon = said[0], said[1], said[2], said[3], said[4], said[5]
	return f
}

// during runs the whole of against beside play, which ends the runs that it gets,
// and returns the error. Both have some minutes.
func during(t *testing.T, a *against, r *report, play func(runs *fakeRuns, interrupt func())) error {
	t.Helper()
	runs := newFakeRuns(t)
	ctx, interrupt := context.WithTimeout(t.Context(), 5*time.Minute)
	defer interrupt()
	ended := make(chan error, 1)
	go func() {
		err := a.run(ctx, r)
		runs.listener.Close()
		ended <- err
	}()
	play(runs, interrupt)
	return <-ended
}
