package command

import (
	"time"

	"procyon/access"
	"procyon/graph/transport"
	"procyon/internal/app"
)

// Each part of a server's configuration has one function here that adds its settings, so
// that a command takes the parts that it needs.

func storeSettings(s settings, c *app.StoreConfig) {
	s.text(&c.URL, "store", "sqlite:data/procyon.db", "where everything is kept: "+app.StoreForms())
	keySettings(s, c)
}

func keySettings(s settings, c *app.StoreConfig) {
	s.text(&c.KeyFile, "secret-key-file", "", "the file of keys that encrypt secrets; made if absent; default: beside the SQLite file, or data/secret.key")
}

func checkpointKeySettings(s settings, c *app.StoreConfig) {
	s.text(&c.CheckpointKeyFile, "checkpoint-key-file", "", "the file of keys that sign checkpoints of the journal; made if absent; default: checkpoint.key beside the file of keys that encrypt secrets")
}

// appSettings are those of a whole server, wherever its store and Slack are.
func appSettings(s settings, c *app.Config) {
	s.text(&c.Server.Listen, "listen", "127.0.0.1:8080", "the address to serve on; with the port 0 one that is free")
	s.text(&c.Server.PublicURL, "public-url", "", "the URL under which people reach the console; default: http:// and the address")
	s.text(&c.Server.TrustedProxies, "trusted-proxies", "", "addresses of reverse proxies whose X-Forwarded-For is believed, comma-separated, such as 10.0.0.0/8; without, all who come through a proxy share one limit of tries to sign in")
	connectionSettings(s, &c.Server)
	s.number(&c.MaxQueryBytes, "max-query-bytes", transport.DefaultLimits().Text, "how long the text of a GraphQL operation may be, 4096 to 1048576 bytes")
	s.duration(&c.KeepDeliveries, "keep-deliveries", app.KeepDeliveries, "how long notifications are kept since they were owed, 168h (a week) to 87600h")
	checkpointKeySettings(s, &c.Store)
	s.duration(&c.CheckpointEvery, "checkpoint-every", app.CheckpointEvery, "how old a checkpoint of the journal gets before another is made, if the journal has grown; at least 1m; 0: none are made")
	requestSettings(s, &c.Requests)
	paceSettings(s, &c.Pace)
	approverSettings(s, &c.Slack)
	oidcSettings(s, &c.OIDC)
}

// connectionSettings are those of every process that serves.
func connectionSettings(s settings, c *app.ServerConfig) {
	s.number(&c.MaxConnections, "max-connections", app.MaxConnections, "how many connections are served at once, a quarter of them at most from one address that is no trusted proxy; fewer where the system allows fewer open files")
}

func requestSettings(s settings, c *app.RequestConfig) {
	s.duration(&c.DecideIn, "decide-in", 24*time.Hour, "how long a request waits for a decision")
	s.duration(&c.MaxDuration, "max-duration", access.DefaultMaxDuration, "how long an access may last at most, extensions included: 1m to 8784h (366 days)")
	s.number(&c.MinReason, "min-reason", 1, "how many characters a reason must have at least: of a request, an extension, a denial, a revocation")
	s.number(&c.MaxOpen, "max-open-requests", access.DefaultMaxOpen, "how many requests one person may have open at once; 0: no limit")
	s.number(&c.MaxPerHour, "max-requests-per-hour", access.DefaultMaxPerHour, "how often one person may ask within an hour, by new requests, edits and extensions together; 0: no limit")
	s.toggle(&c.ApproveInConsole, "approve-in-console", false, "approvals are taken in the console alone, not from Slack and not by a token")
}

func oidcSettings(s settings, c *app.OIDCConfig) {
	s.text(&c.Issuer, "oidc-issuer", "", "the OpenID Connect provider's issuer, for single sign-on")
	s.text(&c.ClientID, "oidc-client-id", "", "the client's ID at the provider")
	s.text(&c.ClientSecret, "oidc-client-secret", "", "the client's secret")
	s.text(&c.EmailDomains, "oidc-email-domains", "", "only people with a verified e-mail address of these domains can come in, comma-separated; default: all whom the provider lets in")
	s.text(&c.GroupsClaim, "oidc-groups-claim", "", "the claim that names the groups of who signs in, such as groups; default: groups are not taken from sign-ins")
	s.text(&c.Scopes, "oidc-scopes", "", "scopes to ask for besides openid, profile and email, comma-separated")
}

func slackSettings(s settings, c *app.SlackConfig) {
	s.text(&c.SigningSecret, "slack-signing-secret", "", "the Slack app's signing secret; without it and the app-level token there is no Slack bot")
	s.text(&c.AppToken, "slack-app-token", "", "the Slack app's app-level token, for Socket Mode: Slack then needs no way to this server")
	s.text(&c.ClientID, "slack-client-id", "", "the Slack app's client ID, for installing it")
	s.text(&c.ClientSecret, "slack-client-secret", "", "the Slack app's client secret")
	s.text(&c.APIURL, "slack-api-url", "", "the base of Slack's Web API; default: Slack's")
}

// approverSettings say how the bot tells those who may decide.
func approverSettings(s settings, c *app.SlackConfig) {
	s.toggle(&c.ApproverDMs, "slack-approver-dms", true, "those who may decide get direct messages; without, they hear of requests in channels, on their Home tab and by /procyon approvals")
}

func webhookSettings(s settings, hosts *string) {
	s.text(hosts, "webhook-hosts", "", "the hosts that webhooks may go to, comma-separated; default: Slack's own")
}

// paceSettings are those of every worker that sends notifications.
func paceSettings(s settings, c *app.PaceConfig) {
	s.duration(&c.Interval, "webhook-interval", time.Second, "the least time between two messages to one webhook or channel")
	s.duration(&c.LeaseTTL, "lease-ttl", 10*time.Second, "how long another notifier or Slack bot waits after the one at work fell silent, 1s to 5m")
}
