package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

const linkPage = "/link/slack/abcDEF123-_"

func slackOffer(matches bool) object {
	return object{
		"workspace": object{"name": "Acme <b>"}, "slackUserId": "U42", "slackName": "grace <script>", "slackEmail": "grace@example.com",
		"emailMatches": matches, "expiresAt": "2026-11-23T12:10:00Z",
	}
}

func newLinkSite(t *testing.T, matches bool) *site {
	t.Helper()
	s := newSite(t).signedIn()
	s.api.person["user"] = object{"email": "grace@example.com"}
	s.api.fields["slackLinkOffer"] = slackOffer(matches)
	return s
}

// Who is signed in as somebody else than they are in Slack signs in anew, and comes back.
func TestLinkBySomebodyElse(t *testing.T) {
	s := newLinkSite(t, true)
	form := s.get(linkPage)
	form.want(t, http.StatusOK, "Sign in as somebody else")
	s.post("/signout", url.Values{"csrf": {sessionToken}, "next": {form.field(t, "next")}}).wantTo(t, "/signin?next="+url.QueryEscape(linkPage))
	s.post("/signin", credentials(s.get("/signin?next="+url.QueryEscape(linkPage)), t, adminPassword)).wantTo(t, linkPage)
	for _, next := range []string{"//evil.example", "https://evil.example/", "/signout"} {
		s.post("/signout", url.Values{"csrf": {sessionToken}, "next": {next}}).wantTo(t, "/signin")
		s.post("/signin", credentials(s.get("/signin"), t, adminPassword))
	}
}

func TestLinkSlackAsksFirst(t *testing.T) {
	s := newLinkSite(t, true)
	got := s.get(linkPage)
	got.want(t, http.StatusOK, "Link this Slack account?", "Acme <b>", "grace <script>", "U42", "Grace Hopper", "grace@example.com")
	got.wantNot(t, "addresses differ")
	if s.api.call("confirmSlackLink") != nil {
		t.Fatal("looking at the page links")
	}
	s.api.fields["result"] = object{"link": object{"status": "LINKED"}, "userErrors": []object{}}
	s.post(linkPage, url.Values{"csrf": {sessionToken}}).want(t, http.StatusOK, "Your Slack account is linked")
	if in := s.api.call("confirmSlackLink")["input"].(object); in["token"] != strings.TrimPrefix(linkPage, "/link/slack/") {
		t.Errorf("%v", in)
	}
}

func TestLinkSlackOfAnotherAddress(t *testing.T) {
	s := newLinkSite(t, false)
	s.get(linkPage).want(t, http.StatusOK, "The e-mail addresses differ")
	s.api.fields["result"] = object{"link": object{"status": "WAITING"}, "userErrors": []object{}}
	s.post(linkPage, url.Values{"csrf": {sessionToken}}).want(t, http.StatusOK, "An administrator has to agree")
}

func TestLinkSlackThatIsOver(t *testing.T) {
	s := newLinkSite(t, true)
	s.api.fields["slackLinkOffer"] = nil
	s.get(linkPage).want(t, http.StatusNotFound, "no longer good", "/procyon login")
	s.get("/link/slack/%3Cscript%3E").want(t, http.StatusNotFound, "no longer good")

	s = newLinkSite(t, true)
	s.api.fields["result"] = object{"link": object(nil), "userErrors": []object{{"code": "CONFLICT", "message": "This Slack account is linked to somebody else here."}}}
	s.post(linkPage, url.Values{"csrf": {sessionToken}}).want(t, http.StatusConflict, "linked to somebody else")
}

func TestLinkSlackNeedsASessionAndItsForm(t *testing.T) {
	s := newSite(t)
	s.get(linkPage).wantTo(t, "/signin?next="+url.QueryEscape(linkPage))
	s = newLinkSite(t, true)
	s.post(linkPage, url.Values{"csrf": {"guessed"}}).want(t, http.StatusForbidden, "out of date")
	if s.api.call("confirmSlackLink") != nil {
		t.Fatal("linked without the session's own form")
	}
}

// Somebody whose old Slack account is gone sees which it is, and replaces what they saw.
func TestLinkSlackInPlaceOfAnother(t *testing.T) {
	s := newLinkSite(t, false)
	offer := s.api.fields["slackLinkOffer"].(object)
	offer["slackEmail"] = nil
	offer["workspace"] = object{"name": "Acme <b>", "slackId": "T42", "domain": "acme.slack.com", "organization": false}
	old := linkOf("slk_old", "LINKED", "usr_grace")
	old["slackUserId"], old["slackName"] = "UOLD", "grace the elder"
	offer["replaces"] = old
	got := s.get(linkPage)
	got.want(t, http.StatusOK, "In place of", "grace the elder", "UOLD", "Replace it by this account", "acme.slack.com", "T42", "Slack told no e-mail address", "users:read.email")
	got.wantNot(t, "The e-mail addresses differ")
	if !strings.Contains(got.body, `name="replaces" value="slk_old"`) {
		t.Error("the form does not name the link that it replaces")
	}
	for _, seen := range []string{"", "slk_another"} {
		s.post(linkPage, url.Values{"csrf": {sessionToken}, "replaces": {seen}}).want(t, http.StatusConflict, "has changed since you opened this page", "Link this Slack account?")
	}
	if s.api.call("confirmSlackLink") != nil {
		t.Fatal("replaced what was not seen")
	}
	s.api.fields["result"] = object{"link": object{"status": "WAITING"}, "userErrors": []object{}}
	s.post(linkPage, url.Values{"csrf": {sessionToken}, "replaces": {"slk_old"}}).want(t, http.StatusOK, "An administrator has to agree", "/procyon logout")
	if in := s.api.call("confirmSlackLink")["input"].(object); in["replacesLinkId"] != "slk_old" {
		t.Errorf("%v", in)
	}
}
