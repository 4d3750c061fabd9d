// Package chromium drives a headless Chromium in tests, by the browser's own protocol
// (https://chromedevtools.github.io/devtools-protocol/): what people see and press is
// tested where they see and press it.
package chromium

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// Browser is a headless Chromium. Its methods end the test where they fail.
type Browser struct {
	t    *testing.T
	conn *websocket.Conn

	mu      sync.Mutex // guards last, waiting and faults
	last    int
	waiting map[int]chan message
	faults  []string // what any page complained of
}

type message struct {
	ID      int             `json:"id"`
	Method  string          `json:"method"`
	Params  json.RawMessage `json:"params"`
	Session string          `json:"sessionId"`
	Result  json.RawMessage `json:"result"`
	Error   *struct{ Message string }
}

// Start starts a browser that ends with the test, or skips the test where there is none.
func Start(t *testing.T) *Browser {
	t.Helper()
	if testing.Short() {
		t.Skip("needs Chromium")
	}
	var bin string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			bin = found
			break
		}
	}
	if bin == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("Chromium is missing")
		}
		t.Skip("Chromium is missing: install it to test the page in a browser")
	}
	dir := t.TempDir()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Minute) // what waits in it has a time of its own
	//nolint:gosec // G204: one of three names, found in PATH
	cmd := exec.CommandContext(ctx, bin, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
		"--disable-background-networking", "--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows", "--disable-background-timer-throttling",
		"--remote-debugging-address=127.0.0.1", "--remote-debugging-port=0", "--window-size=1100,850", "--user-data-dir="+dir, "about:blank")
	said := &address{found: make(chan string, 1)}
	cmd.Stderr = said
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		cancel()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait()
	})
	var at string
	select {
	case at = <-said.found:
	case <-time.After(40 * time.Second):
		t.Fatalf("Chromium tells no address: %s", said.text())
	}
	conn, _, err := websocket.DefaultDialer.DialContext(t.Context(), at, nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &Browser{t: t, conn: conn, waiting: map[int]chan message{}}
	read := make(chan struct{})
	go func() {
		defer close(read)
		b.read()
	}()
	t.Cleanup(func() {
		_ = conn.Close()
		<-read
	})
	return b
}

// address takes the browser's address out of what it prints.
type address struct {
	mu    sync.Mutex // guards said
	said  bytes.Buffer
	found chan string
}

func (a *address) Write(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.said.Write(p)
	if _, after, ok := strings.Cut(a.said.String(), "DevTools listening on "); ok && strings.Contains(after, "\n") {
		at, _, _ := strings.Cut(after, "\n")
		select {
		case a.found <- strings.TrimSpace(at):
		default:
		}
	}
	return len(p), nil
}

func (a *address) text() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.said.String()
}

func (b *Browser) read() {
	for {
		var m message
		if b.conn.ReadJSON(&m) != nil {
			return
		}
		b.mu.Lock()
		switch m.Method {
		case "Runtime.exceptionThrown", "Log.entryAdded":
			var entry struct{ Entry struct{ Level string } }
			if json.Unmarshal(m.Params, &entry) != nil || entry.Entry.Level != "info" {
				b.faults = append(b.faults, string(m.Params))
			}
		}
		if c := b.waiting[m.ID]; c != nil && m.ID != 0 {
			delete(b.waiting, m.ID)
			c <- m
		}
		b.mu.Unlock()
	}
}

// do calls a method of the protocol.
func (b *Browser) do(session, method string, params map[string]any) json.RawMessage {
	b.t.Helper()
	out, err := b.try(session, method, params)
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

// try is do for calls that may fail.
func (b *Browser) try(session, method string, params map[string]any) (json.RawMessage, error) {
	b.mu.Lock()
	b.last++
	c := make(chan message, 1)
	b.waiting[b.last] = c
	call := map[string]any{"id": b.last, "method": method, "params": params}
	if session != "" {
		call["sessionId"] = session
	}
	err := b.conn.WriteJSON(call)
	b.mu.Unlock()
	if err != nil {
		return nil, err
	}
	select {
	case m := <-c:
		if m.Error != nil {
			return nil, fmt.Errorf("%s: %s", method, m.Error.Message)
		}
		return m.Result, nil
	case <-time.After(40 * time.Second):
		return nil, fmt.Errorf("%s: no answer", method)
	}
}

// Tab is an open page.
type Tab struct {
	b       *Browser
	session string
}

// Open opens a page in a window of its own.
func (b *Browser) Open(url string) *Tab {
	b.t.Helper()
	var made struct{ TargetID string }
	decode(b.t, b.do("", "Target.createTarget", map[string]any{"url": "about:blank", "newWindow": true}), &made)
	var attached struct{ SessionID string }
	decode(b.t, b.do("", "Target.attachToTarget", map[string]any{"targetId": made.TargetID, "flatten": true}), &attached)
	p := &Tab{b, attached.SessionID}
	for _, domain := range []string{"Page", "Runtime", "Log"} {
		b.do(p.session, domain+".enable", nil)
	}
	b.do(p.session, "Emulation.setFocusEmulationEnabled", map[string]any{"enabled": true})
	p.Visit(url)
	return p
}

// Visit goes to an address and waits until the page is there.
func (p *Tab) Visit(url string) {
	p.b.t.Helper()
	p.b.do(p.session, "Page.navigate", map[string]any{"url": url})
	p.Until(`location.href.startsWith("http") && document.readyState === "complete"`)
}

// Run evaluates an expression, which may be a promise.
func (p *Tab) Run(expression string) json.RawMessage {
	p.b.t.Helper()
	out, err := p.evaluate(expression)
	if err != nil {
		p.b.t.Fatal(err)
	}
	return out
}

func (p *Tab) evaluate(expression string) (json.RawMessage, error) {
	raw, err := p.b.try(p.session, "Runtime.evaluate", map[string]any{
		"expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true,
	})
	if err != nil {
		return nil, err
	}
	var out struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails json.RawMessage
	}
	if err := json.Unmarshal(raw, &out); err != nil {
		return nil, err
	}
	if out.ExceptionDetails != nil {
		return nil, fmt.Errorf("%s: %s", expression, out.ExceptionDetails)
	}
	return out.Result.Value, nil
}

// Until waits, in the page, until a condition holds.
func (p *Tab) Until(condition string) {
	p.b.t.Helper()
	var err error
	for range 5 {
		var got json.RawMessage
		got, err = p.evaluate(fmt.Sprintf(`new Promise((done) => {
		  const holds = () => { try { return Boolean(%s); } catch { return false; } };
		  if (holds()) return done("yes");
		  const end = (word) => { watch.disconnect(); clearTimeout(timer); document.removeEventListener("readystatechange", look); done(word); };
		  const look = () => { if (holds()) end("yes"); };
		  const watch = new MutationObserver(look);
		  watch.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
		  document.addEventListener("readystatechange", look);
		  const timer = setTimeout(() => end(holds() ? "yes" : document.body.innerText), 15000);
		})`, condition))
		if string(got) == `"yes"` {
			return
		}
		if got != nil {
			p.b.t.Fatalf("never so: %s\n%s", condition, got)
		}
	} // a navigation ends what is evaluated
	p.b.t.Fatalf("never so: %s: %v", condition, err)
}

// Press sends keys as a keyboard does: text, or one of the named keys.
func (p *Tab) Press(keys ...string) {
	p.b.t.Helper()
	for _, key := range keys {
		codes := map[string]int{"Enter": 13, "Escape": 27, "ArrowDown": 40, "Tab": 9, "Backspace": 8}
		if code, named := codes[key]; named {
			down := map[string]any{"type": "keyDown", "key": key, "code": key, "windowsVirtualKeyCode": code}
			if key == "Enter" {
				down["text"] = "\r"
			}
			p.b.do(p.session, "Input.dispatchKeyEvent", down)
			p.b.do(p.session, "Input.dispatchKeyEvent", map[string]any{"type": "keyUp", "key": key, "code": key, "windowsVirtualKeyCode": code})
			continue
		}
		p.b.do(p.session, "Input.insertText", map[string]any{"text": key})
	}
}

// Focus puts the focus where a selector leads.
func (p *Tab) Focus(selector string) {
	p.b.t.Helper()
	p.Run(fmt.Sprintf(`document.querySelector(%q).focus()`, selector))
}

// Click presses what has a text, by the mouse.
func (p *Tab) Click(selector, text string) {
	p.b.t.Helper()
	find := fmt.Sprintf(`[...document.querySelectorAll(%q)].filter((e) => e.textContent.trim() === %q && e.checkVisibility()).at(-1)`, selector, text)
	p.Until(find)
	var at struct{ X, Y float64 }
	decode(p.b.t, p.Run(`(() => { const e = `+find+`; e.scrollIntoView({block: "center", behavior: "instant"}); const r = e.getBoundingClientRect(); return {X: r.x + r.width / 2, Y: r.y + r.height / 2}; })()`), &at)
	for _, kind := range []string{"mousePressed", "mouseReleased"} {
		p.b.do(p.session, "Input.dispatchMouseEvent", map[string]any{"type": kind, "x": at.X, "y": at.Y, "button": "left", "clickCount": 1})
	}
}

// Size makes the page as wide and high as a screen of so many pixels.
func (p *Tab) Size(width, height int) {
	p.b.t.Helper()
	p.b.do(p.session, "Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600})
}

// Picture keeps a picture of the page where PROCYON_PICTURES names a folder.
func (p *Tab) Picture(name string) {
	p.b.t.Helper()
	dir := os.Getenv("PROCYON_PICTURES")
	if dir == "" {
		return
	}
	var out struct{ Data string }
	decode(p.b.t, p.b.do(p.session, "Page.captureScreenshot", nil), &out)
	raw, err := base64.StdEncoding.DecodeString(out.Data)
	if err != nil {
		p.b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), raw, 0o644); err != nil { //nolint:gosec // G306: pictures are for everybody
		p.b.t.Fatal(err)
	}
}

// Accessible has axe-core, which is not ours, judge the page as it is now.
func (p *Tab) Accessible(when string) {
	p.b.t.Helper()
	_, here, _, _ := runtime.Caller(0)
	judge := filepath.Join(filepath.Dir(here), "..", "slacksim", "testdata", "judge")
	script, err := os.ReadFile(filepath.Join(judge, "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		if os.Getenv("CI") != "" {
			p.b.t.Fatalf("axe-core is missing: run npm ci in internal/slacksim/testdata/judge: %v", err)
		}
		p.b.t.Logf("axe-core is missing, so accessibility is not judged: run npm ci in internal/slacksim/testdata/judge")
		return
	}
	p.Run(string(script) + "; 0")
	for _, scheme := range []string{"dark", "light"} {
		p.b.do(p.session, "Emulation.setEmulatedMedia", map[string]any{"features": []any{map[string]any{"name": "prefers-color-scheme", "value": scheme}}})
		var found []string
		decode(p.b.t, p.Run(`axe.run({resultTypes: ["violations"]}).then((r) => r.violations.map((v) => v.id + ": " + v.help + ": " + v.nodes.map((n) => n.html).join(" ")))`), &found)
		for _, f := range found {
			p.b.t.Errorf("%s, %s: %s", when, scheme, f)
		}
	}
}

// Clean fails where a page complained: of an exception, or of its policy. A complaint with
// one of the words that are expected is none.
func (b *Browser) Clean(expected ...string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.faults {
		if slices.ContainsFunc(expected, func(words string) bool { return strings.Contains(f, words) }) {
			continue
		}
		b.t.Errorf("the page complains: %s", f)
	}
}

func decode(t *testing.T, raw []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
}
