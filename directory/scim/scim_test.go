package scim_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"procyon/directory/scim"
	"procyon/directory/scim/scimtest"
)

const base = "https://procyon.example.com/scim/v2"

func newHandler(d scim.Directory) http.Handler {
	return scim.New(d, scim.Options{BaseURL: base})
}

// The calls that Entra ID and Okta document are answered as they need it.
func TestProviders(t *testing.T) {
	for _, name := range scimtest.Transcripts() {
		t.Run(name, func(t *testing.T) {
			scimtest.Play(t, newHandler(&scimtest.Directory{}), name, nil)
		})
	}
}

// bed is a handler on a directory in memory, with a person and a group.
type bed struct {
	t          *testing.T
	dir        *scimtest.Directory
	handler    http.Handler
	ada, group string
}

func newBed(t *testing.T) *bed {
	b := &bed{t: t, dir: &scimtest.Directory{}}
	b.handler = newHandler(b.dir)
	u, err := b.dir.CreateUser(context.Background(), scim.User{
		UserName: "ada@example.com", Active: true, ExternalID: "x1", DisplayName: "Ada Ames", Name: scim.Name{GivenName: "Ada", FamilyName: "Ames"},
		Emails:     []scim.Email{{Value: "ada@example.com", Type: "work", Primary: true}, {Value: "ada@home.example.com", Type: "home"}},
		Department: "Data", EmployeeNumber: "1",
	})
	if err != nil {
		t.Fatal(err)
	}
	g, err := b.dir.CreateGroup(context.Background(), scim.Group{DisplayName: "Data"}, []string{u.ID})
	if err != nil {
		t.Fatal(err)
	}
	b.ada, b.group = u.ID, g.ID
	return b
}

// call makes a call, with header lines "Name: value".
func (b *bed) call(method, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, strings.ReplaceAll(path, " ", "%20"), strings.NewReader(body))
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	return w
}
