package scimtest

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

//go:embed testdata/*.json
var transcripts embed.FS

// Transcripts are what Play can play: the documented calls of an identity provider, in their
// order, with made-up people.
func Transcripts() []string { return []string{"entra", "okta"} }

// Step is one call of a transcript.
type Step struct {
	// Say is what the provider does with the call.
	Say string `json:"say"`
	// Method, Path and Body are the call. {name} in them stands for what an earlier step kept.
	Method string          `json:"method"`
	Path   string          `json:"path"`
	Body   json.RawMessage `json:"body"`
	Status int             `json:"status"`
	// Want is what the answer has, among others: objects may have more names, a name that
	// is null must be missing, and lists are as long as they are here.
	Want json.RawMessage `json:"want"`
	// Keep remembers the answer's id under a name.
	Keep string `json:"keep"`
}

// Play makes the calls of a transcript to h, whose paths begin with /Users and /Groups, and
// compares what is answered. prepare, if not nil, is called with each request before it is
// made, to say who calls. The directory behind h has nobody at the beginning.
func Play(t *testing.T, h http.Handler, transcript string, prepare func(*http.Request)) {
	t.Helper()
	text, err := transcripts.ReadFile("testdata/" + transcript + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var steps []Step
	if err := json.Unmarshal(text, &steps); err != nil {
		t.Fatal(err)
	}
	kept := []string{}
	for i, s := range steps {
		name := fmt.Sprintf("step %d, %s", i+1, s.Say)
		in := strings.NewReplacer(kept...)
		r := httptest.NewRequestWithContext(t.Context(), s.Method, strings.ReplaceAll(in.Replace(s.Path), " ", "%20"), strings.NewReader(in.Replace(string(s.Body))))
		if s.Body != nil {
			r.Header.Set("Content-Type", "application/scim+json; charset=utf-8")
		}
		if prepare != nil {
			prepare(r)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		body, _ := io.ReadAll(w.Result().Body)
		if w.Code != s.Status {
			t.Fatalf("%s: %s %s: got %d %s, want %d", name, s.Method, r.URL, w.Code, body, s.Status)
		}
		if s.Want == nil {
			continue
		}
		got, want := decoded(t, body), decoded(t, []byte(in.Replace(string(s.Want))))
		if wrong := Differs(got, want); wrong != "" {
			t.Fatalf("%s: %s %s: %s\n%s", name, s.Method, r.URL, wrong, body)
		}
		if s.Keep != "" {
			o, _ := got.(map[string]any)
			kept = append(kept, "{"+s.Keep+"}", fmt.Sprint(o["id"]))
		}
	}
}

func decoded(t *testing.T, text []byte) any {
	t.Helper()
	var v any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return v
}

// Differs says where got, which was decoded from JSON, is not what want has; "" where it is.
func Differs(got, want any) string {
	return differs("the answer", got, want)
}

func differs(path string, got, want any) string {
	switch want := want.(type) {
	case map[string]any:
		o, ok := got.(map[string]any)
		if !ok {
			return fmt.Sprintf("%s is %v, no object", path, got)
		}
		for name, v := range want {
			has, there := o[name]
			if v == nil && !there {
				continue
			}
			if !there || v == nil {
				return fmt.Sprintf("%s: %s is %v, want %v", path, name, has, v)
			}
			if wrong := differs(path+"."+name, has, v); wrong != "" {
				return wrong
			}
		}
	case []any:
		list, ok := got.([]any)
		if !ok || len(list) != len(want) {
			return fmt.Sprintf("%s is %v, want %d values", path, got, len(want))
		}
		for i := range want {
			if wrong := differs(fmt.Sprintf("%s[%d]", path, i), list[i], want[i]); wrong != "" {
				return wrong
			}
		}
	default:
		if got != want {
			return fmt.Sprintf("%s is %v, want %v", path, got, want)
		}
	}
	return ""
}
