package slackbot

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"procyon/client"
	"procyon/internal/cookie"
	"procyon/internal/slackapi"
)

// BotScopes are what the app asks for.
// Source: https://docs.slack.dev/reference/scopes
func BotScopes() []string {
	return []string{"commands", "chat:write", "chat:write.public", "im:write", "users:read", "users:read.email", "channels:read", "groups:read", slackapi.MarkScope, "incoming-webhook"}
}

const (
	stateCookie = "slack_state"
	stateFor    = 10 * time.Minute
)

// offers look like the end of the console's link to add a workspace.
var offers = regexp.MustCompile(`^[A-Za-z0-9_-]{1,100}$`)

// serveInstall leads to Slack's page that asks whether to install the app. What
// comes back is bound to this browser by a cookie.
func (b *Bot) serveInstall(w http.ResponseWriter, r *http.Request) {
	if missing := b.missing(); len(missing) > 0 {
		SetupPage(b.opt.PublicURL, missing).ServeHTTP(w, r)
		return
	}
	state := rand.Text()
	if offer := r.FormValue("offer"); offers.MatchString(offer) {
		state += "." + offer // as an administrator has it from the console: it goes on to the server
	}
	b.cookies().Set(w, stateCookie, state, int(stateFor/time.Second))
	q := url.Values{
		"client_id": {b.opt.ClientID}, "scope": {strings.Join(BotScopes(), ",")}, "state": {hashState(state)},
		"redirect_uri": {b.redirectURI()},
	}
	http.Redirect(w, r, b.authorizeURL()+"?"+q.Encode(), http.StatusSeeOther)
}

// missing are the settings without which the app can't be installed.
func (b *Bot) missing() []string {
	var out []string
	if b.opt.ClientID == "" {
		out = append(out, "PROCYON_SLACK_CLIENT_ID")
	}
	if b.opt.ClientSecret == "" {
		out = append(out, "PROCYON_SLACK_CLIENT_SECRET")
	}
	return out
}

// authorizeURL is Slack's page, beside its API.
func (b *Bot) authorizeURL() string {
	return strings.TrimSuffix(b.opt.API.URL, "api/") + "oauth/v2/authorize"
}

func (b *Bot) redirectURI() string { return b.opt.PublicURL.JoinPath("slack", "oauth").String() }

func hashState(state string) string {
	sum := sha256.Sum256([]byte(state))
	return hex.EncodeToString(sum[:])
}

func (b *Bot) cookies() cookie.Site {
	return cookie.Site{Secure: b.opt.PublicURL.Scheme == "https", Path: "/slack"}
}

// ours tells whether the browser that came back is the one that went, and with what
// offer. An organisation's administrators can begin at Slack; then there is no state at
// all, and they begin again here, which costs them one click.
func (b *Bot) ours(r *http.Request) (offer string, ok bool) {
	state, ok := b.cookies().Get(r, stateCookie)
	if !ok || state == "" || subtle.ConstantTimeCompare([]byte(hashState(state)), []byte(r.FormValue("state"))) != 1 {
		return "", false
	}
	_, offer, _ = strings.Cut(state, ".")
	return offer, true
}

// serveOAuth takes what Slack's page sends back.
func (b *Bot) serveOAuth(w http.ResponseWriter, r *http.Request) {
	offer, good := b.ours(r)
	b.cookies().Set(w, stateCookie, "", -1)
	switch refused := r.FormValue("error"); {
	case refused != "":
		status, text := refusedInstall(refused)
		b.page(w, status, "Not installed", text)
		return
	case !good:
		b.page(w, http.StatusBadRequest, "Begin here, please", "This visit did not begin in this browser within the last ten minutes.")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), 20*time.Second)
	defer cancel()
	in, err := b.opt.API.Exchange(ctx, b.opt.ClientID, b.opt.ClientSecret, r.FormValue("code"), b.redirectURI())
	var to installed
	if err == nil {
		to, err = b.install(ctx, in, offer)
	}
	if text := refusal(err); text != "" {
		b.page(w, http.StatusConflict, "Not installed", text)
		return
	}
	if err != nil {
		b.log.Error("can't install the app", "error", err)
		b.page(w, http.StatusBadGateway, "Not installed", "Slack or the gateway did not answer as expected; the log has the reason. Nothing was changed that a new try does not mend.")
		return
	}
	if to.Waiting {
		b.page(w, http.StatusOK, "Procyon is installed, and waits for an administrator", "The app does nothing in "+to.words()+" until an administrator of Procyon accepts that, in the console under Slack. A workspace that an administrator adds from there is accepted at once, if it takes them less than ten minutes.")
		return
	}
	text := "Go back to Slack, to " + to.words() + ", and type /procyon in any channel."
	if in.Webhook != nil {
		text += " The channel " + in.Webhook.Channel + ", which you chose for notifications, gets none yet: an administrator adds it as an integration in Procyon, under Slack."
	}
	b.page(w, http.StatusOK, "Procyon is installed", text)
}

// words name a workspace that just got the app.
func (i installed) words() string {
	if i.Domain == "" {
		return i.Name
	}
	return i.Name + " (" + i.Domain + ")"
}

// Install is what follows an installation that no administrator began: the workspace
// waits for one. It returns its ID at the server.
func (b *Bot) Install(ctx context.Context, in slackapi.Installation) (workspaceID string, err error) {
	w, err := b.install(ctx, in, "")
	return w.ID, err
}

// install writes down an installation, then its token: a workspace without a token
// is harmless, a token without its workspace would not be shown to anybody.
func (b *Bot) install(ctx context.Context, in slackapi.Installation, offer string) (w installed, err error) {
	id, name := in.TeamID, in.TeamName
	if in.Enterprise {
		id, name = in.EnterpriseID, in.EnterpriseName
	}
	if name == "" {
		name = id
	}
	input := InstallSlackWorkspaceInput{
		SlackID: id, Organization: in.Enterprise, Name: short(name), AppID: in.AppID, BotUserID: in.BotUserID, Scopes: in.Scopes, Offer: offer,
	}
	if w := in.Webhook; w != nil && w.Channel != "" {
		input.Webhook = &InstalledWebhookInput{URL: w.URL, Channel: short(w.Channel)}
	}
	if input.Domain, err = b.opt.API.Bot(in.Token).Domain(ctx); err != nil {
		b.log.Warn("Slack does not tell where a workspace is", "workspace", id, "error", err)
	}
	w, err = b.server.install(ctx, input)
	if err != nil && input.Webhook != nil && refusal(err) != "" {
		// A server that allows no webhooks to Slack gets none offered.
		b.log.Warn("the webhook that was chosen is not offered as an integration", "workspace", id, "error", err)
		input.Webhook = nil
		w, err = b.server.install(ctx, input)
	}
	if err != nil {
		return w, err
	}
	c := credential{WorkspaceID: w.ID, SlackID: id, BotUserID: in.BotUserID, Token: in.Token, Refresh: in.RefreshToken, Scopes: in.Scopes}
	if in.ExpiresIn > 0 {
		c.ExpiresAt = b.now().Add(in.ExpiresIn)
	}
	if err := b.spaces.keep(ctx, c); err != nil {
		return w, fmt.Errorf("keep the token of %s: %w", id, err)
	}
	return w, nil
}

func (g *server) install(ctx context.Context, input InstallSlackWorkspaceInput) (installed, error) {
	out, err := installWorkspace(ctx, g, input)
	if err != nil {
		return installed{}, err
	}
	return out.InstallSlackWorkspace.Workspace, client.UserErrors(out.InstallSlackWorkspace.UserErrors).Err()
}

// uninstalled forgets a workspace's token. Slack tells of it by two events, in
// either order, perhaps twice, and perhaps after the app was installed again: so
// Slack is asked first whether the token that is kept still works.
func (b *Bot) uninstalled(ctx context.Context, e envelope) error {
	id := e.TeamID
	for _, a := range e.Authorizations {
		if a.IsEnterpriseInstall {
			id = a.EnterpriseID
		}
	}
	b.spaces.forget(id)
	space, err := b.spaces.get(ctx, id)
	if err == nil {
		if err := space.Test(ctx); err == nil {
			return nil
		} else if !slackapi.TokenLost(err) {
			return err
		}
		err = b.spaces.drop(ctx, id)
	}
	if err != nil && err != errNotInstalled { //nolint:errorlint // get returns it as it is
		return err
	}
	out, err := uninstallWorkspace(ctx, b.server, UninstallSlackWorkspaceInput{SlackID: id})
	if err != nil {
		return err
	}
	if u := client.UserErrors(out.UninstallSlackWorkspace.UserErrors); !u.Has("NOT_FOUND") {
		return u.Err()
	}
	return nil
}

var pages = template.Must(template.New("").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{{.Title}} – Procyon</title></head>
<body><main><h1>{{.Title}}</h1><p>{{.Text}}</p><p>{{with .Again}}<a href="{{.}}">Install Procyon in Slack</a> · {{end}}<a href="{{.Home}}">Procyon</a></p></main></body></html>
`))

// page is a plain page.
type page struct {
	Title, Text string
	Again       string // where one begins anew, "" for nowhere
	Home        string
}

// page shows a plain page that leads back to where one began.
func (b *Bot) page(w http.ResponseWriter, status int, title, text string) {
	writePage(w, b.opt.PublicURL, status, page{Title: title, Text: text, Again: b.opt.PublicURL.JoinPath("slack", "install").String()})
}

func writePage(w http.ResponseWriter, public *url.URL, status int, p page) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer") // the address holds a code
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	p.Home = public.String()
	_ = pages.Execute(w, p) // a page that was not taken is no trouble of ours
}
