package console_test

import (
	"net/http"
	"strings"
	"testing"
)

// extensionRequest is pendingRequest in force, with an extension that waits.
func extensionRequest() object {
	r := pendingRequest()
	r["status"], r["grantedDuration"] = "ACTIVE", "PT4H"
	r["grant"] = object{"startsAt": "2026-11-23T11:00:00Z", "expiresAt": "2026-11-23T15:00:00Z"}
	r["extension"] = object{"duration": "PT1H", "reason": "Not done yet.", "requestedAt": "2026-11-23T11:50:00Z", "expiresAt": "2026-11-23T16:00:00Z"}
	return r
}

// panel is what the panel beside the buttons says.
func (a answer) panel(t testing.TB) string {
	t.Helper()
	_, rest, ok := strings.Cut(a.body, `<div class="proposal" id="proposal">`)
	panel, _, end := strings.Cut(rest, "</div>")
	if !ok || !end {
		t.Fatal("no panel")
	}
	return answer{a.Response, "</head>" + panel}.text()
}

// The panel repeats who would get what, for how long and until when; it is
// 23 November, 12:00.
func TestPanelRepeatsWhatIsDecided(t *testing.T) {
	const (
		who   = "Ada Lovelace ada@example.com would "
		items = "billing-db role read-only Database, account prod-payments bastion-eu Private server (SSH), gateway eu-gateway "
	)
	starting := func(at string) object {
		r := pendingRequest()
		r["startsAt"], r["requestedDuration"] = at, "PT2H"
		return r
	}
	for _, c := range []struct {
		name    string
		request object
		want    string
	}{
		{"at once", pendingRequest(), "get " + items + "for 4 hours, until about 23 Nov 2026, 16:00 UTC if it is approved now."},
		{
			"start ahead", starting("2026-11-24T08:00:00Z"), "get " + items + "for 2 hours, from 24 Nov 2026, 08:00 UTC to 24 Nov 2026, 10:00 UTC. " +
				"If it is approved after that start, the window moves: it begins with the approval and lasts 2 hours.",
		},
		{
			"start passed", starting("2026-11-23T11:59:00Z"), "get " + items + "for 2 hours, from 23 Nov 2026, 11:59 UTC on. " +
				"⚠ The start that was asked for has passed: the access would begin at the approval and last 2 hours.",
		},
		{"extension", extensionRequest(), "keep " + items + "for 1 hour longer, until 23 Nov 2026, 16:00 UTC instead of 23 Nov 2026, 15:00 UTC."},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSite(t).signedIn()
			s.api.fields["accessRequest"] = c.request
			a := s.get(page)
			if got := strings.TrimSpace(a.panel(t)); got != who+c.want {
				t.Errorf("panel %q,\n want %q", got, who+c.want)
			}
			if n := strings.Count(a.body, `aria-describedby="proposal"`); n != 2 {
				t.Errorf("%d buttons are described by the panel", n)
			}
		})
	}
}

// Items have the names of now, and those of then beside them; what can't be given any
// more says why, in words.
func TestItemsSayWhatBecameOfThem(t *testing.T) {
	s := newSite(t).signedIn()
	r := pendingRequest()
	items := r["items"].([]object)
	items[0]["resourceNameWas"], items[0]["accountNameWas"] = "ledger-db", "payments"
	items[1]["gatewayNameWas"], items[1]["unavailable"] = "old-gateway", "The resource bastion-eu was deleted."
	s.api.fields["accessRequest"] = r
	a := s.get(page)
	want := "billing-db (was ledger-db) role read-only Database, account prod-payments (was payments) " +
		"bastion-eu Private server (SSH), gateway eu-gateway (was old-gateway) ⚠ Can't be given any more: The resource bastion-eu was deleted."
	a.want(t, http.StatusOK, "What is asked for "+want)
	if got := a.panel(t); !strings.Contains(got, want) {
		t.Errorf("panel %q", got)
	}
	s.api.fields["accessRequest"] = pendingRequest()
	s.get(page).wantNot(t, "(was", "given any more")
}

func TestBothDurationsAreShown(t *testing.T) {
	s := newSite(t).signedIn()
	s.get(page).wantNot(t, "Granted")
	r := extensionRequest()
	delete(r, "extension")
	r["viewerCanReview"], r["grantedDuration"] = false, "PT2H"
	s.api.fields["accessRequest"] = r
	a := s.get(page)
	a.want(t, http.StatusOK, "Asked for4 hours", "Granted2 hours 23 Nov 2026, 11:00 UTC to 23 Nov 2026, 15:00 UTC")
	a.wantNot(t, "with extensions")
	r["grantedDuration"] = "PT5H"
	s.get(page).want(t, http.StatusOK, "Asked for4 hours", "Granted5 hours with extensions")
}

// Lists, too, say both where what was granted is another length than what was asked for.
func TestListsShowBothDurations(t *testing.T) {
	s := newSite(t).signedIn()
	r := pendingRequest()
	s.api.fields["accessRequests"] = list(r)
	s.get("/requests").want(t, http.StatusOK, "Ada Lovelace, for 4 hours, asked")
	r["status"], r["grantedDuration"] = "ACTIVE", "PT2H"
	s.get("/requests").want(t, http.StatusOK, "Ada Lovelace, 4 hours asked, 2 hours granted, asked")
}

// The form offers what is allowed: no longer time, and texts of the right length.
func TestFormsOfferWhatIsAllowed(t *testing.T) {
	s := newSite(t).signedIn()
	a := s.get(page)
	a.want(t, http.StatusOK, "4 hours, as asked")
	a.wantNot(t, "by now")
	s.api.fields["limits"] = object{"maxDuration": "PT2H30M", "minReasonLength": 10, "maxReasonLength": 500}
	a = s.get(page)
	a.want(t, http.StatusOK, "At most 2 hours 30 minutes is allowed by now, so shorten it", "2 hours 30 minutes 2 hours 1 hour", "A denial needs one, of at least 10 characters.")
	a.wantNot(t, "as asked", "3 hours")
	if !strings.Contains(a.body, `name="comment" rows="3" maxlength="500"`) {
		t.Error("the comment may be longer than is allowed")
	}
	r := extensionRequest()
	r["viewerCanReview"] = false
	delete(r, "extension")
	s.api.fields["accessRequest"] = r
	if a = s.get(page); !strings.Contains(a.body, `required minlength="10" maxlength="500"`) {
		t.Error("the reason of a revocation may be of any length")
	}
}

func TestTwoRenderingsHaveDifferentKeys(t *testing.T) {
	s := newSite(t).signedIn()
	first, second := s.get(page).field(t, "key"), s.get(page).field(t, "key")
	if first == second || len(first) < 20 || len(first) > 80 {
		t.Errorf("keys %q, %q", first, second)
	}
	r := extensionRequest()
	s.api.fields["accessRequest"] = r
	a := s.get(page)
	if n := strings.Count(a.body, `name="key" value="`); n != 2 {
		t.Errorf("%d forms of 2 have a key", n)
	}
	if n := strings.Count(a.body, `name="version" value="3"`); n != 2 {
		t.Errorf("%d forms of 2 have the version", n)
	}
	r["viewerCanReview"] = false
	s.api.person["userId"] = "usr_ada"
	for _, status := range []string{"PENDING", "ACTIVE"} { // to cancel, to close
		r["status"] = status
		if key := s.get(page).field(t, "key"); key == "" {
			t.Errorf("%s: no key", status)
		}
	}
}

// A form that does not say what its page showed changes nothing, whatever it is about.
func TestFormWithoutBasisIsRefused(t *testing.T) {
	s := newSite(t).signedIn()
	s.api.fields["result"] = accepted("APPROVED")
	try := func(path, field string, values ...string) {
		t.Helper()
		form := review("APPROVE")
		form.Set("comment", "My words.")
		form[field] = values
		s.post(page+path, form).want(t, http.StatusUnprocessableEntity, "Nothing was changed", "The form did not say what you had before you.")
	}
	for _, version := range []string{"", "0", "-1", "+3", "3.0", "three", " 3", "3 ", "0x3", "4294967299", "99999999999999999999"} {
		try("/review", "version", version)
		try("/revoke", "version", version)
	}
	for _, subject := range []string{"", "request", "EXTENSION ", "BOTH"} {
		try("/review", "subject", subject)
	}
	for _, path := range []string{"/review", "/cancel", "/close", "/revoke"} {
		for _, key := range []string{"", "   ", "a b", strings.Repeat("k", 81)} {
			try(path, "key", key)
		}
		try(path, "key")
	}
	try("/review", "version")
	try("/review", "subject")
	for _, field := range []string{"reviewAccessRequest", "cancelAccessRequest", "closeAccessRequest", "revokeAccessRequest"} {
		if s.api.call(field) != nil {
			t.Errorf("%s ran", field)
		}
	}
	form := review("APPROVE")
	form.Del("version")
	form.Set("comment", "My words.")
	a := s.post(page+"/review", form)
	if !strings.Contains(a.body, "My words.</textarea>") {
		t.Error("what was typed is lost")
	}
}

// The requester changed the request while its page was open: the page says what
// changed, keeps what was typed, and its form decides on what is shown now.
func TestConflictShowsWhatIsAskedForNow(t *testing.T) {
	s := newSite(t).signedIn()
	const message = "Nothing was decided: Ada Lovelace changed this request just now, after you saw it: duration: 4 hours → 8 hours. <b>Look</b> at it, then decide."
	s.api.fields["result"] = refused("CONFLICT", message, "input", "expectedVersion")
	r := pendingRequest()
	r["version"], r["requestedDuration"] = 4, "PT8H"
	s.api.fields["accessRequest"] = r
	form := review("APPROVE")
	form.Set("comment", "Fine <i>by me</i>.")
	form.Set("duration", "PT1H")
	a := s.post(page+"/review", form)
	a.want(t, http.StatusUnprocessableEntity, "Nothing was changed", message, "for 8 hours")
	for _, part := range []string{`Fine &lt;i&gt;by me&lt;/i&gt;.</textarea>`, `<option value="PT1H" selected>`, "&lt;b&gt;Look&lt;/b&gt;"} {
		if !strings.Contains(a.body, part) {
			t.Errorf("page lacks %s", part)
		}
	}
	a.wantNot(t, "you can copy it here")
	if strings.Contains(a.body, `href="#review-`) {
		t.Error("the message leads to a field")
	}
	if got := a.field(t, "version"); got != "4" {
		t.Errorf("the form is of version %s", got)
	}
	if got := a.field(t, "key"); got == form.Get("key") {
		t.Error("the form has the old key")
	}
	s.api.fields["result"] = accepted("APPROVED")
	form.Set("version", a.field(t, "version"))
	form.Set("key", a.field(t, "key"))
	s.post(page+"/review", form).wantTo(t, page)
	if got := s.api.call("reviewAccessRequest")["input"].(object)["expectedVersion"]; got != 4 {
		t.Errorf("version %v was sent", got)
	}
}

// Who comes second hears who decided, and can copy what they wrote.
func TestSecondClickHearsWhoDecided(t *testing.T) {
	s := newSite(t).signedIn()
	r := pendingRequest()
	r["status"], r["viewerCanReview"] = "DENIED", false
	s.api.fields["accessRequest"] = r
	s.api.fields["result"] = refused("CONFLICT", "This request was already denied by Joan Clarke; it can't be reviewed.", "input", "requestId")
	form := review("APPROVE")
	form.Set("comment", "A long <b>thought</b>.")
	a := s.post(page+"/review", form)
	a.want(t, http.StatusUnprocessableEntity, "Nothing was changed", "already denied by Joan Clarke", "What you wrote was not sent; you can copy it here")
	if !strings.Contains(a.body, `<textarea id="unsent" rows="3" readonly>A long &lt;b&gt;thought&lt;/b&gt;.</textarea>`) {
		t.Error("what was typed can't be copied")
	}
	a.wantNot(t, "Approve")
	s.post(page+"/review", review("APPROVE")).wantNot(t, "you can copy it here")
}

// A comment on the request is not put under the extension that waits by now.
func TestCommentStaysWithItsSubject(t *testing.T) {
	s := newSite(t).signedIn()
	s.api.fields["accessRequest"] = extensionRequest()
	s.api.fields["result"] = refused("CONFLICT", "This request was already approved by Joan Clarke and is in force; it can't be reviewed.", "input", "requestId")
	form := review("APPROVE")
	form.Set("comment", "Only once.")
	a := s.post(page+"/review", form)
	a.want(t, http.StatusUnprocessableEntity, "already approved by Joan Clarke", "you can copy it here")
	if n := strings.Count(a.body, "Only once.</textarea>"); n != 1 || !strings.Contains(a.body, "readonly>Only once.") {
		t.Errorf("the comment is shown %d times", n)
	}
}

// An approval may find that something is gone: then the request has ended, and the
// page does not claim that nothing was changed.
func TestApprovalThatEndsTheRequest(t *testing.T) {
	s := newSite(t).signedIn()
	r := pendingRequest()
	r["status"], r["viewerCanReview"], r["outcome"] = "CANCELED", false, "The resource billing-db was deleted."
	s.api.fields["accessRequest"] = r
	s.api.fields["result"] = refused("CONFLICT", "This request has ended instead. The resource billing-db was deleted.", "input", "requestId")
	a := s.post(page+"/review", review("APPROVE"))
	a.want(t, http.StatusUnprocessableEntity, "Nothing was decided", "This request has ended instead.", "OutcomeThe resource billing-db was deleted.")
	a.wantNot(t, "Nothing was changed")
}

// A key that was used for another decision is nothing that a person knows of.
func TestUsedKeyIsExplained(t *testing.T) {
	s := newSite(t).signedIn()
	s.api.fields["result"] = refused("CONFLICT", "This idempotency key was used for something else already.", "input", "idempotencyKey")
	a := s.post(page+"/review", review("APPROVE"))
	a.want(t, http.StatusUnprocessableEntity, "This form was sent before, with something else in it")
	a.wantNot(t, "idempotency")
}

func TestDenialNeedsReason(t *testing.T) {
	s := newSite(t).signedIn()
	a := s.get(page)
	a.want(t, http.StatusOK, "Reason or comment", "A denial needs one.")
	s.api.fields["result"] = refused("INVALID", "Say why, in at least 1 character.", "input", "comment")
	a = s.post(page+"/review", review("DENY"))
	a.want(t, http.StatusUnprocessableEntity, "Nothing was changed", "Say why, in at least 1 character.")
	for _, part := range []string{
		`<a href="#review-comment">Say why`, `<p class="error" id="review-comment-wrong">Say why`,
		`aria-describedby="review-comment-hint review-comment-wrong" aria-invalid="true"`,
	} {
		if !strings.Contains(a.body, part) {
			t.Errorf("page lacks %s", part)
		}
	}
}
