// Package e2e tests the product from outside: the real binary with its real flags,
// over HTTP and WebSocket, with a webhook receiver for Slack's part.
package e2e

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"
)

// binary is procyon, built with the race detector; TestMain sets it.
var binary string

// scratch is a folder for what the tests share.
var scratch string

func TestMain(m *testing.M) {
	flag.Parse()
	if err := atOnce(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(run(m))
}

// atOnce lets twice as many tests run at once as there are processors, unless
// -parallel says how many: each has its own store and processes, and waits most of the
// time.
func atOnce() error {
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if given {
		return nil
	}
	return flag.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0)))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "procyon-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	scratch = dir
	binary = filepath.Join(dir, "procyon")
	build := exec.Command("go", "build", "-race", "-o", binary, "procyon")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build procyon: %v\n%s", err, out)
		return 1
	}
	ferret = sync.OnceValues(func() (string, error) {
		path := filepath.Join(dir, "ferretdb")
		build := exec.Command("go", "build", "-o", path, "./cmd/ferretdb")
		build.Dir = filepath.Join("..", "store", "mongo", "ferrettest")
		out, err := build.CombinedOutput()
		if err != nil {
			return "", fmt.Errorf("build FerretDB: %w\n%s", err, out)
		}
		return path, nil
	})
	clocked = sync.OnceValues(func() (string, error) {
		path := filepath.Join(dir, "procyon-clock")
		build := exec.Command("go", "build", "-race", "-tags", "testclock", "-o", path, "procyon")
		if out, err := build.CombinedOutput(); err != nil {
			return "", fmt.Errorf("build procyon with a clock of its own: %w\n%s", err, out)
		}
		return path, nil
	})
	return m.Run()
}

// clocked builds procyon with a clock that a file sets, once.
var clocked func() (string, error)

// ferret builds the FerretDB server, once.
var ferret func() (string, error)
