package access

import (
	"cmp"
	"context"
	"slices"

	"procyon/store"
)

// maxReviewers is how many people are named who may decide a request.
const maxReviewers = 100

// Reviewers returns the people who may decide a request, or its extension, now, by
// name, at most 100; none where there is nothing to decide.
func (s *Service) Reviewers(ctx context.Context, r Request) ([]User, error) {
	if !r.Waits() {
		return nil, nil
	}
	admins, err := s.administrators(ctx)
	if err != nil {
		return nil, err
	}
	var out []User
	for _, u := range admins {
		by := Actor{Kind: ActorUser, ID: u.ID, Name: u.Name, Email: u.Email, Admin: u.Admin}
		if s.opts.Policy.MayReview(by, &r) == nil {
			out = append(out, u)
		}
	}
	return out, nil
}

// administrators are those who can sign in, by name, at most 100.
func (s *Service) administrators(ctx context.Context) ([]User, error) {
	l, err := s.list(ctx, []string{adminTerm}, false, store.Page{First: maxReviewers}, nil)
	if err != nil {
		return nil, err
	}
	return decodeAll[User](l.Docs)
}

const (
	// maxWaitingShown is how many of those that wait are named, and maxWaitingCounted up
	// to how many they are counted.
	maxWaitingShown, maxWaitingCounted = 20, 100
)

// WaitingInSlack is what waits in Slack for an administrator, and who can decide it.
type WaitingInSlack struct {
	// Workspaces wait to be accepted, Links to be agreed to, in workspaces that can be
	// used; those that came first come first, at most 20 of each.
	Workspaces []SlackWorkspace
	Links      []SlackLink
	// WorkspaceCount and LinkCount are how many wait; 100 means that or more.
	WorkspaceCount, LinkCount int
	// Administrators can decide, by name, at most 100.
	Administrators []User
}

// WaitingInSlack returns what waits in Slack for an administrator.
func (s *Service) WaitingInSlack(ctx context.Context) (WaitingInSlack, error) {
	var out WaitingInSlack
	workspaces, err := s.views.List(ctx, store.Query{Term: waitingWorkspaceTerm, Limit: maxWaitingCounted})
	if err != nil {
		return out, err
	}
	if out.Workspaces, err = decodeAll[SlackWorkspace](workspaces); err != nil {
		return out, err
	}
	slices.SortStableFunc(out.Workspaces, func(a, b SlackWorkspace) int { return a.InstalledAt.Compare(b.InstalledAt) })
	var unread error
	links, err := s.list(ctx, []string{slackLinkTerm(SlackWaiting)}, false, store.Page{First: maxWaitingCounted}, s.inUsable(ctx, &unread))
	if err := cmp.Or(err, unread); err != nil {
		return out, err
	}
	if out.Links, err = decodeAll[SlackLink](links.Docs); err != nil {
		return out, err
	}
	out.WorkspaceCount, out.LinkCount = len(out.Workspaces), len(out.Links)
	out.Workspaces = out.Workspaces[:min(len(out.Workspaces), maxWaitingShown)]
	out.Links = out.Links[:min(len(out.Links), maxWaitingShown)]
	out.Administrators, err = s.administrators(ctx)
	return out, err
}

// inUsable keeps the links in workspaces that can be used. The first error of what can't
// be read is left in unread.
func (s *Service) inUsable(ctx context.Context, unread *error) func(store.Document) bool {
	known := map[string]bool{}
	return func(d store.Document) bool {
		l, err := Decode[SlackLink](d)
		if err != nil {
			*unread = cmp.Or(*unread, err)
			return false
		}
		ok, looked := known[l.WorkspaceID]
		if !looked {
			w, err := s.SlackWorkspaceByID(ctx, l.WorkspaceID)
			*unread = cmp.Or(*unread, err)
			ok = err == nil && w.Counts()
			known[l.WorkspaceID] = ok
		}
		return ok
	}
}
