package slacksim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// deed is what a person does on the page.
type deed struct {
	As      string  `json:"as"` // workspace/handle
	Do      string  `json:"do"`
	Channel string  `json:"channel"` // a name, "" for the app's direct messages
	Text    string  `json:"text"`
	Message string  `json:"message"` // the ts of what is used, with Place, or
	Place   string  `json:"place"`   // the id of its channel
	View    string  `json:"view"`    // the id of a view
	Key     string  `json:"key"`     // block_id/action_id
	Fields  []entry `json:"fields"`  // what is in a form that is sent
	Seen    int     `json:"seen"`    // the number of the last message that was shown
}

// entry is what was entered into a field.
type entry struct {
	Key    string   `json:"key"`
	Values []string `json:"values"`
}

// done is the page's answer.
type done struct {
	Problem string   `json:"problem,omitempty"`
	Options []Option `json:"options,omitempty"`
}

// serveDo does what a person did on the page.
func (s *Server) serveDo(w http.ResponseWriter, r *http.Request) {
	var d deed
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err == nil {
		err = json.Unmarshal(raw, &d)
	}
	if err != nil {
		http.Error(w, "The body is not what the page sends.", http.StatusBadRequest)
		return
	}
	out := done{}
	out.Options, err = s.do(r.Context(), d)
	var p *Problem
	switch {
	case errors.As(err, &p):
		out.Problem = p.Text
	case err != nil:
		out.Problem = strings.TrimPrefix(err.Error(), "slacksim: ")
	}
	writeJSON(w, out)
}

func (s *Server) do(ctx context.Context, d deed) ([]Option, error) {
	teamID, name, _ := strings.Cut(d.As, "/")
	p := &Person{s: s, team: teamID, name: name}
	f := &Form{p: p, view: d.View, channel: d.Place, ts: d.Message}
	switch d.Do {
	case "say":
		if strings.HasPrefix(d.Text, "/") {
			return nil, p.Command(ctx, d.Channel, d.Text)
		}
		_, err := p.Say(d.Channel, d.Text)
		return nil, err
	case "read":
		return nil, p.markRead(d.Channel, d.Seen)
	case "home":
		_, err := p.OpenHome()
		return nil, err
	case "click":
		return nil, f.Click(ctx, d.Key)
	case "fill":
		return nil, f.fill(ctx, d.Fields)
	case "suggest":
		return f.Suggest(ctx, d.Key, d.Text)
	case "submit":
		if err := f.fill(ctx, d.Fields); err != nil {
			return nil, err
		}
		err := f.Submit(ctx)
		if len(f.Errors()) > 0 {
			return nil, nil // they stand beside the fields
		}
		return nil, err
	case "close":
		return nil, f.Close(ctx)
	}
	return nil, fmt.Errorf("nobody can do %q", d.Do)
}

// fill enters what is new, so that the app is told of nothing that was so before.
func (f *Form) fill(ctx context.Context, fields []entry) error {
	for _, e := range fields {
		if now := f.Value(e.Key); strings.Join(now, "\x00") == strings.Join(e.Values, "\x00") {
			continue
		}
		if err := f.Fill(ctx, e.Key, e.Values...); err != nil {
			return err
		}
	}
	return nil
}

// serveArchive leads from a permalink to the page.
func (s *Server) serveArchive(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	c := s.channels[r.PathValue("channel")]
	q := url.Values{}
	switch {
	case c == nil:
	case c.kind == direct:
		q.Set("app", "messages")
		q.Set("as", c.team.id+"/"+c.with.Name)
	default:
		q.Set("channel", c.name)
	}
	s.mu.Unlock()
	if c == nil {
		http.NotFound(w, r)
		return
	}
	http.Redirect(w, r, "/?"+q.Encode(), http.StatusFound)
}
