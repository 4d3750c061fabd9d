package slacksim

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"testing"
	"time"
)

// TestOfficialInstaller has Slack's own library install an app by the pages: in a
// workspace, for an organisation, and with tokens that rotate.
func TestOfficialInstaller(t *testing.T) {
	if testing.Short() {
		t.Skip("needs Node and npm")
	}
	b := &bolt{bed: newBed(t, Options{Now: time.Now, Enterprise: "E0ACME"}), lines: make(chan routed, 10)}
	if _, err := b.AddChannel("", "alerts", false); err != nil {
		t.Fatal(err)
	}
	b.start("install.mjs")
	base := fmt.Sprintf("http://127.0.0.1:%v", b.expect("ready", nil)["port"])
	a := b.App()
	a.RedirectURLs, a.Rotate = []string{base + "/oauth"}, true
	b.SetApp(a)
	jar := must[*cookiejar.Jar](t)(cookiejar.New(nil))
	visitor := &http.Client{Jar: jar, Transport: &http.Transport{DisableKeepAlives: true}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	get := func(url string) (string, string) {
		t.Helper()
		resp, err := visitor.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		body, _ := io.ReadAll(resp.Body)
		return resp.Header.Get("Location"), string(body)
	}
	for _, organisation := range []bool{false, true} {
		page, _ := get(base + "/install")
		to := must[string](t)(b.As("ada").Allow(page, Grant{Channel: "alerts", Organisation: organisation}))
		get(to)
		in := b.expect("stored", nil)["installation"]
		if dig(in, "user", "id") != "U0ADA" || dig(in, "enterprise", "id") != "E0ACME" || dig(in, "appId") != "A0PROCYON" || (dig(in, "team", "id") == nil) != organisation ||
			dig(in, "isEnterpriseInstall") != organisation || dig(in, "incomingWebhook", "channel") != "#alerts" || dig(in, "bot", "refreshToken") == nil {
			t.Errorf("%v", in)
		}
		where := "?team=T0SIMULATED"
		if organisation {
			where = "?enterprise=E0ACME"
		}
		_, said := get(base + "/authorize" + where)
		var got struct{ Token string }
		if err := json.Unmarshal([]byte(said), &got); err != nil || got.Token != dig(in, "bot", "token") {
			t.Errorf("%s %v", said, err)
		}
	}
	page, _ := get(base + "/install")
	get(must[string](t)(b.As("ada").Refuse(page)))
	b.expect("failed", routed{"code": "slack_oauth_installer_authorization_error"})
	b.clean()
}
