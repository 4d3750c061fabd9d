package slacksim

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"time"
)

//go:embed page.html page.css page.js authorize.html
var files embed.FS

var pageTemplate = template.Must(template.ParseFS(files, "page.html"))

// page is what page.html shows.
type page struct {
	Workspace string
	Channels  []pageChannel
	Current   string
	State     string
	Messages  []pageMessage
	Refused   []Refusal
}

type pageChannel struct {
	Name    string
	Count   int
	Current bool
}

type pageMessage struct {
	Message
	Blocks []blockJSON
	// Text is the top-level text: all that is shown where there are no blocks,
	// and what a notification and a screen reader have where there are.
	Text template.HTML
}

// Clock is the time of arrival.
func (m pageMessage) Clock() string { return m.At.Format("15:04 UTC") }

// Machine is the time of arrival for machines.
func (m pageMessage) Machine() string { return m.At.Format(time.RFC3339) }

// shown bounds a page's length; the JSON has the rest.
const shown = 100

func (s *Server) servePage(w http.ResponseWriter, r *http.Request) {
	p := s.page(r.URL.Query().Get("channel"))
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, p); err != nil {
		http.Error(w, "The page can't be shown: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(b.Bytes())
}

// page gathers what a channel's page shows; an unknown name gives the first
// channel.
func (s *Server) page(name string) page {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := page{Workspace: s.opts.Workspace}
	t := s.teamOrder[0]
	if t.channel(name) == nil && len(t.channels) > 0 {
		name = t.channels[0].name
	}
	for _, c := range t.channels {
		p.Channels = append(p.Channels, pageChannel{Name: c.name, Count: len(c.messages), Current: c.name == name})
	}
	if c := t.channel(name); c != nil {
		p.Current, p.State = name, c.state
		for _, m := range c.messages[max(0, len(c.messages)-shown):] {
			p.Messages = append(p.Messages, newPageMessage(m))
		}
	}
	for _, f := range slices.Backward(s.refused) {
		if len(p.Refused) == 10 {
			break
		}
		if f.Channel == name || f.Channel == "" {
			p.Refused = append(p.Refused, f)
		}
	}
	return p
}

func newPageMessage(m Message) pageMessage {
	out := pageMessage{Message: m, Text: plainHTML(m.Text)}
	_ = json.Unmarshal(m.Blocks, &out.Blocks) // validated on arrival; without blocks the text is shown
	if len(out.Blocks) == 0 {
		out.Text = mrkdwnHTML(m.Text)
	}
	return out
}

func (s *Server) serveMessages(w http.ResponseWriter, r *http.Request) {
	names := s.Channels()
	if one := r.URL.Query().Get("channel"); one != "" {
		names = []string{one}
	}
	all := []Message{}
	for _, name := range names {
		all = append(all, s.Messages(name)...)
	}
	slices.SortFunc(all, func(a, b Message) int { return a.Seq - b.Seq })
	writeJSON(w, map[string]any{"messages": all})
}

func (s *Server) serveRefused(w http.ResponseWriter, _ *http.Request) {
	refused := s.Refused()
	if refused == nil {
		refused = []Refusal{}
	}
	writeJSON(w, map[string]any{"refused": refused})
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(v)
}

// serveFile gives the page's style and script.
func (s *Server) serveFile(w http.ResponseWriter, r *http.Request) {
	types := map[string]string{"page.css": "text/css; charset=utf-8", "page.js": "text/javascript; charset=utf-8"}
	name := r.PathValue("file")
	body, err := files.ReadFile(name)
	if types[name] == "" || err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", types[name])
	_, _ = w.Write(body)
}

// maxStreams bounds how many open pages are told of changes; others can reload.
const maxStreams = 64

// serveStream tells an open page, by server-sent events, that something changed.
// It ends with the request or the server.
func (s *Server) serveStream(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	full := s.streams >= maxStreams
	if !full {
		s.streams++
	}
	var changed <-chan struct{} = s.changed
	s.mu.Unlock()
	if full {
		http.Error(w, "Too many open pages.", http.StatusServiceUnavailable)
		return
	}
	defer func() {
		s.mu.Lock()
		s.streams--
		s.mu.Unlock()
	}()
	w.Header().Set("Content-Type", "text/event-stream")
	rc := http.NewResponseController(w)
	beat := time.NewTicker(15 * time.Second)
	defer beat.Stop()
	for line := "retry: 1000\n\ndata: hello\n\n"; ; {
		_ = rc.SetWriteDeadline(time.Now().Add(5 * time.Second))
		if _, err := fmt.Fprint(w, line); err != nil || rc.Flush() != nil {
			return
		}
		select {
		case <-changed:
			changed, line = s.Changed(), "data: changed\n\n"
		case <-beat.C:
			line = ": still here\n\n"
		case <-s.done:
			return
		case <-r.Context().Done():
			return
		}
	}
}
