package slackworkspace

import (
	"strings"
	"testing"

	"procyon/access"
	"procyon/store"
)

// slackWorld has a workspace and people.
func workspaceWorld(t *testing.T) (*world, Workspace) {
	t.Helper()
	w := newWorld(t)
	ws := w.accepted(NewWorkspace{SlackID: "T1", Name: "Acme", AppID: "A1", BotUserID: "UBOT", Scopes: []string{"commands"}})
	return w, ws
}

func slackUser(ws Workspace, id, email string) NewLink {
	return NewLink{WorkspaceID: ws.ID, SlackUserID: id, SlackName: "Someone in Slack", SlackEmail: email}
}

func TestSlackInstallAgainIsTheSameWorkspace(t *testing.T) {
	w, ws := workspaceWorld(t)
	gone, err := w.slack.Uninstall(t.Context(), w.admin, "T1")
	w.must(err)
	if !gone.Removed {
		t.Error("still there")
	}
	_, err = w.slack.Uninstall(t.Context(), w.admin, "T1") // both events of Slack's tell of it
	w.must(err)
	if v, _ := w.Version(t.Context(), ws.ID); v != 3 {
		t.Errorf("version %d: uninstalling twice is one entry", v)
	}
	if l, err := w.slack.Workspaces(t.Context(), store.Page{First: 10}); err != nil || len(l.Docs) != 0 {
		t.Errorf("%+v, %v", l, err)
	}
	_, err = w.slack.Link(t.Context(), w.dev, slackUser(ws, "U1", "dev@example.com"))
	w.wants(err, access.CodeConflict, "workspaceId")
	again, err := w.slack.Install(t.Context(), w.admin, NewWorkspace{SlackID: "T1", Name: "Acme Inc", AppID: "A1", BotUserID: "UBOT2"})
	w.must(err)
	if again.ID != ws.ID || again.Removed || again.Name != "Acme Inc" {
		t.Errorf("%+v", again)
	}
	for field, in := range map[string]NewWorkspace{
		"slackId": {SlackID: "t1 or 1=1", Name: "x"}, "name": {SlackID: "T2", Name: " "},
	} {
		_, err := w.slack.Install(t.Context(), w.admin, in)
		w.wants(err, access.CodeInvalid, field)
	}
}

// An address that an administrator changed agrees to no link, nor does one that only looks
// like Slack's.
func TestSlackLinkByAnAddressThatProvesNothing(t *testing.T) {
	w, ws := workspaceWorld(t)
	if SameEmail("\u212aen@example.com", "ken@example.com") || !SameEmail("Ken@example.com ", "ken@EXAMPLE.com") {
		t.Error("a Kelvin sign is taken for a k, or a capital for another letter")
	}
	email := "second@example.com"
	_, err := w.UpdateUser(t.Context(), w.admin, w.dev.ID, access.UserPatch{Email: &email})
	w.must(err)
	l, err := w.slack.Link(t.Context(), w.dev, slackUser(ws, "U2", email))
	w.must(err)
	if l.Status != LinkWaiting {
		t.Errorf("%+v", l)
	}
}

// An address that the directory changed links a member's Slack account, and an administrator's
// not without another's leave, in whichever order they were made one.
func TestSlackLinkByAnAddressThatTheDirectoryChanged(t *testing.T) {
	for _, c := range []struct {
		steps string
		want  LinkStatus
	}{
		{"link", LinkLinked}, {"change, link", LinkLinked}, {"change, promote, link", LinkWaiting}, {"promote, change, link", LinkWaiting},
		{"promote, change, confirm, link", LinkLinked}, {"change, link, promote", LinkLinked},
	} {
		t.Run(c.steps, func(t *testing.T) {
			w, ws := workspaceWorld(t)
			directory := access.Actor{Kind: access.ActorService, ID: "svc_directory", Via: "scim"}
			in := access.Provision{UserName: "eve", Name: "Eve", Email: "eve@example.com", Active: true}
			u, err := w.ProvisionUser(t.Context(), directory, in)
			w.must(err)
			for step := range strings.SplitSeq(c.steps, ", ") {
				switch step {
				case "change":
					in.Email = "new@example.com"
					_, err = w.ReprovisionUser(t.Context(), directory, u.ID, func(access.User) (access.Provision, error) { return in, nil })
				case "promote":
					_, err = w.SetAdmin(t.Context(), w.admin, u.ID, true)
				case "confirm":
					_, err = w.UpdateUser(t.Context(), access.System(), u.ID, access.UserPatch{Email: &in.Email})
				case "link":
					var l Link
					if l, err = w.slack.Link(t.Context(), access.ActorOf(u), slackUser(ws, "UEVE", in.Email)); l.Status != c.want {
						t.Errorf("the link is %s, %v; want %s", l.Status, err, c.want)
					}
				}
				w.must(err)
			}
		})
	}
}

func TestSlackLinkByTheSameEmail(t *testing.T) {
	w, ws := workspaceWorld(t)
	l, err := w.slack.Link(t.Context(), w.dev, slackUser(ws, "U1", " DEV@example.com"))
	w.must(err)
	if l.Status != LinkLinked || l.UserID != w.dev.ID || l.UserName != "Dev" {
		t.Errorf("%+v", l)
	}
	head := w.log.Head()
	_, err = w.slack.Link(t.Context(), w.dev, slackUser(ws, "U1", "dev@example.com"))
	w.must(err)
	if w.log.Head() != head {
		t.Error("linking the same two again is an entry")
	}
	got, err := w.slack.LinkOf(t.Context(), ws.ID, "U1")
	w.must(err)
	if got.ID != l.ID {
		t.Errorf("%+v", got)
	}
	_, err = w.slack.Unlink(t.Context(), w.boss, l.ID)
	w.must(err)
	_, err = w.slack.LinkOf(t.Context(), ws.ID, "U1")
	w.wants(err, access.CodeNotFound, "linkId")
	l, err = w.slack.Link(t.Context(), w.dev, slackUser(ws, "U1", "dev@example.com"))
	w.must(err)
	if l.Status != LinkLinked {
		t.Errorf("%+v", l)
	}
}

// Whoever sends an administrator their own link must not get the administrator's rights.
func TestSlackLinkOfAnotherEmailWaits(t *testing.T) {
	w, ws := workspaceWorld(t)
	for _, email := range []string{"mallory@example.com", ""} {
		l, err := w.slack.Link(t.Context(), w.admin, slackUser(ws, "UMALLORY", email))
		w.must(err)
		if l.Status != LinkWaiting {
			t.Fatalf("%q: %+v", email, l)
		}
		_, err = w.slack.Agree(t.Context(), w.admin, l.ID, "")
		w.wants(err, access.CodeForbidden, "linkId")
		_, err = w.slack.Unlink(t.Context(), w.dev, l.ID)
		w.wants(err, access.CodeNotFound, "linkId")
		_, err = w.slack.Unlink(t.Context(), w.admin, l.ID)
		w.must(err)
	}
	l, err := w.slack.Link(t.Context(), w.dev, slackUser(ws, "U1", "dev@home.example"))
	w.must(err)
	l, err = w.slack.Agree(t.Context(), w.boss, l.ID, "")
	w.must(err)
	if l.Status != LinkLinked {
		t.Errorf("%+v", l)
	}
}

func TestOneSlackUserOnePerson(t *testing.T) {
	w, ws := workspaceWorld(t)
	_, err := w.slack.Link(t.Context(), w.dev, slackUser(ws, "U1", "dev@example.com"))
	w.must(err)
	_, err = w.slack.Link(t.Context(), w.boss, slackUser(ws, "U1", "bo@example.com"))
	w.wants(err, access.CodeConflict, "slackUserId")
	_, err = w.slack.Link(t.Context(), w.dev, slackUser(ws, "U2", "dev@example.com"))
	w.wants(err, access.CodeConflict, "userId")
	w.log.raceOn = func(access.Change) {
		_, err := w.slack.Link(t.Context(), w.boss, slackUser(ws, "U3", "bo@example.com"))
		w.must(err)
	}
	_, err = w.slack.Link(t.Context(), w.boss, slackUser(ws, "U4", "bo@example.com"))
	w.wants(err, access.CodeConflict, "userId")
	other := w.accepted(NewWorkspace{SlackID: "T2", Name: "Other", AppID: "A1", BotUserID: "UBOT"})
	_, err = w.slack.Link(t.Context(), w.dev, slackUser(other, "U1", "dev@example.com")) // the same ID elsewhere is somebody else
	w.must(err)
	l, err := w.slack.Links(t.Context(), LinkFilter{Status: LinkLinked, UserID: w.dev.ID}, store.Page{First: 10})
	w.must(err)
	if len(l.Docs) != 2 {
		t.Errorf("%d links", len(l.Docs))
	}
}

func TestSlackLinkRefusesNonsense(t *testing.T) {
	w, ws := workspaceWorld(t)
	_, err := w.slack.Link(t.Context(), w.dev, NewLink{WorkspaceID: ws.ID, SlackUserID: "u1", SlackName: "x"})
	w.wants(err, access.CodeInvalid, "slackUserId")
	_, err = w.slack.Link(t.Context(), w.dev, NewLink{WorkspaceID: ws.ID, SlackUserID: "U1", SlackName: strings.Repeat("x", 81)})
	w.wants(err, access.CodeInvalid, "slackName")
	_, err = w.slack.Link(t.Context(), w.dev, NewLink{WorkspaceID: "wsp_none", SlackUserID: "U1", SlackName: "x"})
	w.wants(err, access.CodeNotFound, "workspaceId")
}

func TestBadSlackInput(t *testing.T) {
	w, ws := workspaceWorld(t)
	before := w.log.Head()
	for field, bad := range map[string]func(*NewWorkspace){
		"slackId":   func(n *NewWorkspace) { n.SlackID = "t1" },
		"name":      func(n *NewWorkspace) { n.Name = " " },
		"appId":     func(n *NewWorkspace) { n.AppID = "" },
		"botUserId": func(n *NewWorkspace) { n.BotUserID = "bot" },
		"scopes":    func(n *NewWorkspace) { n.Scopes = make([]string, 201) },
		"scopes.1":  func(n *NewWorkspace) { n.Scopes = []string{"commands", ""} },
	} {
		in := NewWorkspace{SlackID: "T9", Name: "Acme", AppID: "A1", BotUserID: "UBOT", Scopes: []string{"commands"}}
		bad(&in)
		_, err := w.slack.Install(t.Context(), w.admin, in)
		w.wants(err, access.CodeInvalid, field)
	}
	for field, bad := range map[string]func(*NewLink){
		"slackUserId": func(n *NewLink) { n.SlackUserID = "ada" },
		"slackName":   func(n *NewLink) { n.SlackName = strings.Repeat("ü", 81) },
		"slackEmail":  func(n *NewLink) { n.SlackEmail = strings.Repeat("a", 255) },
	} {
		in := slackUser(ws, "U9", "dev@example.com")
		bad(&in)
		_, err := w.slack.Link(t.Context(), w.dev, in)
		w.wants(err, access.CodeInvalid, field)
	}
	if w.log.Head() != before {
		t.Error("bad input changed something")
	}
}
