package chromium

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A person's pages share what they keep, another's know nothing of it, and what any of
// them complains of is heard.
func TestPersons(t *testing.T) {
	web := Start(t)
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(`<!doctype html><title>x</title><link rel="icon" href="data:,"><button onclick="document.cookie = 'who=ada'; console.error('pressed'); throw new Error('thrown')">Press</button>`))
	}))
	t.Cleanup(site.Close)
	one := web.Open(site.URL)
	one.Click("button", "Press")
	one.Until(`document.cookie === "who=ada"`)
	if got := string(web.Open(site.URL).Run(`document.cookie`)); got != `"who=ada"` {
		t.Errorf("the same person has %s", got)
	}
	if got := string(web.Person().Open(site.URL).Run(`document.cookie`)); got != `""` {
		t.Errorf("another person has %s", got)
	}
	if heard := strings.Join(web.said.all, "\n"); !strings.Contains(heard, "pressed") || !strings.Contains(heard, "thrown") || len(web.said.all) != 2 {
		t.Errorf("heard %q", heard)
	}
	web.Clean("pressed", "thrown")
}
