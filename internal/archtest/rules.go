package archtest

// Rules are the product's rules of dependence. The domain knows no technology;
// the journal, the stores and the API stand around it; the workers know the
// API's client only, as anybody else's would; internal/app puts all together, and the
// root has the table of commands alone.
func Rules() []Rule {
	return []Rule{
		{Folder: ".", May: []string{"internal/command"}}, // main and its table, and nothing that needs a test
		{Folder: "duration", May: []string{"phrase"}, StandardOnly: true},
		{Folder: "phrase", StandardOnly: true},
		{Folder: "store", StandardOnly: true},
		{Folder: "search"}, // golang.org/x/text
		{Folder: "policy", May: []string{"duration", "phrase"}, StandardOnly: true},
		{Folder: "policy/condition", May: []string{"policy", "phrase"}}, // cel.dev/cel-go
		{Folder: "access", May: []string{"duration", "integration", "phrase", "search"}, MayOnly: []string{"policy", "store"}, StandardOnly: true, Never: "slack", Except: []string{
			// What the fields of destinations are called in the API.
			"SlackChannel", `"slackChannel"`, `"slackChannel.workspaceId"`,
		}},
		{Folder: "integration", StandardOnly: true},
		{Folder: "slackworkspace", May: []string{"access", "integration"}, MayOnly: []string{"store"}, StandardOnly: true},
		{Folder: "catalogfile", May: []string{"phrase"}, StandardOnly: true},
		{Folder: "catalogimport", May: []string{"access", "catalogfile", "phrase"}, MayOnly: []string{"store"}, StandardOnly: true},
		{Folder: "directory", May: []string{"access", "directory/scim"}, MayOnly: []string{"store"}, StandardOnly: true},
		{Folder: "directory/scim", May: []string{"search"}, StandardOnly: true}, // the protocol, without the domain
		{Folder: "internal/subject", May: []string{"access", "catalogimport", "slackworkspace"}},
		{Folder: "journal", May: []string{"access", "internal/pack", "internal/tally", "search"}, MayOnly: []string{"store"}},
		{Folder: "checkpoint", May: []string{"journal", "internal/keyfile"}, MayOnly: []string{"store"}},
		{Folder: "receipt", May: []string{"access", "checkpoint", "duration", "journal", "phrase"}},
		{Folder: "index", May: []string{"access", "journal", "search"}, MayOnly: []string{"store"}},
		{Folder: "delivery", May: []string{"access", "journal"}, MayOnly: []string{"store"}},
		{Folder: "workerstore", May: []string{"access"}, MayOnly: []string{"store"}},
		{Folder: "problem", May: []string{"access", "delivery", "journal", "phrase", "slackworkspace"}, MayOnly: []string{"store"}},
		{Folder: "overview", May: []string{"access", "delivery", "index"}, MayOnly: []string{"store"}},
		{Folder: "auth", May: []string{"access", "internal/cookie", "slackworkspace"}, MayOnly: []string{"store"}},
		{Folder: "auth/oidc"},
		{Folder: "store/*", May: []string{"access", "journal", "internal/durable", "internal/pack", "internal/tally"}, MayOnly: []string{"store"}},
		{Folder: "store/storetest", May: []string{"access", "checkpoint", "journal", "internal/subject"}, MayOnly: []string{"store"}},
		{Folder: "graph", May: []string{"access", "journal", "auth", "catalogimport", "checkpoint", "delivery", "directory", "duration", "index", "internal/admission", "overview", "policy", "problem", "receipt", "search", "slackworkspace", "workerstore"}, MayOnly: []string{"store"}},
		{Folder: "client", May: []string{"duration"}},
		{Folder: "worker", May: []string{"client"}},
		{Folder: "notifier", May: []string{"client", "integration", "worker", "internal/slackapi", "duration", "phrase"}},
		{Folder: "slackbot", May: []string{"client", "worker", "internal/cookie", "internal/slackapi", "duration", "phrase"}},
		{Folder: "console", May: []string{"access", "auth", "graph/errorcode", "internal/cookie", "duration", "phrase"}},
		{Folder: "console/operation"},
		{Folder: "internal/app", May: []string{
			"access", "auth", "catalogfile", "catalogimport", "checkpoint", "client", "console", "console/operation", "delivery", "directory", "directory/scim", "graph", "index", "integration", "journal", "notifier", "overview", "policy/condition", "problem", "receipt", "slackbot", "slackworkspace", "store", "workerstore", "duration",
			"internal/admission", "internal/cookie", "internal/memory", "internal/seal", "internal/slackapi", "internal/subject",
		}},
		// What tests share: it starts the product and a simulated Slack.
		{Folder: "internal/app/apptest", May: []string{"access", "internal/app", "internal/demo", "internal/slacksim"}},
		{Folder: "internal/demo", May: []string{"access", "duration", "notifier", "policy", "slackworkspace", "internal/app", "internal/slackapi", "internal/slacksim"}, MayOnly: []string{"store"}},
		{Folder: "internal/command", May: []string{"access", "catalogfile", "catalogimport", "checkpoint", "index", "journal", "receipt", "graph/transport", "internal/app", "internal/demo", "internal/inspect", "internal/subject", "phrase", "slackbot"}, MayOnly: []string{"store"}},
		{Folder: "internal/slackapi", May: []string{"duration", "phrase"}},
		{Folder: "internal/chromium"},
		{Folder: "internal/slacksim", May: []string{"internal/slackapi", "internal/chromium"}},
		{Folder: "internal/cookie", StandardOnly: true},
		{Folder: "internal/pack"}, // github.com/klauspost/compress
		{Folder: "internal/tally", StandardOnly: true},
		{Folder: "internal/seal", May: []string{"internal/keyfile"}, StandardOnly: true},
		{Folder: "internal/durable", StandardOnly: true},
		{Folder: "internal/keyfile", May: []string{"internal/durable"}, StandardOnly: true},
		{Folder: "internal/admission", StandardOnly: true},
		{Folder: "internal/inspect", StandardOnly: true},
		{Folder: "internal/memory", StandardOnly: true},
		{Folder: "internal/archtest", StandardOnly: true},
		{Folder: "internal/initialism", StandardOnly: true},
		// Black boxes: they start the binary and talk to it from outside.
		{Folder: "e2e", May: []string{"client", "internal/chromium", "internal/slacksim"}},
		{Folder: "bench", May: []string{"access", "auth", "client", "console/operation", "journal", "store", "graph", "internal/slackapi", "internal/slacksim", "slackworkspace", "internal/chromium", "internal/subject"}},
	}
}
