package slacksim

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

//go:embed page.html page.css page.js control.js icon.svg authorize.html
var files embed.FS

var pageTemplate = template.Must(template.ParseFS(files, "page.html"))

// page is what page.html shows: what one person sees.
type page struct {
	Workspace string
	App       string
	Command   string
	Installed bool
	Me        Profile
	As        string // workspace/handle
	People    []pagePerson
	Channels  []pageChannel
	// Tab is "channel", or of the app's "home" or "messages".
	Tab      string
	Current  string // the channel's name, or "" for the app's direct messages
	State    string
	Messages []pageMessage
	Thread   *pageThread // the thread that is open at the side
	Home     *pageView
	Unread   int // of the app's direct messages
	Modal    *pageView
	Refused  []Refusal
}

type pagePerson struct {
	Name, Real, As, Workspace string
	Current                   bool
}

type pageChannel struct {
	Name    string
	Unread  int
	Private bool
	Current bool
}

// pageThread is a message with its replies, at the side.
type pageThread struct {
	Messages []pageMessage // the first is the one that is replied to
	Close    string        // leads to the page without it
}

type pageMessage struct {
	Message
	ID      string // of the HTML element
	From    string
	IsApp   bool
	Initial string
	Blocks  []pageBlock
	Replies int
	Thread  string // leads to the page with its thread
	// Text is the top-level text: all that is shown where there are no blocks,
	// and what a notification and a screen reader have where there are.
	Text template.HTML
}

// Clock is the time of arrival.
func (m pageMessage) Clock() string { return m.At.Format("15:04 UTC") }

// Machine is the time of arrival for machines.
func (m pageMessage) Machine() string { return m.At.Format(time.RFC3339) }

// Edited tells whether Slack says that it was edited: not where blocks are shown.
func (m pageMessage) Edited() bool { return m.Edits > 0 && len(m.Blocks) == 0 }

// shown bounds a page's length; the JSON has the rest.
const shown = 100

func (s *Server) servePage(w http.ResponseWriter, r *http.Request) {
	p := s.page(r.URL.Query())
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, p); err != nil {
		http.Error(w, "The page can't be shown: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(b.Bytes())
}

// whose finds who is meant by "workspace/handle" or "handle", or else the first
// person there is; nil where there are none. s.mu is held.
func (s *Server) whose(as string) *user {
	teamID, name, both := strings.Cut(as, "/")
	if !both {
		teamID, name = "", as
	}
	if t := s.team(teamID); t != nil {
		if u := t.person(name); u != nil {
			return u
		}
	}
	for _, t := range s.teamOrder {
		if len(t.people) > 0 {
			return t.people[0]
		}
	}
	return nil
}

// page gathers what a person sees; an unknown channel gives the first one.
func (s *Server) page(q url.Values) page {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := page{App: s.app.Name, Command: s.app.Command, Tab: "channel", Workspace: s.opts.Workspace}
	me := s.whose(q.Get("as"))
	if me == nil {
		return p
	}
	p.Me, p.As, p.Workspace, p.Installed = me.Profile, me.team.id+"/"+me.Name, me.team.name, s.botOf(me.team) != nil
	for _, t := range s.teamOrder {
		for _, u := range t.people {
			if u.gone || (len(p.People) >= shown && u != me) {
				continue
			}
			p.People = append(p.People, pagePerson{u.Name, u.Real, t.id + "/" + u.Name, t.name, u == me})
		}
	}
	c := me.team.channel(q.Get("channel"))
	if c == nil || !c.shownTo(me) {
		c = nil
		for _, other := range me.team.channels {
			if c == nil && other.kind != direct && other.shownTo(me) {
				c = other
			}
		}
	}
	if tab := q.Get("app"); tab == "home" || tab == "messages" {
		p.Tab = tab
		c, _ = s.directWith(me)
	}
	menu := s.menusOf(me)
	for _, other := range me.team.channels {
		if other.kind != direct && other.shownTo(me) {
			p.Channels = append(p.Channels, pageChannel{other.name, s.unread(other, me), other.kind == private, other == c})
		}
	}
	if me.dm != nil {
		p.Unread = s.unread(me.dm, me)
	}
	if c != nil {
		if p.State = c.state; c.kind != direct {
			p.Current = c.name
		}
		p.Messages = s.messages(c, me, menu, p.address())
		p.Thread = s.thread(c, me, menu, q.Get("thread"), p.address())
	}
	if p.Tab == "home" && me.home != nil {
		p.Home = newPageView(me.home, menu)
	}
	if v := me.top(); v != nil {
		p.Modal = newPageView(v, menu)
	}
	for _, f := range slices.Backward(s.refused) {
		if len(p.Refused) == 10 {
			break
		}
		if f.Channel == p.Current || f.Channel == "" || c != nil && f.Channel == c.id {
			p.Refused = append(p.Refused, f)
		}
	}
	return p
}

// shownTo tells whether a person sees a channel in the list; one that was deleted
// can still be read here.
func (c *channel) shownTo(u *user) bool { return c.members[u.ID] }

// menusOf are the people and channels that a person can choose.
func (s *Server) menusOf(me *user) menus {
	var m menus
	for _, u := range me.team.people {
		m.people = append(m.people, pageOption{Text: textJSON{"plain_text", u.Real}, Value: u.ID})
	}
	for _, c := range me.team.channels {
		if c.kind != direct && c.member(me) {
			m.channels = append(m.channels, pageOption{Text: textJSON{"plain_text", "#" + c.name}, Value: c.id})
		}
	}
	return m
}

// address leads to this page without a thread.
func (p *page) address() string {
	q := url.Values{"as": {p.As}}
	if p.Tab == "channel" {
		q.Set("channel", p.Current)
	} else {
		q.Set("app", p.Tab)
	}
	return "/?" + q.Encode()
}

// messages gives the latest messages, each with the number of its replies.
func (s *Server) messages(c *channel, me *user, menu menus, address string) []pageMessage {
	var out []pageMessage
	at := map[string]int{}
	for _, m := range s.seen(c, me.ID) {
		if parent, ok := at[m.Thread]; ok && m.Thread != "" {
			out[parent].Replies++
			out[parent].Thread = address + "&thread=" + m.Thread
			continue
		}
		at[m.TS] = len(out)
		out = append(out, s.newPageMessage(m, menu, "m"))
	}
	return out[max(0, len(out)-shown):]
}

// thread gives a message with its replies; nil where it has none.
func (s *Server) thread(c *channel, me *user, menu menus, ts, address string) *pageThread {
	t := &pageThread{Close: address}
	for _, m := range s.seen(c, me.ID) {
		if ts != "" && (m.TS == ts || m.Thread == ts) {
			t.Messages = append(t.Messages, s.newPageMessage(m, menu, "t"))
		}
	}
	if len(t.Messages) < 2 {
		return nil
	}
	return t
}

// unread counts what somebody has not seen yet on the page: messages of others, but for
// replies in threads.
func (s *Server) unread(c *channel, me *user) int {
	n := 0
	for _, m := range s.seen(c, me.ID) {
		if m.Seq > me.read[c.id] && m.User != me.ID && (m.Thread == "" || m.Thread == m.TS) {
			n++
		}
	}
	return n
}

// markRead notes that somebody has seen a channel up to a message; "" is the app's direct
// messages.
func (p *Person) markRead(channelName string, seq int) error {
	s := p.s
	s.mu.Lock()
	defer s.mu.Unlock()
	u, c, err := p.in(channelName)
	if err != nil || seq <= u.read[c.id] {
		return err
	}
	if u.read == nil {
		u.read = map[string]int{}
	}
	u.read[c.id] = seq
	s.announce()
	return nil
}

// newPageMessage makes a message ready to show. prefix makes its ids unique on the page.
func (s *Server) newPageMessage(m Message, menu menus, prefix string) pageMessage {
	out := pageMessage{Message: m, ID: fmt.Sprintf("%s%d", prefix, m.Seq), Text: plainHTML(m.Text), From: s.app.Name, IsApp: true}
	if u := s.users[m.User]; u != nil && !u.bot {
		out.From, out.IsApp = u.Real, false
	} else if m.User == "USLACKBOT" {
		out.From, out.IsApp = "Slackbot", false
	}
	out.Initial = string([]rune(out.From)[:1])
	usable := m.User != "" // a webhook's buttons can only lead elsewhere
	out.Blocks = pageBlocks(blocksOf(m.Blocks), m.state, out.ID, menu, nil, usable)
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
	types := map[string]string{"page.css": "text/css; charset=utf-8", "page.js": "text/javascript; charset=utf-8", "control.js": "text/javascript; charset=utf-8", "icon.svg": "image/svg+xml"}
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
