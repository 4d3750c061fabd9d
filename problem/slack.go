package problem

import (
	"context"
	"fmt"

	"procyon/access"
	"procyon/phrase"
	"procyon/slackworkspace"
)

// slack finds what waits in Slack, those that came first first.
func (f *Finder) slack(ctx context.Context, by access.Actor) (of, error) {
	w, err := f.Slack.Waiting(ctx)
	if err != nil {
		return of{}, err
	}
	found := of{count: w.WorkspaceCount + w.LinkCount}
	for _, s := range w.Workspaces {
		found.problems = append(found.problems, workspaceWaits(s))
	}
	for _, l := range w.Links {
		if by.Is(l.UserID) {
			found.count-- // somebody else has to agree
			continue
		}
		p, err := f.linkWaits(ctx, l)
		if err != nil {
			return found, err
		}
		found.problems = append(found.problems, p)
	}
	return found, nil
}

const slackPage = "slack"

func workspaceWaits(s slackworkspace.Workspace) Problem {
	kind := "Slack workspace"
	if s.Organization {
		kind = "whole Slack organisation"
	}
	where := s.SlackID
	if s.Domain != "" {
		where = s.Domain + ", " + where
	}
	return Problem{
		Key: fmt.Sprintf("%s/%s@%d", SlackWorkspaceWaiting, s.ID, s.InstalledAt.UnixMicro()), Kind: SlackWorkspaceWaiting, Since: s.InstalledAt,
		Text: fmt.Sprintf("The %s %s (%s) has the app and waits to be accepted.", kind, phrase.Quoted(s.Name), where),
		Mend: "Accept it if it is yours, or deny it.", Path: slackPage,
	}
}

func (f *Finder) linkWaits(ctx context.Context, l slackworkspace.Link) (Problem, error) {
	u, err := f.Access.User(ctx, l.UserID)
	if err != nil {
		return Problem{}, err
	}
	w, err := f.Slack.WorkspaceByID(ctx, l.WorkspaceID)
	if err != nil {
		return Problem{}, err
	}
	why := "in Slack their e-mail address is " + l.SlackEmail
	if l.WaitsBecause() == slackworkspace.ReasonEmailHidden {
		why = "Slack told no e-mail address of theirs (the app needs the scope users:read.email, and the workspace may hide addresses)"
	}
	return Problem{
		Key: fmt.Sprintf("%s/%s@%d", SlackLinkWaiting, l.ID, l.CreatedAt.UnixMicro()), Kind: SlackLinkWaiting, Since: l.CreatedAt,
		Text: fmt.Sprintf("%s (%s) in %s wants to be linked to %s; %s.", phrase.Quoted(l.SlackName), l.SlackUserID, phrase.Quoted(w.Name), phrase.Person(u.Email, u.Name), why),
		Mend: "Agree if it is them, or remove the link.", Path: slackPage,
	}, nil
}
