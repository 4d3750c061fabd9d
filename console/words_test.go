package console_test

import (
	"net/http"
	"strings"
	"testing"
)

// Every status, event and kind of the schema has words of its own: none is shown
// as the API spells it.
func TestEveryEnumValueHasWords(t *testing.T) {
	s := newSite(t).signedIn()
	r := pendingRequest()
	r["viewerCanReview"] = false
	r["grant"] = object{"startsAt": "2026-11-23T11:00:00Z", "expiresAt": "2026-11-23T13:00:00Z"}
	s.api.fields["accessRequest"] = r
	show := func(value string) {
		t.Helper()
		a := s.get(page)
		a.want(t, http.StatusOK)
		if strings.Contains(a.body, value) {
			t.Errorf("%s is shown as it is", value)
		}
	}
	for _, v := range s.api.schema.Types["AccessRequestStatus"].EnumValues {
		r["status"] = v.Name
		show(v.Name)
	}
	for _, v := range s.api.schema.Types["RequestEventType"].EnumValues {
		r["timeline"].(object)["nodes"].([]object)[0]["type"] = v.Name
		r["deliveries"].(object)["nodes"].([]object)[0]["eventType"] = v.Name
		show(v.Name)
	}
	for _, v := range s.api.schema.Types["ResourceKind"].EnumValues {
		r["items"].([]object)[0]["resourceKind"] = v.Name
		show(v.Name)
	}
	for _, v := range s.api.schema.Types["DeliveryStatus"].EnumValues {
		r["deliveries"].(object)["nodes"].([]object)[0]["status"] = v.Name
		show(v.Name)
	}
}

// A canceled request was canceled by its requester, or something that it rests on is gone: the time
// line says who did it, and why.
func TestCanceledFitsBothMeanings(t *testing.T) {
	s := newSite(t).signedIn()
	r := pendingRequest()
	r["status"], r["viewerCanReview"] = "CANCELED", false
	s.api.fields["accessRequest"] = r
	ended := func(by object, data object) answer {
		r["timeline"] = list(object{"at": "2026-11-23T11:00:00Z", "type": "CANCELED", "actor": by, "data": data})
		return s.get(page)
	}
	a := ended(user("usr_ada", "Ada Lovelace"), object{})
	a.want(t, http.StatusOK, "Canceled by the requester, or ended because something that it rests on is gone.", "Ada Lovelace canceled the request")
	a.wantNot(t, "ended the request")
	gone := object{"comment": "The resource billing-db was <b>deleted</b>."}
	a = ended(user("usr_grace", "Grace Hopper"), gone)
	a.want(t, http.StatusOK, "Grace Hopper ended the request The resource billing-db was <b>deleted</b>.")
	a.wantNot(t, "canceled the request")
	ended(object{"userId": nil, "kind": "SYSTEM", "name": "Procyon", "via": "system"}, gone).want(t, http.StatusOK,
		"Procyon ended the request The resource billing-db was <b>deleted</b>.")
}
