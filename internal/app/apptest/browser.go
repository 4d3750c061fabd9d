package apptest

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"procyon/internal/slacksim"
)

// Browser is a person's browser, which follows links. It is at the page that it got last.
type Browser struct {
	T   *testing.T
	Web *http.Client
	At  *url.URL
}

// NewBrowser makes one that has no cookies.
func NewBrowser(t *testing.T) *Browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Browser{T: t, Web: &http.Client{Jar: jar}}
}

// Read takes in an answer, and returns the page.
func (b *Browser) Read(resp *http.Response, err error) string {
	b.T.Helper()
	if err != nil {
		b.T.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		b.T.Fatal(err)
	}
	b.At = resp.Request.URL
	return string(data)
}

// Get goes to an address, which may be relative to where it is.
func (b *Browser) Get(address string) string {
	b.T.Helper()
	u, err := url.Parse(address)
	if err != nil {
		b.T.Fatal(err)
	}
	if b.At != nil {
		u = b.At.ResolveReference(u)
	}
	return b.do(http.MethodGet, u, nil)
}

var (
	formAction  = regexp.MustCompile(`action="([^"]+)"`)
	hiddenField = regexp.MustCompile(`<input type="hidden" name="(\w+)" value="([^"]*)"`)
)

// Send sends a page's last form: the first may be that which signs out.
func (b *Browser) Send(page string, fields url.Values) string {
	b.T.Helper()
	page = lastForm(page)
	action := formAction.FindStringSubmatch(page)
	if action == nil {
		b.T.Fatalf("no form: %s", page)
	}
	for _, h := range Hidden(page) {
		if !fields.Has(h[0]) {
			fields.Set(h[0], h[1])
		}
	}
	u, err := url.Parse(action[1])
	if err != nil {
		b.T.Fatal(err)
	}
	return b.do(http.MethodPost, b.At.ResolveReference(u), fields)
}

func (b *Browser) do(method string, u *url.URL, fields url.Values) string {
	b.T.Helper()
	req, err := http.NewRequestWithContext(b.T.Context(), method, u.String(), strings.NewReader(fields.Encode()))
	if err != nil {
		b.T.Fatal(err)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return b.Read(b.Web.Do(req))
}

func lastForm(page string) string { return page[max(0, strings.LastIndex(page, "<form")):] }

// Hidden are the names and values of the hidden fields of a page's last form.
func Hidden(page string) [][2]string {
	var out [][2]string
	for _, m := range hiddenField.FindAllStringSubmatch(lastForm(page), -1) {
		out = append(out, [2]string{m[1], m[2]})
	}
	return out
}

var linkPage = regexp.MustCompile(`http://[^"]+/link/slack/[\w-]+`)

// LinkPage is the address of the page that a message of Slack offers to link an account; ""
// where it offers none.
func LinkPage(m slacksim.Message) string {
	return linkPage.FindString(strings.ReplaceAll(string(m.Blocks), `\/`, "/"))
}

// Wants fails the test where a page lacks one of the words.
func Wants(t *testing.T, page string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(page, w) {
			t.Errorf("the page lacks %q: %s", w, page)
		}
	}
}
