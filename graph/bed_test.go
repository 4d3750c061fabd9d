package graph_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/ast"
	"go.uber.org/goleak"

	"procyon/access"
	"procyon/auth"
	"procyon/catalogimport"
	"procyon/checkpoint"
	"procyon/delivery"
	"procyon/graph"
	"procyon/graph/scalar"
	"procyon/graph/transport"
	"procyon/index"
	"procyon/integration"
	"procyon/internal/seal"
	"procyon/internal/slackapi"
	"procyon/internal/subject"
	"procyon/journal"
	"procyon/notifier/slackchannel"
	"procyon/notifier/slackwebhook"
	"procyon/overview"
	"procyon/policy"
	"procyon/problem"
	"procyon/receipt"
	"procyon/slackworkspace"
	"procyon/store"
	"procyon/store/sqlite"
	"procyon/workerstore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bed is the API on a real store, with people and things.
type bed struct {
	*access.Service
	t        *testing.T
	path     string // of the store
	resolver *graph.Resolver
	exec     graphql.GraphExecutor
	schema   *ast.Schema
	journal  *journal.Journal
	sync     syncing
	store    journal.Store
	auth     *auth.Service
	records  *workerstore.Store

	gets atomic.Int64 // how often subjects were read by their IDs

	mu    sync.Mutex
	clock time.Time
	ids   int

	ada, bo, dev, eve access.User // administrators, and members
	account           access.Account
	db, server        access.Resource
	integration       access.Integration
	slack             *slackworkspace.Service
	workspace         string // the ID of a Slack workspace
}

const hookURL = "https://hooks.slack.com/services/T0000/B0000/verySecretPart"

func newBed(t *testing.T) *bed {
	t.Helper()
	return newBedBy(t, access.Options{})
}

// newBedBy is newBed with settings of what can be asked for, and by whom it is approved.
func newBedBy(t *testing.T, settings access.Options) *bed {
	t.Helper()
	b := newBedUnder(t, filepath.Join(t.TempDir(), "procyon.db"), time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC), settings)
	b.furnish()
	return b
}

// newBedOn is the API on a store that may be there already, with the key file beside it.
func newBedOn(t *testing.T, path string, clock time.Time) *bed {
	t.Helper()
	return newBedUnder(t, path, clock, access.Options{})
}

func newBedUnder(t *testing.T, path string, clock time.Time, settings access.Options) *bed {
	t.Helper()
	b := &bed{t: t, path: path, clock: clock}
	db, err := sqlite.Open(t.Context(), path)
	b.must(err)
	keys, err := seal.LoadOrCreate(filepath.Join(filepath.Dir(path), "secret.key"))
	b.must(err)
	b.store = db
	b.journal, err = journal.Open(t.Context(), db, journal.Options{Kinds: subject.Kinds(), Poll: time.Hour})
	b.must(err)
	hosts, err := slackapi.ParseHostPolicy("")
	b.must(err)
	public, err := url.Parse("https://procyon.example.com")
	b.must(err)
	derive := func(parts ...string) string { return fmt.Sprintf("%x", strings.Join(parts, "|")) }
	names := index.NewNames(b.journal, db, index.Options{Kinds: subject.Kinds(), Terms: subject.NameTerms(), OnError: b.must})
	subjects := access.NewSubjects(b.journal, counted{db, &b.gets}, access.SubjectOptions{Kinds: subject.Kinds(), Now: b.now, NewID: b.newID, DeriveID: derive, Names: names})
	b.slack = slackworkspace.New(subjects, db, keys, hosts.CheckURL)
	b.Service = access.New(subjects, access.Options{
		Ended:      index.NewEnded(b.journal, db).Count,
		Workspaces: b.slack, EndFor: b.slack.EndFor,
		MaxDuration: settings.MaxDuration, ApproveInConsole: settings.ApproveInConsole, Secrets: keys,
		Integrations: []integration.Kind{slackwebhook.Kind(hosts), slackchannel.Kind()}, DecideIn: 24 * time.Hour, History: journal.History(db),
	})
	b.records = workerstore.New(db, b.now, derive, keys)
	who := auth.New(db, b.Service, auth.Options{Clock: b.now, CheapHashes: true})
	b.auth = who
	b.resolver = &graph.Resolver{
		Access: b.Service, Auth: who, Imports: catalogimport.New(b.Service, db), Slack: b.slack, Ledger: delivery.New(db, b.journal, b.now, b.newID, derive), Records: b.records, Offers: who, Sync: &b.sync, Journal: b.journal,
		History: db, PublicURL: public,
		Checkpoint: func(ctx context.Context) (*checkpoint.Checkpoint, error) { return checkpoint.Stored(ctx, db) },
		Receipt:    func(context.Context, string) (*receipt.Receipt, error) { return nil, receipt.ErrNotSigning },
	}
	b.resolver.Problems = &problem.Finder{Access: b.Service, Ledger: b.resolver.Ledger, Slack: b.slack, Journal: b.journal, Now: b.now}
	b.resolver.Numbers = &overview.Overview{Access: b.Service, Ledger: b.resolver.Ledger, Days: index.NewDays(b.journal, db), Now: b.now}
	schema := graph.NewSchema(b.resolver)
	b.schema = schema.Schema()
	exec := executor.New(schema)
	graph.HandleErrors(exec, slog.New(slog.DiscardHandler))
	transport.DefaultLimits().Apply(exec)
	b.exec = transport.NewStrict(exec, b.schema, scalar.Checks())
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- b.journal.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		b.must(<-ended)
		b.must(db.Close())
	})
	return b
}

// counted counts how often documents are read by their IDs.
type counted struct {
	store.Reader
	gets *atomic.Int64
}

func (c counted) Get(ctx context.Context, ids ...string) ([]store.Document, error) {
	c.gets.Add(1)
	return c.Reader.Get(ctx, ids...)
}

// furnish makes what most tests need.
func (b *bed) furnish() {
	b.t.Helper()
	ctx, by := b.t.Context(), access.System()
	by.Admin = true
	for p, in := range map[*access.User]access.NewUser{
		&b.ada: {Email: "ada@example.com", Name: "Ada", Admin: true}, &b.bo: {Email: "bo@example.com", Name: "Bo", Admin: true},
		&b.dev: {Email: "dev@example.com", Name: "Dev"}, &b.eve: {Email: "eve@example.com", Name: "Eve"},
	} {
		u, err := b.CreateUser(ctx, by, in)
		b.must(err)
		*p = u
	}
	var err error
	b.account, err = b.CreateAccount(ctx, by, access.NewAccount{Name: "Production", Provider: "AWS", ExternalID: "1"})
	b.must(err)
	b.db, err = b.CreateResource(ctx, by, access.NewResource{Name: "db", Kind: access.ResourceDatabase, AccountID: b.account.ID, Roles: []string{"reader", "writer"}})
	b.must(err)
	b.server, err = b.CreateResource(ctx, by, access.NewResource{Name: "server", Kind: access.ResourcePrivateServer})
	b.must(err)
	b.integration, err = b.CreateIntegration(ctx, by, access.NewIntegration{Name: "approvals", Kind: slackwebhook.Name, URL: hookURL})
	b.must(err)
	w, err := b.slack.Install(ctx, by, slackworkspace.NewWorkspace{SlackID: "T1", Name: "Acme", AppID: "A1", BotUserID: "U0", Webhook: &slackworkspace.NewWebhook{URL: hookURL, Channel: "#ops"}})
	b.must(err)
	_, err = b.slack.Accept(ctx, by, w.ID, w.InstalledAt)
	b.must(err)
	b.workspace = w.ID
}

// govern puts policies before the one that everything falls to.
func (b *bed) govern(policies ...policy.Policy) {
	b.t.Helper()
	now, err := b.Policies(b.t.Context())
	b.must(err)
	set := policy.Set{Policies: append(policies, now.Policies[len(now.Policies)-1])}
	_, problems, err := b.SetPolicies(b.t.Context(), access.System(), set, access.PolicyChange{Version: now.Version})
	b.must(err)
	if len(problems.Wrong) > 0 {
		b.t.Fatal(problems.Wrong)
	}
}

// cursor is that of an entry of the journal.
func (b *bed) cursor(seq uint64) string {
	b.t.Helper()
	p, err := b.journal.PositionAt(b.t.Context(), seq)
	b.must(err)
	return scalar.FormatCursor(p)
}

func (b *bed) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bed) now() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.clock
}

func (b *bed) pass(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.clock = b.clock.Add(d)
}

func (b *bed) newID() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ids++
	return fmt.Sprintf("%08d", b.ids)
}

// caller is somebody who calls the API; nil is nobody.
type caller = *auth.Principal

// session is a person who may do all that they may, by nothing that can end; token is a
// person's token with scopes.
func session(u access.User) caller {
	p := token(u, auth.ScopeSelf)
	p.TokenID = ""
	return p
}

func token(u access.User, scopes ...string) caller {
	return &auth.Principal{Actor: access.Actor{
		Kind: access.ActorUser, ID: u.ID, Name: u.Name, Email: u.Email, Admin: u.Admin, Via: "api", Scopes: scopes,
	}, TokenID: "tok_1"}
}

func service(scopes ...string) caller {
	return &auth.Principal{Actor: access.Actor{Kind: access.ActorService, ID: "svc_1", Name: "worker", Via: "api", Scopes: scopes}, TokenID: "tok_2"}
}

// acting is a service that acts for a person.
func acting(u access.User) caller {
	p := token(u, auth.ScopeSlackAct)
	p.Actor.ByID, p.Actor.ByName = "svc_1", "worker"
	return p
}

// reply is a GraphQL response.
type reply struct {
	Data   map[string]any
	Errors []struct {
		Message    string
		Path       []any
		Locations  []struct{ Line, Column int }
		Extensions map[string]any
	}
}

// codes lists the codes of the errors.
func (r reply) codes() string {
	var out []string
	for _, e := range r.Errors {
		code, _ := e.Extensions["code"].(string)
		out = append(out, code)
	}
	return strings.Join(out, " ")
}

// sent is variables as the server reads them.
func (b *bed) sent(variables map[string]any) (values map[string]any) {
	b.t.Helper()
	data, err := json.Marshal(variables)
	b.must(err)
	d := json.NewDecoder(strings.NewReader(string(data)))
	d.UseNumber()
	b.must(d.Decode(&values))
	return values
}

// do runs one operation; of a subscription, it takes the first answer, which is
// empty where there is none yet.
func (b *bed) do(who caller, query string, variables map[string]any) reply {
	b.t.Helper()
	ctx, cancel := context.WithCancel(b.t.Context())
	defer cancel()
	if who != nil {
		ctx = auth.WithPrincipal(ctx, who)
	}
	ctx = graphql.StartOperationTrace(ctx)
	op, errs := b.exec.CreateOperationContext(ctx, &graphql.RawParams{Query: query, Variables: b.sent(variables)})
	var resp *graphql.Response
	if errs != nil {
		resp = b.exec.DispatchError(graphql.WithOperationContext(ctx, op), errs)
	} else {
		next, inner := b.exec.DispatchOperation(ctx, op)
		if op.Operation.Operation == ast.Subscription {
			inner, cancel = context.WithTimeout(inner, time.Millisecond)
			defer cancel()
		}
		resp = next(inner)
	}
	if resp == nil {
		return reply{}
	}
	data, err := json.Marshal(resp)
	b.must(err)
	var out reply
	b.must(json.Unmarshal(data, &out))
	return out
}

// checkPath says where a user error names a field that its mutation does not have.
func (b *bed) checkPath(mutation string, path []string) {
	b.t.Helper()
	args := b.schema.Types["Mutation"].Fields.ForName(mutation).Arguments
	var typ *ast.Type
	for i, p := range path {
		if typ != nil && typ.Elem != nil && strings.Trim(p, "0123456789") == "" {
			typ = typ.Elem
			continue
		}
		if i == 0 && args.ForName(p) != nil {
			typ = args.ForName(p).Type
			continue
		}
		var f *ast.FieldDefinition
		if typ != nil {
			f = b.schema.Types[typ.Name()].Fields.ForName(p)
		}
		if f == nil {
			b.t.Errorf("%s: an error is at %v, which it has not", mutation, path)
			return
		}
		typ = f.Type
	}
}

// looked completes a decision with what somebody gives who has just looked, and asks
// for the same again where a test does so.
func (b *bed) looked(name string, input map[string]any) map[string]any {
	b.t.Helper()
	out := object{}
	switch name {
	case "createAccessRequest":
		out["allowDuplicate"] = true
	case "reviewAccessRequest":
		out["expectedVersion"], out["subject"] = 1, access.SubjectRequest
		id, _ := input["requestId"].(string)
		if r, err := b.Request(b.t.Context(), id); err == nil {
			out["expectedVersion"], out["subject"] = r.Version(), r.Subject()
		}
		if input["decision"] == "DENY" {
			out["comment"] = "no"
		}
	}
	maps.Copy(out, input)
	return out
}

// userErrors runs a mutation and returns its user errors as "CODE field.path".
func (b *bed) userErrors(who caller, name string, input map[string]any) string {
	b.t.Helper()
	input = b.looked(name, input)
	r := b.do(who, fmt.Sprintf("mutation($input: %sInput!) { %s(input: $input) { userErrors { code field message } } }", strings.ToUpper(name[:1])+name[1:], name), map[string]any{"input": input})
	if len(r.Errors) > 0 {
		return "error " + r.codes() + " " + r.Errors[0].Message
	}
	var out []string
	for _, e := range r.Data[name].(map[string]any)["userErrors"].([]any) {
		m := e.(map[string]any)
		if m["message"] == "" {
			b.t.Errorf("%s: an error without words: %v", name, m)
		}
		path := []string{}
		if list, ok := m["field"].([]any); ok {
			for _, p := range list {
				path = append(path, p.(string))
			}
			b.checkPath(name, path)
		}
		out = append(out, fmt.Sprint(m["code"], " ", strings.TrimPrefix(strings.Join(path, "."), "input.")))
	}
	return strings.Join(out, ", ")
}
