package slacksim

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// Workspace is a Slack workspace besides the one that every simulator has.
type Workspace struct {
	ID     string // such as "T0OTHER"; empty: made of the name
	Name   string
	Domain string // empty: made of the name
	// Enterprise is the id of the organisation it belongs to, such as "E0ACME",
	// or "". An installation for the organisation covers all its workspaces.
	Enterprise string
	People     []Profile
}

// Profile is a person in a workspace.
type Profile struct {
	ID    string // such as "U0ADA"; empty: made of the workspace and the handle
	Name  string // the handle, such as "ada"; unique in the workspace
	Real  string // the full name; empty: the handle
	Email string // "" where they have none
	// Guest is a restricted member, SingleChannel one of a single channel.
	Guest, SingleChannel bool
	// Foreign is the id of the workspace that somebody belongs to who is here only by
	// channels that are shared with it: of another company, or of the same organisation
	// where that workspace was added with the same Enterprise. They are in no channel
	// until they are invited. The app sees and hears them like everybody else.
	Foreign string
}

// team is a workspace.
type team struct {
	id, name, domain string
	enterprise       string
	people           []*user
	channels         []*channel // in the order in which they were added
	install          *install   // nil: the app is not installed here by itself
}

// user is a person, or the app's bot in one workspace.
type user struct {
	Profile
	team  *team
	bot   bool
	botID string
	gone  bool     // deactivated
	dm    *channel // with the app; nil where it was never opened
	// home is what the app published; modals is the stack of what is open.
	home   *view
	modals []*view
	// read is the number of the last message that they saw on the page, by channel.
	read map[string]int
}

const (
	public  = "public"
	private = "private"
	direct  = "direct"
)

type channel struct {
	id, name string
	team     *team
	kind     string
	members  map[string]bool // by user id
	with     *user           // the person, where kind is direct
	messages []Message
	state    string // "", "archived" or "deleted"
}

func (c *channel) visible() bool { return c.state != "deleted" }

// slackName is how Slack names the channel in what it sends to an app.
func (c *channel) slackName() string {
	if c.kind == direct {
		return "directmessage"
	}
	return c.name
}

// identify makes an id that is the same in every run.
func identify(prefix string, of ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(of, "\x00")))
	return prefix + strings.ToUpper(hex.EncodeToString(sum[:5]))
}

// AddWorkspace adds a workspace with its people. It fails where the id, or a
// handle within it, is taken.
func (s *Server) AddWorkspace(w Workspace) error {
	if w.Name == "" {
		return errors.New("slacksim: a workspace needs a name")
	}
	if w.ID == "" {
		w.ID = identify("T0", w.Name)
	}
	if w.Domain == "" {
		w.Domain = strings.ReplaceAll(strings.ToLower(w.Name), " ", "-")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.teams[w.ID] != nil {
		return fmt.Errorf("slacksim: the workspace %s exists already", w.ID)
	}
	t := &team{id: w.ID, name: w.Name, domain: w.Domain, enterprise: w.Enterprise}
	s.teams[w.ID] = t
	s.teamOrder = append(s.teamOrder, t)
	for _, p := range w.People {
		if err := s.addPerson(t, p); err != nil {
			return err
		}
	}
	s.announce()
	return nil
}

// AddPerson adds a person to a workspace; teamID "" is the first one.
func (s *Server) AddPerson(teamID string, p Profile) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.team(teamID)
	if t == nil {
		return fmt.Errorf("slacksim: there is no workspace %s", teamID)
	}
	defer s.announce()
	return s.addPerson(t, p)
}

// addPerson adds somebody, who becomes a member of the public channels.
func (s *Server) addPerson(t *team, p Profile) error {
	if p.Name == "" {
		return errors.New("slacksim: a person needs a handle")
	}
	if p.Real == "" {
		p.Real = p.Name
	}
	if p.ID == "" {
		p.ID = identify("U0", t.id, p.Name)
	}
	if t.person(p.Name) != nil || s.users[p.ID] != nil {
		return fmt.Errorf("slacksim: %s (%s) exists already in %s", p.Name, p.ID, t.name)
	}
	u := &user{Profile: p, team: t}
	s.users[p.ID] = u
	t.people = append(t.people, u)
	for _, c := range t.channels {
		if c.kind == public && u.Foreign == "" {
			c.members[u.ID] = true
		}
	}
	return nil
}

// person finds somebody by handle or id, or gives nil.
func (t *team) person(name string) *user {
	for _, u := range t.people {
		if u.Name == name || u.ID == name {
			return u
		}
	}
	return nil
}

// team finds a workspace; "" is the first. s.mu is held.
func (s *Server) team(id string) *team {
	if id == "" {
		return s.teamOrder[0]
	}
	return s.teams[id]
}

// AddChannel adds a public channel to a workspace, with all its people as members,
// or a private one with the members that are named. It gives the channel's id, and
// that of the present one where the name is taken. teamID "" is the first workspace.
func (s *Server) AddChannel(teamID, name string, isPrivate bool, members ...string) (string, error) {
	c, isNew, err := s.makeChannel(teamID, name, isPrivate, members)
	if err != nil {
		return "", err
	}
	if isNew && !isPrivate {
		s.tellChannel(c, "channel_created", reply{"channel": reply{"id": c.id, "name": name, "created": 1, "creator": "USLACKBOT"}})
	}
	return c.id, nil
}

func (s *Server) makeChannel(teamID, name string, isPrivate bool, members []string) (c *channel, isNew bool, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.team(teamID)
	if t == nil || strings.TrimSpace(name) == "" {
		return nil, false, fmt.Errorf("slacksim: a channel needs a name and a workspace that exists, not %q in %q", name, teamID)
	}
	if c := t.channel(name); c != nil {
		return c, false, nil
	}
	c = s.addChannel(t, name, public)
	if !isPrivate {
		return c, true, nil
	}
	c.kind, c.members = private, map[string]bool{}
	for _, m := range members {
		u := t.person(m)
		if u == nil {
			return nil, false, fmt.Errorf("slacksim: there is no %s in %s", m, t.name)
		}
		c.members[u.ID] = true
	}
	return c, true, nil
}

// RenameChannel gives a channel another name, as its people do in Slack.
func (s *Server) RenameChannel(channelName, name string) error {
	s.mu.Lock()
	c := s.find(channelName)
	if c == nil || strings.TrimSpace(name) == "" || c.team.channel(name) != nil {
		s.mu.Unlock()
		return fmt.Errorf("slacksim: the channel %s can't be called %q", channelName, name)
	}
	c.name = name
	s.announce()
	s.mu.Unlock()
	s.tellChannel(c, "channel_rename", reply{"channel": reply{"id": c.id, "name": name, "created": 1}})
	return nil
}

// addChannel adds a channel; s.mu is held.
func (s *Server) addChannel(t *team, name, kind string) *channel {
	prefix := "C0"
	if kind == direct {
		prefix = "D0"
	}
	c := &channel{id: identify(prefix, t.id, name), name: name, team: t, kind: kind, members: map[string]bool{}}
	if kind == public {
		for _, u := range t.people {
			if u.Foreign == "" {
				c.members[u.ID] = true
			}
		}
	}
	t.channels = append(t.channels, c)
	s.channels[c.id] = c
	s.announce()
	return c
}

// channel finds a channel by name or id, or gives nil.
func (t *team) channel(name string) *channel {
	for _, c := range t.channels {
		if (c.name == name && c.kind != direct) || c.id == name {
			return c
		}
	}
	return nil
}

// channel finds a channel of the first workspace or adds it; s.mu is held.
func (s *Server) channel(name string) *channel {
	t := s.teamOrder[0]
	if c := t.channel(name); c != nil {
		return c
	}
	return s.addChannel(t, name, public)
}

// find gives a channel by the name that it has in the first workspace, or by its
// id in any, or nil; s.mu is held.
func (s *Server) find(name string) *channel {
	if c := s.channels[name]; c != nil {
		return c
	}
	return s.teamOrder[0].channel(name)
}

// directWith gives the direct messages between the app and a person, and whether
// they were open already; s.mu is held.
func (s *Server) directWith(u *user) (*channel, bool) {
	if u.dm != nil {
		return u.dm, true
	}
	c := s.addChannel(u.team, "dm-"+u.ID, direct)
	c.with, u.dm = u, c
	c.members[u.ID] = true
	if bot := s.botOf(u.team); bot != nil {
		c.members[bot.user.ID] = true
	}
	return c, false
}

// Invite adds a person, or the app where name is "app", to a channel.
func (s *Server) Invite(channelName, name string) error {
	c, id, err := s.member(channelName, name, func(c *channel, id string) { c.members[id] = true })
	if err != nil {
		return err
	}
	kind := map[string]string{public: "C", private: "G"}[c.kind]
	s.tellChannel(c, "member_joined_channel", reply{"user": id, "channel_type": kind, "team": c.team.id})
	return nil
}

// Kick removes a person, or the app where name is "app", from a channel.
func (s *Server) Kick(channelName, name string) error {
	c, _, err := s.member(channelName, name, func(c *channel, id string) { delete(c.members, id) })
	if err == nil && name == "app" {
		s.tellChannel(c, "channel_left", nil)
	}
	return err
}

// member changes who is in a channel, and returns the channel and whose membership it is.
func (s *Server) member(channelName, name string, do func(*channel, string)) (*channel, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.find(channelName)
	if c == nil {
		return nil, "", fmt.Errorf("slacksim: there is no channel %s", channelName)
	}
	var id string
	if name == "app" {
		in := s.botOf(c.team)
		if in == nil {
			return nil, "", errNotInstalled
		}
		id = in.user.ID
	} else if u := c.team.person(name); u != nil {
		id = u.ID
	} else {
		return nil, "", fmt.Errorf("slacksim: there is no %s in %s", name, c.team.name)
	}
	do(c, id)
	s.announce()
	return c, id, nil
}
