package console_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"
)

// wantDeadlines checks that a list was asked for of what the viewer may decide, the
// first to time out first.
func wantDeadlines(t testing.TB, call object) {
	t.Helper()
	order, ok := call["orderBy"].(object)
	if !ok || !maps.Equal(order, object{"field": "DECIDE_BY", "direction": "ASC"}) || call["filter"].(object)["reviewableByMe"] != true {
		t.Errorf("asks for %v", call)
	}
}

func TestHomeBeginsWithWhatTimesOutFirst(t *testing.T) {
	s := newSite(t).signedIn()
	s.api.fields["reviewable"] = list(extensionRequest(), pendingRequest())
	a := s.get("/")
	a.want(t, http.StatusOK,
		"Ada Lovelace ada@example.com, 1 hour longer, to be decided by 23 Nov 2026, 15:00 UTC",
		"Ada Lovelace ada@example.com, for 4 hours, to be decided by 24 Nov 2026, 10:39 UTC")
	wantDeadlines(t, s.api.call("reviewable"))
	if got := s.api.call("mine")["orderBy"]; got != nil {
		t.Errorf("one's own are ordered by %v", got)
	}
	s.api.fields["reviewable"] = list()
	s.get("/").want(t, http.StatusOK, "Nothing waits for your decision.")
}

// The list of what is to be decided goes forward only.
func TestListOfWhatIsToDecide(t *testing.T) {
	s := newSite(t).signedIn()
	s.api.fields["accessRequests"] = object{"nodes": []object{extensionRequest(), pendingRequest()}, "pageInfo": object{
		"hasNextPage": true, "hasPreviousPage": true, "startCursor": "first", "endCursor": "last",
	}}
	a := s.get("/requests?show=review&status=PENDING&after=here")
	a.want(t, http.StatusOK, "Next", "ada@example.com, 1 hour longer", "ada@example.com, for 4 hours, to be decided by 24 Nov 2026, 10:39 UTC")
	a.wantNot(t, "Older", "Newer")
	if strings.Contains(a.body, "before=") || !strings.Contains(a.body, `href="/requests?after=last&amp;show=review"`) {
		t.Error("the list does not go forward only")
	}
	if !strings.Contains(a.body, `aria-label="Requests, the first to time out first"`) {
		t.Error("the list does not say its order")
	}
	call := s.api.call("accessRequests")
	wantDeadlines(t, call)
	if call["after"] != "here" || call["first"] == nil {
		t.Errorf("asks for %v", call)
	}
	s.get("/requests?show=review&before=first").want(t, http.StatusOK)
	if call := s.api.call("accessRequests"); call["before"] != nil || call["last"] != nil || call["first"] == nil {
		t.Errorf("asks for %v", call)
	}
	s.get("/requests").wantNot(t, "ada@example.com", "to be decided by")
	s.api.fields["accessRequests"] = list()
	s.get("/requests?show=review").want(t, http.StatusOK, "Nothing waits for your decision.")
}
