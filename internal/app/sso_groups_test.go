package app_test

import (
	"maps"
	"slices"
	"testing"

	"procyon/access"
	"procyon/internal/app"
	"procyon/internal/app/apptest"
)

// groupNames are the groups in which a person is by claims, by name.
func groupNames(b *apptest.Bed, u access.User) []string {
	b.T.Helper()
	names := []string{}
	for _, m := range u.Groups {
		g, err := b.App.Access.Group(b.Ctx, m.GroupID)
		b.Must(err)
		if g.Source != access.SourceOIDC || m.Source != access.SourceOIDC || !u.Counts(m, b.App.Access.Now()) {
			b.T.Errorf("%+v of %+v", m, g)
		}
		names = append(names, g.Name)
	}
	slices.Sort(names)
	return names
}

// The groups of who signs in are those that the claim names, in the ID token or in the user
// information. What says nothing of groups, or nothing that can be read, changes nothing, and
// keeps nobody out.
func TestSSOGroups(t *testing.T) {
	b, p := ssoBed(t, func(c *app.Config) { c.OIDC.GroupsClaim, c.OIDC.Scopes = "groups", "groups" })
	dev := map[string]any{"email": "dev@example.com", "email_verified": true, "name": "Dev Developer"}
	with := func(of map[string]any, more map[string]any) map[string]any {
		all := maps.Clone(of)
		maps.Copy(all, more)
		return all
	}
	groups := func(of any) map[string]any { return map[string]any{"groups": of} }
	inToken := func(claims map[string]any) map[string]any { return map[string]any{"id_token": claims} }
	for _, c := range []struct {
		what   string
		claims map[string]any
		want   []string // groups after it
	}{
		{"nothing yet", inToken(dev), []string{}},
		{"a list in the ID token", inToken(with(dev, groups([]string{"dba", "ops"}))), []string{"dba", "ops"}},
		{"one text in the ID token", inToken(with(dev, groups("dba"))), []string{"dba"}},
		{"a list in the user information", with(with(dev, groups([]string{"on call"})), inToken(dev)), []string{"on call"}},
		{"all in the user information", with(dev, groups([]string{"dba", "ops"})), []string{"dba", "ops"}},
		{"the ID token before the user information", with(with(dev, groups([]string{"other"})), inToken(with(dev, groups("dba")))), []string{"dba"}},
		{"no claim", with(dev, inToken(dev)), []string{"dba"}},
		{"a map", inToken(with(dev, groups(map[string]bool{"ops": true}))), []string{"dba"}},
		{"a list with a number", with(dev, groups([]any{"ops", 7})), []string{"dba"}},
		{"a user information that fails", with(inToken(dev), map[string]any{"userinfo_fails": true}), []string{"dba"}},
		{"too many to be sent", inToken(with(dev, map[string]any{
			"_claim_names": map[string]string{"groups": "src1"}, "_claim_sources": map[string]any{"src1": map[string]string{"endpoint": "https://graph.example/groups"}},
		})), []string{"dba"}},
		{"an empty list", inToken(with(dev, groups([]string{}))), []string{}},
	} {
		p.says("s-dev", c.claims)
		web := newSurfer(t)
		page := web.signIn(web.Get(b.Config.Server.PublicURL+"/signin?next=%2Frequests"), "s-dev")
		if web.At.Path != "/requests" {
			t.Errorf("%s: the sign-in ends at %s: %s", c.what, web.At, page)
		}
		if got := groupNames(b, b.Person("dev@example.com")); !slices.Equal(got, c.want) {
			t.Errorf("%s: in %v, want %v", c.what, got, c.want)
		}
	}

	// Without an e-mail address nobody is known, and one is verified only together with itself.
	start := b.Config.Server.PublicURL + "/signin"
	p.says("s-new", map[string]any{"id_token": groups("dba"), "userinfo_fails": true})
	web := newSurfer(t)
	apptest.Wants(t, web.signIn(web.Get(start), "s-new"), "Single sign-on is not there")
	p.says("s-new", map[string]any{"email": "ada@example.com", "id_token": map[string]any{"email_verified": true}})
	web = newSurfer(t)
	apptest.Wants(t, web.signIn(web.Get(start), "s-new"), "does not say that your e-mail address is verified")
	p.says("s-new", map[string]any{"email": "ada@example.com", "email_verified": true, "id_token": map[string]any{"email": "eve@example.com", "email_verified": false}})
	web = newSurfer(t)
	web.signIn(web.Get(start), "s-new")
	if u := b.Person("ada@example.com"); u.Identity != nil {
		t.Errorf("an address of another source made somebody Ada: %+v", u.Identity)
	}
}
