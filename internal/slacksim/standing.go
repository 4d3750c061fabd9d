package slacksim

import "fmt"

// homeTeam is the workspace that somebody belongs to.
func (u *user) homeTeam() string {
	if u.Foreign != "" {
		return u.Foreign
	}
	return u.team.id
}

// belongsTo is the organisation that somebody belongs to, "" for none; s.mu is held.
func (s *Server) belongsTo(u *user) string {
	if t := s.teams[u.homeTeam()]; t != nil {
		return t.enterprise
	}
	return ""
}

// sibling tells whether somebody who belongs to another workspace belongs to the same
// organisation as this one; s.mu is held.
func (s *Server) sibling(u *user) bool {
	return u.Foreign != "" && u.team.enterprise != "" && s.belongsTo(u) == u.team.enterprise
}

// stranger tells what Slack calls so: of another company, and in no channel that the app
// can see. Once they share one with it Slack says false, though they are as foreign as
// before; s.mu is held.
func (s *Server) stranger(u *user, in *install) bool {
	if u.Foreign == "" || s.sibling(u) {
		return false
	}
	for _, c := range u.team.channels {
		if c.kind != direct && c.members[u.ID] && (c.kind == public || c.members[in.user.ID]) {
			return false
		}
	}
	return true
}

// extShared tells whether people of another company are in a channel; s.mu is held.
func (s *Server) extShared(c *channel) bool {
	for _, u := range c.team.people {
		if c.members[u.ID] && u.Foreign != "" && !s.sibling(u) {
			return true
		}
	}
	return false
}

// Deactivate ends somebody's membership of a workspace ("" is the first): they are
// told of as deleted and can do nothing any more. The app hears of it by user_change.
func (s *Server) Deactivate(teamID, name string) error {
	return s.change(teamID, name, func(u *user) {
		u.gone, u.modals = true, nil
		for _, c := range u.team.channels {
			if c.kind != direct {
				delete(c.members, u.ID)
			}
		}
	})
}

// Reactivate takes somebody back who was deactivated. They are in no channel yet.
func (s *Server) Reactivate(teamID, name string) error {
	return s.change(teamID, name, func(u *user) { u.gone = false })
}

// Restrict makes a guest of somebody, or a full member again. The app hears of it by
// user_change.
func (s *Server) Restrict(teamID, name string, guest bool) error {
	return s.change(teamID, name, func(u *user) { u.Guest = guest })
}

// change changes somebody, and tells the app.
func (s *Server) change(teamID, name string, how func(*user)) error {
	s.mu.Lock()
	t := s.team(teamID)
	if t == nil || t.person(name) == nil {
		s.mu.Unlock()
		return fmt.Errorf("slacksim: there is no %s in the workspace %q", name, teamID)
	}
	u := t.person(name)
	how(u)
	s.announce()
	in := s.botOf(t)
	if in == nil {
		s.mu.Unlock()
		return nil
	}
	c := &call{Server: s, token: &token{install: in}}
	event := reply{"type": "user_change", "user": clone(c.userJSON(u)), "cache_ts": s.opts.Now().Unix(), "event_ts": "1"}
	s.mu.Unlock()
	s.emit(in.at(t), event)
	return nil
}

// at is the installation as events of a workspace tell of it.
func (in *install) at(t *team) *install {
	there := *in
	there.user = &user{Profile: in.user.Profile, team: t, bot: true, botID: in.user.botID}
	return &there
}
