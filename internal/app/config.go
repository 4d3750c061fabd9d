package app

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"procyon/access"
	"procyon/delivery"
	"procyon/duration"
	"procyon/graph/transport"
	"procyon/internal/slackapi"
	"procyon/journal"
)

// Config is what a server is told. Errors about it name the settings of the command
// line, such as PROCYON_LISTEN.
type Config struct {
	Server        ServerConfig
	Store         StoreConfig
	Requests      RequestConfig
	WebhookHosts  string // that webhooks may go to, comma-separated; "" is Slack's own
	Pace          PaceConfig
	Slack         SlackConfig
	OIDC          OIDCConfig
	MaxQueryBytes int    // of the text of a GraphQL operation; 0 is the default
	Workers       string // that run in this process, comma-separated, or none
	// KeepDeliveries is how long notifications are kept since they were owed; 0 is the
	// ledger's default.
	KeepDeliveries time.Duration
	// CheckpointEvery is how old a checkpoint of the journal gets before another is made; 0
	// makes none.
	CheckpointEvery time.Duration

	Now         func() time.Time                  // for tests; nil is the machine's clock
	WrapStore   func(journal.Store) journal.Store // for tests: what stands before the store; nil is nothing
	CheapHashes bool                              // for tests: hashing a password takes no time, and so does guessing it
}

// ServerConfig is what every process is told that serves HTTP.
type ServerConfig struct {
	Listen         string // host:port
	PublicURL      string // "" is http:// and Listen
	TrustedProxies string // addresses and prefixes, comma-separated
	MaxConnections int    // 0 is the default

	bound net.Listener // on Listen; nil before Bind
}

// StoreConfig is where everything is kept, and what secrets are encrypted with.
type StoreConfig struct {
	URL     string // sqlite:PATH or mongodb://…
	KeyFile string // "" is beside the SQLite file, or data/secret.key
	// CheckpointKeyFile has what checkpoints are signed with; "" is checkpoint.key beside
	// KeyFile.
	CheckpointKeyFile string
}

// RequestConfig says how people may ask for access.
type RequestConfig struct {
	DecideIn         time.Duration // that a request waits for a decision; 0 is the domain's default
	MaxDuration      time.Duration // of an access, extensions included; 0 is the domain's default
	MinReason        int           // characters
	MaxOpen          int           // requests that one person has open at once; 0 is no limit
	MaxPerHour       int           // requests of one person; 0 is no limit
	ApproveInConsole bool          // and nowhere else
}

// PaceConfig is what every worker that sends notifications is told.
type PaceConfig struct {
	Interval time.Duration // the least between two messages to one place; 0 is none
	LeaseTTL time.Duration
}

// SlackConfig is what the Slack bot is told. Without a signing secret and without an
// app-level token there is none.
type SlackConfig struct {
	SigningSecret string
	AppToken      string
	ClientID      string
	ClientSecret  string
	APIURL        string // "" is Slack's
	ApproverDMs   bool

	Now        func() time.Time                    // for tests; nil is time.Now
	SweepEvery time.Duration                       // for tests; 0 is the bot's own
	AnswerIn   time.Duration                       // for tests; 0 is the bot's own
	Shorten    func(d time.Duration) time.Duration // for tests: the bot's waits; nil leaves them
}

// OIDCConfig is what is told of the identity provider. Without an issuer there is none.
type OIDCConfig struct {
	Issuer, ClientID, ClientSecret string
	EmailDomains                   string // that may come in, comma-separated; "" is all
	GroupsClaim                    string // that names people's groups; "": none
	Scopes                         string // to ask for besides, comma-separated
}

// minQuery is more than the longest operation of the console and the workers, in bytes.
const minQuery = 4096

// KeepDeliveries is how long notifications are kept where nothing else is told.
const KeepDeliveries = delivery.DefaultKeep

// CheckpointEvery is how often checkpoints are made where nothing else is told, and
// minCheckpoint how often at most.
const (
	CheckpointEvery = time.Hour
	minCheckpoint   = time.Minute
)

// How long notifications can be kept: at least for some days after they were last tried.
const (
	minKeep = 7 * 24 * time.Hour
	maxKeep = 3650 * 24 * time.Hour
)

// Check fills in what follows from the rest, and refuses what can't be. To call it again
// changes nothing.
func (c *Config) Check() error {
	if err := c.Server.Check(); err != nil {
		return err
	}
	if c.MaxQueryBytes == 0 {
		c.MaxQueryBytes = transport.DefaultLimits().Text
	}
	if c.MaxQueryBytes < minQuery || c.MaxQueryBytes > transport.DefaultMaxBody {
		return fmt.Errorf("PROCYON_MAX_QUERY_BYTES %d must be from %d to %d bytes", c.MaxQueryBytes, minQuery, transport.DefaultMaxBody)
	}
	if d := c.KeepDeliveries; d != 0 && (d < minKeep || d > maxKeep) {
		return fmt.Errorf("PROCYON_KEEP_DELIVERIES %s must be from a week (168h) to ten years (87600h)", d)
	}
	if d := c.CheckpointEvery; d != 0 && d < minCheckpoint {
		return fmt.Errorf("PROCYON_CHECKPOINT_EVERY %s must be at least a minute (1m), or 0 for none", d)
	}
	if err := errors.Join(c.Requests.Check(), c.OIDC.Check(), c.Slack.Check()); err != nil {
		return err
	}
	for _, w := range c.workerList() {
		if _, known := workerNamed(w); !known {
			return fmt.Errorf("there is no worker %q; there are: %s", w, strings.Join(WorkerNames(), ", "))
		}
	}
	return nil
}

// Check fills in what follows from the address, and refuses what can't be.
func (c *ServerConfig) Check() error {
	if c.PublicURL == "" {
		c.PublicURL = "http://" + strings.Replace("//"+c.Listen, "//:", "//localhost:", 1)[2:]
	}
	u, err := ParsePublicURL(c.PublicURL)
	if err != nil {
		return err
	}
	c.PublicURL = u.String()
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		return fmt.Errorf("PROCYON_LISTEN: %w; write it like 127.0.0.1:8080", err)
	}
	if c.MaxConnections == 0 { // not told
		c.MaxConnections = MaxConnections
	}
	if c.MaxConnections < minConnections {
		return fmt.Errorf("PROCYON_MAX_CONNECTIONS %d is less than %d connections", c.MaxConnections, minConnections)
	}
	return nil
}

// ParsePublicURL reads the setting PROCYON_PUBLIC_URL. The pages link each other from the top
// of their host, so it is a scheme and a host; a slash behind them is left out.
func ParsePublicURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("PROCYON_PUBLIC_URL %q is not an http or https URL", raw)
	}
	u.Host = browsersHost(u)
	if u.Path = strings.TrimRight(u.Path, "/"); u.Path != "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("PROCYON_PUBLIC_URL must be a scheme and a host alone, such as %s://%s: Procyon is at the top of its host", u.Scheme, u.Host)
	}
	return u, nil
}

// browsersHost is a URL's host as browsers write it in the origin of a page: in small
// letters, and without the port that the scheme has anyway.
func browsersHost(u *url.URL) string {
	return strings.TrimSuffix(strings.ToLower(u.Host), map[string]string{"http": ":80", "https": ":443"}[u.Scheme])
}

// Check refuses what can't be.
func (c *RequestConfig) Check() error {
	if c.DecideIn < 0 {
		return fmt.Errorf("PROCYON_DECIDE_IN %s is before the request; give a length of time such as 24h", c.DecideIn)
	}
	if d := c.MaxDuration; d != 0 && (d < access.MinDuration || d > duration.Max || d%time.Second != 0) {
		return fmt.Errorf("PROCYON_MAX_DURATION %s must be whole seconds from one minute (1m) to 366 days (8784h)", d)
	}
	if c.MinReason < 0 || c.MinReason > access.MaxReason {
		return fmt.Errorf("PROCYON_MIN_REASON %d must be from 1 to %d characters", c.MinReason, access.MaxReason)
	}
	for name, n := range map[string]int{"PROCYON_MAX_OPEN_REQUESTS": c.MaxOpen, "PROCYON_MAX_REQUESTS_PER_HOUR": c.MaxPerHour} {
		if n < 0 || n > access.MostAsked {
			return fmt.Errorf("%s %d must be from 1 to %d requests, or 0 for no limit", name, n, access.MostAsked)
		}
	}
	return nil
}

// Check refuses what is only half there.
func (c *SlackConfig) Check() error {
	switch {
	case (c.ClientID == "") != (c.ClientSecret == ""):
		return errors.New("to install the Slack app PROCYON_SLACK_CLIENT_ID and PROCYON_SLACK_CLIENT_SECRET are needed together; " + c.missing()[0] + " is missing")
	case c.ClientID != "" && !c.on():
		return errors.New("PROCYON_SLACK_CLIENT_ID is set, but no Slack bot can run: PROCYON_SLACK_SIGNING_SECRET is missing or, for Socket Mode, PROCYON_SLACK_APP_TOKEN")
	case c.AppToken != "" && !strings.HasPrefix(c.AppToken, "xapp-"):
		return errors.New("PROCYON_SLACK_APP_TOKEN is no app-level token, which begins with xapp-: make one under Basic Information, App-Level Tokens")
	case strings.HasPrefix(c.SigningSecret, "xapp-"), strings.HasPrefix(c.SigningSecret, "xoxb-"):
		return errors.New("PROCYON_SLACK_SIGNING_SECRET is a token, and not the Signing Secret, which stands under Basic Information")
	}
	if _, err := slackapi.NewAPI(c.APIURL); err != nil {
		return fmt.Errorf("PROCYON_SLACK_API_URL: %w", err)
	}
	return nil
}

// on tells whether there is enough for a bot to hear Slack.
func (c *SlackConfig) on() bool { return c.SigningSecret+c.AppToken != "" }

// missing are the settings without which the Slack app can't be installed, by name.
func (c *SlackConfig) missing() []string {
	var out []string
	if c.ClientID == "" {
		out = append(out, "PROCYON_SLACK_CLIENT_ID")
	}
	if c.ClientSecret == "" {
		out = append(out, "PROCYON_SLACK_CLIENT_SECRET")
	}
	if !c.on() {
		out = append(out, "PROCYON_SLACK_SIGNING_SECRET")
	}
	return out
}

// Check refuses what is only half there.
func (c *OIDCConfig) Check() error {
	if given := c.Issuer + c.ClientID + c.ClientSecret; given != "" && (c.Issuer == "" || c.ClientID == "" || c.ClientSecret == "") {
		return errors.New("single sign-on needs PROCYON_OIDC_ISSUER, PROCYON_OIDC_CLIENT_ID and PROCYON_OIDC_CLIENT_SECRET together")
	}
	return nil
}

// interval is the least time between two messages to one place, as the notifier takes
// it: less than 0 is none, where 0 would mean its default.
func (c *PaceConfig) interval() time.Duration {
	if c.Interval <= 0 {
		return -1
	}
	return c.Interval
}

// leaseTTL is that of the leases of workers: a second at least, and whole seconds, for
// the API takes no parts of them.
func (c *PaceConfig) leaseTTL() time.Duration {
	return (max(c.LeaseTTL, time.Second) + time.Second - 1).Truncate(time.Second)
}

// unlessZero is a limit as the domain takes it: there less than 0 is none, and 0 the default.
func unlessZero(n int) int {
	if n == 0 {
		return -1
	}
	return n
}

// workerList are the workers that run in this process, also the names of none that there is.
func (c *Config) workerList() []string {
	list := strings.FieldsFunc(c.Workers, func(r rune) bool { return r == ',' || r == ' ' })
	return slices.DeleteFunc(list, func(s string) bool {
		w, known := workerNamed(s)
		return s == "none" || known && !w.on(c)
	})
}

// keyPath is where the keys are.
func (c *StoreConfig) keyPath() string {
	if c.KeyFile != "" {
		return c.KeyFile
	}
	if path, ok := strings.CutPrefix(c.URL, "sqlite:"); ok {
		return filepath.Join(filepath.Dir(path), "secret.key")
	}
	return filepath.Join("data", "secret.key")
}

// CheckpointKeyPath is where the keys are that checkpoints are signed with.
func (c *StoreConfig) CheckpointKeyPath() string {
	if c.CheckpointKeyFile != "" {
		return c.CheckpointKeyFile
	}
	return filepath.Join(filepath.Dir(c.keyPath()), "checkpoint.key")
}
