package slacksim

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
)

// page is the address of the page that installs the app.
func (b *bed) page(q ...string) string {
	v := url.Values{"client_id": {b.App().ClientID}, "scope": {"commands,chat:write"}, "redirect_uri": {b.app + "/oauth"}, "state": {"s1"}}
	for i := 0; i+1 < len(q); i += 2 {
		v.Set(q[i], q[i+1])
		if q[i+1] == "" {
			v.Del(q[i])
		}
	}
	return b.url + "/oauth/v2/authorize?" + v.Encode()
}

func (b *bed) exchange(to string) (*slack.OAuthV2Response, error) {
	b.t.Helper()
	u, err := url.Parse(to)
	if err != nil {
		b.t.Fatal(err)
	}
	a := b.App()
	return slack.GetOAuthV2ResponseContext(b.t.Context(), b.client, a.ClientID, a.ClientSecret, u.Query().Get("code"), b.app+"/oauth", slack.OAuthOptionAPIURL(b.url+"/api/"))
}

func TestInstallByThePages(t *testing.T) {
	b := newBed(t, Options{})
	if _, err := b.AddChannel("", "alerts", false); err != nil {
		t.Fatal(err)
	}
	resp, err := b.client.Get(b.page("scope", "commands,incoming-webhook"))
	if err != nil {
		t.Fatal(err)
	}
	html, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	for _, want := range []string{"Procyon is requesting permission", "incoming-webhook", "Dev Developer", "#alerts", "Allow", "Cancel"} {
		if !strings.Contains(string(html), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if csp := resp.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "form-action 'self' "+b.app) {
		t.Error(csp)
	}
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err = b.client.PostForm(b.page("scope", "commands,incoming-webhook"), url.Values{"as": {"T0SIMULATED/ada"}, "channel": {"T0SIMULATED/alerts"}, "answer": {"allow"}})
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	to := resp.Header.Get("Location")
	if !strings.HasPrefix(to, b.app+"/oauth?code=sim.") || !strings.HasSuffix(to, "&state=s1") {
		t.Fatal(to)
	}
	got, err := b.exchange(to)
	if err != nil {
		t.Fatal(err)
	}
	if got.Team.ID != "T0SIMULATED" || got.AuthedUser.ID != "U0ADA" || got.AppID != "A0PROCYON" || got.BotUserID != b.in.BotUserID || got.TokenType != "bot" || got.IsEnterpriseInstall {
		t.Errorf("%+v", got)
	}
	if got.AccessToken != b.in.Token {
		t.Error("a second installation has another token")
	}
	if h := got.IncomingWebhook; h.Channel != "#alerts" || !strings.HasPrefix(h.ChannelID, "C0") || h.ConfigurationURL == "" {
		t.Errorf("%+v", h)
	}
	if status, body, _ := post(t, b.client, got.IncomingWebhook.URL, `{"text":"x"}`); status != 200 || body != "ok" || len(b.Messages("alerts")) != 1 {
		t.Error(status, body)
	}
	if _, err := b.exchange(to); err == nil || err.Error() != "code_already_used" {
		t.Error(err)
	}
	resp, err = b.client.PostForm(b.page(), url.Values{"as": {"T0SIMULATED/ada"}, "answer": {"cancel"}})
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if to := resp.Header.Get("Location"); to != b.app+"/oauth?error=access_denied&state=s1" {
		t.Error(to)
	}
}

func TestPagesRefuse(t *testing.T) {
	b := newBed(t, Options{App: App{Scopes: []string{"commands", "chat:write"}}})
	for _, q := range [][]string{{"client_id", "x"}, {"redirect_uri", "https://evil.example/oauth"}, {"scope", ""}, {"scope", "admin"}} {
		if to, err := b.As("ada").Allow(b.page(q...), Grant{}); err == nil {
			t.Errorf("%v: %s", q, to)
		}
	}
	req, _ := http.NewRequest(http.MethodPost, b.page(), strings.NewReader("as=T0SIMULATED/ada&answer=allow"))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	resp, err := b.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden {
		t.Error("another site can press Allow")
	}
	to := must[string](t)(b.As("ada").Allow(b.page(), Grant{}))
	b.clock.add(11 * time.Minute)
	if _, err := b.exchange(to); err == nil || err.Error() != "invalid_code" {
		t.Error(err)
	}
}

func TestOrganisation(t *testing.T) {
	b := newBed(t, Options{Enterprise: "E0ACME"})
	if err := b.AddWorkspace(Workspace{ID: "T0TWO", Name: "Two", Enterprise: "E0ACME", People: []Profile{{Name: "eve"}}}); err != nil {
		t.Fatal(err)
	}
	if err := b.Uninstall("", false); err != nil {
		t.Fatal(err)
	}
	if err := b.Settle(soon(t)); err != nil {
		t.Fatal(err)
	}
	to := must[string](t)(b.As("ada").Allow(b.page("state", ""), Grant{Organisation: true}))
	if strings.Contains(to, "state") {
		t.Error(to, "has a state that nobody gave")
	}
	got, err := b.exchange(to)
	if err != nil || !got.IsEnterpriseInstall || got.Team.ID != "" || got.Enterprise.ID != "E0ACME" {
		t.Fatalf("%+v %v", got, err)
	}
	eve := b.As("eve").In("T0TWO")
	if err := eve.Command(t.Context(), "", "/procyon help"); err != nil {
		t.Fatal(err)
	}
	f := b.last().form
	if f.Get("team_id") != "T0TWO" || f.Get("enterprise_id") != "E0ACME" || f.Get("is_enterprise_install") != "true" {
		t.Errorf("%v", f)
	}
	if _, _, err := b.bot(got.AccessToken).PostMessageContext(t.Context(), eve.ID(), slack.MsgOptionText("hello", false)); err != nil || len(eve.DMs()) != 1 {
		t.Error(err)
	}
	if err := b.Uninstall("E0ACME", true); err != nil {
		t.Fatal(err)
	}
	if err := eve.Command(t.Context(), "", "/procyon help"); err == nil {
		t.Error("a command works after the app was removed")
	}
}

func TestRotation(t *testing.T) {
	b := newBed(t, Options{App: App{Rotate: true}})
	a := b.App()
	refresh := func(token string) (*slack.OAuthV2Response, error) {
		return slack.RefreshOAuthV2TokenContext(t.Context(), b.client, a.ClientID, a.ClientSecret, token, slack.OAuthOptionAPIURL(b.url+"/api/"))
	}
	b.clock.add(12*time.Hour - time.Second)
	if _, err := b.api.AuthTestContext(t.Context()); err != nil {
		t.Error(err)
	}
	b.clock.add(time.Second)
	if _, err := b.api.AuthTestContext(t.Context()); err == nil || err.Error() != "token_expired" {
		t.Error(err)
	}
	next, err := refresh(b.in.RefreshToken)
	if err != nil || next.ExpiresIn != 12*60*60 || next.RefreshToken == b.in.RefreshToken {
		t.Fatalf("%+v %v", next, err)
	}
	if _, err := b.bot(next.AccessToken).AuthTestContext(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := refresh(b.in.RefreshToken); err == nil || err.Error() != "invalid_refresh_token" {
		t.Error(err)
	}
}

func TestLeaving(t *testing.T) {
	for _, revokedFirst := range []bool{true, false} {
		b := newBed(t, Options{})
		if err := b.Uninstall("", revokedFirst); err != nil {
			t.Fatal(err)
		}
		if err := b.Settle(soon(t)); err != nil {
			t.Fatal(err)
		}
		want := []string{"app_uninstalled", "tokens_revoked"}
		if revokedFirst {
			slices.Reverse(want)
		}
		if got := b.kinds(); !slices.Equal(got, want) {
			t.Error(got)
		}
		if _, err := b.api.AuthTestContext(t.Context()); err == nil || err.Error() != "account_inactive" {
			t.Error(err)
		}
		again := must[Installed](t)(b.Install(""))
		if again.Token == b.in.Token || again.BotUserID != b.in.BotUserID {
			t.Errorf("%+v", again)
		}
		if _, err := b.bot(again.Token).SendAuthRevokeContext(t.Context(), ""); err != nil {
			t.Error(err)
		}
		if _, err := b.bot(again.Token).AuthTestContext(t.Context()); err == nil || err.Error() != "token_revoked" {
			t.Error(err)
		}
		if err := b.Settle(soon(t)); err != nil {
			t.Fatal(err)
		}
		if h := b.last(); dig(h.body, "event", "tokens", "bot", 0) != b.in.BotUserID || dig(h.body, "event_id") == "" {
			t.Errorf("%v", h.body)
		}
	}
}
