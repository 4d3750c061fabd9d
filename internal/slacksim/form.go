package slacksim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Form is what a person can use: the controls of a modal, of their Home, or of a
// message. It is a name, not a copy: what it tells is always the present state. It
// is safe for concurrent use.
type Form struct {
	p       *Person
	view    string // a view's id, or
	channel string // a message's channel and
	ts      string // ts
}

// place is a form's present state; it is used while s.mu is held.
type place struct {
	user   *user
	blocks []any
	values *values
	view   *view
	// message is where the form is a message.
	channel *channel
	message *Message
}

var errGone = errors.New("slacksim: this modal or message is gone")

// place finds what the form names; s.mu is held.
func (f *Form) place() (place, error) {
	u, err := f.p.user()
	if err != nil {
		return place{}, err
	}
	if f.view != "" {
		v := f.p.s.views[f.view]
		if v == nil || v.user != u {
			return place{}, errGone
		}
		return place{user: u, blocks: v.blocks(), values: &v.values, view: v}, nil
	}
	c := f.p.s.channels[f.channel]
	if c == nil || !c.member(u) {
		return place{}, errGone
	}
	m := c.at(f.ts)
	if m == nil || (m.Only != "" && m.Only != u.ID) {
		return place{}, errGone
	}
	list, _ := decodeValue(m.Blocks).([]any)
	return place{user: u, blocks: list, values: &m.state, channel: c, message: m}, nil
}

// find gives the control that a person would call so.
func (at place) find(name string) (found, error) {
	var names []string
	for _, f := range elements(at.blocks) {
		if f.named(name) {
			return f, nil
		}
		names = append(names, fmt.Sprintf("%s (%s)", f.actionID(), strings.TrimSpace(textOf(f.element["text"])+" "+textOf(f.block["label"]))))
	}
	return found{}, fmt.Errorf("slacksim: there is no %q here, but %s", name, strings.Join(names, ", "))
}

// On gives the controls of a message.
func (p *Person) On(m Message) *Form { return &Form{p: p, channel: m.ChannelID, ts: m.TS} }

// Modal gives the modal that the person sees, or nil.
func (p *Person) Modal() *Form {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	return p.modal()
}

func (p *Person) modal() *Form {
	u, err := p.user()
	if err != nil || u.top() == nil {
		return nil
	}
	return &Form{p: p, view: u.top().id}
}

// AwaitModal waits until the person sees a modal with a title, after a loading view
// perhaps, and gives it. An empty title is that of any modal.
func (p *Person) AwaitModal(ctx context.Context, title string) (*Form, error) {
	var f *Form
	err := p.s.await(ctx, fmt.Sprintf("%s sees no modal %q", p.name, title), func() bool {
		f = p.modal()
		return f != nil && (title == "" || textOf(p.s.views[f.view].spec["title"]) == title)
	})
	return f, err
}

// AwaitNoModal waits until the person has no modal open.
func (p *Person) AwaitNoModal(ctx context.Context) error {
	return p.s.await(ctx, p.name+" still sees a modal", func() bool { return p.modal() == nil })
}

// OpenHome opens the app's Home tab, of which the app is told, and gives what was on
// it by then: nil where nothing was published before.
func (p *Person) OpenHome() (*Form, error) {
	s := p.s
	s.mu.Lock()
	u, err := p.user()
	if err != nil {
		s.mu.Unlock()
		return nil, err
	}
	in := s.botOf(u.team)
	if in == nil {
		s.mu.Unlock()
		return nil, errNotInstalled
	}
	c, _ := s.directWith(u)
	ts, _ := s.stamp()
	event := reply{"type": "app_home_opened", "user": u.ID, "channel": c.id, "tab": "home", "event_ts": ts}
	var f *Form
	if u.home != nil {
		event["view"] = clone(s.viewJSON(u.home))
		f = &Form{p: p, view: u.home.id}
	}
	s.mu.Unlock()
	s.emit(in.at(u.team), event)
	return f, nil
}

// Home gives what is on the person's Home tab, or nil.
func (p *Person) Home() *Form {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	u, err := p.user()
	if err != nil || u.home == nil {
		return nil
	}
	return &Form{p: p, view: u.home.id}
}

// AwaitHome waits until the person's Home says something, and gives it.
func (p *Person) AwaitHome(ctx context.Context, text string) (*Form, error) {
	var f *Form
	err := p.s.await(ctx, fmt.Sprintf("the Home of %s does not say %q", p.name, text), func() bool {
		u, err := p.user()
		if err != nil || u.home == nil || !strings.Contains(wordsOf(u.home.blocks()), text) {
			return false
		}
		f = &Form{p: p, view: u.home.id}
		return true
	})
	return f, err
}

// read runs do on the present state, and answers nothing where the form is gone.
func (f *Form) read(do func(place)) {
	f.p.s.mu.Lock()
	defer f.p.s.mu.Unlock()
	if at, err := f.place(); err == nil {
		do(at)
	}
}

// Gone tells whether the modal was closed or the message deleted.
func (f *Form) Gone() bool {
	gone := true
	f.read(func(place) { gone = false })
	return gone
}

// Title is a modal's title.
func (f *Form) Title() (title string) {
	f.read(func(at place) {
		if at.view != nil {
			title = textOf(at.view.spec["title"])
		}
	})
	return title
}

// Text is all that can be read here, line by line: texts, labels, hints, what the
// controls are called, and options.
func (f *Form) Text() (text string) {
	f.read(func(at place) { text = wordsOf(at.blocks) })
	return text
}

// JSON is the view as Slack tells of it, or the blocks of a message.
func (f *Form) JSON() (raw json.RawMessage) {
	f.read(func(at place) {
		if at.view != nil {
			raw = encode(f.p.s.viewJSON(at.view))
		} else {
			raw = at.message.Blocks
		}
	})
	return raw
}

// Errors are what stands beside the fields of a modal, by block_id.
func (f *Form) Errors() map[string]string {
	out := map[string]string{}
	f.read(func(at place) {
		if at.view != nil {
			for id, text := range at.view.errors {
				out[id] = text
			}
		}
	})
	return out
}

// Value is what a field holds now: what was typed, or the values of the options
// that are chosen, dates as Slack writes them.
func (f *Form) Value(name string) (value []string) {
	f.read(func(at place) {
		el, err := at.find(name)
		if err != nil {
			return
		}
		state := states(at.blocks, *at.values).get(el.blockID(), el.actionID())
		key, _ := field(el.kind())
		list, isList := state[key].([]any)
		if !isList && state[key] != nil {
			list = []any{state[key]}
		}
		for _, v := range list {
			if o, ok := v.(map[string]any); ok {
				v = o["value"]
			}
			value = append(value, fmt.Sprint(v))
		}
	})
	return value
}

// wordsOf gathers every text in blocks.
func wordsOf(v any) string {
	var lines []string
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			if text, ok := v["text"].(string); ok {
				lines = append(lines, text)
			}
			for _, name := range []string{"label", "text", "fields", "elements", "accessory", "element", "options", "option_groups", "description", "hint", "placeholder"} {
				walk(v[name])
			}
		}
	}
	walk(v)
	return strings.Join(lines, "\n")
}
