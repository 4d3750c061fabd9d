package command_test

import (
	"runtime"
	"strings"
	"testing"
)

// The binary says in one line which build it is, as a command and as a flag.
func TestVersion(t *testing.T) {
	out, _, err := call(t, nil, "version")
	if err != nil || !strings.HasPrefix(out, "procyon ") || strings.Count(out, "\n") != 1 || !strings.Contains(out, runtime.Version()) || !strings.Contains(out, runtime.GOOS+"/"+runtime.GOARCH) {
		t.Errorf("%q, %v", out, err)
	}
	if flag, _, err := call(t, nil, "--version"); err != nil || flag != out {
		t.Errorf("--version gives %q, %v", flag, err)
	}
	if _, _, err := call(t, nil, "version", "now"); err == nil {
		t.Error("it takes an argument")
	}
}
