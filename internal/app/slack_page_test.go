package app_test

import (
	"net/http"
	"strings"
	"testing"

	"procyon/internal/app/apptest"
)

// The console's page /slack is not the bot's, which has all below it.
func TestTheConsoleHasAPageBesideTheBot(t *testing.T) {
	b := apptest.New(t, func(*apptest.Bed) {})
	web := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for path, want := range map[string]string{"/slack": "/signin", "/slack/install": "/oauth/v2/authorize"} {
		resp, err := web.Get(b.Config.Server.PublicURL + path)
		b.Must(err)
		b.Must(resp.Body.Close())
		if to := resp.Header.Get("Location"); !strings.Contains(to, want) {
			t.Errorf("%s leads to %q, not to %s", path, to, want)
		}
	}
}
