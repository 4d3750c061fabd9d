package console_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"procyon/console"
)

const page = "/requests/" + requestID

func TestRequestPageSaysEverything(t *testing.T) {
	a := newSite(t).signedIn().get(page)
	a.want(t, http.StatusOK,
		"Access for Ada Lovelace", "Pending", "It times out 24 Nov 2026, 10:39 UTC (in 22 hours).",
		"billing-db role read-only Database, account prod-payments", "bastion-eu Private server (SSH), gateway eu-gateway",
		"Customer 4711 was charged twice.", "PAY-1234", "Asked for4 hours", "As soon as it is approved",
		"Ada Lovelace asked for access from Slack, through slackbot", "23 Nov 2026, 10:39:00 UTC",
		"Linked channels: payments-oncall, gateway-alerts.",
		"Requested to payments-oncall 1 attempt, delivered 23 Nov 2026, 10:39:01 UTC",
		"Requested to gateway-alerts 3 attempts, next try 23 Nov 2026, 10:41:00 UTC Last error: the other side answered 503",
		"Approve", "Deny", "Signed in as Grace Hopper")
	a.wantNot(t, "No channel is linked", "Revoke", "Cancel this request", "Close this access")
	for _, part := range []string{
		`<html lang="en">`, `<title>Pending: access for Ada Lovelace – Procyon</title>`, `<main id="main"`, `<time datetime="2026-11-24T10:39:00Z">`,
		`<label for="review-comment">`, `<label for="review-duration">`, `<option value="PT2H">2 hours</option>`,
	} {
		if !strings.Contains(a.body, part) {
			t.Errorf("page lacks %s", part)
		}
	}
	if strings.Contains(a.body, `value="PT4H"`) || strings.Contains(a.body, `value="PT8H"`) {
		t.Error("offers a duration that is not shorter")
	}
}

func TestDecidedRequestSaysWhoDecided(t *testing.T) {
	s := newSite(t).signedIn()
	r := pendingRequest()
	grace := user("usr_grace", "Grace Hopper")
	r["status"], r["viewerCanReview"] = "ACTIVE", false
	r["grant"] = object{"startsAt": "2026-11-23T11:00:00Z", "expiresAt": "2026-11-23T13:00:00Z"}
	r["reviews"] = []object{{"reviewer": grace, "decision": "APPROVE", "comment": "Read only, please.", "duration": "PT2H", "at": "2026-11-23T11:00:00Z"}}
	r["timeline"] = list(
		object{"at": "2026-11-23T11:00:00Z", "type": "APPROVED", "actor": grace, "data": object{
			"review": object{"comment": "Read only, please.", "duration": 7200}, "grant": object{"startsAt": "2026-11-23T11:00:00Z", "expiresAt": "2026-11-23T13:00:00Z"},
		}},
		object{"at": "2026-11-23T11:00:00Z", "type": "ACTIVATED", "actor": object{"userId": nil, "kind": "SYSTEM", "name": "system", "via": "system"}, "data": object{}},
		object{"at": "2026-11-23T11:00:00Z", "type": "SOMETHING_NEW", "actor": grace, "data": "what?"},
	)
	s.api.fields["accessRequest"] = r
	a := s.get(page)
	a.want(t, http.StatusOK, "Active", "In force. It ends 23 Nov 2026, 13:00 UTC (in 60 minutes)", "Approved by Grace Hopper, shortened to 2 hours",
		"Grace Hopper approved the request, shortened to 2 hours, in force until 23 Nov 2026, 13:00 UTC", "Read only, please.",
		"The access came into force", "SOMETHING_NEW", "Revoke this access")
	a.wantNot(t, "Approve ", "Deny")
}

func TestUnheardRequestWarns(t *testing.T) {
	s := newSite(t).signedIn()
	r := pendingRequest()
	r["notificationRoutes"] = []object{}
	s.api.fields["accessRequest"] = r
	s.get(page).want(t, http.StatusOK, "No channel is linked to these resources any more")
	r["deliveries"] = list()
	s.get(page).want(t, http.StatusOK, "No channel is linked to these resources: nobody was notified.", "Nothing was sent.")
}

func TestRequesterSeesOwnButtons(t *testing.T) {
	s := newSite(t).signedIn()
	s.api.person = object{"userId": "usr_ada", "name": "Ada Lovelace", "role": "ADMIN"}
	r := pendingRequest()
	r["viewerCanReview"] = false
	s.api.fields["accessRequest"] = r
	a := s.get(page)
	a.want(t, http.StatusOK, "Cancel this request", "you can't decide about your own request")
	a.wantNot(t, "Approve")
	r["status"], r["grant"] = "ACTIVE", object{"startsAt": "2026-11-23T11:00:00Z", "expiresAt": "2026-11-23T15:00:00Z"}
	a = s.get(page)
	a.want(t, http.StatusOK, "Close this access")
	a.wantNot(t, "Revoke this access")
}

func TestExtensionIsDecided(t *testing.T) {
	s := newSite(t).signedIn()
	r := pendingRequest()
	r["status"], r["grant"] = "ACTIVE", object{"startsAt": "2026-11-23T11:00:00Z", "expiresAt": "2026-11-23T15:00:00Z"}
	r["extension"] = object{"duration": "PT1H", "reason": "Not done yet.", "requestedAt": "2026-11-23T11:50:00Z", "expiresAt": "2026-11-23T16:00:00Z"}
	s.api.fields["accessRequest"] = r
	a := s.get(page)
	if got := a.field(t, "subject"); got != "EXTENSION" {
		t.Errorf("the form is about %s", got)
	}
	a.want(t, http.StatusOK, "Decide about the extension", "1 hour longer, until 23 Nov 2026, 16:00 UTC", "Not done yet.", "1 hour, as asked")
	if strings.Contains(a.body, `value="PT2H"`) {
		t.Error("offers more than the extension asked for")
	}
	s.api.fields["result"] = object{"accessRequest": object{"id": requestID, "status": "ACTIVE", "extension": nil}, "userErrors": []object{}}
	form := review("APPROVE")
	form.Set("subject", a.field(t, "subject"))
	s.post(page+"/review", form).wantTo(t, page)
	if got := s.api.call("reviewAccessRequest")["input"].(object)["subject"]; got != "EXTENSION" {
		t.Errorf("the review is about %v", got)
	}
	s.get(page).want(t, http.StatusOK, "You approved the extension.")
}

// What is absent, what may not be seen and what can't be an ID look the same.
func TestAbsentLooksLikeHidden(t *testing.T) {
	s := newSite(t).signedIn()
	s.api.fields["accessRequest"] = object(nil)
	absent := s.get(page)
	absent.want(t, http.StatusNotFound, "does not exist, or you may not see it")
	if strange := s.get("/requests/%3Cscript%3E"); strange.StatusCode != http.StatusNotFound || strange.body != absent.body {
		t.Errorf("an impossible ID looks different: %d", strange.StatusCode)
	}
	s.api.errs["accessRequest"] = &console.Error{Code: console.CodeNotFound, Message: "hidden"}
	if hidden := s.get(page); hidden.StatusCode != http.StatusNotFound || hidden.body != absent.body {
		t.Error("a hidden request looks different")
	}
	if nowhere := s.get("/no/such/page"); nowhere.StatusCode != http.StatusNotFound || nowhere.body != absent.body {
		t.Error("an unknown path looks different")
	}
}

func TestAChangeThatMayHaveBeenMadeSaysSo(t *testing.T) {
	s := newSite(t).signedIn()
	s.api.errs["cancelAccessRequest"] = &console.Error{Code: console.CodeUnknownOutcome, Message: "Something failed."}
	a := s.post(page+"/cancel", url.Values{"csrf": {sessionToken}, "key": {"key-1"}})
	a.want(t, http.StatusInternalServerError, "This may have been done", "it does nothing twice")
}

// Whoever has an error's code finds what it means, signed in or not.
func TestErrorCodesAreExplained(t *testing.T) {
	a := newSite(t).get("/errors")
	a.want(t, http.StatusOK, "Error codes", "UNKNOWN_OUTCOME", "Ask again with the same idempotencyKey: nothing is done twice.")
	if !strings.Contains(a.body, `id="UNKNOWN_OUTCOME"`) || !strings.Contains(a.body, "<code>idempotencyKey</code>") {
		t.Error("the code can't be linked to, or its words are not marked")
	}
}

func TestFailuresTellNoDetail(t *testing.T) {
	s := newSite(t).signedIn()
	s.api.errs["accessRequest"] = errors.New("dial tcp: secret detail")
	a := s.get(page)
	a.want(t, http.StatusInternalServerError, "Something went wrong here")
	a.wantNot(t, "secret detail")
	delete(s.api.errs, "accessRequest")
	s.auth.session = errors.New("store is away: secret detail")
	a = s.get(page)
	a.want(t, http.StatusInternalServerError, "Something went wrong here")
	a.wantNot(t, "secret detail")
}

func TestHomeAndList(t *testing.T) {
	s := newSite(t).signedIn()
	a := s.get("/")
	a.want(t, http.StatusOK, "Waiting for your decision", "billing-db (read-only) and 1 more item", "Ada Lovelace ada@example.com, for 4 hours, to be decided by 24 Nov 2026, 10:39 UTC", "You have not asked for access yet.")
	if !strings.Contains(a.body, `href="`+page+`"`) {
		t.Error("home does not link the request")
	}
	if got := s.api.call("accessRequests")["filter"]; got.(object)["requesterId"] != "usr_grace" {
		t.Errorf("home asks for %v", got)
	}
	s.api.fields["accessRequests"] = object{"nodes": []object{pendingRequest()}, "pageInfo": object{
		"hasNextPage": true, "hasPreviousPage": true, "startCursor": "first+/", "endCursor": "last",
	}}
	a = s.get("/requests?show=mine&status=PENDING&after=here")
	a.want(t, http.StatusOK, "Older", "Newer")
	for _, part := range []string{"after=last&amp;show=mine&amp;status=PENDING", "before=first%2B%2F&amp;", `<option value="PENDING" selected>`, `aria-label="Requests, newest first"`} {
		if !strings.Contains(a.body, part) {
			t.Errorf("list lacks %s", part)
		}
	}
	call := s.api.call("accessRequests")
	if call["after"] != "here" || call["orderBy"] != nil || call["filter"].(object)["requesterId"] != "usr_grace" {
		t.Errorf("list asks for %v", call)
	}
	for _, code := range []string{console.CodeCursorMismatch, console.CodeCursorExpired, console.CodeJournalChanged} {
		s.api.errs["accessRequests"] = &console.Error{Code: code, Message: "after is not a cursor that this list has given out."}
		s.get("/requests?after=x").want(t, http.StatusBadRequest, "Begin at the list's start", "Go to the list's start")
	}
}
