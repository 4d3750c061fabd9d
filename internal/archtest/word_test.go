package archtest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// One act has one word wherever people read of it: approve, deny, cancel, close, revoke,
// extend. These are other words for them.
var otherWords = map[*regexp.Regexp]string{
	regexp.MustCompile(`(?i)\bprolong`):                                                                              "extend",
	regexp.MustCompile(`(?i)\bg(ive|ives|iven|iving|ave) (it |this |that |them )?up\b`):                              "close",
	regexp.MustCompile(`(?i)\bt(ake|akes|aken|aking|ook) (it |this |that |them |the \w+ )?(back|away)\b`):            "cancel or revoke",
	regexp.MustCompile(`(?i)\b(reject|declin|withdr[ae]w)\w*`):                                                       "deny or cancel",
	regexp.MustCompile(`(?i:\b(you|they|somebody|nobody|approvers?|administrators?) refuse)|^Refuse|>Refuse`):        "deny",
	regexp.MustCompile(`(?i)^it was refused|\b(access|extension|request|workspace)s? (to|is|was|were) (be )?refuse`): "deny",
}

// ownWords are of other acts: a notification that is tried no more, an outcome of Slack's.
var ownWords = []string{"given up after %s: %s", "Given up", "REJECTED"}

func TestOneWordForOneAct(t *testing.T) {
	root := os.DirFS("../..")
	for _, part := range []string{"access", "auth", "console", "docs", "graph", "internal/command", "notifier", "schema", "slackbot", "slackworkspace", "internal/slackapi", "README.md", "ARCHITECTURE.md"} {
		err := fs.WalkDir(root, part, func(name string, d fs.DirEntry, err error) error {
			switch {
			case err != nil || d.IsDir() || strings.Contains(name, "testdata") || strings.Contains(name, "node_modules"):
				return err
			case strings.HasSuffix(name, ".html"), strings.HasSuffix(name, ".md"):
				return eachLine(root, name, func(line string) { checkWords(t, name, line) })
			case strings.HasPrefix(name, "console/web/src/") && !strings.Contains(name, ".test."):
				return eachLine(root, name, func(line string) {
					if line = strings.TrimSpace(line); !strings.HasPrefix(line, "//") && !strings.HasPrefix(line, "/*") && !strings.HasPrefix(line, "*") {
						checkWords(t, name, strings.ReplaceAll(line, "'Given up'", "")) // of a notification, see ownWords
					}
				})
			case strings.HasSuffix(name, ".graphqls"):
				return eachLine(root, name, func(line string) { checkWords(t, name, strings.Trim(line, `"`)) })
			case strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") && !strings.HasSuffix(name, "_gen.go"):
				return eachText(root, name, func(text string) { checkWords(t, name, text) })
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// The test finds what it is for.
func TestOtherWordsAreFound(t *testing.T) {
	for text, found := range map[string]bool{
		"Your access was prolonged.": true, "Give it up": true, "It was taken back.": true, "Rejected by Bo": true, "<button>Refuse</button>": true, "an administrator refused it": true,
		"It was refused.": true, "A workspace to refuse, or to use no more.": true, "The extension was refused.": true, "A call that was refused leaves its key free.": false,
		"Slack refuses a message": false, "Given up": false, "Extended by Bo": false, "You are back": false,
	} {
		if got := otherWord(text) != ""; got != found {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func checkWords(t *testing.T, name, text string) {
	t.Helper()
	if say := otherWord(text); say != "" {
		t.Errorf("%s: %q: say %s", name, text, say)
	}
}

// otherWord is the word that a text should have in place of another; "" where it is right.
func otherWord(text string) string {
	for _, own := range ownWords {
		if text == own {
			return ""
		}
	}
	for wrong, right := range otherWords {
		if wrong.MatchString(text) {
			return right
		}
	}
	return ""
}

func eachLine(root fs.FS, name string, do func(line string)) error {
	data, err := fs.ReadFile(root, name)
	for line := range strings.Lines(string(data)) {
		do(strings.TrimSpace(line))
	}
	return err
}

// eachText does something with each string of a Go file.
func eachText(root fs.FS, name string, do func(text string)) error {
	data, err := fs.ReadFile(root, name)
	if err != nil {
		return err
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, data, 0)
	if err != nil {
		return err
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if text, err := strconv.Unquote(lit.Value); err == nil {
				do(text)
			}
		}
		return true
	})
	return nil
}
