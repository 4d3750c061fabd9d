package access

import (
	"strings"
	"testing"

	"procyon/store"
)

// slackWorld has a workspace and people.
func slackWorld(t *testing.T) (*world, SlackWorkspace) {
	t.Helper()
	w := newWorld(t)
	ws := w.accepted(NewSlackWorkspace{SlackID: "T1", Name: "Acme", AppID: "A1", BotUserID: "UBOT", Scopes: []string{"commands"}})
	return w, ws
}

func slackUser(ws SlackWorkspace, id, email string) NewSlackLink {
	return NewSlackLink{WorkspaceID: ws.ID, SlackUserID: id, SlackName: "Someone in Slack", SlackEmail: email}
}

func TestSlackInstallAgainIsTheSameWorkspace(t *testing.T) {
	w, ws := slackWorld(t)
	gone, err := w.UninstallSlack(t.Context(), w.admin, "T1")
	w.must(err)
	if !gone.Removed {
		t.Error("still there")
	}
	_, err = w.UninstallSlack(t.Context(), w.admin, "T1") // both events of Slack's tell of it
	w.must(err)
	if v, _ := w.Version(t.Context(), ws.ID); v != 3 {
		t.Errorf("version %d: uninstalling twice is one entry", v)
	}
	if l, err := w.SlackWorkspaces(t.Context(), store.Page{First: 10}); err != nil || len(l.Docs) != 0 {
		t.Errorf("%+v, %v", l, err)
	}
	_, err = w.LinkSlack(t.Context(), w.dev, slackUser(ws, "U1", "dev@example.com"))
	w.wants(err, Conflict, "workspaceId")
	again, err := w.InstallSlack(t.Context(), w.admin, NewSlackWorkspace{SlackID: "T1", Name: "Acme Inc", AppID: "A1", BotUserID: "UBOT2"})
	w.must(err)
	if again.ID != ws.ID || again.Removed || again.Name != "Acme Inc" {
		t.Errorf("%+v", again)
	}
	for field, in := range map[string]NewSlackWorkspace{
		"slackId": {SlackID: "t1 or 1=1", Name: "x"}, "name": {SlackID: "T2", Name: " "},
	} {
		_, err := w.InstallSlack(t.Context(), w.admin, in)
		w.wants(err, Invalid, field)
	}
}

func TestSlackLinkByTheSameEmail(t *testing.T) {
	w, ws := slackWorld(t)
	l, err := w.LinkSlack(t.Context(), w.dev, slackUser(ws, "U1", " DEV@example.com"))
	w.must(err)
	if l.Status != SlackLinked || l.UserID != w.dev.ID || l.UserName != "Dev" {
		t.Errorf("%+v", l)
	}
	head := w.log.Head()
	_, err = w.LinkSlack(t.Context(), w.dev, slackUser(ws, "U1", "dev@example.com"))
	w.must(err)
	if w.log.Head() != head {
		t.Error("linking the same two again is an entry")
	}
	got, err := w.SlackLinkOf(t.Context(), ws.ID, "U1")
	w.must(err)
	if got.ID != l.ID {
		t.Errorf("%+v", got)
	}
	_, err = w.RemoveSlackLink(t.Context(), w.boss, l.ID)
	w.must(err)
	_, err = w.SlackLinkOf(t.Context(), ws.ID, "U1")
	w.wants(err, NotFound, "linkId")
	l, err = w.LinkSlack(t.Context(), w.dev, slackUser(ws, "U1", "dev@example.com"))
	w.must(err)
	if l.Status != SlackLinked {
		t.Errorf("%+v", l)
	}
}

// Whoever sends an administrator their own link must not get the administrator's rights.
func TestSlackLinkOfAnotherEmailWaits(t *testing.T) {
	w, ws := slackWorld(t)
	for _, email := range []string{"mallory@example.com", ""} {
		l, err := w.LinkSlack(t.Context(), w.admin, slackUser(ws, "UMALLORY", email))
		w.must(err)
		if l.Status != SlackWaiting {
			t.Fatalf("%q: %+v", email, l)
		}
		_, err = w.AgreeSlackLink(t.Context(), w.admin, l.ID, "")
		w.wants(err, Forbidden, "linkId")
		_, err = w.RemoveSlackLink(t.Context(), w.dev, l.ID)
		w.wants(err, NotFound, "linkId")
		_, err = w.RemoveSlackLink(t.Context(), w.admin, l.ID)
		w.must(err)
	}
	l, err := w.LinkSlack(t.Context(), w.dev, slackUser(ws, "U1", "dev@home.example"))
	w.must(err)
	l, err = w.AgreeSlackLink(t.Context(), w.boss, l.ID, "")
	w.must(err)
	if l.Status != SlackLinked {
		t.Errorf("%+v", l)
	}
}

func TestOneSlackUserOnePerson(t *testing.T) {
	w, ws := slackWorld(t)
	_, err := w.LinkSlack(t.Context(), w.dev, slackUser(ws, "U1", "dev@example.com"))
	w.must(err)
	_, err = w.LinkSlack(t.Context(), w.boss, slackUser(ws, "U1", "bo@example.com"))
	w.wants(err, Conflict, "slackUserId")
	_, err = w.LinkSlack(t.Context(), w.dev, slackUser(ws, "U2", "dev@example.com"))
	w.wants(err, Conflict, "userId")
	w.log.raceOn = func(Change) {
		_, err := w.LinkSlack(t.Context(), w.boss, slackUser(ws, "U3", "bo@example.com"))
		w.must(err)
	}
	_, err = w.LinkSlack(t.Context(), w.boss, slackUser(ws, "U4", "bo@example.com"))
	w.wants(err, Conflict, "userId")
	other := w.accepted(NewSlackWorkspace{SlackID: "T2", Name: "Other", AppID: "A1", BotUserID: "UBOT"})
	_, err = w.LinkSlack(t.Context(), w.dev, slackUser(other, "U1", "dev@example.com")) // the same ID elsewhere is somebody else
	w.must(err)
	l, err := w.SlackLinks(t.Context(), SlackLinked, w.dev.ID, store.Page{First: 10})
	w.must(err)
	if len(l.Docs) != 2 {
		t.Errorf("%d links", len(l.Docs))
	}
}

func TestSlackLinkRefusesNonsense(t *testing.T) {
	w, ws := slackWorld(t)
	_, err := w.LinkSlack(t.Context(), w.dev, NewSlackLink{WorkspaceID: ws.ID, SlackUserID: "u1", SlackName: "x"})
	w.wants(err, Invalid, "slackUserId")
	_, err = w.LinkSlack(t.Context(), w.dev, NewSlackLink{WorkspaceID: ws.ID, SlackUserID: "U1", SlackName: strings.Repeat("x", 81)})
	w.wants(err, Invalid, "slackName")
	_, err = w.LinkSlack(t.Context(), w.dev, NewSlackLink{WorkspaceID: "wsp_none", SlackUserID: "U1", SlackName: "x"})
	w.wants(err, NotFound, "workspaceId")
}

func TestBadSlackInput(t *testing.T) {
	w, ws := slackWorld(t)
	before := w.log.Head()
	for field, bad := range map[string]func(*NewSlackWorkspace){
		"slackId":   func(n *NewSlackWorkspace) { n.SlackID = "t1" },
		"name":      func(n *NewSlackWorkspace) { n.Name = " " },
		"appId":     func(n *NewSlackWorkspace) { n.AppID = "" },
		"botUserId": func(n *NewSlackWorkspace) { n.BotUserID = "bot" },
		"scopes":    func(n *NewSlackWorkspace) { n.Scopes = make([]string, 201) },
		"scopes.1":  func(n *NewSlackWorkspace) { n.Scopes = []string{"commands", ""} },
	} {
		in := NewSlackWorkspace{SlackID: "T9", Name: "Acme", AppID: "A1", BotUserID: "UBOT", Scopes: []string{"commands"}}
		bad(&in)
		_, err := w.InstallSlack(t.Context(), w.admin, in)
		w.wants(err, Invalid, field)
	}
	for field, bad := range map[string]func(*NewSlackLink){
		"slackUserId": func(n *NewSlackLink) { n.SlackUserID = "ada" },
		"slackName":   func(n *NewSlackLink) { n.SlackName = strings.Repeat("ü", 81) },
		"slackEmail":  func(n *NewSlackLink) { n.SlackEmail = strings.Repeat("a", 255) },
	} {
		in := slackUser(ws, "U9", "dev@example.com")
		bad(&in)
		_, err := w.LinkSlack(t.Context(), w.dev, in)
		w.wants(err, Invalid, field)
	}
	if w.log.Head() != before {
		t.Error("bad input changed something")
	}
}
