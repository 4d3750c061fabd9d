package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// hostileBound is the most that the server may have resident under any of the attacks, in
// MiB. It is made up of what its limits let 4,000 connections hold (2,000 of the attack
// that opens most, and as many that end while these begin), doubled, because garbage is
// collected when the heap has grown by as much as was alive:
//
//	 40 at rest
//	 64 connections: 4,000 of 16 KiB for a goroutine's stack, buffers and records
//	 80 headers: of 2,000 connections, 32 KiB each and what a buffer has too much
//	 48 short bodies: 1,024 strangers of 16 KiB, of three guards
//	 48 long bodies: 16 MiB, of three guards
//	---
//	280, and as much again
const hostileBound = 560

// hostileSlow is what a signed-in client may wait for at the p99 meanwhile. The
// attackers have the same processors and use all of them, so this says that the client
// is served, not how fast it could be.
const hostileSlow = 5 * time.Second

// benchHostile attacks the real binary in several ways, each on a server of its own, and
// then in all at once, while somebody who is signed in goes on asking.
func benchHostile(ctx context.Context, r *report) error {
	conns, seconds := 2000, 20
	if r.quick {
		conns, seconds = 500, 4
	}
	binary, err := r.buildProcyon(ctx)
	if err != nil {
		return err
	}
	var rows [][]string
	var peak, slow float64
	failures := 0
	for i, a := range attacks() {
		r.progress("hostile: %s", a.name)
		o := gatewayOptions{
			binary: binary, store: filepath.Join(r.dir, fmt.Sprintf("hostile-%d", i), "procyon.db"),
			env: []string{"PROCYON_TRUSTED_PROXIES=127.0.0.1"}, // so that attackers can come from many addresses
		}
		s, err := attackOne(ctx, o, i, conns, seconds)
		if err != nil {
			return fmt.Errorf("%s: %w", a.name, err)
		}
		rows = append(rows, s.row(a.name))
		peak, slow, failures = max(peak, s.peak), max(slow, s.took.at(0.99).Seconds()), failures+s.failed
	}
	r.note("`procyon serve` under attack by callers who don't say who they are, from a thousand addresses behind a trusted proxy, with up to %d connections for each kind of attack (all at once: a quarter of these each), for %d s. "+
		"Meanwhile a signed-in client asks 20 times a second, on a new connection each time. The attackers are another process on the same machine. Descriptors and memory are the most that the server had.", conns, seconds)
	r.table([]string{"attack", "resident at most", "descriptors", "p50", "p99", "max", "failed", "begun by attackers", "of these cut"}, rows)
	r.targets(
		target{"resident at most", fmt.Sprintf("< %d MiB", hostileBound), fmt.Sprintf("%.0f MiB", peak), peak < hostileBound},
		target{"p99 of who is signed in", "< " + hostileSlow.String(), fmt.Sprintf("%.0f ms", slow*1000), slow < hostileSlow.Seconds()},
		target{"of their requests failed", "0", fmt.Sprint(failures), failures == 0},
	)
	return nil
}

// suffered is what a server came to under an attack, and what its client did.
type suffered struct {
	peak   float64 // MiB
	files  int
	took   latencies
	failed int
	sent   int64 // requests and connections that the attackers began
	cut    int64 // connections of theirs that the server ended
}

func (s *suffered) row(name string) []string {
	return append(append([]string{name, fmt.Sprintf("%.0f MiB", s.peak), fmt.Sprint(s.files)}, s.took.cells()...), fmt.Sprint(s.failed), fmt.Sprint(s.sent), fmt.Sprint(s.cut))
}

// attackOne starts a server and makes one of the attacks on it.
func attackOne(ctx context.Context, o gatewayOptions, kind, conns, seconds int) (*suffered, error) {
	if err := o.newAdmin(ctx); err != nil {
		return nil, err
	}
	g, err := startGateway(ctx, o)
	if err != nil {
		return nil, err
	}
	g.client.Transport = &http.Transport{DisableKeepAlives: true}
	g.client.Timeout = 10 * time.Second
	s, err := underAttack(ctx, g, kind, conns, seconds)
	return s, errors.Join(err, g.stop())
}

// underAttack measures while the attack lasts. The attackers are a process of their own,
// so that the client does not wait for them.
func underAttack(ctx context.Context, g *gatewayProcess, kind, conns, seconds int) (*suffered, error) {
	const rate = 20
	enemy, err := startRole(ctx, roleEnemy, nil, strings.TrimPrefix(g.url, "http://"), strconv.Itoa(kind), strconv.Itoa(conns))
	if err != nil {
		return nil, err
	}
	defer func() { _ = enemy.cmd.Process.Kill() }() // no matter where it has ended
	if _, err := enemy.ask(""); err != nil {
		return nil, err
	}
	watching, stop := context.WithCancel(ctx)
	defer stop()
	files := make(chan int, 1)
	go func() { files <- mostFiles(watching, g.cmd.Process.Pid) }()
	s := &suffered{}
	var failed atomic.Int64
	body := []byte(`{"query":"{ viewer { __typename } accessRequests(first: 10) { nodes { id } } }"}`)
	s.took, err = openLoop(ctx, time.Now(), rate, rate*seconds, func(ctx context.Context, _ int) error {
		if _, err := g.post(ctx, body); err != nil {
			failed.Add(1)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.peak, s.failed = peakMemory(g.cmd.Process.Pid), int(failed.Load())
	stop()
	s.files = <-files
	if err := enemy.askNumbers("results", &s.sent, &s.cut); err != nil {
		return nil, err
	}
	if s.sent == 0 {
		return nil, errors.New("nothing was sent: there was no attack")
	}
	return s, enemy.stop()
}

// mostFiles watches how many files a process has open until ctx is done.
func mostFiles(ctx context.Context, pid int) (most int) {
	every := time.NewTicker(100 * time.Millisecond)
	defer every.Stop()
	for {
		if open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid)); err == nil {
			most = max(most, len(open))
		}
		select {
		case <-every.C:
		case <-ctx.Done():
			return most
		}
	}
}

// peakMemory is the most that a process ever had resident, in MiB; 0 where the system
// doesn't tell.
func peakMemory(pid int) float64 {
	var kib float64
	if _, err := fmt.Sscan(field(fmt.Sprintf("/proc/%d/status", pid), "VmHWM"), &kib); err != nil {
		return 0
	}
	return kib / 1024
}
