package transport_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// judges is the folder of programs that judge the transports from without.
const judges = "testdata/audit"

// install fetches what the judges need, once, and only where it is absent.
var install = sync.OnceValue(func() error {
	if _, err := os.Stat(filepath.Join(judges, "node_modules", ".package-lock.json")); err == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "npm", "ci", "--no-audit", "--no-fund")
	cmd.Dir = judges
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	return cmd.Run()
})

// runNode runs one of the judges to its end and returns what it printed; failed
// tells that it was not content.
func runNode(t *testing.T, script string, args ...string) (lines [][]byte, failed bool) {
	t.Helper()
	if testing.Short() {
		t.Skip("starts Node.js")
	}
	if err := install(); err != nil {
		t.Fatalf("npm ci in %s: %v; Node.js 20 and npm must be installed", judges, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", append([]string{script}, args...)...)
	cmd.Dir = judges
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if stderr.Len() > 0 {
		t.Logf("%s: %s", script, stderr.Bytes())
	}
	return bytes.Split(bytes.TrimSpace(stdout.Bytes()), []byte("\n")), err != nil
}
