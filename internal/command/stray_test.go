package command_test

import (
	"strings"
	"testing"
)

// A variable that no command has as a setting is told of, with the one that may be meant, and
// never with its value; in the log where the command has one. The command runs all the same.
func TestStrayVariables(t *testing.T) {
	const text = `the variable PROCYON_PUBLIK_URL is no setting, and counts for nothing; did you mean PROCYON_PUBLIC_URL?`
	manifest := []string{"slack", "manifest", "--public-url", "https://procyon.example.com"}
	for name, c := range map[string]struct {
		environ []string
		told    []string
		args    []string
	}{
		"one like a setting": {[]string{"PROCYON_PUBLIK_URL=https://secret.example.com"}, []string{"procyon: " + text + "\n"}, manifest},
		"one like none":      {[]string{"PROCYON_FOO=secret"}, []string{"procyon: the variable PROCYON_FOO is no setting, and counts for nothing\n"}, manifest},
		"in the log": {
			[]string{"PROCYON_PUBLIK_URL=secret", "PROCYON_LOG_FORMAT=json"}, []string{`"level":"WARN"`, `"msg":"` + text + `"`},
			[]string{"serve", "--store", "nothing:secret"},
		},
		"the log's settings themselves": {
			[]string{"PROCYON_PUBLIK_URL=secret", "PROCYON_LOG_LEVEL=error"}, nil, []string{"serve", "--store", "nothing:secret"},
		},
		"settings of other commands, tests and services": {
			[]string{
				"PROCYON_GATEWAY_URL=https://secret.example.com", "PROCYON_TEST_CLOCK=secret", "PROCYON_EMPTY=", "OTHER=secret", "XPROCYON_FOO=secret",
				"PROCYON_SERVICE_HOST=10.0.0.1", "PROCYON_SERVICE_PORT_HTTP=80", "PROCYON_PORT=tcp://10.0.0.1:80", "PROCYON_PORT_80_TCP_ADDR=10.0.0.1",
				"PROCYON_NOTIFIER_SERVICE_HOST=10.0.0.2",
			}, nil, manifest,
		},
		"a port that somebody gave": {[]string{"PROCYON_PORT=8080"}, []string{"PROCYON_PORT is no setting"}, manifest},
		"help":                      {[]string{"PROCYON_FOO=secret"}, nil, []string{"help"}},
	} {
		out, errs, err := call(t, c.environ, c.args...)
		if (err != nil) != (c.args[0] == "serve") {
			t.Errorf("%s: %v", name, err)
		}
		for _, want := range c.told {
			if !strings.Contains(errs, want) {
				t.Errorf("%s: %q says no %q", name, errs, want)
			}
		}
		if len(c.told) == 0 && strings.Contains(errs, "no setting") || strings.Contains(errs, "secret") || strings.Contains(out, "no setting") {
			t.Errorf("%s: %q, %q", name, errs, out)
		}
	}
}
