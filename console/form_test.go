package console_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func accepted(status string) object {
	return object{"accessRequest": object{"id": requestID, "status": status}, "userErrors": []object{}}
}

func refused(code, message string, field ...string) object {
	e := object{"code": code, "message": message}
	if field != nil {
		e["field"] = field
	}
	return object{"accessRequest": object(nil), "userErrors": []object{e}}
}

func TestApprove(t *testing.T) {
	s := newSite(t).signedIn()
	s.api.fields["result"] = accepted("APPROVED")
	form, shown := review("APPROVE"), s.get(page)
	form.Set("version", shown.field(t, "version"))
	form.Set("subject", shown.field(t, "subject"))
	form.Set("key", shown.field(t, "key"))
	form.Set("comment", "  Fine.\r\nBe careful. ")
	form.Set("duration", "PT1H")
	s.post(page+"/review", form).wantTo(t, page)
	want := object{
		"requestId": requestID, "expectedVersion": 3, "subject": "REQUEST", "idempotencyKey": shown.field(t, "key"),
		"decision": "APPROVE", "comment": "Fine.\nBe careful.", "duration": "PT1H",
	}
	if got := s.api.call("reviewAccessRequest")["input"].(object); !maps.Equal(got, want) {
		t.Errorf("input %v, want %v", got, want)
	}
	s.get(page).want(t, http.StatusOK, "You approved this request.")
	s.get(page).wantNot(t, "You approved this request.")
}

func TestDenyIgnoresDuration(t *testing.T) {
	s := newSite(t).signedIn()
	s.api.fields["result"] = accepted("DENIED")
	form := review("DENY")
	form.Set("duration", "PT1H")
	form.Set("comment", "Not now.")
	s.post(page+"/review", form).wantTo(t, page)
	want := object{
		"requestId": requestID, "expectedVersion": 3, "subject": "REQUEST", "idempotencyKey": "key-1", "decision": "DENY", "comment": "Not now.",
	}
	if got := s.api.call("reviewAccessRequest")["input"].(object); !maps.Equal(got, want) {
		t.Errorf("input %v, want %v", got, want)
	}
	s.get(page).want(t, http.StatusOK, "You denied this request.")
}

func TestOtherForms(t *testing.T) {
	for _, c := range []struct {
		path, field, notice string
		form                url.Values
		input               object
	}{
		{"cancel", "cancelAccessRequest", "You canceled this request.", nil, object{"requestId": requestID, "idempotencyKey": "key-1"}},
		{"close", "closeAccessRequest", "You closed this access.", nil, object{"requestId": requestID, "idempotencyKey": "key-1"}},
		{
			"revoke", "revokeAccessRequest", "You revoked this access.", url.Values{"reason": {"Left the team."}, "version": {"3"}},
			object{"requestId": requestID, "reason": "Left the team.", "expectedVersion": 3, "idempotencyKey": "key-1"},
		},
	} {
		t.Run(c.path, func(t *testing.T) {
			s := newSite(t).signedIn()
			s.api.fields["result"] = accepted("CANCELED")
			form := url.Values{"csrf": {sessionToken}, "key": {"key-1"}}
			maps.Copy(form, c.form)
			s.post(page+"/"+c.path, form).wantTo(t, page)
			if got := s.api.call(c.field)["input"].(object); !maps.Equal(got, c.input) {
				t.Errorf("input %v, want %v", got, c.input)
			}
			s.get(page).want(t, http.StatusOK, c.notice)
		})
	}
}

// A refused form comes back with what was typed, and says at the field and on top
// what was wrong.
func TestRefusedFormKeepsWhatWasTyped(t *testing.T) {
	s := newSite(t).signedIn()
	s.api.fields["result"] = refused("INVALID", "An approver may only shorten the duration.", "input", "duration")
	form := review("APPROVE")
	form.Set("comment", "My <b>careful</b> words")
	form.Set("duration", "PT2H")
	a := s.post(page+"/review", form)
	a.want(t, http.StatusUnprocessableEntity, "Nothing was changed", "An approver may only shorten the duration.")
	for _, part := range []string{
		"<title>Error: Pending", `role="alert" tabindex="-1" autofocus`, `<a href="#review-duration">`, `id="review-duration-wrong"`,
		`aria-describedby="review-duration-hint review-duration-wrong" aria-invalid="true"`, `<option value="PT2H" selected>`,
		`My &lt;b&gt;careful&lt;/b&gt; words</textarea>`,
	} {
		if !strings.Contains(a.body, part) {
			t.Errorf("page lacks %s", part)
		}
	}
	form.Set("duration", "later")
	s.post(page+"/review", form).want(t, http.StatusUnprocessableEntity, "Choose one of the durations.")
	s.post(page+"/review", review("MAYBE")).want(t, http.StatusUnprocessableEntity, "Press Approve or Deny.")
}

func TestRefusedRevocation(t *testing.T) {
	s := newSite(t).signedIn()
	r := pendingRequest()
	r["status"], r["viewerCanReview"] = "ACTIVE", false
	r["grant"] = object{"startsAt": "2026-11-23T11:00:00Z", "expiresAt": "2026-11-23T13:00:00Z"}
	s.api.fields["accessRequest"] = r
	s.api.fields["result"] = refused("INVALID", "Give at least 1 character(s).", "input", "reason")
	a := s.post(page+"/revoke", url.Values{"csrf": {sessionToken}, "version": {"3"}, "key": {"key-1"}})
	a.want(t, http.StatusUnprocessableEntity, "Give at least 1 character(s).")
	if !strings.Contains(a.body, `aria-describedby="revoke-reason-hint revoke-reason-wrong" aria-invalid="true"`) {
		t.Error("the field does not say that it is wrong")
	}
}

func TestHiddenRequestCannotBeChanged(t *testing.T) {
	s := newSite(t).signedIn()
	s.api.fields["result"] = refused("NOT_FOUND", "There is no such request.", "input", "requestId")
	s.post(page+"/cancel", url.Values{"csrf": {sessionToken}, "key": {"key-1"}}).want(t, http.StatusNotFound, "or you may not see it")
	s.api.fields["accessRequest"] = object(nil)
	s.post(page+"/review", review("APPROVE")).want(t, http.StatusNotFound)
	s.post("/requests/a.b/cancel", url.Values{"csrf": {sessionToken}}).want(t, http.StatusNotFound)
}

// Who reloads the address that a form was sent to gets the page of the request.
func TestFormAddressLeadsBack(t *testing.T) {
	s := newSite(t).signedIn()
	s.get(page+"/review").wantTo(t, page)
	s.get("/requests/a.b/review").want(t, http.StatusNotFound)
}
