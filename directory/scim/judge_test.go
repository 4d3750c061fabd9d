package scim_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// verdicts are what the libraries in testdata/judge make of each patch and filter.
type verdicts struct {
	Patches []map[string]any `json:"patches"`
	Filters []map[string]any `json:"filters"`
}

// judge asks the libraries in testdata/judge, and installs them first where they are missing.
func judge(t *testing.T, questions any) verdicts {
	t.Helper()
	if testing.Short() {
		t.Skip("needs Node and npm")
	}
	dir := filepath.Join("testdata", "judge")
	node, err := exec.LookPath("node")
	npm, errNPM := exec.LookPath("npm")
	if err != nil || errNPM != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("node or npm is missing: install Node.js 20 or later with npm")
		}
		t.Skip("node or npm is missing: install Node.js 20 or later with npm to have other libraries judge")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "scimmy")); err != nil {
		install := exec.CommandContext(ctx, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
		install.Dir = dir
		if out, err := install.CombinedOutput(); err != nil {
			t.Fatalf("npm ci: %v\n%s", err, out)
		}
	}
	input, err := json.Marshal(questions)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, node, "judge.mjs")
	cmd.Dir, cmd.Stdin, cmd.WaitDelay = dir, strings.NewReader(string(input)), 10*time.Second
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("%v\n%s", err, exit.Stderr)
		}
		t.Fatal(err)
	}
	var v verdicts
	if err := json.Unmarshal(out, &v); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return v
}

// Two libraries make of a PATCH what we do. Where one of them goes apart from RFC 7644, it is
// not asked, and the case says why.
func TestPatchAgainstLibraries(t *testing.T) {
	type question struct {
		Resource   any             `json:"resource"`
		Operations json.RawMessage `json:"operations"`
	}
	both := []string{"scim-patch", "scimmy"}
	cases := []struct {
		name, operations string
		judges           []string
	}{
		{"add a value", `{"op":"add","path":"title","value":"Engineer"}`, both},
		{"replace a value", `{"op":"Replace","path":"displayName","value":"A"}`, both},
		{"add a value that was not there, by replace", `{"op":"replace","path":"title","value":"Engineer"}`, both},
		{"remove a value", `{"op":"Remove","path":"displayName"}`, both},
		{"a part", `{"op":"Replace","path":"name.familyName","value":"A"}`, both},
		{"a part that was not there", `{"op":"Add","path":"name.middleName","value":"A"}`, both},
		{"remove a part", `{"op":"remove","path":"name.givenName"}`, both},
		{"add parts", `{"op":"add","path":"name","value":{"middleName":"M"}}`, both},
		{"deactivate without a path", `{"op":"replace","value":{"active":false}}`, both},
		{"deactivate with a path", `{"op":"Replace","path":"active","value":false}`, both},
		{"several without a path", `{"op":"add","value":{"title":"x","displayName":"y"}}`, both},
		{"add an address", `{"op":"add","path":"emails","value":[{"value":"o@example.com","type":"other"}]}`, both},
		{"add an address without a path", `{"op":"add","value":{"emails":[{"value":"o@example.com","type":"other"}]}}`, both},
		{"replace all addresses", `{"op":"replace","path":"emails","value":[{"value":"o@example.com","type":"other"}]}`, both},
		{"a part of a chosen address", `{"op":"Replace","path":"emails[type eq \"work\"].value","value":"o@example.com"}`, both},
		{"a part of the address that meets both", `{"op":"replace","path":"emails[type eq \"home\" and value eq \"ada@home.example.com\"].display","value":"Home"}`, both},
		{"remove a chosen address", `{"op":"remove","path":"emails[type eq \"home\"]"}`, both},
		{"remove none that is chosen", `{"op":"remove","path":"emails[type eq \"other\"]"}`, both},
		{"an address of a type that there is none of", `{"op":"Add","path":"emails[type eq \"other\"].value","value":"o@example.com"}`, []string{"scim-patch"}},    // scimmy: noTarget
		{"the same by replace, as Entra ID sends it", `{"op":"Replace","path":"emails[type eq \"other\"].value","value":"o@example.com"}`, []string{"scim-patch"}}, // scimmy: noTarget
		{"remove all addresses", `{"op":"remove","path":"emails"}`, both},
		{"the extension", `{"op":"Add","path":"` + enterprise + `:department","value":"Security"}`, both},
		{"remove of the extension", `{"op":"Remove","path":"` + enterprise + `:department"}`, both},
		{"one after the other", `{"op":"Replace","path":"emails[type eq \"work\"].value","value":"o@example.com"},{"op":"Replace","path":"name.familyName","value":"A"},{"op":"remove","path":"emails[value eq \"o@example.com\"]"}`, both},
	}
	get := func(b *bed) map[string]any { return decode(t, b.call("GET", "/Users/"+b.ada, "")) }
	resource := get(newBed(t))
	delete(resource, "groups")
	var questions []question
	for _, c := range cases {
		questions = append(questions, question{resource, json.RawMessage("[" + c.operations + "]")})
	}
	answers := judge(t, map[string]any{"patches": questions, "filters": []any{}}).Patches
	for i, c := range cases {
		b := newBed(t)
		if w := b.call("PATCH", "/Users/"+b.ada, patchBody(c.operations)); w.Code != http.StatusOK {
			t.Errorf("%s: %d %s", c.name, w.Code, w.Body)
			continue
		}
		ours := essence(get(b))
		for _, name := range c.judges {
			theirs, _ := answers[i][name].(map[string]any)
			if theirs = essence(theirs); !reflect.DeepEqual(ours, theirs) {
				t.Errorf("%s: we have\n%v\nand %s\n%v (%v)", c.name, ours, name, theirs, answers[i][name])
			}
		}
	}
}

// essence is what a resource says, without what the server sets and what is as good as absent.
func essence(resource map[string]any) map[string]any {
	out := map[string]any{}
	for _, name := range []string{"userName", "externalId", "active", "displayName", "title", "name", "emails", enterprise} {
		if v := essential(resource[name]); v != nil {
			out[name] = v
		}
	}
	return out
}

func essential(value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, one := range v {
			if one = essential(one); one != nil && (name != "primary" || one != false) {
				out[name] = one
			}
		}
		if len(out) == 0 {
			return nil
		}
		return out
	case []any:
		var out []any
		for _, one := range v {
			if one = essential(one); one != nil {
				out = append(out, one)
			}
		}
		if out == nil {
			return nil
		}
		return out
	}
	return value
}

// A library finds those whom we find, where it keeps to RFC 7644 and RFC 7643.
func TestFilterAgainstLibraries(t *testing.T) {
	h, _ := crowd(t)
	b := &bed{t: t, handler: h}
	all := func(filter string) []any {
		list, _ := decode(t, b.call("GET", "/Users?filter="+url.QueryEscape(filter), ""))["Resources"].([]any)
		return list
	}
	everybody := all("id pr")
	both := []string{"scim2-parse-filter", "scimmy"}
	cases := []struct {
		filter string
		judges []string
	}{
		{`userName eq "bo@example.com"`, both},
		{`userName sw "bo" or userName sw "cy"`, both},
		{`externalId eq "x1"`, both},
		{`externalId gt "X1"`, both},
		{`title pr`, both},
		{`title eq "Intern" and active eq false`, both},
		{`title eq "Intern" or title eq "Zoologist" and active eq true`, both},
		{`(title eq "Intern" or title eq "Zoologist") and active eq true`, both},
		{`not (title eq "Intern")`, both},
		{`meta.created gt "2026-01-01T00:00:03Z"`, []string{"scimmy"}}, // scim2-parse-filter: as texts
		{`active eq true`, both},
		{`active eq True`, nil}, // scimmy: finds those who are not active; scim2-parse-filter: refuses it
		// scimmy throws where somebody has no name or address, so it is asked of those who
		// have one.
		{`name.familyName eq "Berg"`, both},
		{`name.givenName pr`, both},
		{`emails[type eq "work" and value co "ada"]`, both},
		{`emails[type eq "home" and value eq "ada@example.com"]`, []string{"scimmy"}}, // scim2-parse-filter: by two different addresses
		{`emails[type eq "home" or type eq "other"]`, both},
		{`emails.value ew "home.example.com"`, both},
	}
	var questions []any
	for _, c := range cases {
		among := everybody
		if strings.HasPrefix(c.filter, "name") || strings.HasPrefix(c.filter, "emails") {
			among = everybody[:2]
		}
		questions = append(questions, map[string]any{"filter": c.filter, "resources": among})
	}
	answers := judge(t, map[string]any{"patches": []any{}, "filters": questions}).Filters
	for i, c := range cases {
		var ours []any
		for _, u := range all(c.filter) {
			ours = append(ours, float64(slices.IndexFunc(everybody, func(other any) bool { return reflect.DeepEqual(u, other) })))
		}
		for _, name := range c.judges {
			if theirs, ok := answers[i][name].([]any); !ok || !slices.Equal(ours, theirs) {
				t.Errorf("%s: we find %v, and %s %v", c.filter, ours, name, answers[i][name])
			}
		}
	}
}
