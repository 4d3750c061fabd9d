package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"procyon/auth"
	"procyon/console"
	"procyon/graph"
	"procyon/graph/fanout"
	"procyon/graph/scalar"
	"procyon/graph/transport"
	"procyon/internal/admission"
	"procyon/slackbot"
)

// gateway is the core with its network.
type gateway struct {
	*core
	handler http.Handler
	mux     *http.ServeMux
	api     local
	slack   *slackbot.Bot // where it runs in this process
	guards  *guards
	sockets *transport.WebSocket
	events  *fanout.Fanout
	metrics *metrics
}

// openGateway opens the core and puts its handlers together.
func openGateway(ctx context.Context, cfg *config, log *slog.Logger) (*gateway, error) {
	k, err := openCore(ctx, cfg, log)
	if err != nil {
		return nil, err
	}
	g := &gateway{core: k, metrics: newMetrics(k)}
	if g.handler, err = g.routes(cfg); err != nil {
		return nil, errors.Join(err, k.close())
	}
	return g, nil
}

func (g *gateway) routes(cfg *config) (http.Handler, error) {
	schema := graph.NewSchema(&graph.Resolver{
		Access: g.access, Slack: g.workspaces, Ledger: g.ledger, Records: g.records, Offers: g.auth, Journal: g.journal, History: g.store, PublicURL: g.public,
	})
	exec := executor.New(schema)
	exec.SetQueryCache(transport.NewDocuments(transport.DefaultDocumentBytes, signedIn))
	exec.SetErrorPresenter(graph.ErrorPresenter(g.log))
	exec.SetRecoverFunc(graph.Recover)
	exec.SetDisableSuggestion(true)
	exec.Use(introspection{})
	exec.Use(g.metrics)
	transport.Limits{Text: cfg.maxQuery}.Apply(exec)
	g.api = local{exec}
	g.events = fanout.New(g.journal, exec, fanout.Options{
		Scope:           func(ctx context.Context) (string, bool) { return auth.Scope(auth.From(ctx)), true },
		ViewerDependent: fanout.ViewerDependent(schema.Schema()),
		ViewerID:        viewerID,
		Valid:           g.auth.Valid,
		Cursor:          scalar.FormatCursor,
		Logger:          g.log,
	})
	g.sockets = &transport.WebSocket{
		Source: g.events, Logger: g.log, Authorized: g.auth.Valid, Init: g.greet,
		Opened: func(ctx context.Context) func() { return admission.From(ctx).Keep() },
	}
	api := transport.New(graph.Discreet{GraphExecutor: exec}, transport.Options{
		Logger:     g.log,
		Transports: []graphql.Transport{g.sockets, &transport.SSE{Source: g.events, Authorized: g.auth.Valid, Enter: g.enter}, transport.HTTP{}},
	})
	proxies, err := parseTrustedProxies(cfg.proxies)
	if err != nil {
		return nil, err
	}
	from := &clients{trusted: proxies, log: g.log}
	single, err := g.newSSO(cfg, from)
	if err != nil {
		return nil, err
	}
	g.guards = newGuards(g.auth, proxies)
	pages, err := console.New(console.Options{API: g.api, Auth: signIn{g.auth, from}, SSO: single, PublicURL: g.public.String(), Log: g.log, Now: g.now, SlackMissing: cfg.slack.missing()})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/graphql", g.guards.api.Wrap(g.auth.Middleware(g.identified(api))))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", g.ready)
	mux.Handle("GET /metrics", g.guards.pages.Wrap(g.auth.Middleware(g.identified(g.metrics.handler()))))
	mux.Handle("/", g.guards.pages.Wrap(pages))
	g.mux = mux
	return mux, nil
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

// ready answers whether the store can be read.
func (g *gateway) ready(w http.ResponseWriter, r *http.Request) {
	if _, err := g.store.Head(r.Context()); err != nil {
		g.log.Error("not ready", "error", err)
		http.Error(w, "the store can't be read", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ok")
}

// endSubscriptions ends all of them, so that their clients resume elsewhere.
func (g *gateway) endSubscriptions(ctx context.Context) error {
	err := g.sockets.Shutdown(ctx)
	g.events.Close()
	return err
}

// introspection is for those who are signed in.
type introspection struct{}

func (introspection) ExtensionName() string                   { return "Introspection" }
func (introspection) Validate(graphql.ExecutableSchema) error { return nil }

//nolint:unparam // the interface is gqlgen's
func (introspection) MutateOperationContext(ctx context.Context, op *graphql.OperationContext) *gqlerror.Error {
	op.DisableIntrospection = auth.From(ctx) == nil
	return nil
}

// local runs the console's operations in this process, through the same executor,
// rules and limits as everybody else's.
type local struct{ exec *executor.Executor }

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
