package errorcode_test

import (
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"procyon/client"
	"procyon/graph"
	"procyon/graph/errorcode"
)

// made are the ways in which the sources give an error its code.
var made = regexp.MustCompile(`(?:\bCode[A-Za-z]* +(?:[A-Za-z]+ )?= |"code": |\bproblem\(|\bfailuref\(|\bFail\(|code :?= )"([A-Z_]{4,})"`)

// Every code that can come is explained.
func TestEveryCodeIsExplained(t *testing.T) {
	found := map[string]string{}
	for _, c := range graph.AllUserErrorCode {
		found[string(c)] = "the schema"
	}
	for _, folder := range []string{"access", "auth", "graph", "internal/app", "delivery", "slackworkspace", "workerstore"} {
		err := filepath.WalkDir("../../"+folder, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "errorcode") || strings.HasSuffix(path, "generated.go") {
				return err
			}
			source, err := os.ReadFile(path)
			for _, m := range made.FindAllSubmatch(source, -1) {
				found[string(m[1])] = path
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(found) < 25 {
		t.Fatalf("only the codes %v were found", found)
	}
	for code, where := range found {
		if !errorcode.Known(code) {
			t.Errorf("%s of %s is not explained", code, where)
		}
	}
	for _, c := range errorcode.All() {
		if found[c.Name] == "" && !strings.HasPrefix(c.Name, "GRAPHQL_") {
			t.Errorf("%s is explained, and nothing gives it", c.Name)
		}
		for _, text := range []string{c.Means, c.Do} {
			if !strings.HasSuffix(text, ".") || strings.Count(text, "`")%2 != 0 || strings.Contains(text, "|") {
				t.Errorf("%s: %q", c.Name, text)
			}
		}
	}
}

func TestThePageIsFresh(t *testing.T) {
	page, err := os.ReadFile("../../docs/errors.md")
	if err != nil || string(page) != errorcode.Markdown() {
		t.Errorf("docs/errors.md is stale (%v): run make generate", err)
	}
}

// The Go client tries again what the table says is worth it, and nothing else.
func TestTheClientKnowsWhatIsWorthAnotherTry(t *testing.T) {
	for _, c := range errorcode.All() {
		if c.Place == errorcode.InPayload {
			continue
		}
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"errors":[{"message":"no","extensions":{"code":"`+c.Name+`"}}]}`)
		}))
		api, err := client.New(client.Options{URL: web.URL, Token: "t"})
		if err != nil {
			t.Fatal(err)
		}
		err = api.Do(t.Context(), "{ viewer { name } }", nil, nil)
		if err == nil || client.IsRetryable(err) != c.Again {
			t.Errorf("%s: %v; the client would try again: %v", c.Name, err, client.IsRetryable(err))
		}
		web.Close()
	}
}
