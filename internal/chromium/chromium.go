package chromium

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/mxschmitt/playwright-go"
)

// Browser is a person's browser: its pages share their cookies. Its methods, and those of
// its pages, end the test where they fail.
type Browser struct {
	Context playwright.BrowserContext
	t       *testing.T
	said    *complaints
}

// complaints is what pages complained of.
type complaints struct {
	mu  sync.Mutex // guards all
	all []string
}

func (c *complaints) add(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, text)
}

// Start starts a browser that ends with the test, or skips the test where there is none.
func Start(t *testing.T) *Browser {
	t.Helper()
	if testing.Short() {
		t.Skip("needs Chromium")
	}
	web, end, err := Launch()
	if errors.Is(err, ErrMissing) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := end(); err != nil {
			t.Error(err)
		}
	})
	return browser(t, web, &complaints{})
}

// Person is somebody else at the same machine: their pages know nothing of the others'.
func (b *Browser) Person() *Browser {
	b.t.Helper()
	return browser(b.t, b.Context.Browser(), b.said)
}

func browser(t *testing.T, web playwright.Browser, said *complaints) *Browser {
	t.Helper()
	context, err := web.NewContext(playwright.BrowserNewContextOptions{Viewport: &playwright.Size{Width: 1100, Height: 850}, ReducedMotion: playwright.ReducedMotionReduce})
	if err != nil {
		t.Fatal(err)
	}
	context.OnWebError(func(e playwright.WebError) { said.add(e.Error().Error()) })
	context.OnConsole(func(m playwright.ConsoleMessage) {
		if m.Type() == "error" || m.Type() == "warning" {
			said.add(m.Text())
		}
	})
	return &Browser{context, t, said}
}

// Clean fails where a page of anybody complained: of an exception, of its policy, of what
// it could not load. A complaint with one of the words that are expected is none.
func (b *Browser) Clean(expected ...string) {
	b.t.Helper()
	b.said.mu.Lock()
	defer b.said.mu.Unlock()
	for _, f := range b.said.all {
		if slices.ContainsFunc(expected, func(words string) bool { return strings.Contains(f, words) }) {
			continue
		}
		b.t.Errorf("the page complains: %s", f)
	}
}

// Tab is an open page. What is not here, Page has.
type Tab struct {
	Page playwright.Page
	t    *testing.T
}

// Open opens a page.
func (b *Browser) Open(url string) *Tab {
	b.t.Helper()
	page, err := b.Context.NewPage()
	if err != nil {
		b.t.Fatal(err)
	}
	p := &Tab{page, b.t}
	p.Visit(url)
	return p
}

// With is another page of the same person.
func (p *Tab) With(page playwright.Page) *Tab { return &Tab{page, p.t} }

// Must ends the test where there is an error.
func (p *Tab) Must(err error) {
	p.t.Helper()
	if err != nil {
		text, _ := p.Page.Locator("body").InnerText(playwright.LocatorInnerTextOptions{Timeout: playwright.Float(1000)})
		p.t.Fatalf("at %s: %v\n%s", p.Page.URL(), err, text)
	}
}

// Visit goes to an address and waits until the page is there.
func (p *Tab) Visit(url string) {
	p.t.Helper()
	_, err := p.Page.Goto(url)
	p.Must(err)
}

// Run evaluates an expression, which may be a promise.
func (p *Tab) Run(expression string, args ...any) json.RawMessage {
	p.t.Helper()
	got, err := p.Page.Evaluate(expression, args...)
	p.Must(err)
	out, err := json.Marshal(got)
	p.Must(err)
	return out
}

// Until waits, in the page, until a condition holds.
func (p *Tab) Until(condition string) {
	p.t.Helper()
	_, err := p.Page.WaitForFunction(fmt.Sprintf(`() => { try { return Boolean(%s); } catch { return false; } }`, condition), nil)
	if err != nil {
		p.Must(fmt.Errorf("never so: %s: %w", condition, err))
	}
}

var named = regexp.MustCompile(`^((Control|Shift|Alt)\+.+|Enter|Escape|Tab|Space|Backspace|Delete|Home|End|Arrow(Up|Down|Left|Right))$`)

// Press presses keys: named ones, and those of a text.
func (p *Tab) Press(keys ...string) {
	p.t.Helper()
	for _, key := range keys {
		if named.MatchString(key) {
			p.Must(p.Page.Keyboard().Press(key))
			continue
		}
		p.Must(p.Page.Keyboard().Type(key))
	}
}

// Focus puts the focus on the first of what a selector finds.
func (p *Tab) Focus(selector string) {
	p.t.Helper()
	p.Must(p.Page.Locator(selector).First().Focus())
}

// Click presses the last of what a selector finds and has a text, by the mouse.
func (p *Tab) Click(selector, text string) {
	p.t.Helper()
	exact := regexp.MustCompile(`^\s*` + regexp.QuoteMeta(text) + `\s*$`)
	found := p.Page.Locator(selector, playwright.PageLocatorOptions{HasText: exact}).Filter(playwright.LocatorFilterOptions{Visible: playwright.Bool(true)})
	p.Must(found.Last().Click())
}

// Size makes the page as wide and high as a screen of so many pixels.
func (p *Tab) Size(width, height int) {
	p.t.Helper()
	p.Must(p.Page.SetViewportSize(width, height))
}

// Picture keeps a picture of the page where PROCYON_PICTURES names a folder.
func (p *Tab) Picture(name string) {
	p.t.Helper()
	dir := os.Getenv("PROCYON_PICTURES")
	if dir == "" {
		return
	}
	p.Must(p.Page.Mouse().Move(0, 0)) // so that nothing looks as under it
	_, err := p.Page.Screenshot(playwright.PageScreenshotOptions{Path: playwright.String(filepath.Join(dir, name+".png"))})
	p.Must(err)
}

// What axe-core judges by colours; the rest is the same in both schemes.
var byColour = []string{"color-contrast", "link-in-text-block"}

// Accessible has axe-core, which is not ours, judge the page as it is now: by all its rules
// in one colour scheme, and by those about colours in the other as well.
func (p *Tab) Accessible(when string) {
	p.t.Helper()
	p.judged(when, playwright.ColorSchemeDark, byColour)
	p.judged(when, playwright.ColorSchemeLight, nil)
}

// AccessibleInLight is Accessible in the light scheme alone, for a page that was judged in
// both at another size: a colour does not depend on that.
func (p *Tab) AccessibleInLight(when string) {
	p.t.Helper()
	p.judged(when, playwright.ColorSchemeLight, nil)
}

// judged fails where a rule is broken in a colour scheme: one of these, or any where there
// are none.
func (p *Tab) judged(when string, scheme *playwright.ColorScheme, rules []string) {
	p.t.Helper()
	script, err := os.ReadFile(beside("..", "slacksim", "testdata", "judge", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		const missing = "axe-core is missing: run make install/internal/slacksim/testdata/judge"
		if os.Getenv("CI") != "" {
			p.t.Fatalf("%s: %v", missing, err)
		}
		p.t.Log(missing + ", and accessibility is not judged")
		return
	}
	if string(p.Run(`Boolean(window.axe)`)) != "true" {
		p.Run(string(script) + "; 0")
	}
	p.Must(p.Page.EmulateMedia(playwright.PageEmulateMediaOptions{ColorScheme: scheme}))
	var found []string
	// A page learns of the other scheme by its next frame, and is drawn so in the one after.
	p.Run(`new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))`)
	raw := p.Run(`(rules) => axe.run({resultTypes: ["violations"], ...(rules?.length ? {runOnly: rules} : {})}).then((r) =>
	  r.violations.map((v) => v.id + ": " + v.help + ": " + v.nodes.map((n) => n.html + " " + n.failureSummary).join(" ")))`, rules)
	p.Must(json.Unmarshal(raw, &found))
	for _, f := range found {
		p.t.Errorf("%s, %s: %s", when, *scheme, f)
	}
}
