package slackapi

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
)

// asking is a bot whose Slack answers users.info with one body.
func asking(t *testing.T, status int, body string) *Bot {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(s.Close)
	api, err := NewAPI(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.Close)
	return api.Bot("xoxb-test")
}

func home(id, organization string) Home {
	return Home{ID: id, Organization: func(context.Context) (string, error) { return organization, nil }}
}

// Who is of the house: by Slack's own look-up, from which what came with a click can
// only take away.
func TestMember(t *testing.T) {
	const (
		mine    = `"id":"U1","team_id":"T1"`
		theirs  = `"id":"U1","team_id":"T2"`
		sibling = `"id":"U1","team_id":"T3","enterprise_user":{"enterprise_id":"E1","teams":["T3","T4"]}`
		alien   = `"id":"U1","team_id":"T2","enterprise_user":{"enterprise_id":"E2"}`
	)
	for name, c := range map[string]struct {
		home, organization string
		user, claimed      string
		want               Standing
		byClaim            bool
	}{
		"a member":             {"T1", "", mine, "", "", false},
		"a member who says so": {"T1", "", mine, "T1", "", false},
		"a member of another company, no stranger":      {"T1", "", theirs + `,"is_stranger":false`, "T2", StandingExternal, false},
		"the same, claiming to be of here":              {"T1", "", theirs, "T1", StandingExternal, false},
		"the same, claiming nothing":                    {"T1", "", theirs, "", StandingExternal, false},
		"a stranger":                                    {"T1", "", mine + `,"is_stranger":true`, "", StandingExternal, false},
		"a click that says another workspace":           {"T1", "", mine, "T2", StandingExternal, true},
		"a sibling":                                     {"T1", "E1", sibling, "T3", "", false},
		"a sibling in another workspace of theirs":      {"T1", "E1", sibling, "T4", "", false},
		"a sibling whose click says a third company":    {"T1", "E1", sibling, "T9", StandingExternal, true},
		"a sibling's organisation, which is not ours":   {"T1", "", sibling, "T3", StandingExternal, false},
		"another organisation":                          {"T1", "E1", alien, "T2", StandingExternal, false},
		"another organisation, and none here":           {"T1", "", alien, "T2", StandingExternal, false},
		"a company without one, and ours":               {"T1", "E1", theirs, "T2", StandingExternal, false},
		"a member of the organisation that has the app": {"E1", "E1", sibling, "T3", "", false},
		"another company, in the organisation's":        {"E1", "E1", alien, "T2", StandingExternal, false},
		"a guest":                                       {"T1", "", mine + `,"is_restricted":true`, "", StandingGuest, false},
		"a guest of one channel":                        {"T1", "", mine + `,"is_ultra_restricted":true`, "", StandingGuest, false},
		"somebody who left":                             {"T1", "", mine + `,"deleted":true`, "", StandingDeactivated, false},
		"a bot":                                         {"T1", "", mine + `,"is_bot":true`, "", StandingRobot, false},
	} {
		m, err := asking(t, http.StatusOK, `{"ok":true,"user":{`+c.user+`}}`).Member(t.Context(), home(c.home, c.organization), "U1", c.claimed)
		if got := StandingOf(err); got != c.want || (err == nil) != (c.want == "") || (m.ID() == "U1") != (c.want == "") {
			t.Errorf("%s: %q %v", name, got, err)
		}
		var n *NotMember
		if errors.As(err, &n) && n.Claimed != c.byClaim {
			t.Errorf("%s: only claimed: %v", name, n.Claimed)
		}
	}
}

// An answer that does not establish who somebody is makes nobody a member, and says
// nothing against them.
func TestMemberUnknown(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
	}{
		"refused":      {http.StatusOK, `{"ok":false,"error":"user_not_found"}`},
		"down":         {http.StatusServiceUnavailable, `x`},
		"too many":     {http.StatusTooManyRequests, `{"ok":false,"error":"ratelimited"}`},
		"another user": {http.StatusOK, `{"ok":true,"user":{"id":"U2","team_id":"T1"}}`},
		"no workspace": {http.StatusOK, `{"ok":true,"user":{"id":"U1"}}`},
		"nothing":      {http.StatusOK, `{"ok":true}`},
	} {
		m, err := asking(t, c.status, c.body).Member(t.Context(), home("T1", ""), "U1", "")
		if err == nil || m.ID() != "" || StandingOf(err) != "" {
			t.Errorf("%s: %+v %v", name, m, err)
		}
	}
	broken := Home{ID: "T1", Organization: func(context.Context) (string, error) { return "", errors.New("down") }}
	if m, err := asking(t, http.StatusOK, `{"ok":true,"user":{"id":"U1","team_id":"T2"}}`).Member(t.Context(), broken, "U1", ""); err == nil || m.ID() != "" || StandingOf(err) != "" {
		t.Errorf("%+v %v", m, err)
	}
}
