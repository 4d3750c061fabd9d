package slacksim

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"
)

// view is a modal, or a person's Home.
type view struct {
	id, hash       string
	user           *user
	install        *install
	spec           map[string]any // as the app sent it, with ids filled in
	root, previous string
	values         values            // what the person changed
	errors         map[string]string // by block_id, shown beside the fields
	trouble        string            // shown above the buttons
	closed         bool
	// offered are the options that the app gave to the last type-ahead, by place.
	offered map[string][]map[string]any
}

func (v *view) blocks() []any { list, _ := v.spec["blocks"].([]any); return list }

func (v *view) kind() string { return str1(v.spec, "type") }

// trigger lets the app open a modal once, for three seconds, for the person who
// did something.
type trigger struct {
	user *user
	at   time.Time
	used bool
	view *view // the modal in which it happened, or nil
}

// keepTriggers is how long a trigger is known, so that one that is late is told so.
const keepTriggers = 10 * time.Minute

// ageing lists names from the oldest to the newest, so that what is old can be
// forgotten without looking at what is not.
type ageing struct {
	names []string
	at    []time.Time
}

// add adds a name and gives those that are older than a while, which it forgets.
func (a *ageing) add(name string, now time.Time, while time.Duration) []string {
	a.names, a.at = append(a.names, name), append(a.at, now)
	n := 0
	for n < len(a.at) && now.Sub(a.at[n]) > while {
		n++
	}
	old := a.names[:n]
	a.names, a.at = a.names[n:], a.at[n:]
	return old
}

// newTrigger makes a trigger_id; s.mu is held.
func (s *Server) newTrigger(u *user, in *view) string {
	now := s.opts.Now()
	s.seq++
	id := fmt.Sprintf("%d.%d.%s", s.seq, now.Unix(), rand.Text())
	s.triggers[id] = &trigger{user: u, at: now, view: in}
	for _, old := range s.oldTriggers.add(id, now, keepTriggers) {
		delete(s.triggers, old)
	}
	return id
}

// redeem uses a trigger_id.
func (c *call) redeem() (*trigger, *apiError) {
	t := c.triggers[c.args["trigger_id"]]
	switch {
	case t == nil || !c.token.install.covers(t.user.team):
		return nil, no("invalid_trigger_id", "nobody did anything of that trigger_id")
	case t.used:
		return nil, no("exchanged_trigger_id", "the trigger_id was used already")
	case c.opts.Now().Sub(t.at) > c.opts.TriggerLife:
		return nil, no("expired_trigger_id", "the trigger_id is older than %s", c.opts.TriggerLife)
	}
	t.used = true
	return t, nil
}

// viewSpec reads and judges the argument "view".
func (c *call) viewSpec(kind string) (map[string]any, *apiError) {
	raw := c.args["view"]
	if len(raw) > maxView {
		return nil, no("view_too_large", "the view is %d bytes long, at most %d are allowed", len(raw), maxView)
	}
	spec, f := readView(decodeValue([]byte(raw)), kind)
	if f != nil {
		e := no("invalid_arguments", "%v", f)
		e.messages = []string{"[ERROR] " + f.what + " [json-pointer:" + pointer(f.where) + "]"}
		return nil, e
	}
	c.took("view", spec)
	c.fillIDs(spec["blocks"].([]any)) // checked by readView
	return spec, nil
}

// unique checks that no other open view has the same external_id.
func (s *Server) unique(spec map[string]any, mine *view) *apiError {
	id := str1(spec, "external_id")
	if id == "" {
		return nil
	}
	for _, v := range s.views {
		if v != mine && !v.closed && str1(v.spec, "external_id") == id {
			return no("duplicate_external_id", "another view has the external_id %q", id)
		}
	}
	return nil
}

// newView keeps a view; s.mu is held.
func (s *Server) newView(u *user, in *install, spec map[string]any) *view {
	s.seq++
	v := &view{id: fmt.Sprintf("V0%08d", s.seq), user: u, install: in}
	v.root = v.id
	s.views[v.id] = v
	s.show(v, spec)
	return v
}

// show gives a view new content. What the person typed stays where the field is
// still there.
func (s *Server) show(v *view, spec map[string]any) {
	s.seq++
	v.spec, v.hash, v.errors, v.trouble = spec, fmt.Sprintf("%d.%08x", s.opts.Now().Unix(), s.seq), nil, ""
	kept := values{}
	for _, f := range elements(v.blocks()) {
		if old := v.values.get(f.blockID(), f.actionID()); old != nil && old["type"] == f.kind() {
			kept.set(f.blockID(), f.actionID(), old)
		}
	}
	v.values = kept
	s.announce()
}

// push puts a modal on top of what a person has open; s.mu is held.
func (s *Server) push(u *user, in *install, spec map[string]any) *view {
	v := s.newView(u, in, spec)
	if n := len(u.modals); n > 0 {
		v.root, v.previous = u.modals[0].id, u.modals[n-1].id
	}
	u.modals = append(u.modals, v)
	return v
}

// top is the modal that a person sees, or nil; s.mu is held.
func (u *user) top() *view {
	if len(u.modals) == 0 {
		return nil
	}
	return u.modals[len(u.modals)-1]
}

// pop closes the modal on top, or all; s.mu is held.
func (s *Server) pop(u *user, all bool) {
	keep := len(u.modals) - 1
	if all {
		keep = 0
	}
	for _, v := range u.modals[keep:] {
		v.closed = true
		delete(s.views, v.id)
	}
	u.modals = u.modals[:keep:keep]
	s.announce()
}

// maxStack is how many modals can lie on each other.
const maxStack = 3

func (c *call) viewsOpen() (reply, *apiError) {
	spec, e := c.viewSpec("modal")
	if e != nil {
		return nil, e
	}
	if e := c.unique(spec, nil); e != nil {
		return nil, e
	}
	t, e := c.redeem()
	if e != nil {
		return nil, e
	}
	if len(t.user.modals) > 0 {
		c.pop(t.user, true)
	}
	return reply{"view": c.viewJSON(c.push(t.user, c.token.install, spec))}, nil
}

func (c *call) viewsPush() (reply, *apiError) {
	spec, e := c.viewSpec("modal")
	if e != nil {
		return nil, e
	}
	if e := c.unique(spec, nil); e != nil {
		return nil, e
	}
	t, e := c.redeem()
	switch {
	case e != nil:
		return nil, e
	case t.view == nil || t.view.closed:
		return nil, no("invalid_trigger_id", "views.push needs a trigger from within an open modal")
	case len(t.user.modals) >= maxStack:
		return nil, no("push_limit_reached", "%d modals lie on each other already", maxStack)
	}
	return reply{"view": c.viewJSON(c.push(t.user, c.token.install, spec))}, nil
}

func (c *call) viewsUpdate() (reply, *apiError) {
	var v *view
	if id, external := c.args["view_id"], c.args["external_id"]; id != "" {
		v = c.views[id]
	} else if external != "" {
		for _, other := range c.views {
			if str1(other.spec, "external_id") == external {
				v = other
			}
		}
	}
	if v == nil || v.closed || !c.token.install.covers(v.user.team) {
		return nil, no("not_found", "no such view is open: %q", c.args["view_id"])
	}
	if h := c.args["hash"]; h != "" && h != v.hash {
		return nil, no("hash_conflict", "the view has changed since")
	}
	spec, e := c.viewSpec(v.kind())
	if e != nil {
		return nil, e
	}
	if e := c.unique(spec, v); e != nil {
		return nil, e
	}
	c.show(v, spec)
	return reply{"view": c.viewJSON(v)}, nil
}

func (c *call) viewsPublish() (reply, *apiError) {
	u, e := c.someone(c.args["user_id"])
	if e != nil {
		return nil, e
	}
	if h := c.args["hash"]; h != "" && (u.home == nil || u.home.hash != h) {
		return nil, no("hash_conflict", "the Home has changed since")
	}
	spec, e := c.viewSpec("home")
	if e != nil {
		return nil, e
	}
	if e := c.unique(spec, u.home); e != nil {
		return nil, e
	}
	if u.home == nil {
		u.home = c.newView(u, c.token.install, spec)
	} else {
		c.show(u.home, spec)
	}
	return reply{"view": c.viewJSON(u.home)}, nil
}

// viewJSON is a view as Slack tells of it.
func (s *Server) viewJSON(v *view) reply {
	out := reply{
		"id": v.id, "team_id": v.user.team.id, "app_id": s.app.ID, "app_installed_team_id": v.install.user.team.id, "bot_id": v.install.user.botID,
		"type": v.kind(), "title": nil, "close": nil, "submit": nil, "blocks": v.blocks(), "private_metadata": "", "callback_id": "", "external_id": "",
		"state": reply{"values": states(v.blocks(), v.values)}, "hash": v.hash, "clear_on_close": false, "notify_on_close": false,
		"root_view_id": v.root, "previous_view_id": nil,
	}
	for name, value := range v.spec {
		out[name] = value
	}
	if v.previous != "" {
		out["previous_view_id"] = v.previous
	}
	return out
}

// clone copies a JSON object, so that it can be handed out.
func clone(v any) map[string]any {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	o, _ := decodeValue(raw).(map[string]any)
	return o
}
