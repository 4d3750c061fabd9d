package app

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"procyon/access"
	"procyon/auth"
	"procyon/client"
	"procyon/console"
)

// principal is as whom a call of somebody's to the API is authenticated. Now and then
// that was some time ago, as of a call that is still under way; of somebody disabled it
// always was.
func (w *world) principal(a *actor) *auth.Principal {
	if a.old != nil && a.rng.IntN(5) == 0 {
		return a.old
	}
	u, err := w.servers[0].Access.User(w.ctx, a.ID)
	w.must(err)
	if u.Disabled && a.old != nil {
		return a.old
	}
	p := &auth.Principal{Actor: access.Actor{Kind: access.ActorUser, ID: u.ID, Name: u.Name, Email: u.Email, Admin: u.Admin, Via: "api"}}
	if a.old == nil || a.rng.IntN(3) == 0 {
		a.old = p
	}
	return p
}

// server is the one that somebody's next call reaches.
func (w *world) server(a *actor) *propertyServer { return w.servers[a.rng.IntN(len(w.servers))] }

// call runs an operation as somebody, by a token or from the console; refused tells how
// it was refused as a whole.
func (w *world) call(a *actor, place, query string, vars map[string]any, out any) (refused string) {
	var err error
	if place == "console" {
		err = w.browse(a, query, vars, out)
	} else {
		err = w.server(a).api.Do(auth.WithPrincipal(w.ctx, w.principal(a)), query, vars, out)
	}
	var e *console.Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e) && e.Code == console.CodeUnauthenticated && place == "console":
		return "FORBIDDEN signed out"
	case errors.As(err, &e) && e.Code == console.CodeForbidden:
		return "FORBIDDEN right"
	}
	return "unknown: " + err.Error()
}

const lookQuery = `query Look($id: ID!) { accessRequest(id: $id) {
  status version requester { email } requestedDuration reason ticket startsAt items { resourceId role }
  extension { duration reason expiresAt } viewerCanReview
} }`

// looked is what the API shows of a request.
type looked struct {
	Status            string
	Version           int
	Requester         struct{ Email string }
	RequestedDuration client.Duration
	Reason, Ticket    string
	StartsAt          *time.Time
	Items             []struct{ ResourceID, Role string }
	Extension         *struct {
		Duration  client.Duration
		Reason    string
		ExpiresAt time.Time
	}
	ViewerCanReview bool
}

func (l *looked) wish() wish {
	out := wish{"who": l.Requester.Email, "duration": time.Duration(l.RequestedDuration).String(), "reason": l.Reason, "ticket": l.Ticket, "start": ""}
	if l.StartsAt != nil {
		out["start"] = moment(*l.StartsAt)
	}
	var items []string
	for _, i := range l.Items {
		items = append(items, i.ResourceID+"/"+i.Role)
	}
	out["items"] = strings.Join(items, " ")
	if x := l.Extension; x != nil {
		out["longer"], out["end"], out["why"] = time.Duration(x.Duration).String(), moment(x.ExpiresAt), x.Reason
	}
	return out
}

// lookByAPI reads a request, and returns what somebody could decide on then; nil where
// they can't see it, or nothing of it waits. The console offers it only to who may.
func (w *world) lookByAPI(a *actor, place, id string) *view {
	var out struct{ AccessRequest *looked }
	at := w.head()
	if refused := w.call(a, place, lookQuery, map[string]any{"id": id}, &out); refused != "" && refused != "FORBIDDEN signed out" {
		w.t.Errorf("look at %s: %s", id, refused)
	}
	l := out.AccessRequest
	if l == nil || l.Status != "PENDING" && l.Extension == nil || place == "console" && !l.ViewerCanReview {
		return nil
	}
	v := &view{place: place, request: id, subject: access.SubjectRequest, version: l.Version, shown: l.wish(), at: at}
	if l.Extension != nil {
		v.subject = access.SubjectExtension
	}
	return v
}

// mutate runs a mutation and tells how it was refused, and which request it is about.
func (w *world) mutate(a *actor, place, name string, input map[string]any) (refused, id string) {
	selects := ""
	if strings.HasSuffix(name, "AccessRequest") {
		selects = "accessRequest { id }"
	}
	query := fmt.Sprintf("mutation Act($input: %sInput!) { result: %s(input: $input) { %s userErrors { code message } } }", strings.ToUpper(name[:1])+name[1:], name, selects)
	var out struct {
		Result struct {
			AccessRequest *struct{ ID string }
			UserErrors    []struct{ Code, Message string }
		}
	}
	if refused := w.call(a, place, query, map[string]any{"input": input}, &out); refused != "" {
		return refused, ""
	}
	if r := out.Result.AccessRequest; r != nil {
		id = r.ID
	}
	if len(out.Result.UserErrors) == 0 {
		return "", id
	}
	e := out.Result.UserErrors[0]
	refused = refusal(e.Message)
	if refused == "other" {
		refused = e.Code + " other"
	}
	if !strings.HasPrefix(refused, e.Code) {
		refused = fmt.Sprintf("unknown: %s %s is no %s", e.Code, e.Message, refused)
	}
	return refused, id
}

// change does something to a request, in the console always with a key, so that it can be
// done again.
func (w *world) change(a *actor, place, kind, mutation, id string, input map[string]any) *act {
	key := ""
	if place == "console" || a.rng.IntN(3) > 0 {
		key = a.newKey()
		input["idempotencyKey"] = key
	}
	return w.changeWith(a, place, kind, mutation, id, key, input, nil)
}

func (w *world) changeWith(a *actor, place, kind, mutation, id, key string, input map[string]any, fill func(*act)) *act {
	d := w.begin(a, kind, place)
	d.request, d.key = id, key
	if fill != nil {
		fill(d)
	}
	if key != "" {
		d.again = func(a *actor) *act { return w.changeWith(a, place, kind, mutation, id, key, input, fill) }
	}
	refused, made := w.mutate(a, place, mutation, input)
	if id == "" && made != "" {
		d.request = made
		w.heardOf(made)
	}
	return w.end(d, refused)
}

// reviewByAPI decides on a view of the API's or the console's. Some clients say another
// subject than was shown: that must never pass.
func (w *world) reviewByAPI(a *actor, v *view, kind string) *act {
	subject := v.subject
	if v.place == "API" && a.rng.IntN(20) == 0 {
		subject = map[access.ReviewSubject]access.ReviewSubject{access.SubjectRequest: access.SubjectExtension, access.SubjectExtension: access.SubjectRequest}[subject]
	}
	input := map[string]any{"requestId": v.request, "expectedVersion": v.version, "subject": subject, "decision": "APPROVE"}
	shorter := time.Duration(0)
	switch kind {
	case "deny":
		input["decision"], input["comment"] = "DENY", "no"
	case "approve shorter":
		shorter = lesserTime(a, v)
		input["duration"] = client.Duration(shorter).String()
	}
	key := a.newKey()
	input["idempotencyKey"] = key
	return w.changeWith(a, v.place, kind, "reviewAccessRequest", v.request, key, input, func(d *act) { d.view, d.said, d.shorter = v, subject, shorter })
}

// newKey is an idempotency key; now and then, from a client that is wrong, one that it used.
func (a *actor) newKey() string {
	if a.key == "" || a.rng.IntN(20) > 0 {
		a.key = fmt.Sprintf("key-%d", a.rng.Uint64())
	}
	return a.key
}

// lesserTime is some time below the one that is shown.
func lesserTime(a *actor, v *view) time.Duration {
	term := "duration"
	if v.subject == access.SubjectExtension {
		term = "longer"
	}
	d, err := time.ParseDuration(v.shown[term])
	if err != nil {
		return time.Minute
	}
	return max(time.Minute, d*time.Duration(1+a.rng.IntN(3))/4).Truncate(time.Minute)
}
