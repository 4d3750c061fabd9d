package slackchannel

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"procyon/integration"
	"procyon/internal/slackapi"
	"procyon/internal/slacksim"
	"procyon/notifier"
	"procyon/notifier/notifiertest"
)

// app posts to a simulated Slack as the bot does: what a message shows later is the bot's
// to test.
type app struct {
	bot  *slackapi.Bot
	tops map[string]string // the timestamps of requests' messages
}

func (a *app) Post(ctx context.Context, address string, p Post) slackapi.Result {
	_, channel, _ := strings.Cut(address, "/")
	if top, ok := a.tops[p.RequestID]; ok {
		_, err := a.bot.Post(ctx, channel, top, p.Card.Line())
		return slackapi.PostOutcome(err)
	}
	at, err := a.bot.Post(ctx, channel, "", p.Card.Message())
	if err == nil && p.RequestID != "" {
		a.tops[p.RequestID] = at.TS
	}
	return slackapi.PostOutcome(err)
}

func open(t *testing.T) notifiertest.FarEnd {
	var sim *slacksim.Server
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { sim.ServeHTTP(w, r) }))
	sim = slacksim.New(slacksim.Options{BaseURL: web.URL})
	api, err := slackapi.NewAPI(web.URL + "/api/")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { api.Close(); web.Close(); sim.Close() })
	installed, err := sim.Install("")
	if err != nil {
		t.Fatal(err)
	}
	id, err := sim.AddChannel("", "access", false)
	if err != nil {
		t.Fatal(err)
	}
	fail := func(f slacksim.Fault) { sim.FailCalls("chat.postMessage", 1, f) }
	return notifiertest.FarEnd{
		Kind: Kind(), Channel: New(&app{api.Bot(installed.Token), map[string]string{}}), Address: installed.TeamID + "/" + id, Secrets: []string{installed.Token},
		Texts: func() (texts []string) {
			for _, m := range sim.Messages("access") {
				if m.Thread == "" {
					texts = append(texts, m.Text)
				}
			}
			return texts
		},
		Answer: func(o notifier.Outcome, wait time.Duration) {
			switch o {
			case notifier.OutcomeRetry:
				fail(slacksim.Fault{Status: 429, RetryAfter: wait})
			case notifier.OutcomeDead:
				fail(slacksim.Fault{Code: "invalid_blocks"})
			case notifier.OutcomeBroken:
				fail(slacksim.Fault{Code: "is_archived"})
			case notifier.OutcomeDelivered:
			}
		},
		Hang: func() { fail(slacksim.Fault{Hang: true}) },
		Good: map[string][]string{integration.SlackChannel: {"C0123ABCD"}},
		Bad:  map[string][]string{integration.SlackChannel: {"#ops", "c0123abcd", "C", "C0123 ABCD", "C" + strings.Repeat("0", 40)}},
	}
}

func TestKind(t *testing.T) { notifiertest.Run(t, open) }

// What is sent has what the bot needs to keep it up to date.
func TestSend(t *testing.T) {
	var got Post
	c := New(posterFunc(func(address string, p Post) slackapi.Result {
		if got = p; address != "T0123/C0456" {
			t.Error(address)
		}
		return slackapi.PostOutcome(nil)
	}))
	m := notifiertest.Message("CREATED")
	if r := c.Send(t.Context(), "T0123/C0456", m); r.Outcome != notifier.OutcomeDelivered {
		t.Errorf("%+v", r)
	}
	if got.RequestID != m.RequestID || got.IntegrationID != m.IntegrationID || got.Cursor != m.Cursor || !got.Card.Interactive {
		t.Errorf("%+v", got)
	}
}

type posterFunc func(address string, p Post) slackapi.Result

func (f posterFunc) Post(_ context.Context, address string, p Post) slackapi.Result {
	return f(address, p)
}

func TestWhatMendsAChannel(t *testing.T) {
	for reason, want := range map[string]string{
		"the app is not in this channel; invite it with /invite (not_in_channel)":  "Invite the app",
		"the app lacks the scope chat:write; install it again (missing_scope)":     "Install the app",
		"the app no longer has access to this workspace (team_access_not_granted)": "Install the app",
		"the channel is archived (is_archived)":                                    "Unarchive the channel in Slack and press Enable, or choose another channel.",
		"nobody but a few may post in this channel (restricted_action)":            "Mend this in Slack and press Enable",
		"": "Mend this in Slack and press Enable",
	} {
		if got := Kind().Mend(reason); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s", reason, got)
		}
	}
}
