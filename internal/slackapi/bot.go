package slackapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"
)

// DefaultAPIURL is where Slack's Web API is.
const DefaultAPIURL = "https://slack.com/api/"

const (
	apiTimeout = 10 * time.Second
	// defaultRetryAfter is for answers that say "too many" without a time.
	defaultRetryAfter = 30 * time.Second
)

// API reaches Slack's Web API. It is safe for concurrent use. The zero value is
// Slack's own, with a client of ours that follows no redirect.
type API struct {
	// URL is the base, with a slash at the end; "" means [DefaultAPIURL].
	URL string
	// HTTP makes the requests; nil is a client of our own.
	HTTP *http.Client
}

// NewAPI makes an API at a base URL; "" means Slack's.
func NewAPI(base string) (*API, error) {
	if base == "" {
		base = DefaultAPIURL
	}
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fmt.Errorf("the URL of Slack's API %q must look like %s", base, DefaultAPIURL)
	}
	return &API{URL: strings.TrimSuffix(base, "/") + "/", HTTP: &http.Client{
		Timeout:       apiTimeout,
		Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 64, IdleConnTimeout: time.Minute},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Close drops idle connections.
func (a *API) Close() { a.HTTP.CloseIdleConnections() }

// Bot calls the Web API as an app's bot user in one workspace.
type Bot struct{ client *slack.Client }

// Bot returns a caller with a bot token, which is sent to the API's URL alone.
func (a *API) Bot(token string) *Bot {
	return &Bot{slack.New(token, slack.OptionHTTPClient(a.HTTP), slack.OptionAPIURL(a.URL))}
}

// APIError is what went wrong with a call of the Web API. It never holds a token.
type APIError struct {
	// Method is the API method, such as "chat.update".
	Method string
	// Code is Slack's word, such as "channel_not_found", or one of ours:
	// "ratelimited", "network", "http_503".
	Code string
	// RetryAfter is how long to wait; more than 0 where another try may work.
	RetryAfter time.Duration
}

func (e *APIError) Error() string { return "Slack's " + e.Method + ": " + e.Code }

// CodeOf is the code of an *[APIError], "" for any other error.
func CodeOf(err error) string {
	var e *APIError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// RetryAfter tells whether and when a call that failed may work.
func RetryAfter(err error) (time.Duration, bool) {
	var e *APIError
	if errors.As(err, &e) && e.RetryAfter > 0 {
		return e.RetryAfter, true
	}
	return 0, false
}

// TokenLost tells whether the error says that the token will never work again.
func TokenLost(err error) bool {
	switch CodeOf(err) {
	case "invalid_auth", "not_authed", "token_revoked", "account_inactive", "org_login_required", "app_uninstalled":
		return true
	}
	return false
}

// transientCodes are Slack's words for trouble of its own.
func transientCode(code string) bool {
	switch code {
	case "internal_error", "fatal_error", "service_unavailable", "request_timeout", "ratelimited", "rate_limited":
		return true
	}
	return false
}

// apiError makes one of what slack-go returns.
func apiError(ctx context.Context, method string, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	e := &APIError{Method: method, Code: "network", RetryAfter: time.Second}
	var limited *slack.RateLimitedError
	var status slack.StatusCodeError
	var refused slack.SlackErrorResponse
	switch {
	case errors.As(err, &limited):
		e.Code, e.RetryAfter = "ratelimited", min(max(limited.RetryAfter, time.Second), MaxRetryAfter)
	case errors.As(err, &status):
		e.Code = fmt.Sprintf("http_%d", status.Code)
		switch {
		case status.Code == http.StatusTooManyRequests:
			e.RetryAfter = defaultRetryAfter
		case status.Code < http.StatusInternalServerError:
			e.RetryAfter = 0
		}
	case errors.As(err, &refused):
		e.Code, e.RetryAfter = refused.Err, 0
		if transientCode(refused.Err) {
			e.RetryAfter = time.Second
		}
	}
	return e
}

// Posted is where a message is.
type Posted struct {
	Channel string // a D… for direct messages, whatever was asked for
	TS      string
}

// Age is how long ago it was posted; more than any other where the timestamp, which begins
// with the seconds since 1970, is none of Slack's.
func (p Posted) Age(now time.Time) time.Duration {
	seconds, _, _ := strings.Cut(p.TS, ".")
	n, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return math.MaxInt64
	}
	return now.Sub(time.Unix(n, 0))
}

func (m Message) options() []slack.MsgOption {
	return []slack.MsgOption{
		slack.MsgOptionText(m.Text, false), slack.MsgOptionBlocks(m.Blocks...), slack.MsgOptionDisableLinkUnfurl(),
		slack.MsgOptionDisableMediaUnfurl(), slack.MsgOptionDisableMarkdown(), slack.MsgOptionParse(false),
	}
}

// Post posts a message to a channel, or into the thread of another message where
// thread is not empty.
func (b *Bot) Post(ctx context.Context, channel, thread string, m Message) (Posted, error) {
	if err := Check(m); err != nil {
		return Posted{}, &APIError{Method: "chat.postMessage", Code: "invalid_message"}
	}
	options := m.options()
	if m.Mark.Key != "" {
		options = append(options, m.Mark.option())
	}
	if thread != "" {
		options = append(options, slack.MsgOptionTS(thread))
		if m.Broadcast {
			options = append(options, slack.MsgOptionBroadcast())
		}
	}
	at, ts, err := b.client.PostMessageContext(ctx, channel, options...)
	return Posted{at, ts}, apiError(ctx, "chat.postMessage", err)
}

// Update changes a message of the bot's.
func (b *Bot) Update(ctx context.Context, at Posted, m Message) error {
	if err := Check(m); err != nil {
		return &APIError{Method: "chat.update", Code: "invalid_message"}
	}
	_, _, _, err := b.client.UpdateMessageContext(ctx, at.Channel, at.TS, m.options()...)
	return apiError(ctx, "chat.update", err)
}

// Delete takes a message of the bot's away. One that is gone already is no error.
func (b *Bot) Delete(ctx context.Context, at Posted) error {
	_, _, err := b.client.DeleteMessageContext(ctx, at.Channel, at.TS)
	if err = apiError(ctx, "chat.delete", err); CodeOf(err) == "message_not_found" {
		return nil
	}
	return err
}

// OpenDM returns the channel of the direct messages with a person.
func (b *Bot) OpenDM(ctx context.Context, user string) (string, error) {
	c, _, _, err := b.client.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{user}})
	if err != nil {
		return "", apiError(ctx, "conversations.open", err)
	}
	return c.ID, nil
}

// Test asks Slack whether the token works.
func (b *Bot) Test(ctx context.Context) error {
	_, err := b.client.AuthTestContext(ctx)
	return apiError(ctx, "auth.test", err)
}

// Domain asks Slack where the people of the token's workspace, or organisation, find it,
// such as acme.slack.com. It needs no scope; "" where Slack does not tell.
func (b *Bot) Domain(ctx context.Context) (string, error) {
	r, err := b.client.AuthTestContext(ctx)
	if err != nil {
		return "", apiError(ctx, "auth.test", err)
	}
	if u, err := url.Parse(r.URL); err == nil {
		return strings.ToLower(u.Hostname()), nil
	}
	return "", nil
}

// Respond sends an answer to the response_url of an interaction: at most five times
// within half an hour (https://docs.slack.dev/interactivity/handling-user-interaction).
// body is anything that encodes to JSON.
func (a *API) Respond(ctx context.Context, responseURL string, body any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("slackapi: encode an answer: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, responseURL, bytes.NewReader(data))
	if err != nil {
		return &APIError{Method: "response_url", Code: "invalid_url"}
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	resp, err := a.HTTP.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return &APIError{Method: "response_url", Code: "network", RetryAfter: time.Second}
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return &APIError{Method: "response_url", Code: fmt.Sprintf("http_%d", resp.StatusCode)}
	}
	return nil
}

// View is an open modal or Home.
type View struct {
	ID   string
	Hash string // of its present content: guards an update
}

// OpenModal opens a modal. A trigger is good once, for three seconds.
func (b *Bot) OpenModal(ctx context.Context, trigger string, m slack.ModalViewRequest) (View, error) {
	return opened(ctx, "views.open")(b.client.OpenViewContext(ctx, trigger, m))
}

// PushModal opens a modal on top of the one that the trigger came from.
func (b *Bot) PushModal(ctx context.Context, trigger string, m slack.ModalViewRequest) (View, error) {
	return opened(ctx, "views.push")(b.client.PushViewContext(ctx, trigger, m))
}

// UpdateModal changes an open modal. With a hash, only if it is still the content
// that the hash is of ("hash_conflict").
func (b *Bot) UpdateModal(ctx context.Context, v View, m slack.ModalViewRequest) (View, error) {
	return opened(ctx, "views.update")(b.client.UpdateViewContext(ctx, m, "", v.Hash, v.ID))
}

// PublishHome shows a person's Home tab.
func (b *Bot) PublishHome(ctx context.Context, user string, blocks []slack.Block) error {
	_, err := opened(ctx, "views.publish")(b.client.PublishViewContext(ctx, slack.PublishViewContextRequest{
		UserID: user, View: slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: blocks}},
	}))
	return err
}

func opened(ctx context.Context, method string) func(*slack.ViewResponse, error) (View, error) {
	return func(r *slack.ViewResponse, err error) (View, error) {
		if err != nil {
			return View{}, apiError(ctx, method, err)
		}
		return View{ID: r.ID, Hash: r.Hash}, nil
	}
}

// Installation is what Slack tells of an app that was just installed, or whose
// token was refreshed.
type Installation struct {
	TeamID, TeamName string // empty for a whole organisation
	EnterpriseID     string
	EnterpriseName   string
	Enterprise       bool // installed for the whole organisation
	AppID, BotUserID string
	Scopes           []string
	Token            string
	RefreshToken     string        // where tokens rotate
	ExpiresIn        time.Duration // 0: the token lasts
	Webhook          *InstalledWebhook
}

// InstalledWebhook is the channel that was chosen for notifications.
type InstalledWebhook struct {
	URL, Channel, ChannelID, ConfigurationURL string
}

// Exchange makes an installation of the code that Slack sent to redirectURI.
func (a *API) Exchange(ctx context.Context, clientID, clientSecret, code, redirectURI string) (Installation, error) {
	r, err := slack.GetOAuthV2ResponseContext(ctx, a.HTTP, clientID, clientSecret, code, redirectURI, slack.OAuthOptionAPIURL(a.URL))
	if err != nil {
		return Installation{}, apiError(ctx, "oauth.v2.access", err)
	}
	return installation(r), nil
}

// Refresh gets a new token for one that expires. It ends the refresh token.
func (a *API) Refresh(ctx context.Context, clientID, clientSecret, refreshToken string) (Installation, error) {
	r, err := slack.RefreshOAuthV2TokenContext(ctx, a.HTTP, clientID, clientSecret, refreshToken, slack.OAuthOptionAPIURL(a.URL))
	if err != nil {
		return Installation{}, apiError(ctx, "oauth.v2.access", err)
	}
	return installation(r), nil
}

func installation(r *slack.OAuthV2Response) Installation {
	in := Installation{
		TeamID: r.Team.ID, TeamName: r.Team.Name, EnterpriseID: r.Enterprise.ID, EnterpriseName: r.Enterprise.Name,
		Enterprise: r.IsEnterpriseInstall, AppID: r.AppID, BotUserID: r.BotUserID, Token: r.AccessToken, RefreshToken: r.RefreshToken,
		ExpiresIn: time.Duration(r.ExpiresIn) * time.Second,
		Scopes:    strings.FieldsFunc(r.Scope, func(c rune) bool { return c == ',' || c == ' ' }),
	}
	if w := r.IncomingWebhook; w.URL != "" {
		in.Webhook = &InstalledWebhook{URL: w.URL, Channel: w.Channel, ChannelID: w.ChannelID, ConfigurationURL: w.ConfigurationURL}
	}
	return in
}
