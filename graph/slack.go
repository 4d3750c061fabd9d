package graph

import (
	"context"
	"net/url"
	"slices"
	"time"

	"procyon/access"
	"procyon/auth"
	"procyon/slackworkspace"
	"procyon/store"
	"procyon/workerstore"
)

// SlackOffers keeps what /procyon login, and the console to administrators, offers;
// auth.Service does.
type SlackOffers interface {
	OfferSlackLink(ctx context.Context, o auth.SlackOffer) (token string, offered auth.SlackOffer, err error)
	SlackOffer(ctx context.Context, token string) (auth.SlackOffer, error)
	TakeSlackOffer(ctx context.Context, token string) (auth.SlackOffer, error)
	OfferSlackInstall(ctx context.Context, by access.Actor) (token string, expiresAt time.Time, err error)
	TakeSlackInstall(ctx context.Context, token string) (*slackworkspace.Consent, error)
}

func toSlackWorkspace(w slackworkspace.Workspace) *SlackWorkspace {
	out := &SlackWorkspace{
		ID: w.ID, SlackID: w.SlackID, Organization: w.Organization, Name: w.Name, AppID: w.AppID, BotUserID: w.BotUserID,
		Scopes: listed(w.Scopes), InstalledAt: w.InstalledAt, Removed: w.Removed, Source: w,
		Domain: optional(w.Domain), Waiting: w.Waiting,
	}
	if a := w.Accepted; a != nil {
		out.AcceptedBy, out.AcceptedAt = &a.Name, &a.At
	}
	return out
}

// missingScopes are those that the app asks for and was not given in a workspace.
func (r *Resolver) missingScopes(w slackworkspace.Workspace) []string {
	out := []string{}
	for _, scope := range r.App.Scopes {
		if !w.Removed && !slices.Contains(w.Scopes, scope) {
			out = append(out, scope)
		}
	}
	return out
}

func toSlackLink(l slackworkspace.Link) *SlackLink {
	out := &SlackLink{
		ID: l.ID, SlackUserID: l.SlackUserID, SlackName: l.SlackName, SlackEmail: optional(l.SlackEmail),
		Status: SlackLinkStatus(l.Status), CreatedAt: l.CreatedAt, WorkspaceID: l.WorkspaceID, UserID: l.UserID,
	}
	if why := l.WaitsBecause(); why != "" {
		out.WaitsBecause = new(SlackLinkReason(why))
	}
	return out
}

// each converts a list.
func each[A, B any](list []A, to func(A) B) []B {
	out := make([]B, len(list))
	for i, a := range list {
		out[i] = to(a)
	}
	return out
}

func (r *Resolver) slackWaiting(ctx context.Context) (*SlackWaiting, error) {
	w, err := r.Slack.Waiting(ctx)
	if err != nil {
		return nil, err
	}
	return &SlackWaiting{
		Workspaces: each(w.Workspaces, toSlackWorkspace), WorkspaceCount: w.WorkspaceCount,
		Links: each(w.Links, toSlackLink), LinkCount: w.LinkCount, Administrators: each(w.Administrators, toUser),
	}, nil
}

// startSlackInstall makes the offer with which an administrator adds a workspace.
func (r *Resolver) startSlackInstall(ctx context.Context) (*StartSlackInstallPayload, error) {
	token, expires, err := r.Offers.OfferSlackInstall(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	u := r.PublicURL.JoinPath("slack", "install")
	u.RawQuery = url.Values{"offer": {token}}.Encode()
	return &StartSlackInstallPayload{URL: new(u.String()), ExpiresAt: &expires}, nil
}

func (r *Resolver) newSlackWorkspace(in InstallSlackWorkspaceInput) slackworkspace.NewWorkspace {
	out := slackworkspace.NewWorkspace{
		SlackID: in.SlackID, Organization: in.Organization, Name: in.Name, AppID: in.AppID, BotUserID: in.BotUserID, Scopes: in.Scopes,
		Domain: value(in.Domain), Webhook: newWebhook(in.Webhook),
	}
	if in.Offer != nil {
		out.Consent = func(ctx context.Context) (*slackworkspace.Consent, error) {
			return r.Offers.TakeSlackInstall(ctx, *in.Offer)
		}
	}
	return out
}

func (r *Resolver) slackWorkspaces(ctx context.Context, waiting *bool, p store.Page) (store.Listed, error) {
	if waiting == nil {
		return r.Slack.Workspaces(ctx, p)
	}
	return r.Slack.WorkspacesThat(ctx, *waiting, p)
}

// back mends what the lack of the app broke, where a workspace counts by now. To install it
// or to accept it again does the same, so what a crash leaves undone can be repeated.
func (r *Resolver) back(ctx context.Context) func(slackworkspace.Workspace, error) (slackworkspace.Workspace, error) {
	return func(w slackworkspace.Workspace, err error) (slackworkspace.Workspace, error) {
		if err == nil && w.Counts() {
			err = r.Access.MendIntegrations(ctx, actor(ctx), w.ID)
		}
		return w, err
	}
}

// slackWorkspaceOf reads the workspace that a link or an offer is about.
func (r *Resolver) slackWorkspaceOf(ctx context.Context, id string) (*SlackWorkspace, error) {
	w, err := r.Slack.WorkspaceByID(ctx, id)
	if err != nil {
		return nil, err
	}
	return toSlackWorkspace(w), nil
}

// slackLinks lists links; people who are no administrators see their own.
func (r *Resolver) slackLinks(ctx context.Context, search string, f SlackLinkFilter, p store.Page) (store.Listed, error) {
	links := slackworkspace.LinkFilter{Search: search, Status: slackworkspace.LinkStatus(value(f.Status)), UserID: value(f.UserID)}
	if by := actor(ctx); by.Kind == access.ActorUser && !by.Admin {
		if links.UserID != "" && links.UserID != by.ID {
			return store.Listed{}, nil
		}
		links.UserID = by.ID
	}
	return r.Slack.Links(ctx, links, p)
}

// startSlackLink makes the offer that /procyon login shows.
func (r *Resolver) startSlackLink(ctx context.Context, in StartSlackLinkInput) (*StartSlackLinkPayload, error) {
	w, err := r.Slack.WorkspaceByID(ctx, in.WorkspaceID)
	if err != nil {
		return nil, err
	}
	if err := w.Usable(); err != nil {
		return nil, err
	}
	user, err := slackworkspace.CleanUser(slackworkspace.NewLink{
		WorkspaceID: w.ID, SlackUserID: in.SlackUserID, SlackName: in.SlackName, SlackEmail: value(in.SlackEmail),
	})
	if err != nil {
		return nil, err
	}
	token, o, err := r.Offers.OfferSlackLink(ctx, auth.SlackOffer{
		WorkspaceID: user.WorkspaceID, SlackUserID: user.SlackUserID, SlackName: user.SlackName, SlackEmail: user.SlackEmail,
	})
	if err != nil {
		return nil, err
	}
	link := r.PublicURL.JoinPath("link", "slack", token).String()
	return &StartSlackLinkPayload{URL: &link, ExpiresAt: &o.ExpiresAt}, nil
}

// confirmSlackLink uses an offer up, and links.
func (r *Resolver) confirmSlackLink(ctx context.Context, in ConfirmSlackLinkInput) (slackworkspace.Link, error) {
	o, err := r.Offers.TakeSlackOffer(ctx, in.Token)
	if err != nil {
		return slackworkspace.Link{}, err
	}
	l, err := r.Slack.Link(ctx, actor(ctx), slackworkspace.NewLink{
		WorkspaceID: o.WorkspaceID, SlackUserID: o.SlackUserID, SlackName: o.SlackName, SlackEmail: o.SlackEmail,
		Replaces: value(in.ReplacesLinkID),
	})
	return l, access.AtField("token", err) // what the caller gave
}

func (r *Resolver) slackLinkOffer(ctx context.Context, token string) (*SlackLinkOffer, error) {
	o, err := r.Offers.SlackOffer(ctx, token)
	if access.CodeOf(err) == access.CodeNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	u, err := r.Access.User(ctx, actor(ctx).ID)
	if err != nil && access.CodeOf(err) != access.CodeNotFound { // a service has no address
		return nil, err
	}
	return &SlackLinkOffer{
		SlackUserID: o.SlackUserID, SlackName: o.SlackName, SlackEmail: optional(o.SlackEmail), ExpiresAt: o.ExpiresAt,
		EmailMatches: slackworkspace.Matches(o.SlackEmail, u), WorkspaceID: o.WorkspaceID,
	}, nil
}

// recordOwner is the service whose records a caller has.
func recordOwner(ctx context.Context) (string, error) {
	if by := actor(ctx); by.Kind == access.ActorService {
		return by.ID, nil
	}
	return "", access.Errorf(access.CodeForbidden, "", "Records belong to services; use a service's token.")
}

func (r *Resolver) putRecords(ctx context.Context, in []*RecordInput) error {
	owner, err := recordOwner(ctx)
	if err != nil {
		return err
	}
	changes := make([]workerstore.Change, len(in))
	for i, c := range in {
		changes[i] = workerstore.Change{Key: c.Key, Version: uint64(max(0, c.Version)), Value: c.Value, Due: c.Due, KeepFor: value(c.KeepFor)}
	}
	return r.Records.Put(ctx, owner, changes)
}

func newWebhook(in *InstalledWebhookInput) *slackworkspace.NewWebhook {
	if in == nil {
		return nil
	}
	return &slackworkspace.NewWebhook{URL: in.URL, Channel: in.Channel}
}

// offeredWebhook is what came with a workspace's installation, and what became of it.
func (r *Resolver) offeredWebhook(ctx context.Context, w slackworkspace.Workspace) (*OfferedWebhook, error) {
	if w.Webhook == nil || !w.Counts() {
		return nil, nil
	}
	out := &OfferedWebhook{Channel: w.Webhook.Channel}
	i, taken, err := r.Access.IntegrationOfOffer(ctx, w.Webhook.Offer)
	if taken {
		out.Integration = toIntegration(i)
	}
	return out, err
}
