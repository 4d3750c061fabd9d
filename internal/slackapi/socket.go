package slackapi

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

// Envelope is what Slack sends through a socket that the app opened, in place of a
// request to one of its URLs: https://docs.slack.dev/apis/events-api/using-socket-mode
type Envelope struct {
	// Type is "slash_commands", "interactive" or "events_api".
	Type    string
	Payload json.RawMessage
}

// atOnce bounds how many envelopes are worked on at a time.
const atOnce = 64

// Listen opens a socket with an app-level token, hands what comes through it to
// take, and answers with what that returns; where ok is false it does not answer,
// and Slack sends an event again. It connects again by itself. It returns when ctx
// is done, then with ctx's error, or when Slack refuses the token.
func (a *API) Listen(ctx context.Context, appToken string, take func(context.Context, Envelope) (answer any, ok bool)) error {
	api := slack.New("", slack.OptionAppLevelToken(appToken), slack.OptionHTTPClient(a.HTTP), slack.OptionAPIURL(a.URL))
	socket := socketmode.New(api)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var tasks sync.WaitGroup
	defer tasks.Wait()
	ended := make(chan error, 1)
	tasks.Go(func() { ended <- socket.RunContext(ctx) })
	slots := make(chan struct{}, atOnce)
	for {
		select {
		case e := <-socket.Events:
			if e.Type == socketmode.EventTypeInvalidAuth {
				cancel()
				<-ended //nolint:errcheck // it was told to end
				return &APIError{Method: "apps.connections.open", Code: "invalid_auth"}
			}
			if e.Request == nil || e.Request.EnvelopeID == "" {
				continue
			}
			slots <- struct{}{}
			tasks.Go(func() {
				defer func() { <-slots }()
				answer, ok := take(ctx, Envelope{Type: e.Request.Type, Payload: e.Request.Payload})
				if ok {
					_ = socket.AckCtx(ctx, e.Request.EnvelopeID, answer) // else Slack sends it again
				}
			})
		case err := <-ended:
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return fmt.Errorf("slackapi: the socket ended: %w", err)
		}
	}
}
