package console

import (
	"context"
	"net/http"
	"time"

	"github.com/Khan/genqlient/graphql"
)

// Action is where a form about it goes.
func (w slackWorkspace) Action(what string) string { return slackPath + "/" + w.ID + "/" + what }

// Seen is what the forms about its installation say that their page showed.
func (w slackWorkspace) Seen() string { return w.InstalledAt.UTC().Format(time.RFC3339Nano) }

// seenInstalledAt returns which installation the page of a form showed.
func seenInstalledAt(r *http.Request) (time.Time, error) {
	seen, err := time.Parse(time.RFC3339Nano, r.PostForm.Get("installedAt"))
	if err != nil {
		return time.Time{}, &problem{http.StatusBadRequest, "Nothing was changed", "The form did not say what you had before you. Look at what is shown now, then do it from there.", slackPath, "Go to the page about Slack"}
	}
	return seen, nil
}

// acceptWorkspace lets a workspace be used, as the page showed it.
func (c *Console) acceptWorkspace(w http.ResponseWriter, r *http.Request, _ session) error {
	seen, err := seenInstalledAt(r)
	if err != nil {
		return err
	}
	return c.changeSlack(w, r, func(ctx context.Context, api graphql.Client) ([]userError, error) {
		out, err := acceptSlackWorkspace(ctx, api, AcceptSlackWorkspaceInput{WorkspaceID: r.PathValue("id"), InstalledAt: seen})
		return out.Result.UserErrors, err
	}, "accepted")
}

// refuseWorkspace refuses a workspace that waits, or ends the use of another.
func (c *Console) refuseWorkspace(w http.ResponseWriter, r *http.Request, _ session) error {
	input := RemoveSlackWorkspaceInput{WorkspaceID: r.PathValue("id")}
	if r.PostForm.Get("waiting") == "true" { // another administrator may have accepted it since
		input.Waiting = new(true)
	}
	return c.changeSlack(w, r, func(ctx context.Context, api graphql.Client) ([]userError, error) {
		out, err := removeSlackWorkspace(ctx, api, input)
		return out.Result.UserErrors, err
	}, "refused")
}

// startInstall gives an administrator the way to add a workspace that is accepted at
// once. It is a page with a link, and no redirect: a form may lead nowhere but to us.
func (c *Console) startInstall(w http.ResponseWriter, r *http.Request, s session) error {
	me, err := c.viewer(r.Context())
	if err != nil {
		return err
	}
	out, err := startSlackInstall(r.Context(), c.api)
	if err != nil {
		return err
	}
	if errs := out.Result.UserErrors; len(errs) > 0 {
		return &problem{http.StatusConflict, "Nothing was begun", errs[0].Message, slackPath, "Go to the page about Slack"}
	}
	c.render(w, r, http.StatusOK, "install", &layout{Title: "Add a Slack workspace", session: s, Viewer: me, Here: "slack", Body: out.Result})
	return nil
}
