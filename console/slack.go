package console

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

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

const (
	// newLinkFor is how long a new link is pointed out on the start page.
	newLinkFor = 7 * 24 * time.Hour
	seenCookie = "seenlinks"
	maxSeen    = 5 // links that a browser remembers
)

// newLinks are the links that somebody should be told of: they were made of late, and
// nobody has said in this browser that it is all right.
func (c *Console) newLinks(r *http.Request, all []slackLink) []slackLink {
	var seen []string
	if v, ok := c.cookies.Get(r, seenCookie); ok {
		seen = strings.Split(v, ".")
	}
	var out []slackLink
	for _, l := range all {
		if c.now().Sub(l.CreatedAt) < newLinkFor && !slices.Contains(seen, l.seenKey()) {
			out = append(out, l)
		}
	}
	return out
}

// seenKey is another one each time that the same two are linked.
func (l slackLink) seenKey() string { return l.ID + "-" + l.CreatedAt.UTC().Format("20060102150405") }

// SeenKey is what the form sends that says that all is right.
func (l slackLink) SeenKey() string { return l.seenKey() }

// seeLink takes note that a link is all right.
func (c *Console) seeLink(w http.ResponseWriter, r *http.Request, _ session) error {
	key := r.PostForm.Get("key")
	if !validID(r.PathValue("id")) || !validID(key) {
		return notFoundProblem()
	}
	seen := []string{key}
	if v, ok := c.cookies.Get(r, seenCookie); ok {
		for _, k := range strings.Split(v, ".") {
			if validID(k) && k != key && len(seen) < maxSeen {
				seen = append(seen, k)
			}
		}
	}
	c.cookies.Set(w, seenCookie, strings.Join(seen, "."), int(newLinkFor/time.Second))
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

// backToSlack leads those who open the address of a form to the page that has it.
func (c *Console) backToSlack(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, slackPath, http.StatusSeeOther)
}
