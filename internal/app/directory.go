package app

import (
	"context"
	"net/http"

	"procyon/access"
	"procyon/auth"
	"procyon/directory"
	"procyon/directory/scim"
	"procyon/internal/admission"
)

// viaSCIM is an actor's Via for what a directory does.
const viaSCIM = "scim"

// scimPath is where directories call.
const scimPath = "/scim/v2"

// newDirectory makes what keeps people and groups as a company's directory wants them.
func (a *App) newDirectory() *directory.Service {
	return directory.New(directory.Options{
		Access: a.Access, Docs: a.Store, Now: a.now,
		By: func(ctx context.Context) access.Actor {
			by := auth.From(ctx).Actor
			by.Via = viaSCIM
			return by
		},
		Over: func(ctx context.Context, userID string) error {
			_, err := a.Auth.EndDisabled(ctx, userID)
			return err
		},
	})
}

// directoryLimits are those of the guard of directories, whose bodies may be long.
func directoryLimits() admission.Limits {
	l := strangerLimits()
	l.Body = scim.MaxBody
	return l
}

// admitDirectory lets directories in: services that have a token of the scope scim.
func (a *App) admitDirectory() http.Handler {
	reports := directory.NewReporter(a.directory, func(err error) { a.log.Warn("directory", "error", err) })
	protocol := scim.New(a.directory, scim.Options{
		BaseURL: a.public.JoinPath(scimPath).String(), Log: a.log, Report: reports.Report,
	})
	allowed := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := auth.From(r.Context())
		if err := auth.Allows(p, "", []string{auth.ScopeSCIM}, false); err != nil {
			a.refuseDirectory(w, r, err)
			return
		}
		if p.Actor.Kind != access.ActorService {
			scim.WriteError(w, scim.Forbidden("People can't do this; make a service account with a token of the scope scim."))
			return
		}
		http.StripPrefix(scimPath, protocol).ServeHTTP(w, r)
	})
	return a.guards.directory.Wrap(a.Auth.Middleware(a.identified(allowed, refuseSCIM), a.refuseDirectory))
}

// refuseDirectory answers whose identity is refused, or can't be found out, as the protocol
// does.
func (a *App) refuseDirectory(w http.ResponseWriter, r *http.Request, err error) {
	f := a.refusal(r, err)
	refuseSCIM(w, r, f.Status, f.Message)
}

// refuseSCIM answers who is not let in as the protocol does.
func refuseSCIM(w http.ResponseWriter, _ *http.Request, status int, message string) {
	scim.WriteError(w, &scim.Error{Status: status, Detail: message})
}
