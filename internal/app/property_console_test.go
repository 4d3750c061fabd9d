package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"time"

	"procyon/console"
)

// place is from where somebody acts who is not in Slack.
func (a *actor) place() string {
	if a.rng.IntN(3) == 0 {
		return "console"
	}
	return "API"
}

// browse runs an operation as the console does in somebody's browser: over HTTP, with
// nothing but the cookie of their session. Who is signed out signs in again, where they may.
func (w *world) browse(a *actor, query string, vars map[string]any, out any) error {
	s := w.server(a)
	if a.cookie == "" {
		if v, err := s.Auth.SignInPerson(w.ctx, a.ID, time.Time{}, ""); err == nil {
			a.cookie = v.Token
		}
	}
	body, err := json.Marshal(map[string]any{"query": query, "variables": vars})
	if err != nil {
		return err
	}
	r := httptest.NewRequestWithContext(w.ctx, http.MethodPost, s.public.String()+"/graphql", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Origin", s.public.String())
	r.AddCookie(&http.Cookie{Name: s.Auth.CookieName(), Value: a.cookie})
	answer := httptest.NewRecorder()
	s.mux.ServeHTTP(answer, r)
	var got struct {
		Data   json.RawMessage
		Errors []struct {
			Message    string
			Extensions struct{ Code string }
		}
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil {
		return fmt.Errorf("HTTP %d: %s: %w", answer.Code, answer.Body, err)
	}
	if len(got.Errors) > 0 {
		e := got.Errors[0]
		if e.Extensions.Code == console.CodeUnauthenticated {
			a.cookie = "" // the session is over
		}
		return &console.Error{Code: e.Extensions.Code, Message: e.Message}
	}
	return json.Unmarshal(got.Data, out)
}

// between cuts out what stands from one mark up to the next other mark.
func between(s, from, to string) string {
	_, rest, ok := strings.Cut(s, from)
	if !ok {
		return ""
	}
	inside, _, _ := strings.Cut(rest, to)
	return inside
}

// inWords reads a time span such as "1 hour 30 minutes".
func inWords(s string) string {
	units := map[string]int{"day": 24 * 60, "hour": 60, "minute": 1}
	words := strings.Fields(s)
	minutes := 0
	for i := 0; i+1 < len(words); i += 2 {
		n, err := strconv.Atoi(words[i])
		if err != nil {
			return "unreadable " + s
		}
		minutes += n * units[strings.TrimSuffix(words[i+1], "s")]
	}
	return (time.Duration(minutes) * time.Minute).String()
}
