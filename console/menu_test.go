package console_test

import (
	"regexp"
	"slices"
	"testing"

	"procyon/console"
)

var menuEntry = regexp.MustCompile(`<li><a href="[^"]*"[^>]*>([^<]*)</a></li>`)

// The menu of a page that is rendered here has the application's pages, in its order and words.
func TestMenuIsTheApplications(t *testing.T) {
	for role, want := range map[string][]string{
		"MEMBER": {"Home", "Requests", "Ask for access", "Slack", "API"},
		"ADMIN":  {"Home", "Requests", "Ask for access", "Integrations", "Overview", "Slack", "API"},
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
