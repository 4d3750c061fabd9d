package access

import "testing"

// A person whose old Slack account is gone replaces its link, when they saw which it is.
func TestReplaceASlackLink(t *testing.T) {
	w, ws := slackWorld(t)
	old, err := w.LinkSlack(t.Context(), w.dev, slackUser(ws, "UOLD", "dev@example.com"))
	w.must(err)
	theirs, err := w.LinkSlack(t.Context(), w.boss, slackUser(ws, "UBO", "bo@example.com"))
	w.must(err)
	in := slackUser(ws, "UNEW", "dev@example.com")
	if got, ok, err := w.SeatTaken(t.Context(), ws.ID, "UNEW", w.dev.ID); err != nil || !ok || got.ID != old.ID {
		t.Errorf("%+v, %v, %v", got, ok, err)
	}
	if _, ok, err := w.SeatTaken(t.Context(), ws.ID, "UOLD", w.dev.ID); err != nil || ok {
		t.Errorf("a link replaces itself: %v", err)
	}
	for replaces, want := range map[string]struct {
		code  Code
		field string
	}{"": {Conflict, "userId"}, "slk_none": {Conflict, "userId"}, theirs.ID: {NotFound, "replacesLinkId"}} {
		in.Replaces = replaces
		_, err := w.LinkSlack(t.Context(), w.dev, in)
		w.wants(err, want.code, want.field)
	}
	in.Replaces = old.ID
	l, err := w.LinkSlack(t.Context(), w.dev, in)
	w.must(err)
	if l.Status != SlackLinked || l.SlackUserID != "UNEW" {
		t.Errorf("%+v", l)
	}
	_, err = w.SlackLink(t.Context(), old.ID)
	w.wants(err, NotFound, "linkId")
	_, err = w.SlackLink(t.Context(), theirs.ID)
	w.must(err)
	// The rule of e-mail addresses holds for the new one, and a replaced one frees its Slack user.
	in = slackUser(ws, "UOLD", "dev@home.example")
	in.Replaces = l.ID
	l, err = w.LinkSlack(t.Context(), w.dev, in)
	w.must(err)
	if l.Status != SlackWaiting {
		t.Errorf("%+v", l)
	}
}

// Nothing ends for a link that can't be made.
func TestReplaceASlackLinkInVain(t *testing.T) {
	w, ws := slackWorld(t)
	old, err := w.LinkSlack(t.Context(), w.dev, slackUser(ws, "UOLD", "dev@example.com"))
	w.must(err)
	_, err = w.LinkSlack(t.Context(), w.boss, slackUser(ws, "UBO", "bo@example.com"))
	w.must(err)
	in := slackUser(ws, "UBO", "dev@example.com")
	in.Replaces = old.ID
	_, err = w.LinkSlack(t.Context(), w.dev, in)
	w.wants(err, Conflict, "slackUserId")
	in.SlackUserID = "UNEW"
	w.log.raceOn = func(Change) { // the old one would end, had the workspace stayed
		_, err := w.RemoveSlackWorkspace(t.Context(), w.admin, ws.ID, nil)
		w.must(err)
	}
	_, err = w.LinkSlack(t.Context(), w.dev, in)
	w.wants(err, Conflict, "workspaceId")
	w.log.raceOn = nil
	_, err = w.SlackLink(t.Context(), old.ID)
	w.must(err)
}

// An administrator agrees to the link that they saw.
func TestAgreementIsOfWhatWasSeen(t *testing.T) {
	w, ws := slackWorld(t)
	l, err := w.LinkSlack(t.Context(), w.boss, slackUser(ws, "U1", ""))
	w.must(err)
	_, err = w.AgreeSlackLink(t.Context(), w.admin, l.ID, w.dev.ID)
	w.wants(err, Conflict, "userId")
	w.log.raceOn = func(Change) {
		_, err := w.RemoveSlackWorkspace(t.Context(), w.admin, ws.ID, nil)
		w.must(err)
	}
	_, err = w.AgreeSlackLink(t.Context(), w.admin, l.ID, w.boss.ID)
	w.wants(err, Conflict, "workspaceId")
}

// Who is no administrator any more when they agree agrees to nothing.
func TestAgreementIsAnAdministratorsAtThatTime(t *testing.T) {
	w, ws := slackWorld(t)
	l, err := w.LinkSlack(t.Context(), w.boss, slackUser(ws, "U1", ""))
	w.must(err)
	w.log.raceOn = func(Change) {
		_, err := w.SetAdmin(t.Context(), System(), w.admin.ID, false)
		w.must(err)
	}
	_, err = w.AgreeSlackLink(t.Context(), w.admin, l.ID, w.boss.ID)
	w.wants(err, Forbidden, "linkId")
}
