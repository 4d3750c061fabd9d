package slackapi

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestTypes has Slack's own TypeScript types judge every block of every golden
// message: wrong kinds of text, unknown fields, missing fields. The last lines
// of the file are wrong on purpose, so that a check that checks nothing fails.
func TestTypes(t *testing.T) {
	if testing.Short() {
		t.Skip("needs Node and npm")
	}
	tsc := typeScript(t)
	var src strings.Builder
	src.WriteString("import type { KnownBlock } from \"@slack/types\";\n")
	src.WriteString("interface Body { text: string; blocks: KnownBlock[]; mrkdwn: boolean; parse: \"none\"; unfurl_links: boolean; unfurl_media: boolean }\n")
	cards := goldenCards()
	names := make([]string, 0, len(cards))
	for name := range cards {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(&src, "export const %s: Body = %s;\n", name, bytes.TrimSpace(indented(t, cards[name].Message())))
	}
	src.WriteString("// @ts-expect-error a header must be plain_text\n")
	src.WriteString("export const wrong: KnownBlock = { type: \"header\", text: { type: \"mrkdwn\", text: \"x\" } };\n")

	dir := filepath.Join("testdata", "types", "gen")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "messages.ts")
	if err := os.WriteFile(file, []byte(src.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, tsc, "--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--moduleResolution", "nodenext", file).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// typeScript gives the compiler's path, and installs it first where it is
// missing.
func typeScript(t *testing.T) string {
	t.Helper()
	dir := filepath.Join("testdata", "types")
	tsc := filepath.Join(dir, "node_modules", ".bin", "tsc")
	if _, err := os.Stat(tsc); err == nil {
		return tsc
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("npm is missing: install Node.js 20 or later with npm")
		}
		t.Skip("npm is missing: install Node.js 20 or later with npm to run this test")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
	return tsc
}
