package slacksim

import (
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"time"
)

// App is the one app that the simulated Slack knows: what Slack's pages for
// developers would have of it.
type App struct {
	ID   string // empty: "A0PROCYON"
	Name string // empty: "Procyon"
	// ClientID, ClientSecret and SigningSecret have defaults that are no secrets.
	ClientID, ClientSecret, SigningSecret string
	// AppToken is for Socket Mode; empty: one that is no secret.
	AppToken string
	// Command is its slash command; empty: "/procyon".
	Command string
	// The URLs that Slack sends to. Empty: nothing is sent, and what would have
	// been is refused out loud. OptionsURL "" means the InteractionURL.
	CommandURL, InteractionURL, OptionsURL, EventURL string
	// RedirectURLs are where a person may be sent after installing, each with
	// what begins with it. None: anywhere on this machine.
	RedirectURLs []string
	// Scopes are what the app may ask for; none: anything.
	Scopes []string
	// Events are those that it subscribed to; none: all that there are here, but for those
	// of channels, such as channel_created and member_joined_channel.
	Events []string
	// Rotate makes tokens that live for twelve hours.
	Rotate bool
	// SocketMode sends through WebSockets that the app opened, not to URLs.
	SocketMode bool
}

func (a App) withDefaults() App {
	for _, d := range []struct {
		field *string
		value string
	}{
		{&a.ID, "A0PROCYON"}, {&a.Name, "Procyon"}, {&a.Command, "/procyon"}, {&a.ClientID, "1000000000.2000000000"},
		{&a.ClientSecret, "simulated-client-secret"}, {&a.SigningSecret, "simulated-signing-secret"}, {&a.AppToken, "xapp-1-simulated"},
	} {
		if *d.field == "" {
			*d.field = d.value
		}
	}
	if a.OptionsURL == "" {
		a.OptionsURL = a.InteractionURL
	}
	return a
}

// App gives the app's settings with their defaults.
func (s *Server) App() App {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.app
}

// SetApp replaces the app's settings, as once the app's address is known.
func (s *Server) SetApp(a App) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.app = a.withDefaults()
	s.announce()
}

// install is the app in one workspace, or in all of an organisation.
type install struct {
	team       *team  // nil: for the organisation
	enterprise string // the organisation that it is for, or ""
	user       *user  // the bot
	scopes     []string
	token      *token // the newest
	by         *user
}

// token is one bot token.
type token struct {
	secret, refresh string
	install         *install
	expires         time.Time // zero: never
	refreshed       bool      // the refresh token has been used
	// dead is the error that it answers for ever: "token_revoked" after
	// auth.revoke, "account_inactive" after the app was removed.
	dead string
}

var errNotInstalled = errors.New("slacksim: the app is not installed in this workspace")

// tokenLife is how long a token that rotates works.
const tokenLife = 12 * time.Hour

// botOf finds the installation that covers a workspace, or gives nil; s.mu is held.
func (s *Server) botOf(t *team) *install {
	if t.install != nil {
		return t.install
	}
	return s.orgs[t.enterprise]
}

// covers tells whether the installation reaches a workspace.
func (in *install) covers(t *team) bool {
	return in.team == t || (in.enterprise != "" && in.enterprise == t.enterprise)
}

// Installed is what an installation gives to the app.
type Installed struct {
	TeamID, EnterpriseID string // one of them
	Token, RefreshToken  string // the second only where tokens rotate
	BotUserID, BotID     string
	Scopes               []string
}

// Install installs the app in a workspace ("" is the first) without the pages, or
// anew, with scopes of one's choice. No scopes means all that the app may ask for,
// or a set that suits a bot where it names none.
func (s *Server) Install(teamID string, scopes ...string) (Installed, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.team(teamID)
	if t == nil {
		return Installed{}, errors.New("slacksim: there is no workspace " + teamID)
	}
	if len(scopes) == 0 {
		scopes = s.app.Scopes
	}
	if len(scopes) == 0 {
		scopes = strings.Split("commands,chat:write,chat:write.public,im:write,users:read,users:read.email,channels:read,channels:join,team:read,metadata.message:read", ",")
	}
	var by *user
	if len(t.people) > 0 {
		by = t.people[0]
	}
	return s.install(t, "", by, scopes).installed(), nil
}

func (in *install) installed() Installed {
	out := Installed{
		EnterpriseID: in.enterprise, Token: in.token.secret, RefreshToken: in.token.refresh,
		BotUserID: in.user.ID, BotID: in.user.botID, Scopes: slices.Clone(in.scopes),
	}
	if in.team != nil {
		out.TeamID = in.team.id
	}
	return out
}

// install adds the app to a workspace, or to an organisation where enterprise is
// not empty; s.mu is held. Installed once more, it keeps its token, as in Slack,
// and gains scopes.
func (s *Server) install(t *team, enterprise string, by *user, scopes []string) *install {
	key := t.id
	in := t.install
	if enterprise != "" {
		key, in = enterprise, s.orgs[enterprise]
	}
	if in == nil {
		in = &install{enterprise: enterprise, user: s.botUser(t, key)}
		if enterprise == "" {
			in.team, t.install = t, in
		} else {
			s.orgs[enterprise] = in
		}
	}
	in.by = by
	for _, scope := range scopes {
		if !slices.Contains(in.scopes, scope) {
			in.scopes = append(in.scopes, scope)
		}
	}
	if in.token == nil || in.token.dead != "" || s.app.Rotate {
		s.issue(in)
	}
	for _, c := range s.channels {
		if c.kind == direct && in.covers(c.team) {
			c.members[in.user.ID] = true
		}
	}
	s.announce()
	return in
}

// botUser finds or makes the app's bot of a workspace or organisation.
func (s *Server) botUser(t *team, key string) *user {
	id := identify("U0B", key, s.app.ID)
	if u := s.users[id]; u != nil {
		return u
	}
	u := &user{
		Profile: Profile{ID: id, Name: strings.ToLower(s.app.Name), Real: s.app.Name},
		team:    t, bot: true, botID: identify("B0", key, s.app.ID),
	}
	s.users[id] = u
	return u
}

// issue makes a token; s.mu is held. Those before it stay good while they last.
func (s *Server) issue(in *install) *token {
	t := &token{secret: "xoxb-" + rand.Text(), install: in}
	if s.app.Rotate {
		t.secret, t.refresh, t.expires = "xoxe."+t.secret, "xoxe-1-"+rand.Text(), s.opts.Now().Add(tokenLife)
		s.refreshes[t.refresh] = t
	}
	s.tokens[t.secret] = t
	in.token = t
	return t
}

// remove takes the app out of a workspace or organisation; s.mu is held.
func (s *Server) remove(in *install) {
	for _, t := range s.tokens {
		if t.install == in {
			t.dead, t.refreshed = "account_inactive", true
		}
	}
	if in.team != nil {
		in.team.install = nil
	} else {
		delete(s.orgs, in.enterprise)
	}
	for _, c := range s.channels {
		delete(c.members, in.user.ID)
	}
	s.announce()
}
