package slackworkspace

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"procyon/access"
	"procyon/integration"
	"procyon/store"
)

const maxSearch = 200 // characters, as of every search

// ChannelFilter says which channels. Every part narrows further.
type ChannelFilter struct {
	Search   string // parts of the name, or the whole ID
	Archived *bool
}

func (f ChannelFilter) keeps() func(Channel) bool {
	words := strings.Fields(access.Fold(strings.ReplaceAll(f.Search, "#", " ")))
	id := strings.TrimSpace(f.Search)
	return func(c Channel) bool {
		if f.Archived != nil && c.Archived != *f.Archived {
			return false
		}
		name := c.sort()
		return c.ChannelID == id || !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(name, w) })
	}
}

// Channels lists the channels that the app saw in a workspace, by name, and says how many
// there are: none where nothing is known.
func (s *Service) Channels(ctx context.Context, workspaceID string, f ChannelFilter, p store.Page) (store.Listed, int, error) {
	w, err := s.WorkspaceByID(ctx, workspaceID)
	if err != nil {
		return store.Listed{}, 0, err
	}
	if n := utf8.RuneCountInString(f.Search); n > maxSearch {
		return store.Listed{}, 0, access.Errorf(access.CodeInvalid, "search", "A search has at most %d characters; this one has %d.", maxSearch, n)
	}
	_, all, err := s.seen(ctx, w)
	if err != nil {
		return store.Listed{}, 0, err
	}
	keeps := f.keeps()
	var found []Channel
	for _, c := range all {
		if keeps(c) {
			found = append(found, c)
		}
	}
	named := store.Memory[Channel]{All: found, At: func(c Channel) store.Position { return store.Position{Sort: c.sort(), ID: c.ChannelID} }}
	l, err := store.List(ctx, named, []string{""}, false, p, nil)
	return l, len(found), err
}

// ChannelSeen returns a channel as the app saw it, and whether it did.
func (s *Service) ChannelSeen(ctx context.Context, workspaceID, channelID string) (Channel, bool, error) {
	w, err := s.WorkspaceByID(ctx, workspaceID)
	if err != nil {
		return Channel{}, false, err
	}
	_, all, err := s.seen(ctx, w)
	if i := slices.IndexFunc(all, func(c Channel) bool { return c.ChannelID == channelID }); i >= 0 {
		return all[i], true, nil
	}
	return Channel{}, false, err
}

// ChannelNamed returns the ID of the channel of a name, with or without its #.
func (s *Service) ChannelNamed(ctx context.Context, workspaceID, name string) (string, error) {
	w, err := s.WorkspaceByID(ctx, workspaceID)
	if err != nil {
		return "", access.AtField("slackChannel.workspaceId", err)
	}
	h, all, err := s.seen(ctx, w)
	if err != nil {
		return "", err
	}
	if h.Name == "" {
		s.lookAgain(ctx, w)
		return "", access.Errorf(access.CodeConflict, "slackChannel.name", "Which channels there are in %s is not known yet. Give the channel by its ID.", w.Name)
	}
	want := access.Fold(strings.TrimPrefix(strings.TrimSpace(name), "#"))
	for _, c := range all {
		if c.sort() == want {
			return c.ChannelID, nil
		}
	}
	s.lookAgain(ctx, w)
	return "", access.Errorf(access.CodeNotFound, "slackChannel.name", "The app sees no channel #%s in %s. If it is private, type /invite @Procyon there and try again in some seconds.", want, w.Name)
}

// checkSeen says why the app can't post in a channel, by what Slack said lately. What can't
// be known now is let be: Slack itself says so when something is posted.
func (s *Service) checkSeen(ctx context.Context, w Workspace, channelID string) error {
	if wrong := integration.CheckSlackID(channelID); wrong != nil {
		return nil //nolint:nilerr // the kind says what is wrong with it
	}
	h, all, err := s.seen(ctx, w)
	if err != nil || h.Name == "" || s.subjects.Now().Sub(h.AsOf) > freshFor {
		return err
	}
	const field = "slackChannel.channelId"
	i := slices.IndexFunc(all, func(c Channel) bool { return c.ChannelID == channelID })
	if i < 0 {
		if !h.Complete {
			return nil
		}
		s.lookAgain(ctx, w)
		return access.Errorf(access.CodeNotFound, field, "The app sees no channel %s in %s. If it is private, type /invite @Procyon there and try again in some seconds; else look whether it is of another workspace.", channelID, w.Name)
	}
	switch c := all[i]; {
	case c.Archived:
		s.lookAgain(ctx, w)
		return access.Errorf(access.CodeConflict, field, "#%s is archived. Unarchive it in Slack, or choose another channel.", c.Name)
	case !c.Member && (c.Private || !slices.Contains(w.Scopes, "chat:write.public")):
		s.lookAgain(ctx, w)
		return access.Errorf(access.CodeConflict, field, "The app is not in #%s. Type /invite @Procyon there, and try again in some seconds.", c.Name)
	}
	return nil
}

// lookAgain asks for a newer listing, because a channel was refused by this one: whoever
// mends that in Slack and tries again in some seconds is judged by what is so then. Where
// nothing can be listed, it does nothing.
func (s *Service) lookAgain(ctx context.Context, w Workspace) {
	_, _ = s.Refresh(ctx, w.ID) // the refusal is what is told
}
