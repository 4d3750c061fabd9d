package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Each line of the threat model names tests, with their folders. They are there.
func TestSecurityGuide(t *testing.T) {
	data, err := os.ReadFile("../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for line := range strings.Lines(string(data)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 3 || strings.HasPrefix(cells[0], "---") || strings.TrimSpace(cells[2]) == "test" {
			continue
		}
		lines++
		named := 0
		for _, part := range strings.Split(cells[2], ";") {
			folder, names, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(part), "`"), "`")
			if !ok {
				t.Errorf("%q names no folder", part)
				continue
			}
			source := testsIn(t, filepath.Join("..", folder))
			for _, name := range testName.FindAllString(names, -1) {
				named++
				if !strings.Contains(source, "func "+name+"(") {
					t.Errorf("there is no test %s in %s", name, folder)
				}
			}
		}
		if named == 0 {
			t.Errorf("no test is named for: %s", cells[0])
		}
	}
	if lines < 30 {
		t.Errorf("%d lines were found", lines)
	}
}

var testName = regexp.MustCompile(`\bTest[A-Z]\w*`)

// testsIn returns the text of a folder's tests.
func testsIn(t *testing.T, folder string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no tests in %s: %v", folder, err)
	}
	var all strings.Builder
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(data)
	}
	return all.String()
}
