package slackworkspace

import (
	"context"
	"strings"
	"time"

	"procyon/access"
	"procyon/store"
)

// NewLink is a Slack user as Slack describes them.
type NewLink struct {
	WorkspaceID string
	SlackUserID string
	SlackName   string
	SlackEmail  string // "": Slack tells none
	// Replaces is the ID of the link of theirs in this workspace that ends by it, as they
	// saw it; "" where they have none.
	Replaces string
}

// CleanUser trims how Slack describes a user, and refuses what is no ID of
// Slack's, no name of up to 80 characters, or longer than an e-mail address can be.
func CleanUser(in NewLink) (NewLink, error) {
	err := checkID("slackUserId", in.SlackUserID)
	if err != nil {
		return in, err
	}
	if in.SlackName, err = access.CleanName("slackName", in.SlackName); err != nil {
		return in, err
	}
	in.SlackEmail, err = access.CleanText("slackEmail", in.SlackEmail, 0, access.MaxEmail, false)
	return in, err
}

// Link ties a Slack user to the person by, who must be signed in themselves.
// The link can be used at once where the e-mail addresses are the same; else it
// waits for an administrator. CONFLICT where the workspace can't be used, or the Slack
// user, or the person in this workspace, is linked otherwise already; to link the same
// two again changes nothing.
//
// A link that is replaced ends first, in an entry of its own, when nothing stands in the
// way of the new one any more: a crash between the two leaves the person without a link,
// never with two.
func (s *Service) Link(ctx context.Context, by access.Actor, in NewLink) (Link, error) {
	in, err := CleanUser(in)
	if err != nil {
		return Link{}, err
	}
	id := linkID(s, in.WorkspaceID, in.SlackUserID)
	return access.Upsert(ctx, s.subjects, by, id, func(f access.Found[Link]) (access.Effect, error) {
		guards := []access.Guard{{Key: in.WorkspaceID, Since: f.Since}}
		w, err := s.WorkspaceByID(ctx, in.WorkspaceID)
		if err == nil {
			err = w.Usable()
		}
		if err != nil {
			return access.Nothing(), err
		}
		_, person, err := s.subjects.AsOfNow(ctx, by)
		if err != nil {
			return access.Nothing(), err
		}
		guards = append(guards, person...)
		u, err := s.subjects.User(ctx, by.ID)
		switch {
		case err != nil:
			return access.Nothing(), err
		case f.State.Status != "" && f.State.UserID == u.ID:
			return access.Nothing(), nil
		case f.State.Status != "":
			return access.Nothing(), errLinkedToOther()
		}
		if err := s.unseat(ctx, by, w, in, append(guards, access.Guard{Key: id, Since: f.Since})); err != nil {
			return access.Nothing(), err
		}
		guard, err := s.subjects.Free(ctx, seatTerm(w.ID, u.ID), id, errSeatTaken(w))
		l := newLink(id, in, u, s.subjects.Now())
		typ := typeLinkMade
		if l.Status == LinkWaiting {
			typ = typeLinkRequested
		}
		return access.Effect{Type: typ, Data: l, At: l.CreatedAt, Guards: append(guards, guard)}, err
	})
}

func newLink(id string, in NewLink, u access.User, now time.Time) Link {
	l := Link{
		ID: id, WorkspaceID: in.WorkspaceID, SlackUserID: in.SlackUserID, SlackName: in.SlackName, SlackEmail: in.SlackEmail,
		UserID: u.ID, UserName: u.Name, UserEmail: u.Email, Status: LinkLinked, CreatedAt: now,
	}
	if !Matches(in.SlackEmail, u) {
		l.Status = LinkWaiting
	}
	return l
}

func errLinkedToOther() error {
	return access.Errorf(access.CodeConflict, "slackUserId", "This Slack account is linked to somebody else. Type /procyon logout in that account to end that, or ask an administrator, who removes the link in the console, under Slack, Linked people. Then run /procyon login again.")
}

func errSeatTaken(w Workspace) error {
	return access.Errorf(access.CodeConflict, "userId", "You are linked to another Slack account in %s. Run /procyon login in Slack again: its page shows that account, and replaces the link if you say so.", w.Name)
}

// unseat ends the link that in replaces, if any.
func (s *Service) unseat(ctx context.Context, by access.Actor, w Workspace, in NewLink, guards []access.Guard) error {
	if in.Replaces == "" {
		return nil
	}
	_, err := access.UpsertOnce(ctx, s.subjects, by, in.Replaces, func(f access.Found[Link]) (access.Effect, error) {
		switch old := f.State; {
		case f.Version == 0 || old.Ended():
			return access.Nothing(), nil
		case old.UserID != by.ID || old.WorkspaceID != w.ID:
			return access.Nothing(), access.Errorf(access.CodeNotFound, "replacesLinkId", "You have no such Slack link in %s.", w.Name)
		}
		return access.Effect{Type: typeLinkRemoved, Data: struct{}{}, Guards: guards}, nil
	})
	return err
}

// SeatTaken returns the person's link in a workspace to another Slack user than this one:
// what a new link would have to replace. ok is false where there is none.
func (s *Service) SeatTaken(ctx context.Context, workspaceID, slackUserID, userID string) (l Link, ok bool, err error) {
	l, ok, err = access.First[Link](ctx, s.subjects, seatTerm(workspaceID, userID))
	if l.ID == linkID(s, workspaceID, slackUserID) {
		return Link{}, false, err
	}
	return l, ok, err
}

// Matches tells whether the e-mail address that Slack has of a user shows that they are a person,
// so that a link of the two can be used at once.
func Matches(slackEmail string, u access.User) bool {
	return u.EmailProves() && SameEmail(slackEmail, u.Email)
}

// SameEmail tells whether two e-mail addresses are one; an empty one is none.
func SameEmail(a, b string) bool {
	a, b = strings.TrimSpace(a), strings.TrimSpace(b)
	return a != "" && access.SameAddress(a, b)
}

// Agree lets a link that waits be used, as an administrator who saw it wait to
// be linked to the person userID; "" is whoever it is.
func (s *Service) Agree(ctx context.Context, by access.Actor, id, userID string) (Link, error) {
	return s.changeLink(ctx, by, id, func(l Link) (access.Effect, error) {
		guard := access.Guard{Key: l.WorkspaceID, Since: s.subjects.Head()}
		by, person, err := s.subjects.AsOfNow(ctx, by)
		if err == nil && by.Kind == access.ActorUser && !by.Admin {
			err = access.Errorf(access.CodeForbidden, "linkId", "Only an administrator can agree to a link.")
		}
		if err != nil {
			return access.Nothing(), err
		}
		w, err := s.WorkspaceByID(ctx, l.WorkspaceID)
		if err == nil {
			err = w.Usable()
		}
		switch {
		case userID != "" && l.UserID != userID:
			return access.Nothing(), access.Errorf(access.CodeConflict, "userId", "This Slack account is to be linked to somebody else by now; look at it again.")
		case l.Status == LinkLinked:
			return access.Nothing(), nil
		}
		if err := by.NotOwn(l.UserID, "linkId", access.Errorf(access.CodeForbidden, "linkId", "Another administrator must agree to your own link.")); err != nil {
			return access.Nothing(), err
		}
		return access.Effect{Type: typeLinkAgreed, Data: struct{}{}, Guards: append(person, guard)}, err
	})
}

// Unlink ends a link: one's own, or anybody's as an administrator or service.
func (s *Service) Unlink(ctx context.Context, by access.Actor, id string) (Link, error) {
	return s.changeLink(ctx, by, id, func(l Link) (access.Effect, error) {
		if by.ID != l.UserID && !by.Admin && by.Kind != access.ActorService {
			return access.Nothing(), access.Missing[Link]("linkId")
		}
		return access.Effect{Type: typeLinkRemoved, Data: struct{}{}}, nil
	})
}

func (s *Service) changeLink(ctx context.Context, by access.Actor, id string, decide func(Link) (access.Effect, error)) (Link, error) {
	return access.Update(ctx, s.subjects, by, id, "linkId", decide)
}

// LinkOf returns the link of a Slack user, or a NOT_FOUND *Error.
func (s *Service) LinkOf(ctx context.Context, workspaceID, slackUserID string) (Link, error) {
	return s.LinkByID(ctx, linkID(s, workspaceID, slackUserID))
}

// Identity returns the link of a user of Slack's in a workspace of Slack's, or a
// NOT_FOUND *Error where they are linked to nobody, or the workspace can't be used.
func (s *Service) Identity(ctx context.Context, slackID, slackUserID string) (Link, error) {
	w, err := s.Workspace(ctx, slackID)
	if err == nil && !w.Counts() {
		err = access.Missing[Workspace]("slackId")
	}
	if err != nil {
		return Link{}, err
	}
	return s.LinkOf(ctx, w.ID, slackUserID)
}

// LinkByID returns a link by its ID, or a NOT_FOUND *Error.
func (s *Service) LinkByID(ctx context.Context, id string) (Link, error) {
	return access.LoadCurrent[Link](ctx, s.subjects, id, "linkId")
}

// LinkFilter narrows a list of links: they meet all that is given.
type LinkFilter struct {
	Search string     // parts of words of what Link.Listing says of it
	Status LinkStatus // "": any
	UserID string     // of this person
}

// Links lists links, the newest first.
func (s *Service) Links(ctx context.Context, f LinkFilter, p store.Page) (store.Listed, error) {
	q := access.NameQuery{Kind: KindLink, Desc: true}
	if f.Status != "" && (f.UserID != "" || f.Search != "") { // else the term says it
		q.Tags = [][]string{{linkTag(f.Status)}}
	}
	if f.UserID != "" {
		return s.subjects.NamedUnder(ctx, personTerm(f.UserID), q, f.Search, p)
	}
	return s.subjects.Named(ctx, linkTerm(f.Status), q, f.Search, p)
}

// maxLinksCounted is up to how many links of a workspace are counted.
const maxLinksCounted = 100

// LinkCount tells how many links of a workspace may be used; 100 stands for 100 and more.
func (s *Service) LinkCount(ctx context.Context, workspaceID string) (int, error) {
	found, err := store.List(ctx, s.subjects.Views(), []string{linksIn(workspaceID)}, true, store.Page{First: maxLinksCounted}, func(d store.Document) bool {
		l, err := access.Decode[Link](d)
		return err == nil && l.Status == LinkLinked
	})
	return len(found.Docs), err
}

// maxUsableLinks is how many links of a person are looked at: one in each workspace.
const maxUsableLinks = 100

// UsableLinks returns a person's links by which they can act in Slack now, the
// newest first: those that were agreed to, in workspaces that can be used.
func (s *Service) UsableLinks(ctx context.Context, userID string) ([]Link, error) {
	found, err := s.Links(ctx, LinkFilter{Status: LinkLinked, UserID: userID}, store.Page{First: maxUsableLinks})
	if err != nil {
		return nil, err
	}
	var out []Link
	for _, d := range found.Docs {
		l, err := access.Decode[Link](d)
		if err != nil {
			return nil, err
		}
		w, err := s.WorkspaceByID(ctx, l.WorkspaceID)
		if err != nil {
			return nil, err
		}
		if w.Counts() {
			out = append(out, l)
		}
	}
	return out, nil
}

// Linked tells whether a person has a Slack link by which they can act now.
func (s *Service) Linked(ctx context.Context, userID string) (bool, error) {
	l, err := s.UsableLinks(ctx, userID)
	return len(l) > 0, err
}

// EndFor removes a person's links, as by, as long as the person is disabled. It is
// harmless to repeat.
func (s *Service) EndFor(ctx context.Context, by access.Actor, userID string) error {
	for {
		l, err := s.Links(ctx, LinkFilter{UserID: userID}, store.Page{First: 100})
		if err != nil || len(l.Docs) == 0 {
			return err
		}
		for _, d := range l.Docs {
			enabled := false
			_, err := s.changeLink(ctx, by, d.ID, func(Link) (access.Effect, error) {
				guard := access.Guard{Key: userID, Since: s.subjects.Head()}
				u, err := s.subjects.User(ctx, userID)
				if enabled = !u.Disabled; err != nil || enabled {
					return access.Nothing(), err
				}
				return access.Effect{Type: typeLinkRemoved, Data: struct{}{}, Guards: []access.Guard{guard}}, nil
			})
			if enabled || err != nil && access.CodeOf(err) != access.CodeNotFound {
				return err
			}
		}
	}
}
