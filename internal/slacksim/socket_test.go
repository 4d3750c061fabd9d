package slacksim

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"
)

// TestSlackGoSocket has slack-go take what comes by Socket Mode.
func TestSlackGoSocket(t *testing.T) {
	b := newBed(t, Options{App: App{SocketMode: true}})
	api := slack.New(b.in.Token, slack.OptionAPIURL(b.url+"/api/"), slack.OptionHTTPClient(b.client), slack.OptionAppLevelToken(b.App().AppToken))
	client := socketmode.New(api)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- client.RunContext(ctx) }()
	defer func() {
		cancel()
		<-ended
	}()
	kinds := make(chan string, 10)
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case e := <-client.Events:
				switch d := e.Data.(type) {
				case slack.SlashCommand:
					kinds <- "command " + d.UserName
					client.Ack(*e.Request, map[string]any{"text": "hello " + d.UserName, "response_type": "ephemeral"})
				case slack.InteractionCallback:
					kinds <- "interaction " + string(d.Type)
					client.Ack(*e.Request)
				case slackevents.EventsAPIEvent:
					kinds <- "event " + d.InnerEvent.Type
					client.Ack(*e.Request)
				}
			}
		}
	}()
	expect := func(want string) {
		t.Helper()
		select {
		case got := <-kinds:
			if got != want {
				t.Errorf("%s, want %s", got, want)
			}
		case <-soon(t).Done():
			t.Fatalf("nothing came, want %s (refused: %+v)", want, b.Refused())
		}
	}
	if err := b.Connected(soon(t)); err != nil {
		t.Fatal(err)
	}
	dev := b.As("dev")
	if err := dev.Command(t.Context(), "", "/procyon"); err != nil {
		t.Fatal(err)
	}
	expect("command dev")
	if m := must[Message](t)(dev.ExpectEphemeral(soon(t))); m.Text != "hello dev" {
		t.Errorf("%+v", m)
	}
	if _, _, err := b.api.PostMessageContext(t.Context(), dev.ID(), slack.MsgOptionText("x", false), slack.MsgOptionBlocks(buttons("go"))); err != nil {
		t.Fatal(err)
	}
	if err := dev.Click(t.Context(), must[Message](t)(dev.ExpectDM(soon(t))), "go"); err != nil {
		t.Fatal(err)
	}
	expect("interaction block_actions")
	if _, err := dev.OpenHome(); err != nil {
		t.Fatal(err)
	}
	expect("event app_home_opened")
	if err := b.Settle(soon(t)); err != nil {
		t.Fatal(err)
	}
	b.clean()
}

func TestSocketNeedsTheAppsToken(t *testing.T) {
	b := newBed(t, Options{})
	for token, want := range map[string]string{"": "not_authed", "xapp-other": "invalid_auth", b.in.Token: "not_allowed_token_type", b.App().AppToken: "socket_mode_not_enabled"} {
		if _, got, _ := b.call("apps.connections.open", token, ""); got["error"] != want {
			t.Errorf("%v, want %s", got, want)
		}
	}
}

// TestHang holds a call until the caller gives up.
func TestHang(t *testing.T) {
	b := newBed(t, Options{})
	b.FailCalls("auth.test", 1, Fault{Hang: true})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := b.api.AuthTestContext(ctx); err == nil {
		t.Error("it answered")
	}
	if _, err := b.api.AuthTestContext(t.Context()); err != nil {
		t.Error(err)
	}
	var r []Refusal
	raw, _ := json.Marshal(b.Refused())
	mustJSON(t, raw, &r)
	if len(r) != 1 || !r[0].Ordered {
		t.Errorf("%+v", r)
	}
}

// BenchmarkCommand is a command in a workspace of ten thousand people, with an app that is
// not there.
func BenchmarkCommand(b *testing.B) {
	people := make([]Profile, 10_000)
	for i := range people {
		people[i].Name = "p" + string(rune('a'+i%26)) + time.Duration(i).String()
	}
	s := New(Options{People: people, App: App{CommandURL: "http://127.0.0.1:1/"}})
	defer s.Close()
	if _, err := s.Install(""); err != nil {
		b.Fatal(err)
	}
	for i := 0; b.Loop(); i++ {
		_ = s.As(people[i%len(people)].Name).Command(b.Context(), "", "/procyon")
	}
}
