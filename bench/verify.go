package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// verifyRounds is how often each store is verified. Medians are reported.
const verifyRounds = 3

// benchVerify measures how long it takes to prove a journal of much history. A binary of
// -beside verifies the store as it is before this one brings a copy of it up to date, where
// -keep has one that it made; so both go through the same history.
func benchVerify(ctx context.Context, r *report) error {
	closed := 1_000_000
	if r.quick {
		closed = 50_000
	}
	binary, err := r.buildProcyon(ctx)
	if err != nil {
		return err
	}
	h := &history{closed: closed}
	folder := r.historyFolder(closed)
	path := filepath.Join(folder, "procyon.db")
	if err := h.build(ctx, r, folder, path); err != nil {
		return err
	}
	var rows [][]string
	var before verified
	if r.beside != "" {
		r.progress("verify by %s", filepath.Base(r.beside))
		if before, err = verifyOften(ctx, r.beside, path); err != nil {
			return fmt.Errorf("%w; it can't read what a newer release wrote: make the store with its own bench program, by -keep", err)
		}
		rows = append(rows, before.row(filepath.Base(r.beside)))
		if path, err = r.upgraded(ctx, binary, path); err != nil {
			return err
		}
	}
	r.progress("verify")
	now, err := verifyOften(ctx, binary, path)
	if err != nil {
		return err
	}
	rows = append(rows, now.row("this tree"))
	r.note("`procyon journal verify` of a SQLite file of %d closed requests, %d entries; the file was read just before. Medians of %d.", closed, now.entries, verifyRounds)
	r.table([]string{"binary", "file", "time", "CPU", "resident at most", "entries a second"}, rows)
	targets := []target{{"resident at most", "≤ 64 MB", fmt.Sprintf("%.0f MB", float64(now.resident)/1e6), now.resident <= 64e6}}
	if r.beside != "" {
		times := before.took.Seconds() / now.took.Seconds()
		targets = append(targets, target{"faster than " + filepath.Base(r.beside), "≥ 3 ×", fmt.Sprintf("%.1f ×", times), times >= 3})
	}
	r.targets(targets...)
	return nil
}

// upgraded copies a store, and has the binary bring the copy up to date: as any command does
// first, and as a server does with views that were listed otherwise.
func (r *report) upgraded(ctx context.Context, binary, path string) (string, error) {
	path, err := copyStore(path, filepath.Join(r.dir, "upgraded"))
	if err != nil {
		return "", err
	}
	o := gatewayOptions{binary: binary, store: path, patience: time.Hour}
	r.progress("bring a copy up to date")
	began := time.Now()
	if err := o.newToken(ctx); err != nil {
		return "", err
	}
	schema := time.Since(began)
	g, err := startGateway(ctx, o)
	if err != nil {
		return "", err
	}
	r.note("To bring a copy of the file up to date took %s for its schema, and %s more until a server was ready.",
		schema.Round(100*time.Millisecond), (time.Since(began) - schema).Round(100*time.Millisecond))
	return o.store, g.stop()
}

// verified is what it took to verify a store.
type verified struct {
	took, cpu time.Duration
	resident  int64 // at most, in bytes
	entries   int
	size      int64 // of the file
}

func (v *verified) row(name string) []string {
	return []string{
		name, fmt.Sprintf("%.0f MiB", float64(v.size)/(1<<20)), fmt.Sprintf("%.2f s", v.took.Seconds()), fmt.Sprintf("%.2f s", v.cpu.Seconds()),
		fmt.Sprintf("%.1f MB", float64(v.resident)/1e6), fmt.Sprintf("%.0f", float64(v.entries)/v.took.Seconds()),
	}
}

// verifyOften verifies a store some times, once its file is in the system's cache. Each
// figure is its median, but what is resident at most.
func verifyOften(ctx context.Context, binary, path string) (verified, error) {
	size, err := readThrough(path)
	if err != nil {
		return verified{}, err
	}
	v := verified{size: size}
	var took, cpu []time.Duration
	for range verifyRounds {
		one, err := verifyOnce(ctx, binary, path)
		if err != nil {
			return v, err
		}
		took, cpu = append(took, one.took), append(cpu, one.cpu)
		v.resident, v.entries = max(v.resident, one.resident), one.entries
	}
	slices.Sort(took)
	slices.Sort(cpu)
	v.took, v.cpu = took[len(took)/2], cpu[len(cpu)/2]
	return v, nil
}

func readThrough(path string) (int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(io.Discard, f)
	return n, errors.Join(err, f.Close())
}

func verifyOnce(ctx context.Context, binary, path string) (verified, error) {
	var said strings.Builder
	c := exec.CommandContext(ctx, binary, "journal", "verify", "--store", "sqlite:"+path, "--secret-key-file", filepath.Join(filepath.Dir(path), "secret.key"))
	c.Stdout, c.Stderr = &said, &said
	began := time.Now()
	if err := c.Run(); err != nil {
		return verified{}, fmt.Errorf("%s journal verify: %w: %s", binary, err, said.String())
	}
	v := verified{took: time.Since(began), cpu: c.ProcessState.UserTime() + c.ProcessState.SystemTime()}
	if usage, ok := c.ProcessState.SysUsage().(*syscall.Rusage); ok {
		v.resident = int64(usage.Maxrss) //nolint:unconvert // it has fewer bits on other systems
		if runtime.GOOS != "darwin" {    // which tells bytes
			v.resident *= 1024
		}
	}
	if _, err := fmt.Sscanf(said.String(), "The journal is whole: %d entries", &v.entries); err != nil {
		return v, fmt.Errorf("%s journal verify said %q: %w", binary, said.String(), err)
	}
	return v, nil
}
