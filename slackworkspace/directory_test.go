package slackworkspace

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"procyon/access"
	"procyon/notifier/slackchannel"
	"procyon/store"
)

func (w *world) report(slackID string, p Piece) {
	w.t.Helper()
	_, err := w.slack.Report(w.t.Context(), slackID, p)
	w.must(err)
}

// names are what a list has.
func (w *world) names(workspaceID string, f ChannelFilter, p store.Page) (string, store.Listed) {
	w.t.Helper()
	l, _, err := w.slack.Channels(w.t.Context(), workspaceID, f, p)
	w.must(err)
	var out []string
	for _, d := range l.Docs {
		c, err := access.Decode[Channel](d)
		w.must(err)
		out = append(out, c.Name)
	}
	return strings.Join(out, " "), l
}

func (w *world) pieceCount(workspaceID string) int {
	w.t.Helper()
	docs, err := w.slack.directory.docs.List(w.t.Context(), store.Query{Term: piecesOf(workspaceID), Limit: 1000})
	w.must(err)
	return len(docs)
}

// A listing counts as a whole, once its last piece is there; until then the one before does.
func TestChannelsAreReplacedAsAWhole(t *testing.T) {
	w, ws := workspaceWorld(t)
	all := store.Page{First: 10}
	if got, _ := w.names(ws.ID, ChannelFilter{}, all); got != "" {
		t.Fatalf("before anything is known: %q", got)
	}
	began := w.slack.subjects.Now()
	w.report("T1", Piece{Listing: "a", Number: 1, Channels: []Channel{{ChannelID: "C2", Name: "ops"}, {ChannelID: "C1", Name: "Access", Member: true}}})
	if got, _ := w.names(ws.ID, ChannelFilter{}, all); got != "" {
		t.Errorf("a listing that has begun counts: %q", got)
	}
	w.pass(time.Minute)
	last := Piece{Listing: "a", Number: 2, Last: true, Complete: true, Channels: []Channel{{ChannelID: "C3", Name: "old", Archived: true}, {ChannelID: "C2", Name: "ops-renamed"}}}
	w.report("T1", last)
	w.report("T1", last) // whose answer was lost
	if got, _ := w.names(ws.ID, ChannelFilter{}, all); got != "Access old ops-renamed" {
		t.Errorf("%q", got)
	}
	ws, err := w.slack.WorkspaceByID(t.Context(), ws.ID)
	w.must(err)
	if d, err := w.slack.Directory(t.Context(), ws); err != nil || !d.AsOf.Equal(began) || !d.Complete {
		t.Errorf("%+v, %v; began %v", d, err, began)
	}
	// One that is begun and given up leaves nothing but itself, until the next begins.
	w.report("T1", Piece{Listing: "b", Number: 1, Channels: []Channel{{ChannelID: "C9", Name: "b"}}})
	if n := w.pieceCount(ws.ID); n != 3 {
		t.Errorf("%d pieces", n)
	}
	w.report("T1", Piece{Listing: "c", Number: 1, Last: true, Channels: []Channel{{ChannelID: "C8", Name: "c"}}})
	if got, _ := w.names(ws.ID, ChannelFilter{}, all); got != "c" || w.pieceCount(ws.ID) != 1 {
		t.Errorf("%q, %d pieces", got, w.pieceCount(ws.ID))
	}
	_, err = w.slack.Report(t.Context(), "T1", Piece{Listing: "b", Number: 2, Last: true})
	w.wants(err, access.CodeConflict, "listing")
	_, err = w.slack.Remove(t.Context(), w.admin, ws.ID, nil)
	w.must(err)
	if got, _ := w.names(ws.ID, ChannelFilter{}, all); got != "" || w.pieceCount(ws.ID) != 0 {
		t.Errorf("removed, and there are %q", got)
	}
	_, err = w.slack.Report(t.Context(), "T1", last)
	w.wants(err, access.CodeConflict, "workspaceId")
}

func TestPiecesAreBounded(t *testing.T) {
	w, _ := workspaceWorld(t)
	for field, p := range map[string]Piece{
		"listing": {Number: 1}, "piece": {Listing: "a", Number: maxPieces + 1}, "channels": {Listing: "a", Number: 1, Channels: make([]Channel, maxPiece+1)},
		"channels.0.channelId": {Listing: "a", Number: 1, Channels: []Channel{{ChannelID: "#ops", Name: "ops"}}},
		"channels.0.name":      {Listing: "a", Number: 1, Channels: []Channel{{ChannelID: "C1"}}},
	} {
		_, err := w.slack.Report(t.Context(), "T1", p)
		w.wants(err, access.CodeInvalid, field)
	}
}

// Tens of thousands of channels are paged through both ways, and found by parts of names.
func TestManyChannels(t *testing.T) {
	w, ws := workspaceWorld(t)
	const pieces = 40
	for n := range pieces {
		p := Piece{Listing: "a", Number: n + 1, Last: n == pieces-1}
		for i := range maxPiece {
			id := n*maxPiece + i
			p.Channels = append(p.Channels, Channel{ChannelID: fmt.Sprintf("C%06d", id), Name: fmt.Sprintf("team-%05d", id*7%(pieces*maxPiece)), Archived: id%2 == 1})
		}
		w.report("T1", p)
	}
	seen, page := 0, store.Page{First: 100}
	for {
		l, n, err := w.slack.Channels(t.Context(), ws.ID, ChannelFilter{}, page)
		if w.must(err); n != pieces*maxPiece {
			t.Fatalf("%d in all", n)
		}
		seen += len(l.Docs)
		if !l.Next {
			break
		}
		page.After = l.End
	}
	if seen != pieces*maxPiece {
		t.Errorf("saw %d", seen)
	}
	if got, l := w.names(ws.ID, ChannelFilter{}, store.Page{Last: 2}); got != "team-19998 team-19999" || !l.Previous || l.Next {
		t.Errorf("%q %+v", got, l)
	} else if got, _ = w.names(ws.ID, ChannelFilter{}, store.Page{Last: 1, Before: l.Start}); got != "team-19997" {
		t.Errorf("%q", got)
	}
	for search, want := range map[string]string{"#TEAM-1234 ": "team-12340 team-12341", "9999 team": "team-09999 team-19999", "nothing": "", "C000001": "team-00007"} {
		if got, _ := w.names(ws.ID, ChannelFilter{Search: search}, store.Page{First: 2}); got != want {
			t.Errorf("%q finds %q, want %q", search, got, want)
		}
	}
	if got, _ := w.names(ws.ID, ChannelFilter{Archived: new(false)}, store.Page{First: 2}); got != "team-00000 team-00002" {
		t.Errorf("%q", got)
	}
}

// Who asks for a newer listing gets one that began afterwards.
func TestRefreshIsAskedOnce(t *testing.T) {
	w, ws := workspaceWorld(t)
	_, err := w.slack.Refresh(t.Context(), ws.ID)
	w.wants(err, access.CodeConflict, "workspaceId")
	in := slackApp("T1")
	in.Scopes = append(in.Scopes, "channels:read")
	ws, err = w.slack.Install(t.Context(), bot(), in)
	w.must(err)
	wanted := func() bool {
		t.Helper()
		d, err := w.slack.Directory(t.Context(), ws)
		w.must(err)
		return d.Wanted
	}
	w.report("T1", Piece{Listing: "a", Number: 1})
	w.pass(time.Second)
	for range 2 {
		_, err = w.slack.Refresh(t.Context(), ws.ID)
		w.must(err)
	}
	w.report("T1", Piece{Listing: "a", Number: 2, Last: true})
	if !wanted() {
		t.Error("a listing that had begun before is what was asked for")
	}
	w.pass(time.Second)
	w.report("T1", Piece{Listing: "b", Number: 1})
	w.pass(time.Second)
	_, err = w.slack.Refresh(t.Context(), ws.ID) // while what was asked for before is under way
	w.must(err)
	w.report("T1", Piece{Listing: "b", Number: 2, Last: true})
	if !wanted() {
		t.Error("what was asked for while a listing was under way is forgotten with it")
	}
	w.pass(time.Second)
	w.report("T1", Piece{Listing: "c", Number: 1, Last: true})
	if wanted() {
		t.Error("it is still asked for")
	}
}

// A channel that the app can't post in is refused while that is known, and taken where it
// is not.
func TestAChannelIsCheckedByWhatIsKnown(t *testing.T) {
	w, ws := workspaceWorld(t)
	n := 0
	choose := func(id string) error {
		n++
		_, err := w.CreateIntegration(t.Context(), w.admin, access.NewIntegration{Name: fmt.Sprint("ops", n), Kind: slackchannel.Name, Channel: &access.Channel{WorkspaceID: ws.ID, ChannelID: id}})
		return err
	}
	w.must(choose("CNONE")) // nothing is known
	list := Piece{Listing: "a", Number: 1, Last: true, Channels: []Channel{
		{ChannelID: "CIN", Name: "in", Member: true}, {ChannelID: "COLD", Name: "old", Member: true, Archived: true},
		{ChannelID: "COPEN", Name: "open"}, {ChannelID: "CPRIV", Name: "private", Private: true},
	}}
	w.report("T1", list)
	w.must(choose("CNONE")) // may be a private one
	list.Listing, list.Complete = "b", true
	w.report("T1", list)
	w.must(choose("CIN"))
	for id, want := range map[string]access.Code{"CNONE": access.CodeNotFound, "COLD": access.CodeConflict, "COPEN": access.CodeConflict, "CPRIV": access.CodeConflict, "#in": access.CodeInvalid} {
		err := choose(id)
		w.wants(err, want, "slackChannel.channelId")
		if invite := strings.Contains(err.Error(), "/invite @Procyon"); invite != (id != "COLD" && id != "#in") {
			t.Errorf("%s: %v", id, err)
		}
	}
	in := slackApp("T1")
	in.Scopes = append(in.Scopes, "chat:write.public")
	_, err := w.slack.Install(t.Context(), bot(), in)
	w.must(err)
	w.must(choose("COPEN"))
	w.pass(freshFor + time.Second)
	w.must(choose("COLD")) // unarchived since, perhaps

	for name, want := range map[string]string{"#Open": "COPEN", "private": "CPRIV"} {
		if got, err := w.slack.ChannelNamed(t.Context(), ws.ID, name); err != nil || got != want {
			t.Errorf("%s is %q, %v", name, got, err)
		}
	}
	_, err = w.slack.ChannelNamed(t.Context(), ws.ID, "#none")
	w.wants(err, access.CodeNotFound, "slackChannel.name")
}

// Whatever channel is refused by what Slack said lately has the bot look again at once: so
// "try again in some seconds" is true.
func TestARefusedChannelIsLookedForAgain(t *testing.T) {
	w, _ := workspaceWorld(t)
	in := slackApp("T1")
	in.Scopes = append(in.Scopes, "channels:read")
	ws, err := w.slack.Install(t.Context(), bot(), in)
	w.must(err)
	byID := func(id string) func() error {
		return func() error { return w.slack.checkSeen(t.Context(), ws, id) }
	}
	byName := func(name string) func() error {
		return func() error {
			_, err := w.slack.ChannelNamed(t.Context(), ws.ID, name)
			return err
		}
	}
	list := func(channels ...Channel) Piece {
		return Piece{Listing: fmt.Sprint(w.slack.subjects.Now()), Number: 1, Last: true, Complete: true, Channels: channels}
	}
	for name, c := range map[string]struct {
		choose  func() error
		refused bool
	}{
		"unknown": {byID("CNONE"), true}, "archived": {byID("COLD"), true}, "not a member": {byID("CPRIV"), true}, "fine": {byID("CIN"), false},
		"unknown by name": {byName("none"), true}, "fine by name": {byName("in"), false},
	} {
		w.report("T1", list(Channel{ChannelID: "CIN", Name: "in", Member: true}, Channel{ChannelID: "COLD", Name: "old", Archived: true}, Channel{ChannelID: "CPRIV", Name: "private", Private: true}))
		w.pass(time.Second)
		if err := c.choose(); (err != nil) != c.refused {
			t.Errorf("%s: %v", name, err)
		}
		d, err := w.slack.Directory(t.Context(), ws)
		if w.must(err); d.Wanted != c.refused {
			t.Errorf("%s: a newer listing is asked for: %v", name, d.Wanted)
		}
		w.pass(time.Second)
	}
}
