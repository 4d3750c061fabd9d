package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/mxschmitt/playwright-go"
)

// webPage is a page that somebody opens, and what they wait for on it.
type webPage struct {
	name  string
	path  string
	first string // a selector of what is there once the first row is
	press string // of what is pressed then; empty: nothing
	opens string // of what that opens
}

// pageLoads is what the first loads of a page took.
type pageLoads struct {
	scripts           int // compressed bytes until the first row was painted, of the last one
	pressed           int // and until its press was answered
	styles            int
	painted, answered latencies
}

func (l *pageLoads) row(p webPage) []string {
	slices.Sort(l.painted)
	slices.Sort(l.answered)
	answered := "–"
	if p.press != "" {
		answered = milliseconds(l.answered.at(0.5))
	}
	return []string{p.name, bytesOf(l.scripts), bytesOf(l.pressed), bytesOf(l.styles), milliseconds(l.painted.at(0.5)), answered}
}

// watch notes when the first row is on the screen, presses, and notes when that is answered. A
// frame is on the screen when what follows it in the queue runs.
const watch = `(([first, press, opens]) => {
  const m = (window.procyonBench = {})
  const onScreen = (f) => requestAnimationFrame(() => { const c = new MessageChannel(); c.port1.onmessage = f; c.port2.postMessage(0) })
  const size = (kind) => [...new Map(performance.getEntriesByType('resource').map((r) => [r.name, r])).values()].filter((r) => new URL(r.name).pathname.endsWith(kind)).reduce((n, r) => n + r.encodedBodySize, 0)
  const done = () => { m.pressed = size('.js'); m.styles = size('.css'); m.answered = performance.now() }
  const once = (selector, f) => {
    const look = () => document.querySelector(selector) && (o.disconnect(), onScreen(f), true)
    const o = new MutationObserver(look)
    o.observe(document, { childList: true, subtree: true, attributes: true })
    look()
  }
  once(first, () => {
    m.painted = performance.now()
    m.scripts = size('.js')
    if (!press) return done()
    once(opens, done)
    document.querySelector(press).click()
  })
})`

// measure opens the page once, as somebody who was never here but is signed in.
func (l *pageLoads) measure(web playwright.Browser, url string, p webPage, state *playwright.StorageState) error {
	context, err := web.NewContext(playwright.BrowserNewContextOptions{Viewport: &playwright.Size{Width: 1280, Height: 900}, StorageState: state.ToOptionalStorageState()})
	if err != nil {
		return err
	}
	defer context.Close()
	page, err := context.NewPage()
	if err != nil {
		return err
	}
	session, err := context.NewCDPSession(page)
	if err != nil {
		return err
	}
	if _, err := session.Send("Emulation.setCPUThrottlingRate", map[string]any{"rate": slowDown}); err != nil {
		return err
	}
	what, err := json.Marshal([]string{p.first, p.press, p.opens})
	if err != nil {
		return err
	}
	if err := page.AddInitScript(playwright.Script{Content: playwright.String(watch + "(" + string(what) + ")")}); err != nil {
		return err
	}
	if _, err := page.Goto(url + p.path); err != nil {
		return err
	}
	if _, err := page.WaitForFunction("() => window.procyonBench.answered", nil, playwright.PageWaitForFunctionOptions{Polling: 100, Timeout: playwright.Float(60_000)}); err != nil {
		return err
	}
	got, err := page.Evaluate("() => { const m = window.procyonBench; return [m.painted, m.answered, m.scripts, m.pressed, m.styles] }")
	if err != nil {
		return err
	}
	list, _ := got.([]any)
	times := numbers(list[:2])
	l.painted, l.answered = append(l.painted, times[0]), append(l.answered, times[1])
	l.scripts, l.pressed, l.styles = int(float(list[2])), int(float(list[3])), int(float(list[4]))
	return nil
}

func float(v any) float64 {
	switch n := v.(type) {
	case float64:
		return n
	case int:
		return float64(n)
	}
	return 0
}

// numbers reads a list of milliseconds.
func numbers(v any) []time.Duration {
	list, _ := v.([]any)
	out := make([]time.Duration, 0, len(list))
	for _, n := range list {
		out = append(out, time.Duration(float(n)*float64(time.Millisecond)))
	}
	return out
}

// signedIn signs in through a form, and returns what the browser keeps of it.
func signedIn(web playwright.Browser, url, email, password, button string) (*playwright.StorageState, error) {
	context, err := web.NewContext()
	if err != nil {
		return nil, err
	}
	defer context.Close()
	page, err := context.NewPage()
	if err != nil {
		return nil, err
	}
	if _, err := page.Goto(url); err != nil {
		return nil, err
	}
	if err := page.Locator(email).Fill(adminEmail); err != nil {
		return nil, err
	}
	if err := page.Locator(password).Fill(adminPassword); err != nil {
		return nil, err
	}
	if err := page.Locator(button).First().Click(); err != nil {
		return nil, err
	}
	if err := page.Locator(password).WaitFor(playwright.LocatorWaitForOptions{State: playwright.WaitForSelectorStateDetached}); err != nil {
		return nil, err
	}
	return context.StorageState()
}

// scrolling is what a long scroll through the history was like.
type scrolling struct {
	frames latencies
	rows   int
	heap   float64 // bytes, after everything was freed that can be
}

// scrollDown scrolls by a few rows in each frame, as a hand does, and notes how long frames are.
const scrollDown = `async (forMs) => {
  const list = document.querySelector('[data-row]').closest('ul').parentElement
  const frames = [], seen = new Set()
  const next = () => new Promise((r) => requestAnimationFrame(r))
  let last = await next()
  for (const until = last + forMs; last < until; ) {
    list.scrollTop += 120
    const at = await next()
    frames.push(at - last)
    last = at
    for (const a of list.querySelectorAll('[data-row]')) seen.add(a.dataset.row)
  }
  return [seen.size, ...frames]
}`

func scroll(web playwright.Browser, url string, state *playwright.StorageState, long time.Duration) (scrolling, error) {
	var s scrolling
	page, end, err := openAs(web, url, state)
	if err != nil {
		return s, err
	}
	defer end()
	got, err := page.Evaluate(scrollDown, long.Milliseconds())
	if err != nil {
		return s, err
	}
	list, _ := got.([]any)
	s.rows, s.frames = int(float(list[0])), numbers(list[1:])
	slices.Sort(s.frames)
	session, err := page.Context().NewCDPSession(page)
	if err != nil {
		return s, err
	}
	if _, err := session.Send("HeapProfiler.collectGarbage", nil); err != nil {
		return s, err
	}
	usage, err := session.Send("Runtime.getHeapUsage", nil)
	if err != nil {
		return s, err
	}
	of, _ := usage.(map[string]any)
	s.heap = float(of["usedSize"])
	return s, nil
}

// openAs opens a list of requests in a browser of its own, and waits for its rows.
func openAs(web playwright.Browser, url string, state *playwright.StorageState) (playwright.Page, func(), error) {
	context, err := web.NewContext(playwright.BrowserNewContextOptions{Viewport: &playwright.Size{Width: 1280, Height: 900}, StorageState: state.ToOptionalStorageState()})
	if err != nil {
		return nil, nil, err
	}
	end := func() { _ = context.Close() }
	page, err := context.NewPage()
	if err == nil {
		_, err = page.Goto(url)
	}
	if err == nil {
		err = page.Locator("[data-row]").First().WaitFor()
	}
	if err != nil {
		end()
		return nil, nil, err
	}
	return page, end, nil
}

// approveNext approves the first request that waits in the list, and says when that was pressed.
const approveNext = `async (id) => {
  const until = (f) => new Promise((r) => { const look = () => { const e = f(); if (e) r(e); else requestAnimationFrame(look) }; look() })
  const row = document.querySelector('[data-row="' + id + '"]').closest('li')
  row.querySelector('button[aria-label^="Approve"]').click()
  const named = (name) => [...document.querySelectorAll('[role=dialog] button')].find((b) => b.textContent.trim() === name && !b.dataset.disabled)
  const button = await until(() => named('Approve'))
  const pressed = Date.now()
  button.click()
  await until(() => !named('Approve'))
  document.querySelector('[role=dialog] [aria-label=Close]').click()
  await until(() => !document.querySelector('[role=dialog]'))
  return pressed
}`

// hearOf notes when each row of the list stops to wait.
const hearOf = `() => {
  const heard = (window.procyonHeard = {})
  new MutationObserver(() => {
    const at = Date.now()
    for (const a of document.querySelectorAll('[data-row]')) if (!a.closest('li').innerText.includes('Pending')) heard[a.dataset.row] ??= at
  }).observe(document, { childList: true, subtree: true, characterData: true, attributes: true })
}`

// decide approves requests in one browser, and measures when another one shows each.
func decide(web playwright.Browser, url string, state *playwright.StorageState, n int) (latencies, error) {
	const most = 10 // of one list's first rows
	var took latencies
	for len(took) < n {
		times, err := decideSome(web, url, state, min(most, n-len(took)))
		if err != nil {
			return nil, err
		}
		took = append(took, times...)
	}
	return took, nil
}

func decideSome(web playwright.Browser, url string, state *playwright.StorageState, n int) (latencies, error) {
	here, end, err := openAs(web, url, state)
	if err != nil {
		return nil, err
	}
	defer end()
	there, end, err := openAs(web, url, state)
	if err != nil {
		return nil, err
	}
	defer end()
	if _, err := there.Evaluate(hearOf); err != nil {
		return nil, err
	}
	got, err := here.Evaluate(`() => [...document.querySelectorAll('[data-row]')].map((a) => a.dataset.row)`)
	if err != nil {
		return nil, err
	}
	rows, _ := got.([]any)
	if len(rows) < n {
		return nil, fmt.Errorf("the list has %d rows", len(rows))
	}
	var took latencies
	for _, id := range rows[:n] {
		pressed, err := here.Evaluate(approveNext, id)
		if err != nil {
			return nil, err
		}
		heard, err := there.WaitForFunction(`(id) => window.procyonHeard[id]`, id)
		if err != nil {
			return nil, err
		}
		at, err := heard.JSONValue()
		if err != nil {
			return nil, err
		}
		took = append(took, time.Duration(float(at)-float(pressed))*time.Millisecond)
	}
	return took, nil
}
