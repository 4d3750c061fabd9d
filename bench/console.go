package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/mxschmitt/playwright-go"

	"procyon/internal/chromium"
)

// slowDown is by how much the processor of a page that is opened is slowed down.
const slowDown = 4

// consolePages are the pages whose first load is measured: the first is the one with targets.
func consolePages() []webPage {
	const approve = `button[aria-label^="Approve"]`
	return []webPage{
		{"Requests", "/requests", `[data-row]`, approve, `[role=dialog]`},
		{"Home", "/", `section[aria-labelledby=waiting] button`, approve, `[role=dialog]`},
		{"Ask for access", "/ask", `[aria-label^="Add"]`, "", ""},
	}
}

// dashboard is PocketBase's list of a collection's records.
func dashboard() webPage {
	return webPage{"PocketBase, records", "/_/#/collections?collection=requests", `tr.handle`, `tr.handle`, `.modal[data-modal-state=open]`}
}

// benchConsole measures what somebody at the console waits for, in a real browser.
func benchConsole(ctx context.Context, r *report) error {
	closed, loads, decisions, scrolled := 1_000_000, 9, 100, 20*time.Second
	if r.quick {
		closed, loads, decisions, scrolled = 50_000, 3, 20, 5*time.Second
	}
	web, end, err := chromium.Launch()
	if errors.Is(err, chromium.ErrMissing) {
		r.note("Not measured: %v.", err)
		return nil
	}
	if err != nil {
		return err
	}
	c := &consoleBench{web: web, closed: closed}
	err = c.measure(ctx, r, loads, decisions, scrolled)
	return errors.Join(err, end())
}

// consoleBench is what was measured.
type consoleBench struct {
	web     playwright.Browser
	closed  int
	loads   []pageLoads // of consolePages, in their order
	beside  *pageLoads  // of PocketBase's dashboard; nil: it could not be had
	without error       // why
	scroll  scrolling
	heard   latencies
}

func (c *consoleBench) measure(ctx context.Context, r *report, loads, decisions int, scrolled time.Duration) (err error) {
	binary, err := r.buildProcyon(ctx)
	if err != nil {
		return err
	}
	h := &history{closed: c.closed}
	folder := r.historyFolder(c.closed)
	o := gatewayOptions{binary: binary, store: filepath.Join(folder, "procyon.db")}
	if err := h.build(ctx, r, folder, o.store); err != nil {
		return err
	}
	if _, err := o.procyon(ctx, "user", "password", "--email", adminEmail, "--password", adminPassword); err != nil {
		return err
	}
	g, err := startGateway(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.stop()) }()
	r.progress("signing in")
	state, err := signedIn(c.web, g.url+"/signin", "#email", "#password", "main button")
	if err != nil {
		return err
	}
	pb, err := startPocketBase(ctx, r, c.web)
	if err != nil {
		c.without = err
	} else {
		defer pb.stop()
	}
	if err := c.open(r, g.url, state, pb, loads); err != nil {
		return err
	}
	r.progress("scrolling")
	if c.scroll, err = scroll(c.web, g.url+"/requests?tab=history", state, scrolled); err != nil {
		return err
	}
	r.progress("decisions")
	if c.heard, err = decide(c.web, g.url+"/requests", state, decisions); err != nil {
		return err
	}
	slices.Sort(c.heard)
	c.write(r, loads)
	return nil
}

// open loads all pages in turn, so that the machine's moods meet each.
func (c *consoleBench) open(r *report, url string, state *playwright.StorageState, pb *pocketBase, loads int) error {
	pages := consolePages()
	c.loads = make([]pageLoads, len(pages))
	if pb != nil {
		c.beside = &pageLoads{}
	}
	for round := range loads {
		r.progress("first loads, %d of %d", round+1, loads)
		for i, p := range pages {
			if err := c.loads[i].measure(c.web, url, p, state); err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
		}
		if pb != nil {
			if err := c.beside.measure(c.web, pb.url, dashboard(), pb.state); err != nil {
				return fmt.Errorf("PocketBase: %w", err)
			}
		}
	}
	return nil
}

func (c *consoleBench) write(r *report, loads int) {
	r.note("Chromium %s on `procyon serve` with SQLite, %d closed requests and %d pending ones. A first load is one of %d by a browser that has nothing in its cache, on a processor that Chromium slows down %d times; "+
		"a list can be used once its first row is painted and a press of it has opened what it opens, on the next frame. Medians.", c.web.Version(), c.closed, historyPending, loads, slowDown)
	head := []string{"page", "scripts, compressed", "with those of the press", "styles, compressed", "first row painted", "its press answered"}
	var rows [][]string
	for i, p := range consolePages() {
		rows = append(rows, c.loads[i].row(p))
	}
	if c.beside != nil {
		rows = append(rows, c.beside.row(dashboard()))
	} else {
		r.note("PocketBase's dashboard is not measured beside it: %v.", c.without)
	}
	r.table(head, rows)
	r.table([]string{"what", "p50", "p95", "max"}, [][]string{
		{"a frame while the history is scrolled", milliseconds(c.scroll.frames.at(0.5)), milliseconds(c.scroll.frames.at(0.95)), milliseconds(c.scroll.frames.at(1))},
		{"a decision until another browser shows it", milliseconds(c.heard.at(0.5)), milliseconds(c.heard.at(0.95)), milliseconds(c.heard.at(1))},
	})
	r.note("%d rows went by while it was scrolled.", c.scroll.rows)
	list := &c.loads[0]
	targets := []target{
		{"scripts of the first load, with those of the press", "≤ 250 KB", bytesOf(list.pressed), list.pressed <= 250_000},
		{"first row painted and its press answered", "≤ 1 s", milliseconds(list.answered.at(0.5)), list.answered.at(0.5) <= time.Second},
		{"a frame while scrolling, p95", "≤ 16 ms", milliseconds(c.scroll.frames.at(0.95)), c.scroll.frames.at(0.95) <= 17*time.Millisecond},
		{"heap after scrolling", "≤ 150 MB", fmt.Sprintf("%.1f MB", c.scroll.heap/1e6), c.scroll.heap <= 150e6},
		{"a decision until another browser shows it, p95", "≤ 300 ms", milliseconds(c.heard.at(0.95)), c.heard.at(0.95) <= 300*time.Millisecond},
	}
	if c.beside != nil {
		bytes := float64(list.pressed+list.styles) / float64(c.beside.pressed+c.beside.styles)
		took := float64(list.answered.at(0.5)) / float64(c.beside.answered.at(0.5))
		targets = append(targets,
			target{"bytes against PocketBase's", "≤ 1.2 ×", fmt.Sprintf("%.2f ×", bytes), bytes <= 1.2},
			target{"until the list can be used against PocketBase's", "≤ 1.0 ×", fmt.Sprintf("%.2f ×", took), took <= 1})
	}
	r.targets(targets...)
}

func bytesOf(n int) string { return fmt.Sprintf("%.1f KB", float64(n)/1000) }
