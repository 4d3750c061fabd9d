package console

import (
	"context"
	"net/http"
)

// homeBody is what the start page shows.
type homeBody struct {
	readHomeResponse

	Waiting  *slackWaiting // for administrators; nil where nothing waits for them
	NewLinks []slackLink   // Slack accounts that were linked to them of late
}

func (c *Console) showHome(w http.ResponseWriter, r *http.Request, s session) error {
	me, err := c.viewer(r.Context())
	if err != nil {
		return err
	}
	home, err := readHome(r.Context(), c.api, me.UserID)
	if err != nil {
		return err
	}
	b := homeBody{readHomeResponse: *home}
	links, err := c.slackLinks(r, me.UserID)
	if err != nil {
		return err
	}
	if me.Role == RoleAdmin {
		if b.Waiting, err = c.waitsForAdmin(r); err != nil {
			return err
		}
	}
	b.NewLinks = c.newLinks(r, links)
	c.render(w, r, http.StatusOK, "home", &layout{Title: "Start", session: s, Viewer: me, Here: "home", Body: b})
	return nil
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
