package console

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/Khan/genqlient/graphql"
)

const slackPath = "/links" // not under /slack/, where the bot is

// EmailHidden tells whether it waits because Slack told no e-mail address.
func (l slackLink) EmailHidden() bool {
	return l.WaitsBecause != nil && *l.WaitsBecause == SlackLinkReasonEmailHidden
}

// Waits tells whether an administrator has to agree to it.
func (l slackLink) Waits() bool { return l.Status == SlackLinkStatusWaiting }

// Action is where a form about it goes.
func (l slackLink) Action(what string) string { return slackPath + "/" + l.ID + "/" + what }

// slackBody is the page about Slack: one's own account there and, for administrators,
// the workspaces and everybody's accounts.
type slackBody struct {
	Mine  []slackLink
	Admin *slackAdmin // nil for people who are none
	Me    string
}

type slackAdmin struct {
	// Workspaces are those that can be used, WaitingWorkspaces those that can't yet.
	readSlackAdminResponse

	// Missing are the settings without which there is nothing to add to Slack, by name;
	// none where a workspace has the app all the same.
	Missing []string

	Newer, Older string // the addresses of the pages beside this one
}

// showSlack shows the page about Slack.
func (c *Console) showSlack(w http.ResponseWriter, r *http.Request, s session) error {
	me, err := c.viewer(r.Context())
	if err != nil {
		return err
	}
	b := slackBody{Me: me.UserID}
	if b.Mine, err = c.slackLinks(r, me.UserID); err != nil {
		return err
	}
	if me.Role == RoleAdmin {
		if b.Admin, err = c.slackAdmin(r); err != nil {
			return err
		}
	}
	c.render(w, r, http.StatusOK, "slack", &layout{Title: "Slack", session: s, Viewer: me, Here: "slack", Notice: c.takeNotice(w, r, "slack"), Body: b})
	return nil
}

// slackLinks are somebody's Slack accounts.
func (c *Console) slackLinks(r *http.Request, userID string) ([]slackLink, error) {
	out, err := readSlackLinks(r.Context(), c.api, userID)
	return out.SlackLinks.Nodes, err
}

func (c *Console) slackAdmin(r *http.Request) (*slackAdmin, error) {
	at := pageOf(r.URL.Query())
	answer, err := readSlackAdmin(r.Context(), c.api, at.first, at.after, at.last, at.before)
	if err != nil {
		return nil, err
	}
	out := slackAdmin{readSlackAdminResponse: *answer}
	if len(out.Workspaces.Nodes) == 0 {
		out.Missing = c.slackMissing
	}
	p := out.Links.PageInfo
	if p.HasPreviousPage && p.StartCursor != nil {
		out.Newer = slackPath + "?before=" + url.QueryEscape(*p.StartCursor)
	}
	if p.HasNextPage && p.EndCursor != nil {
		out.Older = slackPath + "?after=" + url.QueryEscape(*p.EndCursor)
	}
	return &out, nil
}

// slackChange runs a mutation that a form of the page is for.
type slackChange func(ctx context.Context, api graphql.Client) ([]userError, error)

// changeSlack runs a mutation, and leads back.
func (c *Console) changeSlack(w http.ResponseWriter, r *http.Request, change slackChange, notice string) error {
	if !validID(r.PathValue("id")) {
		return notFoundProblem()
	}
	errs, err := change(r.Context(), c.api)
	if err != nil {
		return err
	}
	if len(errs) > 0 {
		if errs[0].Code == CodeNotFound {
			return &problem{http.StatusNotFound, "It is gone", "Nothing was changed: somebody else was faster.", slackPath, "Go to the page about Slack"}
		}
		return &problem{http.StatusConflict, "Nothing was changed", errs[0].Message, slackPath, "Go to the page about Slack"}
	}
	c.leaveNotice(w, notice, "slack")
	http.Redirect(w, r, slackPath, http.StatusSeeOther)
	return nil
}

// removeLink ends a link: one's own, or anybody's as an administrator.
func (c *Console) removeLink(w http.ResponseWriter, r *http.Request, _ session) error {
	return c.changeSlack(w, r, func(ctx context.Context, api graphql.Client) ([]userError, error) {
		out, err := removeSlackLink(ctx, api, RemoveSlackLinkInput{LinkID: r.PathValue("id")})
		return out.Result.UserErrors, err
	}, "unlinked")
}

// agreeLink lets a link be used that waits, to the person whom the page showed.
func (c *Console) agreeLink(w http.ResponseWriter, r *http.Request, _ session) error {
	user := r.PostForm.Get("user")
	if !validID(user) {
		return notFoundProblem()
	}
	return c.changeSlack(w, r, func(ctx context.Context, api graphql.Client) ([]userError, error) {
		out, err := agreeSlackLink(ctx, api, AgreeSlackLinkInput{LinkID: r.PathValue("id"), UserID: &user})
		return out.Result.UserErrors, err
	}, "agreed")
}

// takeWebhook makes an integration of the webhook that came with the installation that
// the page showed.
func (c *Console) takeWebhook(w http.ResponseWriter, r *http.Request, _ session) error {
	seen, err := seenInstalledAt(r)
	if err != nil {
		return err
	}
	return c.changeSlack(w, r, func(ctx context.Context, api graphql.Client) ([]userError, error) {
		out, err := takeWebhook(ctx, api, CreateIntegrationInput{
			Name: strings.TrimSpace(r.PostForm.Get("name")), Kind: IntegrationKindSlackWebhook,
			OfferedByWorkspaceID: new(r.PathValue("id")), OfferInstalledAt: &seen,
		})
		return out.Result.UserErrors, err
	}, "webhook")
}

// backToSlack leads those who open the address of a form to the page that has it.
func (c *Console) backToSlack(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, slackPath, http.StatusSeeOther)
}

// place is which page of a list is asked for; what is not said is nil.
type place struct {
	first, last   *int
	after, before *string
}

const listPage = 25 // links on a page

// pageOf is the page that the address of a list asks for.
func pageOf(q url.Values) place {
	if before := q.Get("before"); before != "" {
		return place{last: new(listPage), before: &before}
	}
	p := place{first: new(listPage)}
	if after := q.Get("after"); after != "" {
		p.after = &after
	}
	return p
}

// viewer is who is signed in, as the API sees them.
func (c *Console) viewer(ctx context.Context) (*viewer, error) {
	out, err := readViewer(ctx, c.api)
	if err != nil {
		return nil, err
	}
	if out.Viewer == nil {
		return nil, &Error{Code: CodeUnauthenticated, Message: "nobody is signed in"}
	}
	return out.Viewer, nil
}
