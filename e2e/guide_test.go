package e2e

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// block is a fenced block of a page of the documentation.
type block struct {
	section string // the last heading of the second level
	lang    string
	text    string
}

// blocks reads the fenced blocks of a page, also those within a list.
func blocks(t *testing.T, path ...string) []block {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(append([]string{".."}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	var out []block
	var open *block
	section, indent := "", ""
	for line := range strings.Lines(string(data)) {
		if before, _, ok := strings.Cut(line, "```"); open == nil && ok && strings.TrimSpace(before) == "" {
			indent = before
		}
		line = strings.TrimPrefix(line, indent)
		fence, isFence := strings.CutPrefix(line, "```")
		switch {
		case open != nil && isFence:
			out, open, indent = append(out, *open), nil, ""
		case open != nil:
			open.text += line
		case isFence:
			open = &block{section: section, lang: strings.TrimSpace(fence)}
		case strings.HasPrefix(line, "## "):
			section = strings.TrimSpace(line[3:])
		}
	}
	return out
}

// step is a block of commands and the output that the page shows for it, if any.
type step struct{ section, commands, output string }

// steps are the commands of the sections whose headings match.
func steps(t *testing.T, sections string, path ...string) []step {
	t.Helper()
	var out []step
	for _, b := range blocks(t, path...) {
		if !regexp.MustCompile(sections).MatchString(b.section) {
			continue
		}
		switch {
		case b.lang == "sh":
			out = append(out, step{section: b.section, commands: b.text})
		case b.lang == "" && len(out) > 0:
			out[len(out)-1].output = b.text
		}
	}
	if len(out) == 0 {
		t.Fatalf("%v has no commands in %s", path, sections)
	}
	return out
}

// shell is one session of bash, as a person would have it open.
type shell struct {
	b   *bed
	in  io.WriteCloser
	out *bufio.Reader
	cmd *exec.Cmd
	// as turns the page's addresses and names into those of this run.
	as *strings.Replacer
}

func (b *bed) shell(instead ...string) *shell {
	b.t.Helper()
	s := &shell{b: b, cmd: exec.Command("bash", "--norc"), as: strings.NewReplacer(append(instead, "go run .", binary)...)}
	s.cmd.Env, s.cmd.Dir, s.cmd.Stderr, s.cmd.SysProcAttr = b.env, b.dir, b.log, ownGroup()
	var err error
	if s.in, err = s.cmd.StdinPipe(); err != nil {
		b.t.Fatal(err)
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		b.t.Fatal(err)
	}
	s.out = bufio.NewReader(out)
	if err := s.cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { s.in.Close(); _ = s.cmd.Process.Kill(); _ = s.cmd.Wait() })
	return s
}

// endOfStep is what no command prints.
const endOfStep = '\x1e'

// run runs a page's commands and returns all that they printed.
func (s *shell) run(commands string) string {
	s.b.t.Helper()
	late := time.AfterFunc(patience, func() { _ = s.cmd.Process.Kill() })
	defer late.Stop()
	if _, err := fmt.Fprintf(s.in, "{\n%s\n} </dev/null 2>&1\nprintf '\\036'\n", s.as.Replace(commands)); err != nil {
		s.b.t.Fatal(err)
	}
	out, err := s.out.ReadString(endOfStep)
	if err != nil {
		s.b.t.Fatalf("the shell ended (%v) in\n%s\nafter\n%s", err, commands, out)
	}
	return strings.TrimSuffix(out, string(endOfStep))
}

// follow runs a step and compares what it prints with what the page shows. What comes
// about only after a moment may be asked for again.
func (s *shell) follow(p step, again bool) {
	s.b.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		out := s.run(p.commands)
		want, got := alike(s.as.Replace(p.output)), alike(out)
		if p.output == "" && !strings.Contains(out, `"errors"`) && !strings.Contains(out, "procyon:") || p.output != "" && got == want {
			return
		}
		if !again || time.Now().After(deadline) {
			s.b.t.Fatalf("The page says that\n%s\nprints\n%s\nbut it prints\n%s", p.commands, want, got)
		}
	}
}

var differing = regexp.MustCompile(`\b(acc|gw|res|int|req|usr|dlv|svc|wsp|tok|imp)_(?:[0-9a-f]{64}|[0-9a-f]{32})|"cursor":"j[0-9a-z]+\.[0-9a-v]{8}"|\d{4}-\d\d-\d\d(?:T[0-9:.]+Z)?|password [0-9a-z]{24}\b`)

// cost is in each answer, and left out in the pages.
var cost = regexp.MustCompile(`,"extensions":\{"cost":\{[^}]*\}\}`)

// alike leaves out of an output what differs in each run, and what the pages leave out.
func alike(output string) string {
	return strings.TrimSpace(differing.ReplaceAllStringFunc(cost.ReplaceAllString(output, ""), func(s string) string {
		if prefix, _, ok := strings.Cut(s, "_"); ok {
			return prefix + "_ID"
		}
		if strings.HasPrefix(s, `"cursor"`) {
			return `"cursor":"j…"`
		}
		if strings.HasPrefix(s, "password ") {
			return "password …"
		}
		return "MOMENT"
	}))
}
