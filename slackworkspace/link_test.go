package slackworkspace

import (
	"testing"

	"procyon/access"
)

// A person whose old Slack account is gone replaces its link, when they saw which it is.
func TestReplaceASlackLink(t *testing.T) {
	w, ws := workspaceWorld(t)
	old, err := w.slack.Link(t.Context(), w.dev, slackUser(ws, "UOLD", "dev@example.com"))
	w.must(err)
	theirs, err := w.slack.Link(t.Context(), w.boss, slackUser(ws, "UBO", "bo@example.com"))
	w.must(err)
	in := slackUser(ws, "UNEW", "dev@example.com")
	if got, ok, err := w.slack.SeatTaken(t.Context(), ws.ID, "UNEW", w.dev.ID); err != nil || !ok || got.ID != old.ID {
		t.Errorf("%+v, %v, %v", got, ok, err)
	}
	if _, ok, err := w.slack.SeatTaken(t.Context(), ws.ID, "UOLD", w.dev.ID); err != nil || ok {
		t.Errorf("a link replaces itself: %v", err)
	}
	for replaces, want := range map[string]struct {
		code  access.Code
		field string
	}{"": {access.CodeConflict, "userId"}, "slk_none": {access.CodeConflict, "userId"}, theirs.ID: {access.CodeNotFound, "replacesLinkId"}} {
		in.Replaces = replaces
		_, err := w.slack.Link(t.Context(), w.dev, in)
		w.wants(err, want.code, want.field)
	}
	in.Replaces = old.ID
	l, err := w.slack.Link(t.Context(), w.dev, in)
	w.must(err)
	if l.Status != LinkLinked || l.SlackUserID != "UNEW" {
		t.Errorf("%+v", l)
	}
	_, err = w.slack.LinkByID(t.Context(), old.ID)
	w.wants(err, access.CodeNotFound, "linkId")
	_, err = w.slack.LinkByID(t.Context(), theirs.ID)
	w.must(err)
	// The rule of e-mail addresses holds for the new one, and a replaced one frees its Slack user.
	in = slackUser(ws, "UOLD", "dev@home.example")
	in.Replaces = l.ID
	l, err = w.slack.Link(t.Context(), w.dev, in)
	w.must(err)
	if l.Status != LinkWaiting {
		t.Errorf("%+v", l)
	}
}

// Nothing ends for a link that can't be made.
func TestReplaceASlackLinkInVain(t *testing.T) {
	w, ws := workspaceWorld(t)
	old, err := w.slack.Link(t.Context(), w.dev, slackUser(ws, "UOLD", "dev@example.com"))
	w.must(err)
	_, err = w.slack.Link(t.Context(), w.boss, slackUser(ws, "UBO", "bo@example.com"))
	w.must(err)
	in := slackUser(ws, "UBO", "dev@example.com")
	in.Replaces = old.ID
	_, err = w.slack.Link(t.Context(), w.dev, in)
	w.wants(err, access.CodeConflict, "slackUserId")
	in.SlackUserID = "UNEW"
	w.log.raceOn = func(access.Change) { // the old one would end, had the workspace stayed
		_, err := w.slack.Remove(t.Context(), w.admin, ws.ID, nil)
		w.must(err)
	}
	_, err = w.slack.Link(t.Context(), w.dev, in)
	w.wants(err, access.CodeConflict, "workspaceId")
	w.log.raceOn = nil
	_, err = w.slack.LinkByID(t.Context(), old.ID)
	w.must(err)
}

// An administrator agrees to the link that they saw.
func TestAgreementIsOfWhatWasSeen(t *testing.T) {
	w, ws := workspaceWorld(t)
	l, err := w.slack.Link(t.Context(), w.boss, slackUser(ws, "U1", ""))
	w.must(err)
	_, err = w.slack.Agree(t.Context(), w.admin, l.ID, w.dev.ID)
	w.wants(err, access.CodeConflict, "userId")
	w.log.raceOn = func(access.Change) {
		_, err := w.slack.Remove(t.Context(), w.admin, ws.ID, nil)
		w.must(err)
	}
	_, err = w.slack.Agree(t.Context(), w.admin, l.ID, w.boss.ID)
	w.wants(err, access.CodeConflict, "workspaceId")
}

// Who is no administrator any more when they agree agrees to nothing.
func TestAgreementIsAnAdministratorsAtThatTime(t *testing.T) {
	w, ws := workspaceWorld(t)
	l, err := w.slack.Link(t.Context(), w.boss, slackUser(ws, "U1", ""))
	w.must(err)
	w.log.raceOn = func(access.Change) {
		_, err := w.SetAdmin(t.Context(), access.System(), w.admin.ID, false)
		w.must(err)
	}
	_, err = w.slack.Agree(t.Context(), w.admin, l.ID, w.boss.ID)
	w.wants(err, access.CodeForbidden, "linkId")
}

// Who is disabled while they link their Slack account links none.
func TestNobodyDisabledLinks(t *testing.T) {
	w, ws := workspaceWorld(t)
	w.log.raceOn = func(access.Change) { _, _, err := w.DisableUser(t.Context(), w.admin, w.dev.ID); w.must(err) }
	if _, err := w.slack.Link(t.Context(), w.dev, slackUser(ws, "U1", w.dev.Email)); access.CodeOf(err) != access.CodeForbidden {
		t.Errorf("%v", err)
	}
	if linked, err := w.slack.Linked(t.Context(), w.dev.ID); linked || err != nil {
		t.Errorf("%v %v", linked, err)
	}
}
