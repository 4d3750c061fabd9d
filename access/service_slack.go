package access

import (
	"context"
	"fmt"
	"regexp"
	"strings"
)

// NewSlackWorkspace is an installation of the app.
type NewSlackWorkspace struct {
	SlackID      string
	Organization bool
	Name         string
	AppID        string
	BotUserID    string
	Scopes       []string
	Webhook      *NewWebhook // nil: none was chosen
}

// NewWebhook is an incoming webhook that came with an installation.
type NewWebhook struct{ URL, Channel string }

// slackIDs look like T0123ABCD: https://docs.slack.dev/apis/web-api/using-the-conversations-api
var slackIDs = regexp.MustCompile(`^[A-Z][A-Z0-9]{1,30}$`)

func cleanSlackID(field, id string) (string, error) {
	if !slackIDs.MatchString(id) {
		return "", Errorf(Invalid, field, "%.40q is not an ID of Slack's.", id)
	}
	return id, nil
}

// InstallSlack writes down that a workspace has the app, for the first time or again.
func (s *Service) InstallSlack(ctx context.Context, by Actor, in NewSlackWorkspace) (SlackWorkspace, error) {
	var w SlackWorkspace
	slackID, err := cleanSlackID("slackId", in.SlackID)
	if err != nil {
		return w, err
	}
	name, err := cleanName("name", in.Name)
	if err != nil {
		return w, err
	}
	if err := cleanApp(in); err != nil {
		return w, err
	}
	id := slackWorkspaceID(s, slackID)
	offered, err := s.offer(id, in.Webhook)
	if err != nil {
		return w, err
	}
	err = retry(ctx, func() error {
		var before SlackWorkspace
		version, err := s.loadIfAny(ctx, id, &before)
		if err != nil {
			return err
		}
		now := s.now()
		w = SlackWorkspace{
			ID: id, SlackID: slackID, Organization: in.Organization, Name: name, AppID: in.AppID, BotUserID: in.BotUserID,
			Scopes: in.Scopes, InstalledAt: now, Webhook: offered,
		}
		return s.commit(ctx, by, id, version+1, typeInstalled, w, &before, now)
	})
	return w, err
}

// offer keeps a webhook that came with an installation, encrypted.
func (s *Service) offer(workspaceID string, in *NewWebhook) (*OfferedWebhook, error) {
	if in == nil {
		return nil, nil
	}
	if err := s.opts.CheckURL(in.URL); err != nil {
		return nil, Errorf(Invalid, "webhook.url", "%s", err.Error())
	}
	channel, err := cleanName("webhook.channel", in.Channel)
	if err != nil {
		return nil, err
	}
	sealed, err := s.opts.Secrets.Seal(in.URL, workspaceID)
	if err != nil {
		return nil, fmt.Errorf("seal a webhook URL: %w", err)
	}
	return &OfferedWebhook{Offer: s.newID(KindIntegration), SealedURL: sealed, Channel: channel}, nil
}

// OfferTaken returns the integration that was made of an offered webhook, if any is.
func (s *Service) OfferTaken(ctx context.Context, w OfferedWebhook) (Integration, bool, error) {
	docs, err := s.views.List(ctx, Query{Term: offerTerm(w.Offer), Limit: 1})
	if err != nil || len(docs) == 0 {
		return Integration{}, false, err
	}
	i, err := Decode[Integration](docs[0])
	return i, err == nil, err
}

// maxSlackScopes is how many scopes an app may have; Slack knows fewer.
const maxSlackScopes = 200

// cleanApp checks what Slack says of the app in a workspace.
func cleanApp(in NewSlackWorkspace) error {
	if _, err := cleanSlackID("appId", in.AppID); err != nil {
		return err
	}
	if _, err := cleanSlackID("botUserId", in.BotUserID); err != nil {
		return err
	}
	if len(in.Scopes) > maxSlackScopes {
		return Errorf(Invalid, "scopes", "Give at most %d scopes; these are %d.", maxSlackScopes, len(in.Scopes))
	}
	for i, scope := range in.Scopes {
		if _, err := cleanName(fmt.Sprintf("scopes.%d", i), scope); err != nil {
			return err
		}
	}
	return nil
}

func slackWorkspaceID(s *Service, slackID string) string {
	return string(KindSlackWorkspace) + "_" + s.opts.DeriveID("slack workspace", slackID)
}

func slackLinkID(s *Service, workspaceID, slackUserID string) string {
	return string(KindSlackLink) + "_" + s.opts.DeriveID("slack link", workspaceID, slackUserID)
}

// loadIfAny is load for a subject that may not be there yet, with version 0.
func (s *Service) loadIfAny(ctx context.Context, id string, dst any) (uint64, error) {
	version, err := s.load(ctx, id, KindOf(id), "id", dst)
	if CodeOf(err) == NotFound {
		return 0, nil
	}
	return version, err
}

// SlackWorkspace returns an installation by the workspace's or organisation's ID at
// Slack, removed ones too, or a NOT_FOUND *Error.
func (s *Service) SlackWorkspace(ctx context.Context, slackID string) (SlackWorkspace, error) {
	return s.slackWorkspace(ctx, slackWorkspaceID(s, slackID))
}

// SlackWorkspaceByID is SlackWorkspace by the ID here.
func (s *Service) SlackWorkspaceByID(ctx context.Context, id string) (SlackWorkspace, error) {
	return s.slackWorkspace(ctx, id)
}

func (s *Service) slackWorkspace(ctx context.Context, id string) (SlackWorkspace, error) {
	var w SlackWorkspace
	_, err := s.load(ctx, id, KindSlackWorkspace, "workspaceId", &w)
	return w, err
}

// SlackWorkspaces lists the workspaces that have the app, by name.
func (s *Service) SlackWorkspaces(ctx context.Context, p Page) (Listed, error) {
	return List(ctx, s.views, []string{"wsp/"}, false, p, nil)
}

// UninstallSlack writes down that a workspace no longer has the app. One that has
// not is left as it is.
func (s *Service) UninstallSlack(ctx context.Context, by Actor, slackID string) (SlackWorkspace, error) {
	var w SlackWorkspace
	id := slackWorkspaceID(s, slackID)
	err := retry(ctx, func() error {
		w = SlackWorkspace{}
		version, err := s.load(ctx, id, KindSlackWorkspace, "slackId", &w)
		if err != nil || w.Removed {
			return err
		}
		return s.commit(ctx, by, id, version+1, typeUninstalled, struct{}{}, &w, s.now())
	})
	return w, err
}

// NewSlackLink is a Slack user as Slack describes them.
type NewSlackLink struct {
	WorkspaceID string
	SlackUserID string
	SlackName   string
	SlackEmail  string
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
// waits for an administrator. CONFLICT where the Slack user, or the person in this
// workspace, is linked otherwise already; to link the same two again changes nothing.
func (s *Service) LinkSlack(ctx context.Context, by Actor, in NewSlackLink) (SlackLink, error) {
	var l SlackLink
	in, err := CleanSlackUser(in)
	if err != nil {
		return l, err
	}
	id := slackLinkID(s, in.WorkspaceID, in.SlackUserID)
	err = retry(ctx, func() error {
		installed := Guard{Key: in.WorkspaceID, Since: s.log.Head()}
		w, err := s.slackWorkspace(ctx, in.WorkspaceID)
		if err != nil {
			return err
		}
		if w.Removed {
			return Errorf(Conflict, "workspaceId", "The workspace %s no longer has the app.", w.Name)
		}
		_, person, err := s.asOfNow(ctx, by)
		if err != nil {
			return err
		}
		u, err := s.User(ctx, by.ID)
		if err != nil {
			return err
		}
		l = SlackLink{}
		version, err := s.loadIfAny(ctx, id, &l)
		switch {
		case err != nil:
			return err
		case l.Status != "" && l.UserID == u.ID:
			return nil
		case l.Status != "":
			return Errorf(Conflict, "slackUserId", "This Slack account is linked to somebody else here. Ask an administrator, or use /procyon logout there first.")
		}
		guard, err := s.free(ctx, slackSeatTerm(w.ID, u.ID), id, Errorf(Conflict, "userId", "You are linked to another Slack account in %s. Use /procyon logout there first.", w.Name))
		if err != nil {
			return err
		}
		now := s.now()
		before, typ := l, typeLinkMade
		l = SlackLink{
			ID: id, WorkspaceID: w.ID, SlackUserID: in.SlackUserID, SlackName: in.SlackName, SlackEmail: in.SlackEmail,
			UserID: u.ID, UserName: u.Name, Status: SlackLinked, CreatedAt: now,
		}
		if !SameEmail(in.SlackEmail, u.Email) {
			l.Status, typ = SlackWaiting, typeLinkRequested
		}
		return s.commit(ctx, by, id, version+1, typ, l, &before, now, append(person, guard, installed)...)
	})
	return l, err
}

// SameEmail tells whether two e-mail addresses are one; an empty one is none.
func SameEmail(a, b string) bool {
	a, b = fold(strings.TrimSpace(a)), fold(strings.TrimSpace(b))
	return a != "" && a == b
}

// AgreeSlackLink lets a link that waits be used, as an administrator.
func (s *Service) AgreeSlackLink(ctx context.Context, by Actor, id string) (SlackLink, error) {
	return s.changeSlackLink(ctx, id, func(l *SlackLink, version uint64) error {
		if l.Status == SlackLinked {
			return nil
		}
		if by.ID == l.UserID {
			return Errorf(Forbidden, "linkId", "Another administrator must agree to your own link.")
		}
		return s.commit(ctx, by, id, version+1, typeLinkAgreed, struct{}{}, l, s.now())
	})
}

// RemoveSlackLink ends a link: one's own, or anybody's as an administrator or service.
func (s *Service) RemoveSlackLink(ctx context.Context, by Actor, id string) (SlackLink, error) {
	return s.changeSlackLink(ctx, id, func(l *SlackLink, version uint64) error {
		if by.ID != l.UserID && !by.Admin && by.Kind != ActorService {
			return notFound("linkId", KindSlackLink)
		}
		return s.commit(ctx, by, id, version+1, typeLinkRemoved, struct{}{}, l, s.now())
	})
}

func (s *Service) changeSlackLink(ctx context.Context, id string, f func(l *SlackLink, version uint64) error) (SlackLink, error) {
	var l SlackLink
	err := retry(ctx, func() error {
		l = SlackLink{}
		version, err := s.load(ctx, id, KindSlackLink, "linkId", &l)
		if err != nil {
			return err
		}
		if l.Status == "" {
			return notFound("linkId", KindSlackLink)
		}
		return f(&l, version)
	})
	return l, err
}

// SlackLinkOf returns the link of a Slack user, or a NOT_FOUND *Error.
func (s *Service) SlackLinkOf(ctx context.Context, workspaceID, slackUserID string) (SlackLink, error) {
	return s.SlackLink(ctx, slackLinkID(s, workspaceID, slackUserID))
}

// SlackLink returns a link by its ID, or a NOT_FOUND *Error.
func (s *Service) SlackLink(ctx context.Context, id string) (SlackLink, error) {
	return s.changeSlackLink(ctx, id, func(*SlackLink, uint64) error { return nil })
}

// SlackLinks lists links, the newest first: all, those of a status, or those of a person.
func (s *Service) SlackLinks(ctx context.Context, status SlackLinkStatus, userID string, p Page) (Listed, error) {
	if userID == "" {
		return List(ctx, s.views, []string{slackLinkTerm(status)}, true, p, nil)
	}
	return List(ctx, s.views, []string{slackPersonTerm(userID)}, true, p, func(d Document) bool {
		l, err := Decode[SlackLink](d)
		return err == nil && (status == "" || l.Status == status)
	})
}

// LinkedToSlack tells whether a person has a Slack link that may be used.
func (s *Service) LinkedToSlack(ctx context.Context, userID string) (bool, error) {
	l, err := s.SlackLinks(ctx, SlackLinked, userID, Page{First: 1})
	return len(l.Docs) > 0, err
}

// maxReviewers is how many people are named who may decide a request.
const maxReviewers = 100

// Reviewers returns the people who may decide a request, or its extension, now, by
// name, at most 100; none where there is nothing to decide.
func (s *Service) Reviewers(ctx context.Context, r Request) ([]User, error) {
	if !r.Waits() {
		return nil, nil
	}
	l, err := s.list(ctx, []string{adminTerm}, false, Page{First: maxReviewers}, nil)
	if err != nil {
		return nil, err
	}
	var out []User
	for _, d := range l.Docs {
		u, err := Decode[User](d)
		if err != nil {
			return nil, err
		}
		by := Actor{Kind: ActorUser, ID: u.ID, Name: u.Name, Email: u.Email, Admin: u.Admin}
		if s.opts.Policy.MayReview(by, &r) == nil {
			out = append(out, u)
		}
	}
	return out, nil
}
