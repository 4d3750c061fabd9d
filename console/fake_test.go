package console_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"sync"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"

	"procyon/auth"
	"procyon/console"
)

// loadSchema reads the product's schema.
func loadSchema(t testing.TB) *ast.Schema {
	t.Helper()
	folder := os.DirFS("../schema")
	names, err := fs.Glob(folder, "*.graphqls")
	if err != nil || len(names) == 0 {
		t.Fatalf("no schema files: %v", err)
	}
	var sources []*ast.Source
	for _, name := range names {
		text, err := fs.ReadFile(folder, name)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, &ast.Source{Name: name, Input: string(text)})
	}
	schema, gerr := gqlparser.LoadSchema(sources...)
	if gerr != nil {
		t.Fatal(gerr)
	}
	return schema
}

type object = map[string]any

// fakeAPI answers from fixed data. It accepts only documents and variables that
// the real schema accepts, and answers only what they select.
type fakeAPI struct {
	schema *ast.Schema

	mu     sync.Mutex
	person object            // the viewer; nil: nobody
	fields map[string]any    // answers by field of Query or Mutation
	errs   map[string]error  // instead of an answer
	calls  map[string]object // the last arguments of each field, by its name and its alias
}

type personKey struct{}

func (f *fakeAPI) Do(ctx context.Context, query string, variables, out any) error {
	doc, errs := gqlparser.LoadQueryWithRules(f.schema, query, nil)
	if errs != nil {
		return fmt.Errorf("document: %w", errs)
	}
	op := doc.Operations[0]
	given, err := overTheNetwork(variables)
	if err != nil {
		return err
	}
	values, err := validator.VariableValues(f.schema, op, given)
	if err != nil {
		return fmt.Errorf("variables of %s: %w", op.Name, err)
	}
	if ctx.Value(personKey{}) == nil {
		return &console.Error{Code: console.CodeUnauthenticated, Message: "Sign in, or send a token."}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	data := object{}
	for _, s := range op.SelectionSet {
		field, ok := s.(*ast.Field)
		if !ok {
			return fmt.Errorf("%s: fragments are not supported here", op.Name)
		}
		if err := f.errs[field.Name]; err != nil {
			return err
		}
		f.calls[field.Name] = field.ArgumentMap(values)
		f.calls[field.Alias] = f.calls[field.Name]
		answer := f.fields[field.Alias]
		if answer == nil {
			answer = f.fields[field.Name]
		}
		if field.Name == "viewer" {
			answer = f.person
		}
		data[field.Alias] = selected(answer, field.SelectionSet)
	}
	raw, err := json.Marshal(data)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, out)
}

// overTheNetwork is what the API gets of variables.
func overTheNetwork(variables any) (out object, err error) {
	raw, err := json.Marshal(variables)
	if err != nil {
		return nil, err
	}
	err = json.Unmarshal(raw, &out)
	whole(out)
	return out, err
}

// whole makes whole numbers of an object's numbers: the API has no others.
func whole(v any) any {
	switch v := v.(type) {
	case object:
		for k := range v {
			v[k] = whole(v[k])
		}
	case []any:
		for i := range v {
			v[i] = whole(v[i])
		}
	case float64:
		return int(v)
	}
	return v
}

func (f *fakeAPI) call(field string) object {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[field]
}

// selected picks what a selection set asks for.
func selected(v any, set ast.SelectionSet) any {
	switch v := v.(type) {
	case object:
		if v == nil {
			return nil
		}
		if set == nil {
			return v
		}
		out := object{}
		for _, s := range set {
			switch s := s.(type) {
			case *ast.Field:
				out[s.Alias] = selected(v[s.Name], s.SelectionSet)
			case *ast.FragmentSpread:
				maps.Copy(out, selected(v, s.Definition.SelectionSet).(object))
			default:
				panic(fmt.Sprintf("%T is not supported here", s))
			}
		}
		return out
	case []object:
		out := make([]any, len(v))
		for i := range v {
			out[i] = selected(v[i], set)
		}
		return out
	default:
		return v
	}
}

const (
	adminPassword = "correct horse"
	sessionToken  = "session-token"
)

// oneTimePassword is good for choosing another.
const oneTimePassword = "one-time password"

// fakeAuth knows one person and one session.
type fakeAuth struct {
	mu      sync.Mutex
	err     error // what SignIn returns
	session error // what Session returns besides auth.ErrUnauthenticated
}

func (f *fakeAuth) Session(r *http.Request) (context.Context, string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.session != nil {
		return nil, "", f.session
	}
	c, err := r.Cookie("session")
	if err != nil || c.Value != "s1" {
		return nil, "", auth.ErrUnauthenticated
	}
	return context.WithValue(r.Context(), personKey{}, true), sessionToken, nil
}

func (f *fakeAuth) SignIn(w http.ResponseWriter, _ *http.Request, email, password, newPassword string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return f.err
	}
	if email == "grace@example.com" && password == oneTimePassword {
		if len(newPassword) < 12 {
			e := &auth.ChooseError{}
			if newPassword != "" {
				e.Wrong = "The password is too short."
			}
			return e
		}
		password = adminPassword
	}
	if email != "grace@example.com" || password != adminPassword {
		return auth.ErrCredentials
	}
	http.SetCookie(w, &http.Cookie{Name: "session", Value: "s1", Path: "/", HttpOnly: true})
	return nil
}

func (f *fakeAuth) SignOut(w http.ResponseWriter, _ *http.Request) error {
	http.SetCookie(w, &http.Cookie{Name: "session", Path: "/", MaxAge: -1})
	return nil
}
