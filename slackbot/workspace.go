package slackbot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"procyon/internal/slackapi"
)

var (
	// errNotInstalled: the app has no token for a workspace, or the server says that the
	// workspace is removed.
	errNotInstalled = errors.New("the app is not installed in this Slack workspace")
	// errWaiting: no administrator has accepted the workspace yet. Nothing is done there
	// but to say so.
	errWaiting = errors.New("this Slack workspace waits for an administrator")
)

// credential is a workspace's token, as the records have it.
type credential struct {
	WorkspaceID string    `json:"workspaceId"` // the server's
	SlackID     string    `json:"slackId"`     // T… or, for a whole organisation, E…
	BotUserID   string    `json:"botUserId"`
	Token       string    `json:"token"`
	Refresh     string    `json:"refresh,omitempty"`
	ExpiresAt   time.Time `json:"expiresAt,omitzero"` // zero: never
	// Scopes are what the app was given; none where an earlier release kept the token.
	Scopes []string `json:"scopes,omitempty"`
}

func credentialKey(slackID string) string { return "tok/" + slackID }

// workspace is a place where the bot can act.
type workspace struct {
	*slackapi.Bot
	credential
}

// workspaces finds the tokens of workspaces, and remembers them for a while.
type workspaces struct {
	server *server
	api    *slackapi.API
	now    func() time.Time

	mu            sync.Mutex              // guards known and organizations
	known         map[string]remembered   // by Slack's ID
	organizations map[string]organization // by Slack's ID of a workspace
}

// organization is what Slack said of the organisation that a workspace is part of.
type organization struct {
	id string // "" for none
	at time.Time
}

// organizationFor is how long that goes unnoticed that a workspace joined or left an
// organisation.
const organizationFor = time.Hour

type remembered struct {
	workspace
	at time.Time
}

// rememberFor is how long another replica's new token may go unnoticed.
const rememberFor = 30 * time.Second

func newWorkspaces(g *server, api *slackapi.API, now func() time.Time) *workspaces {
	return &workspaces{server: g, api: api, now: now, known: map[string]remembered{}, organizations: map[string]organization{}}
}

// find returns the first installation of some IDs of Slack's, those of workspaces and
// organisations, in which the bot may act now; else errWaiting with the first that waits,
// or errNotInstalled. So whoever installs the app in one workspace of an organisation that
// was accepted takes it from nobody there.
func (s *workspaces) find(ctx context.Context, ids ...string) (workspace, error) {
	found, none := workspace{}, errNotInstalled
	for _, id := range ids {
		if id == "" {
			continue
		}
		w, err := s.open(ctx, id)
		switch {
		case errors.Is(err, errNotInstalled):
		case !errors.Is(err, errWaiting):
			return w, err
		case found.Bot == nil:
			found, none = w, err
		}
	}
	return found, none
}

// open returns the installation of one of Slack's IDs, in which the bot may act now:
// errNotInstalled, or errWaiting with the installation, where it may not. The server is
// asked each time, so that what an administrator accepts or removes counts at once.
func (s *workspaces) open(ctx context.Context, slackID string) (workspace, error) {
	w, err := s.get(ctx, slackID)
	if err != nil {
		return w, err
	}
	state, err := s.server.workspace(ctx, slackID)
	switch {
	case err != nil:
		return workspace{}, err
	case state == nil || state.Removed:
		return workspace{}, errNotInstalled
	case state.Waiting:
		return w, errWaiting
	}
	return w, nil
}

// get returns the token of one of Slack's IDs, whether or not the bot may act there: for
// whoever acts there is open.
func (s *workspaces) get(ctx context.Context, slackID string) (workspace, error) {
	s.mu.Lock()
	k, ok := s.known[slackID]
	s.mu.Unlock()
	if ok && s.now().Sub(k.at) < rememberFor {
		return k.workspace, nil
	}
	r, ok, err := s.server.record(ctx, credentialKey(slackID))
	if err != nil {
		return workspace{}, err
	}
	if !ok {
		return workspace{}, errNotInstalled
	}
	var c credential
	if err := json.Unmarshal([]byte(r.Value), &c); err != nil {
		return workspace{}, fmt.Errorf("the token of %s: %w", slackID, err)
	}
	if c.Token == "" {
		return workspace{}, errNotInstalled
	}
	return s.remember(c), nil
}

func (s *workspaces) remember(c credential) workspace {
	w := workspace{Bot: s.api.Bot(c.Token), credential: c}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known[c.SlackID] = remembered{w, s.now()}
	return w
}

// home says whose the app is in a workspace, for telling members from others.
func (s *workspaces) home(w workspace) slackapi.Home {
	return slackapi.Home{ID: w.SlackID, Organization: func(ctx context.Context) (string, error) { return s.organizationOf(ctx, w) }}
}

// organizationOf returns the organisation that a workspace is part of: as Slack says now
// or said within the last hour, because workspaces join organisations.
func (s *workspaces) organizationOf(ctx context.Context, w workspace) (string, error) {
	if strings.HasPrefix(w.SlackID, "E") {
		return w.SlackID, nil
	}
	s.mu.Lock()
	o, ok := s.organizations[w.SlackID]
	s.mu.Unlock()
	if ok && s.now().Sub(o.at) < organizationFor {
		return o.id, nil
	}
	id, err := w.Organization(ctx)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.organizations[w.SlackID] = organization{id, s.now()}
	return id, nil
}

// forget makes the next find look again.
func (s *workspaces) forget(slackID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.known, slackID)
}

// forgetOld makes the next find look again, and tells whether there is another token
// than this one by now.
func (s *workspaces) forgetOld(ctx context.Context, w workspace) bool {
	s.forget(w.SlackID)
	now, err := s.get(ctx, w.SlackID)
	return err == nil && now.Token != w.Token
}

// keep stores a token in place of whatever was there.
func (s *workspaces) keep(ctx context.Context, c credential) error {
	value, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encode a token: %w", err)
	}
	for range 5 {
		r, _, err := s.server.record(ctx, credentialKey(c.SlackID))
		if err != nil {
			return err
		}
		err = s.server.put(ctx, change{Key: credentialKey(c.SlackID), Version: r.Version + 1, Value: new(string(value))})
		if err == nil {
			s.remember(c)
			return nil
		}
		if !errors.Is(err, errChanged) {
			return err
		}
	}
	return errChanged
}

// retire forgets the token of a workspace that an administrator has removed, and tells
// whether it did. That of one that was installed again meanwhile stays: its record is
// another.
func (s *workspaces) retire(ctx context.Context, r record, c credential) (bool, error) {
	state, err := s.server.workspace(ctx, c.SlackID)
	if err != nil || state == nil || !state.Removed || c.Token == "" {
		return false, err
	}
	s.forget(c.SlackID)
	value, err := json.Marshal(credential{WorkspaceID: c.WorkspaceID, SlackID: c.SlackID})
	if err != nil {
		return false, fmt.Errorf("encode a token: %w", err)
	}
	err = s.server.put(ctx, change{Key: r.Key, Version: r.Version + 1, Value: new(string(value))})
	if errors.Is(err, errChanged) {
		return false, nil
	}
	return err == nil, err
}

// drop forgets a token for good.
func (s *workspaces) drop(ctx context.Context, slackID string) error {
	s.forget(slackID)
	return s.server.put(ctx, change{Key: credentialKey(slackID)})
}
