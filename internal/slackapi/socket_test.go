package slackapi_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"procyon/internal/slackapi"
	"procyon/internal/slacksim"
)

// socketBed is a Slack that sends through sockets.
func socketBed(t *testing.T) (*slacksim.Server, *slackapi.API) {
	t.Helper()
	sim := slacksim.New(slacksim.Options{People: []slacksim.Profile{{Name: "dev"}}, App: slacksim.App{SocketMode: true}, AckTimeout: 20 * time.Second})
	web := httptest.NewServer(sim)
	t.Cleanup(web.Close)
	t.Cleanup(sim.Close)
	sim.SetBaseURL(web.URL)
	if _, err := sim.Install(""); err != nil {
		t.Fatal(err)
	}
	api, err := slackapi.NewAPI(web.URL + "/api")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.Close)
	return sim, api
}

// Slack closes a socket while a command is under way: it is answered through the old one,
// and what comes meanwhile through the new.
func TestSocketRefreshLosesNothing(t *testing.T) {
	sim, api := socketBed(t)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	taken, release := make(chan string, 2), make(chan struct{})
	take := func(name string) func(context.Context, slackapi.Envelope) (any, bool) {
		return func(ctx context.Context, _ slackapi.Envelope) (any, bool) {
			taken <- name
			select {
			case <-release:
			case <-ctx.Done():
			}
			return map[string]string{"text": "by the " + name, "response_type": "ephemeral"}, true
		}
	}
	open := func(name string) (*slackapi.Socket, chan error) {
		t.Helper()
		s, err := api.OpenSocket(ctx, sim.App().AppToken)
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- s.Serve(ctx, take(name)) }()
		return s, ended
	}
	dev := sim.As("dev")
	asked := make(chan error, 2)
	command := func() { asked <- dev.Command(ctx, "", "/procyon") }
	old, ended := open("old")
	go command()
	if by := <-taken; by != "old" {
		t.Fatal(by)
	}
	sim.Disconnect()
	<-old.Leaving()
	_, renewed := open("new")
	if err := sim.Connected(ctx); err != nil {
		t.Fatal(err)
	}
	go command()
	if by := <-taken; by != "new" {
		t.Fatal(by)
	}
	select {
	case err := <-ended:
		t.Fatalf("the old socket ended before its answer: %v", err)
	default:
	}
	close(release)
	said := map[string]bool{}
	for range 2 {
		if err := <-asked; err != nil {
			t.Error(err)
		}
		m, err := dev.ExpectEphemeral(ctx)
		if err != nil {
			t.Fatal(err)
		}
		said[m.Text] = true
	}
	if !said["by the old"] || !said["by the new"] {
		t.Errorf("%v", said)
	}
	if err := <-ended; err == nil {
		t.Error("the old socket ended without a reason")
	}
	cancel()
	if err := <-renewed; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// A token that Slack refuses is told as such, and nothing else is.
func TestSocketToken(t *testing.T) {
	_, api := socketBed(t)
	if _, err := api.OpenSocket(t.Context(), "xapp-other"); !slackapi.TokenLost(err) {
		t.Error(err)
	}
	gone, err := slackapi.NewAPI("http://127.0.0.1:1/api")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := gone.OpenSocket(t.Context(), "xapp-other"); slackapi.TokenLost(err) || slackapi.CodeOf(err) != "network" {
		t.Error(err)
	}
}
