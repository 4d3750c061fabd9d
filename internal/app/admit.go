package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"procyon/auth"
	"procyon/catalogfile"
	"procyon/graph/transport"
	"procyon/internal/admission"
)

// guards say who is let in, and what whoever is not known can hold. There is one for
// each kind of endpoint, so that a flood of one does not close the others.
type guards struct {
	api, pages, slack *admission.Guard
	files             *admission.Guard // of imports
	directory         *admission.Guard // of SCIM
	active            *admission.Quota // requests to the API under way of each who is known
	lasting           *admission.Quota // WebSockets and streams of events of each who is known
	proxies           trustedProxies
}

// strangerLimits are those of each guard. A guard's strangers can make it hold, at most:
// their headers (Strangers times 32 KiB), short bodies (Strangers times 16 KiB) and
// LongBodies. Of these one address has a sixteenth to a quarter.
func strangerLimits() admission.Limits {
	return admission.Limits{
		Strangers: 1024, StrangersAddress: 64,
		Body: transport.DefaultMaxBody, ShortBody: auth.MaxUnknown,
		LongBodies: 16 << 20, LongBodyAddress: 4 << 20,
	}
}

// fileLimits are those of the guard of files. These are longer than any other body, and
// fewer: administrators alone send them, and two are taken at once.
func fileLimits() admission.Limits {
	return admission.Limits{
		Strangers: 64, StrangersAddress: 16,
		Body: catalogfile.MaxBytes, ShortBody: auth.MaxUnknown,
		LongBodies: 2 * catalogfile.MaxBytes, LongBodyAddress: 2 * catalogfile.MaxBytes,
	}
}

// activeRequests is how many requests to the API one person or service can have under way.
const activeRequests = 1000

// lastingConnections is how many WebSockets and streams of events one person or service
// can have open, over all of their tokens and sessions. Each WebSocket carries twenty
// subscriptions.
const lastingConnections = 200

func newGuards(who *auth.Service, proxies trustedProxies) *guards {
	known := func(r *http.Request) bool {
		ctx, err := who.Authenticate(r.Context(), r)
		return err == nil && auth.From(ctx) != nil
	}
	return &guards{
		api: newGuard(strangerLimits(), proxies, known, refuseGraphQL), pages: newGuard(strangerLimits(), proxies, known, nil), slack: newGuard(strangerLimits(), proxies, nil, nil),
		files: newGuard(fileLimits(), proxies, known, refuseGraphQL), directory: newGuard(directoryLimits(), proxies, known, refuseSCIM),
		active: admission.NewQuota(math.MaxInt64, activeRequests), lasting: admission.NewQuota(math.MaxInt64, lastingConnections), proxies: proxies,
	}
}

func newGuard(limits admission.Limits, proxies trustedProxies, known func(*http.Request) bool, refuse func(http.ResponseWriter, *http.Request, int, string)) *admission.Guard {
	return admission.NewGuard(admission.Options{Limits: limits, Address: proxies.client, Known: known, Refuse: refuse})
}

// refuseGraphQL answers who is not let in as a GraphQL server does.
func refuseGraphQL(w http.ResponseWriter, r *http.Request, status int, message string) {
	code := transport.CodeBadRequest
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		code = "TOO_MANY_REQUESTS"
	}
	transport.Refuse(w, r, status, code, message)
}

// refuseCaller answers whose identity is refused, or can't be found out.
func (a *App) refuseCaller(w http.ResponseWriter, r *http.Request, err error) {
	f := a.refusal(r, err)
	transport.Refuse(w, r, f.Status, f.Code, f.Message)
}

// refusal is what a caller is told whose identity is refused, or can't be found out.
func (a *App) refusal(r *http.Request, err error) auth.Refusal {
	f := auth.RefusalOf(err)
	if f.Status == http.StatusServiceUnavailable && r.Context().Err() == nil { // else they have hung up
		a.unsure(err)
	}
	return f
}

// admit lets requests in by a guard, and finds out who sends them.
func (a *App) admit(guard *admission.Guard, next http.Handler) http.Handler {
	guarded := guard.Wrap(a.Auth.Middleware(a.identified(next, refuseGraphQL), a.refuseCaller))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Vary", auth.Vary)
		guarded.ServeHTTP(w, r)
	})
}

// nothingBeneath answers beneath the address of the API, where there is nothing.
func nothingBeneath(w http.ResponseWriter, r *http.Request) {
	transport.Refuse(w, r, http.StatusNotFound, transport.CodeBadRequest, "There is nothing at this address; the API is at /graphql.")
}

// standing tells whether the caller in ctx may go on as they began; see refused.
func (a *App) standing(ctx context.Context) error { return a.refused(ctx, a.Auth.Valid(ctx)) }

// standingOf is standing, to be asked again and again.
func (a *App) standingOf(ctx context.Context) func() error {
	valid := a.Auth.Watch(auth.From(ctx))
	return func() error {
		if err := valid(ctx); err != nil {
			return a.refused(ctx, err)
		}
		return nil
	}
}

// refused turns an error that says that somebody may not go on into the GraphQL error that
// they are told. Any other, of a store that can't be read, says nothing of them and stays
// as it is, so that they are interrupted and not sent away.
func (a *App) refused(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	f := auth.RefusalOf(err)
	if f.Status == http.StatusServiceUnavailable {
		if ctx.Err() == nil { // else they have hung up
			a.unsure(err)
		}
		return err
	}
	return &gqlerror.Error{Message: f.Message, Extensions: map[string]any{"code": f.Code}}
}

// identified counts the requests of those who are known for them, and no longer as
// strangers'. A WebSocket counts from its upgrade on, so that one that then says nothing
// does, too. refuse answers who has too many.
func (a *App) identified(next http.Handler, refuse func(http.ResponseWriter, *http.Request, int, string)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who := bearerOf(r.Context())
		if who == "" {
			next.ServeHTTP(w, r)
			return
		}
		quota, most := a.guards.active, tooManyActive
		if a.sockets.Supports(r) {
			quota, most = a.guards.lasting, tooManyLasting
			r = r.WithContext(context.WithValue(r.Context(), countedKey{}, who))
		}
		give, err := quota.Take(who, 1)
		if err != nil {
			refuse(w, r, http.StatusTooManyRequests, most)
			return
		}
		place := admission.From(r.Context())
		place.Identified()
		place.Hold(give)
		next.ServeHTTP(w, r)
	})
}

// countedKey is of the one for whom a WebSocket was counted at its upgrade.
type countedKey struct{}

// bearerOf is who answers for a call: the person or service whose session or token it
// is, also where it acts for somebody else. "" is nobody.
func bearerOf(ctx context.Context) string {
	p := auth.From(ctx)
	switch {
	case p == nil:
		return ""
	case p.Actor.ByID != "":
		return p.Actor.ByID
	}
	return p.Actor.ID
}

// greet finds out who opened a WebSocket. Nobody can do anything there without saying
// who they are, so whoever doesn't is closed at once.
func (a *App) greet(ctx context.Context, _ *http.Request, payload map[string]any) (context.Context, error) {
	ctx, err := a.Auth.AuthenticateInit(ctx, payload)
	if err != nil {
		return ctx, a.refused(ctx, err)
	}
	who := bearerOf(ctx)
	if who == "" {
		return ctx, &gqlerror.Error{Message: "send a token in connection_init, or sign in first"}
	}
	if ctx.Value(countedKey{}) == who {
		return ctx, nil
	}
	if err := a.enter(ctx); err != nil {
		return ctx, &transport.CloseError{Code: 1013, Reason: err.Message}
	}
	return ctx, nil
}

// What somebody is told who has too much open.
var (
	tooManyActive  = fmt.Sprintf("You have %d requests under way. Wait for some of them, then try again.", activeRequests)
	tooManyLasting = fmt.Sprintf("You have %d connections open. Close some, then connect again.", lastingConnections)
)

// enter counts a connection that lasts, until its end, for whoever it is of. A stranger
// has a place as such, and may not subscribe.
func (a *App) enter(ctx context.Context) *gqlerror.Error {
	who := bearerOf(ctx)
	if who == "" {
		return nil
	}
	give, err := a.guards.lasting.Take(who, 1)
	if err != nil {
		return &gqlerror.Error{Message: tooManyLasting, Extensions: map[string]any{"code": "TOO_MANY_CONNECTIONS"}}
	}
	place := admission.From(ctx)
	place.Identified()
	place.Hold(give)
	return nil
}

// MaxConnections is how many connections are served at once, unless [ServerConfig] says
// otherwise.
const MaxConnections = 16384

const (
	minConnections = 64
	spareFiles     = 128 // for the store, the workers and what they talk to
)

// bounded bounds the connections of a listener: all of them, and those of each address.
// Addresses of this machine and of trusted proxies stand for many, and share the first
// alone.
func bounded(l net.Listener, cfg ServerConfig, proxies trustedProxies, log *slog.Logger) net.Listener {
	total := int64(cfg.MaxConnections)
	if files := openFiles(); files > 0 && files-spareFiles < total {
		total = max(files-spareFiles, files/2)
		log.Info("fewer connections are served than PROCYON_MAX_CONNECTIONS says, because of the limit of open files (ulimit -n)", "connections", total, "files", files)
	}
	exempt := func(a netip.Addr) bool { return a.IsLoopback() || proxies.has(a) }
	return admission.Listen(l, admission.NewQuota(total, max(total/4, 1)), exempt, warnOfClosed(log))
}

// warnOfClosed logs connections that are closed for being one too many.
func warnOfClosed(log *slog.Logger) func(error) {
	return nowAndThen(func(err error, closed int64) {
		reason := "all connections are taken"
		if errors.Is(err, admission.ErrShare) {
			reason = "one address has its share"
		}
		log.Warn("connections were closed as they came; PROCYON_MAX_CONNECTIONS says how many there may be", "reason", reason, "closed", closed)
	})
}

// warnOfUnsure logs that it can't be found out who is calling, or whether they may go on.
func warnOfUnsure(log *slog.Logger) func(error) {
	return nowAndThen(func(err error, times int64) {
		log.Error("it can't be found out who is calling; they are told to come again", "error", err, "times", times)
	})
}

// nowAndThen reports the first of many errors, and then at most one a minute, with how
// many there were. What it returns is safe for concurrent use.
func nowAndThen(report func(err error, times int64)) func(error) {
	var next, times atomic.Int64
	return func(err error) {
		n, now, due := times.Add(1), time.Now().UnixNano(), next.Load()
		if now >= due && next.CompareAndSwap(due, now+int64(time.Minute)) {
			report(err, n)
		}
	}
}
