package console

import (
	"strings"
	"testing"
)

// What each page loads before anything of it is seen stays small: 250 KB of compressed
// scripts. What is read later, at a press, counts where it is read.
func TestFirstLoads(t *testing.T) {
	const most = 250_000
	documents, err := documentsOf(documentText(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pages {
		files := map[string]bool{}
		for _, part := range strings.Split(documents[p.pattern], `"/assets/`)[1:] {
			name, _, _ := strings.Cut(part, `"`)
			files[name] = strings.HasSuffix(name, ".js")
		}
		bytes := 0
		for name, isScript := range files {
			if isScript {
				bytes += compressedSize(t, "dist/assets/"+name)
			}
		}
		t.Logf("%s: %d bytes", p.pattern, bytes)
		if bytes == 0 || bytes > most {
			t.Errorf("%s loads %d bytes of compressed scripts; at most %d are allowed", p.pattern, bytes, most)
		}
	}
}

func documentText(t *testing.T) string {
	t.Helper()
	text, err := distFiles.ReadFile("dist/index.html")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func compressedSize(t *testing.T, name string) int {
	t.Helper()
	content, err := distFiles.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	small, err := compressed(content)
	if err != nil {
		t.Fatal(err)
	}
	return len(small)
}
