package graph

import (
	"context"
	"errors"

	"procyon/access"
	"procyon/slackworkspace"
	"procyon/store"
)

// disablingEnds says what disableUser would end, by the lists that it ends.
func (r *Resolver) disablingEnds(ctx context.Context, userID string) (*DisablingEnds, error) {
	l, err := r.Access.DisablingEnds(ctx, actor(ctx), userID)
	if err != nil {
		return nil, err
	}
	out := &DisablingEnds{
		RefusedBecause: reason(l.Refused), OverrulesDirectory: l.Overrules, Decisions: toLostDecisions(l.Decisions),
		Accesses: each(l.Accesses.Requests, toRequest), AccessCount: l.Accesses.Count,
		Requests: each(l.Requests.Requests, toRequest), RequestCount: l.Requests.Count,
	}
	if out.Owned, err = r.ownedBy(ctx, userID); err != nil {
		return nil, err
	}
	all := store.Page{First: access.MaxCounted}
	sessions, err := r.Auth.Sessions(ctx, userID, all)
	if err != nil {
		return nil, err
	}
	tokens, err := r.Auth.Tokens(ctx, userID, all)
	if err != nil {
		return nil, err
	}
	links, err := r.Slack.Links(ctx, slackworkspace.LinkFilter{UserID: userID}, all)
	if err != nil {
		return nil, err
	}
	out.SessionCount, out.TokenCount, out.SlackLinkCount = len(sessions.Docs), len(tokens.Docs), len(links.Docs)
	return out, nil
}

func (r *Resolver) demotionEnds(ctx context.Context, userID string) (*DemotionEnds, error) {
	d, err := r.Access.DemotionEnds(ctx, actor(ctx), userID)
	if err != nil {
		return nil, err
	}
	return &DemotionEnds{RefusedBecause: reason(d.Refused), Decisions: toLostDecisions(d.Decisions)}, nil
}

func toLostDecisions(d access.LostDecisions) *LostDecisions {
	return &LostDecisions{Count: d.Count, Undecided: each(d.Undecided.Requests, toRequest), UndecidedCount: d.Undecided.Count}
}

// reason is the words of an expected failure; nil where there is none.
func reason(refused error) *string {
	var e *access.Error
	if !errors.As(refused, &e) {
		return nil
	}
	return &e.Message
}
