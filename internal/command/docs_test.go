package command_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"procyon/internal/command"
)

const top = "../.."

// pages are the pages of the documentation, with their text.
func pages(t *testing.T) map[string]string {
	t.Helper()
	names, err := filepath.Glob(top + "/docs/*.md")
	if err != nil || len(names) < 5 {
		t.Fatal(names, err)
	}
	out := map[string]string{}
	for _, name := range append(names, top+"/README.md", top+"/ARCHITECTURE.md") {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(name)] = string(data)
	}
	return out
}

var (
	inlineCode = regexp.MustCompile("`([^`\n]+)`")
	fence      = regexp.MustCompile("(?m)^[ ]*```([a-z]*).*\n?")
	flagWord   = regexp.MustCompile(`(?:^|[\s\[(])--([a-z][a-z-]*)`)
)

// fenced is a block of a page: its language, and its text.
type fenced struct{ lang, text string }

// blocksOf parts a page in its blocks and the rest.
func blocksOf(text string) (blocks []fenced, rest string) {
	at, lang := 0, ""
	for i, m := range fence.FindAllStringSubmatchIndex(text, -1) {
		if i%2 == 0 {
			rest += text[at:m[0]]
			lang = text[m[2]:m[3]]
		} else {
			blocks = append(blocks, fenced{lang, text[at:m[0]]})
		}
		at = m[1]
	}
	return blocks, rest + text[at:]
}

// codeOf is all code of a page that a person may type: in the text, and in blocks of
// commands. whole tells which of them are complete.
func codeOf(text string) (inline, whole []string) {
	blocks, rest := blocksOf(text)
	for _, b := range blocks {
		if b.lang == "sh" {
			whole = append(whole, strings.ReplaceAll(b.text, "\\\n", " "))
		}
	}
	for _, m := range inlineCode.FindAllStringSubmatch(rest, -1) {
		inline = append(inline, m[1])
	}
	return inline, whole
}

// substitution is a command within another one.
var substitution = regexp.MustCompile(`\$\(([^()]*)\)`)

// callsIn are the calls of the binary in a piece of shell: the words after its name.
func callsIn(code string) [][]string {
	var calls [][]string
	for substitution.MatchString(code) {
		for _, m := range substitution.FindAllStringSubmatch(code, -1) {
			calls = append(calls, callsIn(m[1])...)
		}
		code = substitution.ReplaceAllString(code, "VALUE")
	}
	words := shellWords(code)
	for i := 0; i < len(words); i++ {
		switch {
		case words[i] == "procyon" && (i == 0 || starts(words[i-1])):
		case words[i] == "go" && i+2 < len(words) && words[i+1] == "run" && words[i+2] == ".":
			i += 2
		default:
			continue
		}
		var call []string
		for i++; i < len(words) && !ends(words[i]); i++ {
			call = append(call, words[i])
		}
		calls = append(calls, call)
	}
	return calls
}

// starts tells whether a command may begin behind a word: another one has ended there, or a
// variable was set for it.
func starts(word string) bool {
	return ends(word) || strings.Contains(word, "=")
}

func ends(word string) bool {
	return slices.Contains([]string{"\n", "|", ";", "&", ")", ">", "<"}, word)
}

// shellWords splits shell into words, and what separates commands. Quotes are taken off.
func shellWords(code string) []string {
	var words []string
	var b strings.Builder
	var quote rune
	flush := func() {
		if b.Len() > 0 {
			words = append(words, b.String())
			b.Reset()
		}
	}
	for _, r := range code {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			b.WriteRune(r)
		case r == '\'' || r == '"':
			quote = r
		case strings.ContainsRune("\n|;&()<>", r):
			flush()
			words = append(words, string(r))
		case unicode.IsSpace(r):
			flush()
		default:
			b.WriteRune(r)
		}
	}
	flush()
	return words
}

// tree is the binary's commands.
func tree(t *testing.T) *cobra.Command {
	t.Helper()
	none := func() []string { return nil }
	root := command.Root(command.Surroundings{Environ: none, Out: t.Output(), Err: t.Output()}, nil, all()...)
	root.InitDefaultHelpCmd()
	return root
}

// Every call of the binary in the documentation is one that it takes.
func TestCommandsInTheDocumentation(t *testing.T) {
	for page, text := range pages(t) {
		inline, whole := codeOf(text)
		n := 0
		for i, code := range slices.Concat(inline, whole) {
			for _, call := range callsIn(code) {
				n++
				if err := takes(tree(t), call, i >= len(inline)); err != nil {
					t.Errorf("%s has procyon %s: %v", page, strings.Join(call, " "), err)
				}
			}
		}
		if least := map[string]int{"README.md": 7, "setup.md": 20, "operations.md": 25}[page]; n < least {
			t.Errorf("%s has only %d calls of procyon", page, n)
		}
	}
}

// takes tells whether the commands take a call. Of one in the text a part may be left out:
// a value, shown as …, flags, or the argument of a command that is only named.
func takes(root *cobra.Command, call []string, whole bool) error {
	var args []string
	for _, w := range call {
		w = strings.Trim(w, "[]")
		if w == "FLAGS" || w == "COMMAND" {
			continue
		}
		args = append(args, w)
	}
	c, rest, err := root.Find(args)
	if err != nil {
		return err
	}
	c.InitDefaultHelpFlag()
	for i, w := range rest { // a value that is shown as … is any
		if f := c.Flags().Lookup(strings.TrimPrefix(w, "--")); f != nil && i+1 < len(rest) && strings.HasPrefix(rest[i+1], "…") {
			rest[i+1] = f.DefValue
		}
	}
	if err := c.ParseFlags(rest); err != nil {
		return err
	}
	if given := c.Flags().Args(); whole || len(given) > 0 {
		if err := c.ValidateArgs(given); err != nil {
			return err
		}
	}
	switch {
	case whole && c.HasAvailableSubCommands() && !strings.Contains(c.Use, " "): // it takes no argument itself
		return errors.New("this is no whole command")
	case whole:
		return root.PersistentPreRunE(c, nil)
	}
	return nil
}

// Flags and variables that the documentation speaks of are there.
func TestFlagsInTheDocumentation(t *testing.T) {
	flags := map[string]bool{"help": true}
	var visit func(c *cobra.Command)
	visit = func(c *cobra.Command) {
		c.Flags().VisitAll(func(f *pflag.Flag) { flags[f.Name] = true })
		for _, sub := range c.Commands() {
			visit(sub)
		}
	}
	visit(tree(t))
	foreign := []string{"mongodump --oplog"}
	variables := regexp.MustCompile(`PROCYON_[A-Z][A-Z_]*`)
	others := []string{"PROCYON_API", "PROCYON_TEST_STEPS", "PROCYON_TEST_MONGODB_URI", "PROCYON_PICTURES"} // of examples and tests
	for page, text := range pages(t) {
		if page == "benchmarks.md" {
			continue // whose commands are not the binary's
		}
		inline, whole := codeOf(text)
		for _, code := range inline {
			if slices.Contains(foreign, code) {
				continue
			}
			for _, m := range flagWord.FindAllStringSubmatch(code, -1) {
				if !flags[m[1]] {
					t.Errorf("%s speaks of --%s in %s", page, m[1], code)
				}
			}
		}
		for _, code := range slices.Concat(inline, whole) {
			for _, v := range variables.FindAllString(code, -1) {
				name := strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(v, "PROCYON_")), "_", "-")
				if !flags[name] && !slices.Contains(others, v) {
					t.Errorf("%s speaks of %s", page, v)
				}
			}
		}
	}
}

// What the documentation says to make is a target.
func TestTargetsInTheDocumentation(t *testing.T) {
	data, err := os.ReadFile(top + "/Makefile")
	if err != nil {
		t.Fatal(err)
	}
	target := regexp.MustCompile(`(?m)(?:^|[\s=])make ([a-z-]+)`)
	for page, text := range pages(t) {
		inline, whole := codeOf(text)
		for _, code := range slices.Concat(inline, whole) {
			for _, m := range target.FindAllStringSubmatch(code, -1) {
				if !regexp.MustCompile(`(?m)^` + m[1] + `:`).Match(data) {
					t.Errorf("%s has make %s", page, m[1])
				}
			}
		}
	}
}

// The scopes that the documentation gives tokens are some that there are.
func TestScopesInTheDocumentation(t *testing.T) {
	c, _, err := tree(t).Find([]string{"token", "create"})
	if err != nil {
		t.Fatal(err)
	}
	known := c.Flags().Lookup("scope").Usage
	for page, text := range pages(t) {
		for _, m := range regexp.MustCompile(`--scope ([a-z:,]+)`).FindAllStringSubmatch(text, -1) {
			for _, scope := range strings.Split(m[1], ",") {
				if !strings.Contains(known, scope) {
					t.Errorf("%s has the scope %s", page, scope)
				}
			}
		}
	}
}

// The file of settings in docs/operations.md is one that all commands take.
func TestSettingsFileInTheDocumentation(t *testing.T) {
	blocks, _ := blocksOf(pages(t)["operations.md"])
	for _, b := range blocks {
		if b.lang == "yaml" {
			if got := manifestURL(t, nil, "--config", file(t, b.text)); got != "https://procyon.example.com" {
				t.Error(got)
			}
			return
		}
	}
	t.Error("there is none")
}

// Links between the pages, and to their sections, lead somewhere.
func TestLinksInTheDocumentation(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	anchors := map[string][]string{}
	for page, text := range pages(t) {
		anchors[page] = anchorsOf(text)
	}
	for page, text := range pages(t) {
		dir := top + "/docs"
		if page == "README.md" || page == "ARCHITECTURE.md" {
			dir = top
		}
		_, prose := blocksOf(text)
		for _, m := range link.FindAllStringSubmatch(prose, -1) {
			path, anchor, hasAnchor := strings.Cut(m[1], "#")
			if strings.Contains(m[1], "://") {
				continue
			}
			target := page
			if path != "" {
				target = filepath.Base(path)
				if _, err := os.Stat(filepath.Join(dir, path)); err != nil {
					t.Errorf("%s leads to %s, which is not there", page, path)
				}
			}
			if hasAnchor && !slices.Contains(anchors[target], anchor) {
				t.Errorf("%s leads to %s#%s, which is not there", page, target, anchor)
			}
		}
	}
}

// anchorsOf are the addresses of a page's headings.
func anchorsOf(text string) []string {
	var out []string
	_, prose := blocksOf(text)
	for _, m := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(prose, -1) {
		out = append(out, strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, m[1]))
	}
	return out
}
