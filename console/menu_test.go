package console_test

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"procyon/console"
)

var menuEntry = regexp.MustCompile(`<li><a href="[^"]*"[^>]*>([^<]*)</a></li>`)

var label = regexp.MustCompile(`\bto: '[^']+', label: '([^']+)'`)

// labels are the words of the application's navigation, in its order.
func labels(t *testing.T) []string {
	t.Helper()
	source, err := os.ReadFile("web/src/shell/pages.ts")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range label.FindAllStringSubmatch(string(source), -1) {
		out = append(out, m[1])
	}
	if len(out) < 11 {
		t.Fatalf("pages.ts has %q: is the pattern still right?", out)
	}
	return out
}

// The menu of a page that is rendered here has the application's pages, in its order and words.
func TestMenuIsTheApplications(t *testing.T) {
	for role, want := range map[string][]string{
		"MEMBER": {"Home", "Requests", "Ask for access", "Slack", "API", "My profile"},
		"ADMIN":  labels(t),
	} {
		s := newSite(t).signedIn()
		s.api.person["role"] = role
		for _, field := range []string{"slackLinks", "waiting", "links", "waitingWorkspaces", "workspaces"} {
			s.api.fields[field] = pageOf()
		}
		refused := &console.Error{Code: console.CodeForbidden, Message: "No."}
		for _, at := range []struct {
			path string
			err  error
		}{{"/links", nil}, {"/links", refused}, {"/nothing", nil}} {
			s.api.errs["slackLinks"] = at.err
			var got []string
			for _, m := range menuEntry.FindAllStringSubmatch(s.get(at.path).body, -1) {
				got = append(got, m[1])
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s at %s, where the page meets %v: %q, want %q", role, at.path, at.err, got, want)
			}
		}
	}
}
