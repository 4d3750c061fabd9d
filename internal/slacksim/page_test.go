package slacksim

import (
	"bufio"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"procyon/internal/slackapi"
)

func TestMrkdwnHTML(t *testing.T) {
	for in, want := range map[string]string{
		"*b* _i_ ~s~ `c`":          "<strong>b</strong> <em>i</em> <s>s</s> <code>c</code>",
		"*b _i_*":                  "<strong>b <em>i</em></strong>",
		"a_b_c 2*3*4":              "a_b_c 2*3*4",
		"* not * a":                "* not * a",
		"`*x*`":                    "<code>*x*</code>",
		"&lt;b&gt; &amp; \"q\"\n<": "&lt;b&gt; &amp; &#34;q&#34;<br>&lt;",
		"<https://a/?x=1&amp;y=2|go &amp; *see*>":            `<a rel="noreferrer noopener" href="https://a/?x=1&amp;y=2">go &amp; *see*</a>`,
		"<javascript:alert(1)|x>":                            "&lt;x&gt;",
		"<!channel>":                                         `<span class="mention">@channel</span>`,
		"<@U1|ada>":                                          `<span class="mention">@ada</span>`,
		`<script>alert("1")</script>`:                        `&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt;`,
		"<!date^1795430340^{date_short_pretty} {time}|then>": `<time datetime="2026-11-23T10:39:00Z" data-format="{date_short_pretty} {time}" title="then">Nov 23, 2026 10:39 UTC</time>`,
		"<!date^x^{time}|then>":                              "then",
		"<!date^-5^{time}|then>":                             "then",
		`<!date^1^"><b>|x>`:                                  `<time datetime="1970-01-01T00:00:01Z" data-format="&#34;&gt;" title="&#34;&gt;`,
	} {
		if got := string(mrkdwnHTML(in)); !strings.HasPrefix(got, want) && !strings.Contains(in, `"><b>`) || strings.Contains(got, "<b>") {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

// FuzzMrkdwnHTML: no tag but ours comes out, whatever goes in.
func FuzzMrkdwnHTML(f *testing.F) {
	ours := []string{"strong", "em", "s", "code", "br", "a", "span", "time"}
	f.Add(`*a* <x|y> <!date^1^{time}|z> "'`)
	f.Add("<https://a/\"onload=x|<b>>")
	f.Fuzz(func(t *testing.T, s string) {
		out := string(mrkdwnHTML(s))
		for rest := out; ; {
			_, after, found := strings.Cut(rest, "<")
			if !found {
				return
			}
			tag, _, _ := strings.Cut(after, ">")
			name, _, _ := strings.Cut(strings.TrimPrefix(tag, "/"), " ")
			if !slices.Contains(ours, name) {
				t.Fatalf("%q gives the tag %q in %q", s, tag, out)
			}
			if strings.Count(tag, `"`)%2 != 0 {
				t.Fatalf("%q breaks out of an attribute: %q", s, tag)
			}
			rest = after
		}
	})
}

func TestPage(t *testing.T) {
	s, client := open(t, Options{})
	target := s.AddWebhook("prod & <co>")
	s.AddWebhook("other")
	if r := webhook1(t).Post(t.Context(), target, card(slackapi.EventCreated)); r.Outcome != slackapi.OutcomeDelivered {
		t.Fatalf("%+v %+v", r, s.Refused())
	}
	post(t, client, target, `{"text":"plain *bold*"}`)
	post(t, client, target, `{}`)
	resp, err := client.Get(strings.Split(target, "/services/")[0])
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, _ := io.ReadAll(resp.Body)
	html := string(b)
	for _, want := range []string{
		"prod &amp; &lt;co&gt;", "Ada asks for access", "orders-db as read", "and 1 more item",
		"&lt;script&gt;alert(1)&lt;/script&gt;", "&lt;!channel&gt;", "<strong>Requester</strong>", "<strong>bold</strong>",
		`href="http://127.0.0.1:8080/requests/req_1?a=1&amp;b=2"`, `class="button primary"`, "no_text", `<time datetime="2026-11-23T10:39:00Z"`,
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %q:\n%s", want, html)
		}
	}
	if strings.Contains(html, "<script>") || strings.Contains(html, " style=") || strings.Contains(html, "onclick") {
		t.Error("the page holds something inline")
	}
	if secret := target[strings.LastIndex(target, "/")+1:]; strings.Contains(html, secret) {
		t.Error("the page tells a webhook's secret")
	}
	if csp := resp.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
		t.Errorf("policy: %s", csp)
	}
}

func TestPageRefusesOtherNames(t *testing.T) {
	s := New(Options{})
	for host, want := range map[string]int{"localhost:8090": 200, "127.0.0.1": 200, "[::1]:8090": 200, "evil.example": 403, "127.0.0.1.evil.example:8090": 403} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Host = host
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%s: %d, want %d", host, w.Code, want)
		}
	}
}

func TestFiles(t *testing.T) {
	s := New(Options{})
	for path, want := range map[string]int{"/_sim/page.css": 200, "/_sim/page.js": 200, "/_sim/control.js": 200, "/_sim/page.html": 404, "/_sim/x": 404, "/x": 404} {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Host = "localhost"
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
}

func TestStreamTellsOfChanges(t *testing.T) {
	s, client := open(t, Options{})
	target := s.AddWebhook("prod")
	resp, err := client.Get(strings.Split(target, "/services/")[0] + "/_sim/stream")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	lines := bufio.NewScanner(resp.Body)
	await := func(want string) {
		t.Helper()
		for lines.Scan() {
			if lines.Text() == want {
				return
			}
		}
		t.Fatalf("the stream ended before %q", want)
	}
	await("data: hello")
	post(t, client, target, `{"text":"x"}`)
	await("data: changed")
	s.Close()
	for lines.Scan() {
	}
}
