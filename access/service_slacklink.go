package access

import (
	"context"
	"strings"
	"time"

	"procyon/store"
)

// NewSlackLink is a Slack user as Slack describes them.
type NewSlackLink struct {
	WorkspaceID string
	SlackUserID string
	SlackName   string
	SlackEmail  string // "": Slack tells none
	// Replaces is the ID of the link of theirs in this workspace that ends by it, as they
	// saw it; "" where they have none.
	Replaces string
}

// CleanSlackUser trims how Slack describes a user, and refuses what is no ID of
// Slack's, no name of up to 80 characters, or longer than an e-mail address can be.
func CleanSlackUser(in NewSlackLink) (NewSlackLink, error) {
	var err error
	if in.SlackUserID, err = cleanSlackID("slackUserId", in.SlackUserID); err != nil {
		return in, err
	}
	if in.SlackName, err = cleanName("slackName", in.SlackName); err != nil {
		return in, err
	}
	in.SlackEmail, err = cleanText("slackEmail", in.SlackEmail, 0, maxEmail, false)
	return in, err
}

// LinkSlack ties a Slack user to the person by, who must be signed in themselves.
// The link can be used at once where the e-mail addresses are the same; else it
// waits for an administrator. CONFLICT where the workspace can't be used, or the Slack
// user, or the person in this workspace, is linked otherwise already; to link the same
// two again changes nothing.
//
// A link that is replaced ends first, in an entry of its own, when nothing stands in the
// way of the new one any more: a crash between the two leaves the person without a link,
// never with two.
func (s *Service) LinkSlack(ctx context.Context, by Actor, in NewSlackLink) (SlackLink, error) {
	in, err := CleanSlackUser(in)
	if err != nil {
		return SlackLink{}, err
	}
	id := slackLinkID(s, in.WorkspaceID, in.SlackUserID)
	return Upsert(ctx, s.Subjects, by, id, func(f Found[SlackLink]) (Effect, error) {
		guards := []Guard{{Key: in.WorkspaceID, Since: f.Since}}
		w, err := s.SlackWorkspaceByID(ctx, in.WorkspaceID)
		if err == nil {
			err = w.Usable()
		}
		if err != nil {
			return Nothing(), err
		}
		_, person, err := s.asOfNow(ctx, by)
		if err != nil {
			return Nothing(), err
		}
		guards = append(guards, person...)
		u, err := s.User(ctx, by.ID)
		switch {
		case err != nil:
			return Nothing(), err
		case f.State.Status != "" && f.State.UserID == u.ID:
			return Nothing(), nil
		case f.State.Status != "":
			return Nothing(), errLinkedToOther()
		}
		if err := s.unseat(ctx, by, w, in, append(guards, Guard{Key: id, Since: f.Since})); err != nil {
			return Nothing(), err
		}
		guard, err := s.Free(ctx, slackSeatTerm(w.ID, u.ID), id, errSeatTaken(w))
		l := newLink(id, in, u, s.Now())
		typ := typeLinkMade
		if l.Status == SlackWaiting {
			typ = typeLinkRequested
		}
		return Effect{Type: typ, Data: l, At: l.CreatedAt, Guards: append(guards, guard)}, err
	})
}

func newLink(id string, in NewSlackLink, u User, now time.Time) SlackLink {
	l := SlackLink{
		ID: id, WorkspaceID: in.WorkspaceID, SlackUserID: in.SlackUserID, SlackName: in.SlackName, SlackEmail: in.SlackEmail,
		UserID: u.ID, UserName: u.Name, Status: SlackLinked, CreatedAt: now,
	}
	if !SameEmail(in.SlackEmail, u.Email) {
		l.Status = SlackWaiting
	}
	return l
}

func errLinkedToOther() error {
	return Errorf(Conflict, "slackUserId", "This Slack account is linked to somebody else. Type /procyon logout in that account to end that, or ask an administrator, who removes the link in the console, under Slack, Linked people. Then run /procyon login again.")
}

func errSeatTaken(w SlackWorkspace) error {
	return Errorf(Conflict, "userId", "You are linked to another Slack account in %s. Run /procyon login in Slack again: its page shows that account, and replaces the link if you say so.", w.Name)
}

// unseat ends the link that in replaces, if any.
func (s *Service) unseat(ctx context.Context, by Actor, w SlackWorkspace, in NewSlackLink, guards []Guard) error {
	if in.Replaces == "" {
		return nil
	}
	_, err := UpsertOnce(ctx, s.Subjects, by, in.Replaces, func(f Found[SlackLink]) (Effect, error) {
		switch old := f.State; {
		case f.Version == 0 || old.Ended():
			return Nothing(), nil
		case old.UserID != by.ID || old.WorkspaceID != w.ID:
			return Nothing(), Errorf(NotFound, "replacesLinkId", "You have no such Slack link in %s.", w.Name)
		}
		return Effect{Type: typeLinkRemoved, Data: struct{}{}, Guards: guards}, nil
	})
	return err
}

// SeatTaken returns the person's link in a workspace to another Slack user than this one:
// what a new link would have to replace. ok is false where there is none.
func (s *Service) SeatTaken(ctx context.Context, workspaceID, slackUserID, userID string) (l SlackLink, ok bool, err error) {
	l, ok, err = First[SlackLink](ctx, s.Subjects, slackSeatTerm(workspaceID, userID))
	if l.ID == slackLinkID(s, workspaceID, slackUserID) {
		return SlackLink{}, false, err
	}
	return l, ok, err
}

// SameEmail tells whether two e-mail addresses are one; an empty one is none.
func SameEmail(a, b string) bool {
	a, b = fold(strings.TrimSpace(a)), fold(strings.TrimSpace(b))
	return a != "" && a == b
}

// AgreeSlackLink lets a link that waits be used, as an administrator who saw it wait to
// be linked to the person userID; "" is whoever it is.
func (s *Service) AgreeSlackLink(ctx context.Context, by Actor, id, userID string) (SlackLink, error) {
	return s.changeSlackLink(ctx, by, id, func(l SlackLink) (Effect, error) {
		guard := Guard{Key: l.WorkspaceID, Since: s.Head()}
		by, person, err := s.asOfNow(ctx, by)
		if err == nil && by.Kind == ActorUser && !by.Admin {
			err = Errorf(Forbidden, "linkId", "Only an administrator can agree to a link.")
		}
		if err != nil {
			return Nothing(), err
		}
		w, err := s.SlackWorkspaceByID(ctx, l.WorkspaceID)
		if err == nil {
			err = w.Usable()
		}
		switch {
		case userID != "" && l.UserID != userID:
			return Nothing(), Errorf(Conflict, "userId", "This Slack account is to be linked to somebody else by now; look at it again.")
		case l.Status == SlackLinked:
			return Nothing(), nil
		case by.ID == l.UserID:
			return Nothing(), Errorf(Forbidden, "linkId", "Another administrator must agree to your own link.")
		}
		return Effect{Type: typeLinkAgreed, Data: struct{}{}, Guards: append(person, guard)}, err
	})
}

// RemoveSlackLink ends a link: one's own, or anybody's as an administrator or service.
func (s *Service) RemoveSlackLink(ctx context.Context, by Actor, id string) (SlackLink, error) {
	return s.changeSlackLink(ctx, by, id, func(l SlackLink) (Effect, error) {
		if by.ID != l.UserID && !by.Admin && by.Kind != ActorService {
			return Nothing(), Missing[SlackLink]("linkId")
		}
		return Effect{Type: typeLinkRemoved, Data: struct{}{}}, nil
	})
}

func (s *Service) changeSlackLink(ctx context.Context, by Actor, id string, decide func(SlackLink) (Effect, error)) (SlackLink, error) {
	return Update(ctx, s.Subjects, by, id, "linkId", decide)
}

// SlackLinkOf returns the link of a Slack user, or a NOT_FOUND *Error.
func (s *Service) SlackLinkOf(ctx context.Context, workspaceID, slackUserID string) (SlackLink, error) {
	return s.SlackLink(ctx, slackLinkID(s, workspaceID, slackUserID))
}

// SlackIdentity returns the link of a user of Slack's in a workspace of Slack's, or a
// NOT_FOUND *Error where they are linked to nobody, or the workspace can't be used.
func (s *Service) SlackIdentity(ctx context.Context, slackID, slackUserID string) (SlackLink, error) {
	w, err := s.SlackWorkspace(ctx, slackID)
	if err == nil && !w.Counts() {
		err = Missing[SlackWorkspace]("slackId")
	}
	if err != nil {
		return SlackLink{}, err
	}
	return s.SlackLinkOf(ctx, w.ID, slackUserID)
}

// SlackLink returns a link by its ID, or a NOT_FOUND *Error.
func (s *Service) SlackLink(ctx context.Context, id string) (SlackLink, error) {
	return LoadCurrent[SlackLink](ctx, s.Subjects, id, "linkId")
}

// SlackLinks lists links, the newest first: all, those of a status, or those of a person.
func (s *Service) SlackLinks(ctx context.Context, status SlackLinkStatus, userID string, p store.Page) (store.Listed, error) {
	if userID == "" {
		return store.List(ctx, s.views, []string{slackLinkTerm(status)}, true, p, nil)
	}
	return store.List(ctx, s.views, []string{slackPersonTerm(userID)}, true, p, func(d store.Document) bool {
		l, err := Decode[SlackLink](d)
		return err == nil && (status == "" || l.Status == status)
	})
}

// maxUsableLinks is how many links of a person are looked at: one in each workspace.
const maxUsableLinks = 100

// UsableSlackLinks returns a person's links by which they can act in Slack now, the
// newest first: those that were agreed to, in workspaces that can be used.
func (s *Service) UsableSlackLinks(ctx context.Context, userID string) ([]SlackLink, error) {
	found, err := s.SlackLinks(ctx, SlackLinked, userID, store.Page{First: maxUsableLinks})
	if err != nil {
		return nil, err
	}
	var out []SlackLink
	for _, d := range found.Docs {
		l, err := Decode[SlackLink](d)
		if err != nil {
			return nil, err
		}
		w, err := s.SlackWorkspaceByID(ctx, l.WorkspaceID)
		if err != nil {
			return nil, err
		}
		if w.Counts() {
			out = append(out, l)
		}
	}
	return out, nil
}

// LinkedToSlack tells whether a person has a Slack link by which they can act now.
func (s *Service) LinkedToSlack(ctx context.Context, userID string) (bool, error) {
	l, err := s.UsableSlackLinks(ctx, userID)
	return len(l) > 0, err
}
