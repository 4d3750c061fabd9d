package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"procyon/auth"
	"procyon/console"
	"procyon/graph"
	"procyon/graph/audit"
	"procyon/graph/fanout"
	"procyon/graph/scalar"
	"procyon/graph/transport"
	"procyon/internal/admission"
	"procyon/overview"
	"procyon/problem"
)

// routes puts the handlers together.
func (a *App) routes() error {
	resolver := &graph.Resolver{
		Access: a.Access, Auth: a.Auth, Imports: a.Imports, Slack: a.Workspaces, Ledger: a.Ledger, Records: a.Records, Offers: a.Auth, Sync: a.directory, Journal: a.Journal, History: a.Store, Checkpoint: a.newestCheckpoint, PublicURL: a.public,
		Problems: &problem.Finder{Access: a.Access, Ledger: a.Ledger, Slack: a.Workspaces, Journal: a.Journal, Now: a.now},
		Numbers:  &overview.Overview{Access: a.Access, Ledger: a.Ledger, Days: a.days, Now: a.now},
	}
	resolver.Receipt = newReceipts(a.Core, &a.cfg).make
	if err := a.describeSlackApp(&resolver.App); err != nil {
		return err
	}
	schema := graph.NewSchema(resolver)
	exec := executor.New(schema)
	strict := transport.NewStrict(exec, schema.Schema(), scalar.Checks())
	exec.SetQueryCache(transport.NewDocuments(transport.DefaultDocumentBytes, signedIn))
	graph.HandleErrors(exec, a.log)
	exec.SetDisableSuggestion(true)
	exec.Use(introspection{})
	exec.Use(a.metrics)
	transport.Limits{Text: a.cfg.MaxQueryBytes}.Apply(exec)
	a.api = local{strict}
	a.unsure = warnOfUnsure(a.log)
	a.events = fanout.New(a.Journal, strict, fanout.Options{
		Scope:           func(ctx context.Context) (string, bool) { return auth.Scope(auth.From(ctx), a.Access.SeesAll), true },
		ViewerDependent: fanout.ViewerDependent(schema.Schema()),
		ViewerID:        viewerID,
		Valid:           a.standingOf,
		Read:            resolver.ReadEvent,
		Cursor:          scalar.FormatCursor,
		Logger:          a.log,
	})
	a.sockets = &transport.WebSocket{
		Source: a.events, Logger: a.log, Authorized: a.standing, Init: a.greet,
		Opened: func(ctx context.Context) func() { return admission.From(ctx).Keep() },
	}
	api := transport.New(graph.Discreet{GraphExecutor: strict}, transport.Options{
		Logger:     a.log,
		Transports: []graphql.Transport{a.sockets, &transport.SSE{Source: a.events, Authorized: a.standing, Enter: a.enter}, transport.HTTP{}},
	})
	proxies, err := parseTrustedProxies(a.cfg.Server.TrustedProxies)
	if err != nil {
		return err
	}
	from := &clients{trusted: proxies, log: a.log}
	single, err := a.newSSO(from)
	if err != nil {
		return err
	}
	a.guards = newGuards(a.Auth, proxies)
	pages, err := console.New(console.Options{API: a.api, Auth: signIn{a.Auth, from}, SSO: single, PublicURL: a.public.String(), Log: a.log, SlackMissing: a.cfg.Slack.missing()})
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/graphql", a.admit(a.guards.api, api))
	mux.Handle("/graphql/", a.admit(a.guards.api, http.HandlerFunc(nothingBeneath)))
	mux.Handle("POST /import/catalog", a.admit(a.guards.files, http.HandlerFunc(a.checkCatalog)))
	a.export = audit.New(audit.Options{Journal: a.Journal, Source: a.public.String(), Valid: a.Auth.Valid, Log: a.log})
	mux.Handle("/export/journal", a.admit(a.guards.api, a.export))
	mux.Handle("/scim/v2/", a.admitDirectory())
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	a.readiness = &readiness{journal: a.Journal, docs: a.Store, log: a.log}
	mux.HandleFunc("GET /readyz", a.ready)
	mux.Handle("GET /metrics", a.admit(a.guards.pages, a.metrics.handler(a.refuseCaller)))
	mux.Handle("/", a.guards.pages.Wrap(pages))
	mux.Handle("/slack", a.guards.pages.Wrap(pages)) // else it would lead to the bot, which has /slack/
	a.mux = mux
	return nil
}

// signedIn tells whether it is known who is calling.
func signedIn(ctx context.Context) bool { return auth.From(ctx) != nil }

func viewerID(ctx context.Context) string {
	p := auth.From(ctx)
	if p == nil {
		return "anonymous"
	}
	return p.Actor.ID + "/" + p.Actor.ByID
}

// endSubscriptions ends all of them, and exports, so that their clients resume elsewhere.
func (a *App) endSubscriptions(ctx context.Context) error {
	a.export.Close()
	err := a.sockets.Shutdown(ctx)
	a.events.Close()
	return err
}

// introspection is for those who are signed in.
type introspection struct{}

func (introspection) ExtensionName() string                   { return "Introspection" }
func (introspection) Validate(graphql.ExecutableSchema) error { return nil }

func (introspection) MutateOperationContext(ctx context.Context, op *graphql.OperationContext) *gqlerror.Error {
	op.DisableIntrospection = auth.From(ctx) == nil
	return nil
}

// local runs the console's operations in this process, through the same executor,
// rules and limits as everybody else's.
type local struct{ exec graphql.GraphExecutor }

// Do implements console.API.
func (l local) Do(ctx context.Context, query string, variables, out any) error {
	values, err := plainJSON(variables)
	if err != nil {
		return err
	}
	now := graphql.Now()
	ctx = graphql.StartOperationTrace(ctx)
	op, errs := l.exec.CreateOperationContext(ctx, &graphql.RawParams{
		Query: query, Variables: values, ReadTime: graphql.TraceTiming{Start: now, End: now},
	})
	var resp *graphql.Response
	if errs != nil {
		resp = l.exec.DispatchError(graphql.WithOperationContext(ctx, op), errs)
	} else {
		next, inner := l.exec.DispatchOperation(ctx, op)
		resp = next(inner)
	}
	if len(resp.Errors) > 0 {
		e := resp.Errors[0]
		code, _ := e.Extensions["code"].(string)
		return &console.Error{Code: code, Message: e.Message}
	}
	return json.Unmarshal(resp.Data, out)
}

// plainJSON brings variables into the form in which they come over the network.
func plainJSON(variables any) (map[string]any, error) {
	data, err := json.Marshal(variables)
	if err != nil {
		return nil, fmt.Errorf("encode variables: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var out map[string]any
	err = d.Decode(&out)
	return out, err
}
