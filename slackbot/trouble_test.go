package slackbot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"procyon/client"
	"procyon/graph/errorcode"
)

// failing are the forms in which one code of the server's reaches the bot.
func failing(c errorcode.Code) []error {
	const message = "Choose at most 20 resources; these are 21."
	var out []error
	if c.Place != errorcode.InPayload {
		e := &client.Error{Status: 200, Code: c.Name, Message: message, Errors: []client.GraphQLError{
			{Message: message, Extensions: map[string]any{"code": c.Name, "id": "ABC123"}},
		}}
		out = append(out, e, fmt.Errorf("look up: %w", e))
	}
	if c.Place != errorcode.InErrors {
		u := client.UserErrors{{Code: c.Name, Message: message}}
		out = append(out, u, fmt.Errorf("look up: %w", u))
	}
	return out
}

// Every code of the API has its words, and only what may pass is told as an outage.
func TestEveryCodeHasItsWords(t *testing.T) {
	b, _ := silent(t)
	codes := map[string]bool{}
	for _, c := range errorcode.All() {
		codes[c.Name] = true
		if _, ok := troubleWords[c.Name]; !ok {
			t.Errorf("%s has no words", c.Name)
		}
		for _, err := range failing(c) {
			said := b.trouble("test", err).Text
			switch outage := said == notInTime; {
			case outage && !c.Again:
				t.Errorf("%s is told as an outage: another try can't help", c.Name)
			case !strings.HasSuffix(said, ".") || strings.HasSuffix(said, ".."):
				t.Errorf("%s: %q is no sentence", c.Name, said)
			}
			if c.Name == "INTERNAL" && !strings.HasSuffix(said, "name ABC123.") {
				t.Errorf("%s does not say where the log has it: %q", c.Name, said)
			}
		}
	}
	for _, code := range []string{client.CodeNetwork, client.CodeHTTP, client.CodeClosed, client.CodeProtocol} {
		codes[code] = true
	}
	for code := range troubleWords {
		if !codes[code] {
			t.Errorf("no error has the code %s", code)
		}
	}
	for _, err := range []error{context.DeadlineExceeded, errors.New("anything"), &client.Error{Code: client.CodeNetwork}, &client.Error{Status: 503, Code: client.CodeHTTP}} {
		if said := b.trouble("test", err).Text; said != notInTime {
			t.Errorf("%v: %q", err, said)
		}
	}
	if said := b.trouble("test", &client.Error{Code: "NEWER"}).Text; said != notFitting {
		t.Errorf("a code of a newer release: %q", said)
	}
}

// A refusal is said in its own words, in whichever form it comes.
func TestRefusalsKeepTheirWords(t *testing.T) {
	b, _ := silent(t)
	for _, c := range errorcode.All() {
		for _, err := range failing(c) {
			said, refused := b.trouble("test", err).Text, refusal(err) != ""
			if refused != strings.Contains(said, "Choose at most 20 resources") {
				t.Errorf("%s: refused is %v, said is %q", c.Name, refused, said)
			}
		}
	}
	for _, code := range []string{"INVALID", "NOT_FOUND", "CONFLICT"} {
		if refusal(&client.Error{Code: code, Message: "No."}) != "No." {
			t.Errorf("%s in place of an answer is no refusal", code)
		}
	}
}
