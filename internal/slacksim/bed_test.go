package slacksim

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"procyon/internal/slackapi"
)

// heard is something that the simulator sent to the app.
type heard struct {
	path   string
	header http.Header
	form   url.Values
	body   map[string]any // the JSON, or the payload of the form
}

// bed is a simulator, an app that checks each signature, and slack-go as the app's
// library.
type bed struct {
	*Server
	t      *testing.T
	clock  *clock
	in     Installed
	api    *slack.Client
	url    string
	app    string
	client *http.Client

	mu     sync.Mutex
	got    []heard
	more   chan struct{} // closed and replaced when the app hears something
	answer func(http.ResponseWriter, heard)
}

// newBed makes a simulator with an installed app that answers everything with an
// empty 200, until answers is called.
func newBed(t *testing.T, o Options) *bed {
	t.Helper()
	b := &bed{t: t, clock: &clock{now: start}, more: make(chan struct{})}
	if o.Now == nil {
		o.Now = b.clock.Now
	}
	if o.AckTimeout == 0 {
		o.AckTimeout = 20 * time.Second // a busy machine is no fault of the app's
	}
	if o.Retries == nil {
		o.Retries = []time.Duration{0, 0, 0}
	}
	b.Server = New(o)
	web := httptest.NewServer(b.Server)
	app := httptest.NewServer(http.HandlerFunc(b.hear))
	b.url, b.app, b.client = web.URL, app.URL, web.Client()
	b.SetBaseURL(web.URL)
	a := o.App
	a.CommandURL, a.InteractionURL, a.EventURL = app.URL+"/command", app.URL+"/interaction", app.URL+"/event"
	a.RedirectURLs = []string{app.URL + "/oauth"}
	b.SetApp(a)
	t.Cleanup(func() { b.Close(); app.Close(); web.Close() })
	var err error
	if b.in, err = b.Install(""); err != nil {
		t.Fatal(err)
	}
	b.api = b.bot(b.in.Token)
	return b
}

func (b *bed) bot(token string) *slack.Client {
	return slack.New(token, slack.OptionAPIURL(b.url+"/api/"), slack.OptionHTTPClient(b.client))
}

func (b *bed) hear(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet { // a browser that comes back from the page that installs the app
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, `<!doctype html><link rel="icon" href="data:,"><title>Installed</title>`)
		return
	}
	raw, _ := io.ReadAll(r.Body)
	if err := slackapi.Verify(b.App().SigningSecret, r.Header.Get("X-Slack-Request-Timestamp"), raw, r.Header.Get("X-Slack-Signature"), b.opts.Now()); err != nil {
		b.t.Errorf("%s: %v", r.URL.Path, err)
	}
	h := heard{path: r.URL.Path, header: r.Header}
	if r.Header.Get("Content-Type") == "application/json" {
		_ = json.Unmarshal(raw, &h.body)
	} else {
		h.form, _ = url.ParseQuery(string(raw))
		_ = json.Unmarshal([]byte(h.form.Get("payload")), &h.body)
	}
	b.mu.Lock()
	b.got = append(b.got, h)
	close(b.more)
	b.more = make(chan struct{})
	answer := b.answer
	b.mu.Unlock()
	if answer != nil {
		answer(w, h)
	}
}

// answers sets how the app answers from now on.
func (b *bed) answers(how func(http.ResponseWriter, heard)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.answer = how
}

// says answers with JSON.
func (b *bed) says(body string) {
	b.answers(func(w http.ResponseWriter, _ heard) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, body)
	})
}

// last gives what the app heard last.
func (b *bed) last() heard {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.got) == 0 {
		b.t.Fatal("the app heard nothing")
	}
	return b.got[len(b.got)-1]
}

// kinds lists what the app heard, by type.
func (b *bed) kinds() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []string
	for _, h := range b.got {
		kind, _ := h.body["type"].(string)
		if e, ok := h.body["event"].(map[string]any); ok {
			kind, _ = e["type"].(string)
		}
		if h.form.Get("command") != "" {
			kind = "command"
		}
		out = append(out, kind)
	}
	return out
}

// hears waits until the app has heard of something n times.
func (b *bed) hears(kind string, n int) {
	b.t.Helper()
	ctx := soon(b.t)
	for {
		b.mu.Lock()
		more := b.more
		b.mu.Unlock()
		if len(slices.DeleteFunc(b.kinds(), func(k string) bool { return k != kind })) >= n {
			return
		}
		select {
		case <-more:
		case <-ctx.Done():
			b.t.Fatalf("the app heard %v, want %s %d times", b.kinds(), kind, n)
		}
	}
}

// clean fails where something was refused that the test did not expect: refused
// lists the words that it did.
func (b *bed) clean(refused ...string) {
	b.t.Helper()
	var got []string
	for _, r := range b.Refused() {
		got = append(got, r.Body)
	}
	if !slices.Equal(got, refused) {
		b.t.Errorf("refused: %+v, want %v", b.Refused(), refused)
	}
}

// dig reads a value at a path within JSON, or nil.
func dig(v any, path ...any) any {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			o, _ := v.(map[string]any)
			v = o[p]
		case int:
			l, _ := v.([]any)
			if p >= len(l) {
				return nil
			}
			v = l[p]
		}
	}
	return v
}

// must is for what can't fail in a test.
func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// soon bounds a wait.
func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func paragraph(text string) slack.Block {
	return slack.NewSectionBlock(slack.NewTextBlockObject("mrkdwn", text, false, false), nil, nil)
}

func plain(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject("plain_text", text, false, false)
}

func buttons(ids ...string) slack.Block {
	var all []slack.BlockElement
	for _, id := range ids {
		all = append(all, slack.NewButtonBlockElement(id, "value of "+id, plain("Button "+id)))
	}
	return slack.NewActionBlock("buttons", all...)
}
