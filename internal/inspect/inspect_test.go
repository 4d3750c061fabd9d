package inspect_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"procyon/internal/inspect"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start returns the URL of a server, which ends with the test.
func start(t *testing.T, log io.Writer) string {
	t.Helper()
	s, err := inspect.Start(t.Context(), "PROCYON_DEBUG_LISTEN", "127.0.0.1:0", slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return "http://" + s.Address()
}

func get(t *testing.T, url string, headers ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		}
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// gzip is what profiles begin with.
const gzip = "\x1f\x8b"

func TestEachProfileIsThere(t *testing.T) {
	var log bytes.Buffer
	url := start(t, &log)
	for path, want := range map[string]string{
		"":                                 "/debug/pprof/heap?gc=1",
		"/debug/pprof/":                    "/debug/pprof/profile?seconds=10",
		"/debug/pprof/goroutine?debug=2":   "inspect_test.TestEachProfileIsThere",
		"/debug/pprof/heap?gc=1":           gzip,
		"/debug/pprof/allocs":              gzip,
		"/debug/pprof/profile?seconds=1":   gzip,
		"/debug/pprof/trace?seconds=1":     "go 1.",
		"/debug/pprof/heap?seconds=1":      gzip,
		"/debug/pprof/goroutine?seconds=1": gzip,
	} {
		if status, body := get(t, url+path); status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: %d %.200q", path, status, body)
		}
	}
	// The command line may hold secrets.
	for _, path := range []string{"/debug/pprof/cmdline", "/debug/pprof/symbol", "/debug/vars", "/graphql"} {
		if status, body := get(t, url+path); status != http.StatusNotFound {
			t.Errorf("%s: %d %.200q", path, status, body)
		}
	}
	if !strings.Contains(log.String(), "level=WARN") || !strings.Contains(log.String(), strings.TrimPrefix(url, "http://")) {
		t.Errorf("the log says %q", log.String())
	}
}

// Only what listens on this machine alone is taken.
func TestOtherAddressesAreRefused(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "localhost:0", "127.0.0.1", "[::ffff:192.0.2.1]:0", "6060", ""} {
		s, err := inspect.Start(t.Context(), "PROCYON_DEBUG_LISTEN", address, slog.New(slog.DiscardHandler))
		if err == nil {
			t.Errorf("%q was taken", address)
			_ = s.Close()
		} else if !strings.HasPrefix(err.Error(), "PROCYON_DEBUG_LISTEN ") {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// A page that a browser on this machine shows, and who comes through a proxy, get nothing.
func TestOnlyProgramsHereAreAnswered(t *testing.T) {
	url := start(t, io.Discard) + "/debug/pprof/goroutine"
	for _, headers := range [][]string{
		{"Host", "attacker.example:6060"},
		{"Host", "procyon.example.com"},
		{"X-Forwarded-For", "192.0.2.1"},
		{"Forwarded", "for=192.0.2.1"},
		{"Via", "1.1 proxy"},
		{"Sec-Fetch-Site", "cross-site"},
		{"Sec-Fetch-Site", "same-site"},
	} {
		if status, body := get(t, url, headers...); status != http.StatusForbidden || strings.Contains(body, "goroutine") {
			t.Errorf("%v: %d %.200q", headers, status, body)
		}
	}
	for _, headers := range [][]string{{"Host", "localhost:6060"}, {"Host", "[::1]"}, {"Host", "127.0.0.2:1"}, {"Sec-Fetch-Site", "none"}} {
		if status, _ := get(t, url, headers...); status != http.StatusOK {
			t.Errorf("%v: %d", headers, status)
		}
	}
}

// Nobody holds a place for long.
func TestTimesAreBounded(t *testing.T) {
	url := start(t, io.Discard)
	for _, seconds := range []string{"0", "-1", "61", "1.5", "x"} {
		for _, name := range []string{"profile", "trace", "heap"} {
			if status, _ := get(t, url+"/debug/pprof/"+name+"?seconds="+seconds); status != http.StatusBadRequest {
				t.Errorf("%s for %s seconds: %d", name, seconds, status)
			}
		}
	}
}
