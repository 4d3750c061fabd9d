package slacksim

import (
	"crypto/rand"
	"errors"
	"io"
	"mime/multipart"
	"strings"
	"time"
)

// authTest tells whose token it is.
func (c *call) authTest() (reply, *apiError) {
	in := c.token.install
	out := reply{
		"url": "https://" + strings.ToLower(in.enterprise) + ".enterprise.slack.com/", "user": in.user.Name, "user_id": in.user.ID, "bot_id": in.user.botID,
		"team": c.organisation(in), "team_id": in.enterprise, "is_enterprise_install": in.enterprise != "",
	}
	if in.team != nil {
		out["team"], out["team_id"], out["url"] = in.team.name, in.team.id, "https://"+in.team.domain+".slack.com/"
	}
	if org := in.user.team.enterprise; org != "" {
		out["enterprise_id"] = org
	}
	if !c.token.expires.IsZero() {
		out["expires_in"] = int(c.token.expires.Sub(c.opts.Now()) / time.Second)
	}
	return out, nil
}

func (c *call) organisation(in *install) string { return "Organisation " + in.enterprise }

// authRevoke ends the token, of which the app is told by tokens_revoked. The last
// token of an installation takes the app with it.
func (c *call) authRevoke() (reply, *apiError) {
	if c.yes("test") {
		return reply{"revoked": false}, nil
	}
	in := c.token.install
	c.token.dead = "token_revoked"
	c.announce()
	c.after = append(c.after, func() { c.tellRevoked(in) })
	return reply{"revoked": true}, nil
}

// appsUninstall removes the app.
func (c *call) appsUninstall() (reply, *apiError) {
	switch {
	case c.args["client_id"] != c.app.ClientID:
		return nil, no("invalid_client_id", "the client_id is not the app's")
	case c.args["client_secret"] != c.app.ClientSecret:
		return nil, no("bad_client_secret", "the client_secret is not the app's")
	}
	in := c.token.install
	c.remove(in)
	c.after = append(c.after, func() { c.tellUninstalled(in, false) })
	return nil, nil
}

// connectionsOpen gives the address of a WebSocket for Socket Mode.
func (c *call) connectionsOpen() (reply, *apiError) {
	switch secret := c.args["token"]; {
	case secret == "":
		return nil, no("not_authed", "there is no token")
	case secret != c.app.AppToken && strings.HasPrefix(secret, "xapp-"):
		return nil, no("invalid_auth", "the token is not the app's")
	case secret != c.app.AppToken:
		return nil, no("not_allowed_token_type", "Socket Mode needs the app's token, which begins with xapp-")
	case !c.app.SocketMode:
		return nil, no("socket_mode_not_enabled", "the app's settings have Socket Mode off")
	}
	ticket := rand.Text()
	c.tickets[ticket] = true
	base := "ws" + strings.TrimPrefix(c.base, "http")
	return reply{"url": base + "/link/?ticket=" + ticket + "&app_id=" + c.app.ID}, nil
}

func readMultipart(a args, raw []byte, boundary string) error {
	r := multipart.NewReader(strings.NewReader(string(raw)), boundary)
	for {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		b, err := io.ReadAll(part)
		if err != nil {
			return err
		}
		a[part.FormName()] = string(b)
	}
}
