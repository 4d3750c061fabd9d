package slackworkspace

import (
	"cmp"
	"context"
	"slices"

	"procyon/access"
	"procyon/store"
)

const (
	// maxWaitingShown is how many of those that wait are named, and maxWaitingCounted up
	// to how many they are counted.
	maxWaitingShown, maxWaitingCounted = 20, 100
)

// Waiting is what waits in Slack for an administrator, and who can decide it.
type Waiting struct {
	// Workspaces wait to be accepted, Links to be agreed to, in workspaces that can be
	// used; those that came first come first, at most 20 of each.
	Workspaces []Workspace
	Links      []Link
	// WorkspaceCount and LinkCount are how many wait; 100 means that or more.
	WorkspaceCount, LinkCount int
	// Administrators can decide, by name, at most 100.
	Administrators []access.User
}

// Waiting returns what waits in Slack for an administrator.
func (s *Service) Waiting(ctx context.Context) (Waiting, error) {
	var out Waiting
	workspaces, err := s.subjects.Views().List(ctx, store.Query{Term: waitingWorkspaceTerm, Limit: maxWaitingCounted})
	if err != nil {
		return out, err
	}
	if out.Workspaces, err = access.DecodeAll[Workspace](workspaces); err != nil {
		return out, err
	}
	slices.SortStableFunc(out.Workspaces, func(a, b Workspace) int { return a.InstalledAt.Compare(b.InstalledAt) })
	var unread error
	links, err := store.List(ctx, s.subjects.Views(), []string{linkTerm(LinkWaiting)}, false, store.Page{First: maxWaitingCounted}, s.inUsable(ctx, &unread))
	if err := cmp.Or(err, unread); err != nil {
		return out, err
	}
	if out.Links, err = access.DecodeAll[Link](links.Docs); err != nil {
		return out, err
	}
	out.WorkspaceCount, out.LinkCount = len(out.Workspaces), len(out.Links)
	out.Workspaces = out.Workspaces[:min(len(out.Workspaces), maxWaitingShown)]
	out.Links = out.Links[:min(len(out.Links), maxWaitingShown)]
	out.Administrators, err = s.subjects.Administrators(ctx)
	return out, err
}

// inUsable keeps the links in workspaces that can be used. The first error of what can't
// be read is left in unread.
func (s *Service) inUsable(ctx context.Context, unread *error) func(store.Document) bool {
	known := map[string]bool{}
	return func(d store.Document) bool {
		l, err := access.Decode[Link](d)
		if err != nil {
			*unread = cmp.Or(*unread, err)
			return false
		}
		ok, looked := known[l.WorkspaceID]
		if !looked {
			w, err := s.WorkspaceByID(ctx, l.WorkspaceID)
			*unread = cmp.Or(*unread, err)
			ok = err == nil && w.Counts()
			known[l.WorkspaceID] = ok
		}
		return ok
	}
}
