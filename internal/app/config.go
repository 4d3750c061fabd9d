package app

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"procyon/access"
	"procyon/graph/transport"
	"procyon/internal/slackapi"
)

// config is what the commands are told by flags and environment variables.
type config struct {
	listen        string
	publicURL     string
	store         string
	keyFile       string
	adminEmail    string
	adminPassword string
	webhookHosts  string
	workers       string
	proxies       string
	connections   int
	gatewayURL    string
	serviceToken  string
	webhookEvery  time.Duration
	leaseTTL      time.Duration
	decideIn      time.Duration
	minReason     int
	maxQuery      int // bytes; 0 is the default
	maxOpen       int
	maxPerHour    int
	consoleOnly   bool
	slack         slackConfig
	oidc          oidcConfig
	logFormat     string
	logLevel      string

	now func() time.Time // for tests; nil is time.Now
}

// flags makes a command's flag set. Each flag's default comes from its
// environment variable: PROCYON_ and its name in upper case.
type flags struct {
	*flag.FlagSet
	getenv func(string) string
	bad    []error
}

func newFlags(name string, c *call) *flags {
	f := &flags{FlagSet: flag.NewFlagSet("procyon "+name, flag.ContinueOnError), getenv: c.getenv}
	f.SetOutput(c.err)
	return f
}

func variable(name string) string {
	return "PROCYON_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

func (f *flags) text(p *string, name, value, usage string) {
	f.StringVar(p, name, value, usage+" ("+variable(name)+")")
	if v := f.getenv(variable(name)); v != "" {
		*p = v // not as the default, which --help shows: a URI may hold a password
	}
}

// secret is text that is never shown as a default.
func (f *flags) secret(p *string, name, usage string) {
	*p = f.getenv(variable(name))
	f.Func(name, usage+" ("+variable(name)+")", func(s string) error { *p = s; return nil })
}

func (f *flags) duration(p *time.Duration, name string, value time.Duration, usage string) {
	if v := f.getenv(variable(name)); v != "" {
		d, err := time.ParseDuration(v)
		if err != nil {
			f.bad = append(f.bad, fmt.Errorf("%s: %w", variable(name), err))
		}
		value = d
	}
	f.DurationVar(p, name, value, usage+" ("+variable(name)+")")
}

func (f *flags) number(p *int, name string, value int, usage string) {
	if v := f.getenv(variable(name)); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil {
			f.bad = append(f.bad, fmt.Errorf("%s %q is not a number", variable(name), v))
		}
		value = n
	}
	f.IntVar(p, name, value, usage+" ("+variable(name)+")")
}

// yes is a switch. Its variable is true or false.
func (f *flags) yes(p *bool, name string, value bool, usage string) {
	if v := f.getenv(variable(name)); v != "" {
		b, err := strconv.ParseBool(v)
		if err != nil {
			f.bad = append(f.bad, fmt.Errorf("%s %q is neither true nor false", variable(name), v))
		}
		value = b
	}
	f.BoolVar(p, name, value, usage+" ("+variable(name)+")")
}

func (f *flags) parse(args []string) error {
	if err := f.Parse(args); err != nil {
		return err
	}
	if f.NArg() > 0 {
		return fmt.Errorf("%s takes no argument %q", f.Name(), f.Arg(0))
	}
	return errors.Join(f.bad...)
}

func (f *flags) storeFlags(c *config) {
	f.text(&c.store, "store", "sqlite:data/procyon.db", "where everything is kept: sqlite:PATH or mongodb://…")
	f.text(&c.keyFile, "secret-key-file", "", "the file of keys that encrypt secrets; made if absent; default: beside the SQLite file, or data/secret.key")
}

func (f *flags) logFlags(c *config) {
	f.text(&c.logFormat, "log-format", "text", "text or json")
	f.text(&c.logLevel, "log-level", "info", "debug, info, warn or error")
}

func (f *flags) gatewayFlags(c *config) {
	f.storeFlags(c)
	f.logFlags(c)
	f.text(&c.listen, "listen", "127.0.0.1:8080", "the address to serve on")
	f.text(&c.publicURL, "public-url", "", "the URL under which people reach the console; default: http:// and the address")
	f.text(&c.proxies, "trusted-proxies", "", "addresses of reverse proxies whose X-Forwarded-For is believed, comma-separated, such as 10.0.0.0/8; without, all who come through a proxy share one limit of tries to sign in")
	f.connectionFlags(c)
	f.text(&c.adminEmail, "admin-email", "", "the first administrator's e-mail address, on the first start")
	f.secret(&c.adminPassword, "admin-password", "the first administrator's password; absent: a random one, printed once")
	f.number(&c.maxQuery, "max-query-bytes", transport.DefaultLimits().Text, "how long the text of a GraphQL operation may be, 4096 to 1048576 bytes")
	f.duration(&c.decideIn, "decide-in", 24*time.Hour, "how long a request waits for a decision")
	f.number(&c.minReason, "min-reason", 1, "how many characters a reason must have at least: of a request, an extension, a denial, a revocation")
	f.number(&c.maxOpen, "max-open-requests", access.DefaultMaxOpen, "how many requests one person may have open at once; 0: no limit")
	f.number(&c.maxPerHour, "max-requests-per-hour", access.DefaultMaxPerHour, "how often one person may ask within an hour, by new requests, edits and extensions together; 0: no limit")
	f.yes(&c.consoleOnly, "approve-in-console", false, "approvals are taken in the console alone, not from Slack and not by a token")
	f.notifierFlags(c)
	f.slackFlags(&c.slack)
	f.oidcFlags(&c.oidc)
}

// connectionFlags are those of every server.
func (f *flags) connectionFlags(c *config) {
	f.number(&c.connections, "max-connections", maxConnections, "how many connections are served at once, a quarter of them at most from one address that is no trusted proxy; fewer where the system allows fewer open files")
}

// oidcConfig is what is told of the identity provider. Without an issuer there is none.
type oidcConfig struct{ issuer, clientID, clientSecret, domains string }

func (f *flags) oidcFlags(c *oidcConfig) {
	f.text(&c.issuer, "oidc-issuer", "", "the OpenID Connect provider's issuer, for single sign-on")
	f.text(&c.clientID, "oidc-client-id", "", "the client's ID at the provider")
	f.secret(&c.clientSecret, "oidc-client-secret", "the client's secret")
	f.text(&c.domains, "oidc-email-domains", "", "only people with a verified e-mail address of these domains can come in, comma-separated; default: all whom the provider lets in")
}

// check refuses what is only half there.
func (c *oidcConfig) check() error {
	if given := c.issuer + c.clientID + c.clientSecret; given != "" && (c.issuer == "" || c.clientID == "" || c.clientSecret == "") {
		return errors.New("single sign-on needs PROCYON_OIDC_ISSUER, PROCYON_OIDC_CLIENT_ID and PROCYON_OIDC_CLIENT_SECRET together")
	}
	return nil
}

// slackConfig is what the Slack bot is told. Without a signing secret and without an
// app-level token there is none.
type slackConfig struct {
	signingSecret string
	appToken      string
	clientID      string
	clientSecret  string
	apiURL        string
	approverDMs   bool

	now        func() time.Time // for tests; nil is time.Now
	sweepEvery time.Duration    // for tests; 0 is the bot's own
}

// check refuses what is only half there.
func (c *slackConfig) check() error {
	switch {
	case (c.clientID == "") != (c.clientSecret == ""):
		return errors.New("to install the Slack app PROCYON_SLACK_CLIENT_ID and PROCYON_SLACK_CLIENT_SECRET are needed together; " + c.missing()[0] + " is missing")
	case c.clientID != "" && c.signingSecret+c.appToken == "":
		return errors.New("PROCYON_SLACK_CLIENT_ID is set, but no Slack bot can run: PROCYON_SLACK_SIGNING_SECRET is missing or, for Socket Mode, PROCYON_SLACK_APP_TOKEN")
	case c.appToken != "" && !strings.HasPrefix(c.appToken, "xapp-"):
		return errors.New("PROCYON_SLACK_APP_TOKEN is no app-level token, which begins with xapp-: make one under Basic Information, App-Level Tokens")
	case strings.HasPrefix(c.signingSecret, "xapp-"), strings.HasPrefix(c.signingSecret, "xoxb-"):
		return errors.New("PROCYON_SLACK_SIGNING_SECRET is a token, and not the Signing Secret, which stands under Basic Information")
	}
	if _, err := slackapi.NewAPI(c.apiURL); err != nil {
		return fmt.Errorf("PROCYON_SLACK_API_URL: %w", err)
	}
	return nil
}

// missing are the settings without which the Slack app can't be installed, by name.
func (c *slackConfig) missing() []string {
	var out []string
	if c.clientID == "" {
		out = append(out, variable("slack-client-id"))
	}
	if c.clientSecret == "" {
		out = append(out, variable("slack-client-secret"))
	}
	if c.signingSecret+c.appToken == "" {
		out = append(out, variable("slack-signing-secret"))
	}
	return out
}

func (f *flags) slackFlags(c *slackConfig) {
	f.secret(&c.signingSecret, "slack-signing-secret", "the Slack app's signing secret; without it and the app-level token there is no Slack bot")
	f.secret(&c.appToken, "slack-app-token", "the Slack app's app-level token, for Socket Mode: Slack then needs no way to this gateway")
	f.text(&c.clientID, "slack-client-id", "", "the Slack app's client ID, for installing it")
	f.secret(&c.clientSecret, "slack-client-secret", "the Slack app's client secret")
	f.yes(&c.approverDMs, "slack-approver-dms", true, "those who may decide get direct messages; without, they hear of requests in channels, on their Home tab and by /procyon approvals")
	f.text(&c.apiURL, "slack-api-url", "", "the base of Slack's Web API; default: Slack's")
}

func (f *flags) notifierFlags(c *config) {
	f.text(&c.webhookHosts, "webhook-hosts", "", "the hosts that webhooks may go to, comma-separated; default: Slack's own")
	f.paceFlags(c)
}

// paceFlags are those of every worker that sends notifications.
func (f *flags) paceFlags(c *config) {
	f.duration(&c.webhookEvery, "webhook-interval", time.Second, "the least time between two messages to one webhook or channel")
	f.duration(&c.leaseTTL, "lease-ttl", 10*time.Second, "how long another notifier or Slack bot waits after the one at work fell silent, 1s to 5m")
}

// interval is the least time between two messages to one place, as the notifier takes
// it: less than 0 is none, where 0 would mean its default.
func (c *config) interval() time.Duration {
	if c.webhookEvery <= 0 {
		return -1
	}
	return c.webhookEvery
}

// minQuery is more than the longest operation of the console and the workers, in bytes.
const minQuery = 4096

// check fills in what follows from the rest, and refuses what can't be.
func (c *config) check() error {
	if c.publicURL == "" {
		c.publicURL = "http://" + strings.Replace("//"+c.listen, "//:", "//localhost:", 1)[2:]
	}
	u, err := url.Parse(c.publicURL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("PROCYON_PUBLIC_URL %q is not an http or https URL", c.publicURL)
	}
	if _, _, err := net.SplitHostPort(c.listen); err != nil {
		return fmt.Errorf("PROCYON_LISTEN: %w", err)
	}
	if c.minReason < 0 || c.minReason > access.MaxReason {
		return fmt.Errorf("PROCYON_MIN_REASON %d must be from 1 to %d characters", c.minReason, access.MaxReason)
	}
	if c.connections == 0 { // not told
		c.connections = maxConnections
	}
	if c.connections < minConnections {
		return fmt.Errorf("PROCYON_MAX_CONNECTIONS %d is less than %d connections", c.connections, minConnections)
	}
	if c.maxQuery == 0 {
		c.maxQuery = transport.DefaultLimits().Text
	}
	if c.maxQuery < minQuery || c.maxQuery > transport.DefaultMaxBody {
		return fmt.Errorf("PROCYON_MAX_QUERY_BYTES %d must be from %d to %d bytes", c.maxQuery, minQuery, transport.DefaultMaxBody)
	}
	if err := errors.Join(c.checkLimits(), c.oidc.check(), c.slack.check()); err != nil {
		return err
	}
	for _, w := range c.workerList() {
		if workerScopes[w] == nil {
			return fmt.Errorf("there is no worker %q; there are: notifier, slackbot", w)
		}
	}
	return nil
}

// checkLimits checks how much one person may ask.
func (c *config) checkLimits() error {
	for name, n := range map[string]int{"PROCYON_MAX_OPEN_REQUESTS": c.maxOpen, "PROCYON_MAX_REQUESTS_PER_HOUR": c.maxPerHour} {
		if n < 0 || n > access.MostAsked {
			return fmt.Errorf("%s %d must be from 1 to %d requests, or 0 for no limit", name, n, access.MostAsked)
		}
	}
	return nil
}

// unlessZero is a limit as the domain takes it: there less than 0 is none, and 0 the default.
func unlessZero(n int) int {
	if n == 0 {
		return -1
	}
	return n
}

func (c *config) workerList() []string {
	list := strings.FieldsFunc(c.workers, func(r rune) bool { return r == ',' || r == ' ' })
	return slices.DeleteFunc(list, func(s string) bool {
		return s == "none" || s == "slackbot" && c.slack.signingSecret+c.slack.appToken == ""
	})
}

// keyPath is where the keys are.
func (c *config) keyPath() string {
	if c.keyFile != "" {
		return c.keyFile
	}
	if path, ok := strings.CutPrefix(c.store, "sqlite:"); ok {
		return filepath.Join(filepath.Dir(path), "secret.key")
	}
	return filepath.Join("data", "secret.key")
}

func (c *config) logger(w io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.logLevel)); err != nil {
		return nil, fmt.Errorf("PROCYON_LOG_LEVEL %q is none of debug, info, warn, error", c.logLevel)
	}
	options := &slog.HandlerOptions{Level: level}
	switch c.logFormat {
	case "text":
		return slog.New(slog.NewTextHandler(w, options)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, options)), nil
	default:
		return nil, fmt.Errorf("PROCYON_LOG_FORMAT %q is neither text nor json", c.logFormat)
	}
}
