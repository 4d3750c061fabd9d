package slacksim

import (
	"crypto/rand"
	"encoding/base64"
	"strings"
	"time"
)

// grant is what a person allowed, until the app asks for its token.
type grant struct {
	team       *team
	enterprise string // not empty: for the whole organisation
	by         *user
	scopes     []string
	channel    *channel // chosen for the scope incoming-webhook
	redirect   string   // as it was in the page's address, "" where it was not
	at         time.Time
	used       bool
}

// codeLife is how long a code can be exchanged.
const codeLife = 10 * time.Minute

// client checks the app's id and secret, of the form or of basic authentication.
func (c *call) client() *apiError {
	id, secret := c.args["client_id"], c.args["client_secret"]
	if basic, ok := strings.CutPrefix(c.header.Get("Authorization"), "Basic "); ok {
		if raw, err := base64.StdEncoding.DecodeString(basic); err == nil {
			id, secret, _ = strings.Cut(string(raw), ":")
		}
	}
	switch {
	case id != c.app.ClientID:
		return no("invalid_client_id", "the client_id is not the app's")
	case secret != c.app.ClientSecret:
		return no("bad_client_secret", "the client_secret is not the app's")
	}
	return nil
}

// oauthAccess gives a token for a code, or for a refresh token.
func (c *call) oauthAccess() (reply, *apiError) {
	if e := c.client(); e != nil {
		return nil, e
	}
	switch kind := c.args["grant_type"]; kind {
	case "", "authorization_code":
		return c.exchange()
	case "refresh_token":
		return c.refresh()
	default:
		return nil, no("invalid_grant_type", "the grant_type is %q", kind)
	}
}

func (c *call) exchange() (reply, *apiError) {
	g := c.codes[c.args["code"]]
	switch {
	case g == nil || c.opts.Now().Sub(g.at) > codeLife:
		return nil, no("invalid_code", "nobody was given this code, or more than ten minutes ago")
	case g.used:
		return nil, no("code_already_used", "the code was exchanged already")
	case c.args["redirect_uri"] != g.redirect:
		return nil, no("bad_redirect_uri", "the redirect_uri is not that of the page")
	}
	g.used = true
	in := c.install(g.team, g.enterprise, g.by, g.scopes)
	out := c.tokenJSON(in)
	out["authed_user"] = reply{"id": g.by.ID}
	if g.channel != nil {
		out["incoming_webhook"] = c.chosenWebhook(g)
	}
	return out, nil
}

// refresh gives a new token and ends the refresh token.
func (c *call) refresh() (reply, *apiError) {
	t := c.refreshes[c.args["refresh_token"]]
	if t == nil || t.refreshed || t.dead != "" {
		return nil, no("invalid_refresh_token", "the refresh token is unknown, or was used already")
	}
	t.refreshed = true
	c.issue(t.install)
	return c.tokenJSON(t.install), nil
}

func (c *call) tokenJSON(in *install) reply {
	out := reply{
		"app_id": c.app.ID, "access_token": in.token.secret, "token_type": "bot", "scope": strings.Join(in.scopes, ","),
		"bot_user_id": in.user.ID, "team": nil, "enterprise": nil, "is_enterprise_install": in.enterprise != "",
	}
	org := in.enterprise
	if in.team != nil {
		out["team"] = reply{"id": in.team.id, "name": in.team.name}
		org = in.team.enterprise
	}
	if org != "" {
		out["enterprise"] = reply{"id": org, "name": "Organisation " + org}
	}
	if in.token.refresh != "" {
		out["refresh_token"] = in.token.refresh
		out["expires_in"] = int(in.token.expires.Sub(c.opts.Now()) / time.Second)
	}
	return out
}

// chosenWebhook makes the webhook for the channel that the person chose.
func (c *call) chosenWebhook(g *grant) reply {
	s := rand.Text()
	h := &webhook{bot: identify("B0", s), secret: s, channel: g.channel}
	h.path = "/services/" + g.channel.team.id + "/" + h.bot + "/" + s
	c.hooks[h.path] = h
	name := "#" + g.channel.name
	if g.channel.kind == direct {
		name = "@" + g.by.Name
	}
	return reply{
		"channel": name, "channel_id": g.channel.id, "url": c.base + h.path,
		"configuration_url": c.base + "/services/" + h.bot,
	}
}
