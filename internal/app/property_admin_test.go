package app

import (
	"context"
	"slices"

	"procyon/access"
)

// ending is a command that took something away, and has answered: nothing that rests on
// it is open then.
type ending struct {
	subject  string // of a person or a resource
	from, to uint64 // between these positions
	by       string // who gave it; "" for the operator
}

func (w *world) ended(subject string, d *act) {
	if d.came != "" {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	by := d.who
	if access.KindOf(subject) == access.KindUser {
		by = ""
	}
	w.ends = append(w.ends, ending{subject, d.from, d.to, by})
}

// outcomeOf names what came of a command.
func outcomeOf(err error) string {
	if err == nil {
		return ""
	}
	name := refusal(err.Error())
	if access.CodeOf(err) == "" {
		name = "unknown: " + err.Error()
	}
	return name
}

// disable switches somebody off. Few are at a time.
func (w *world) disable(a, whom *actor) *act {
	off := 0
	for _, p := range w.people {
		u, err := w.servers[0].Access.User(w.ctx, p.ID)
		w.must(err)
		if u.Disabled {
			off++
		}
	}
	if off > 2 {
		return w.enable(a)
	}
	d := w.begin(a, "disable", "command")
	_, _, err := w.server(a).Access.DisableUser(w.ctx, Operator(), whom.ID)
	w.end(d, outcomeOf(err))
	w.ended(whom.ID, d)
	return d
}

// cutOff takes somebody or something away on which a request rests, but the server stops
// right after it committed that: what rests on it is open until another one, or time,
// ends it.
func (w *world) cutOff(a *actor, id string) *act {
	if id == "" {
		return nil
	}
	ctx, stop := context.WithCancel(w.ctx)
	defer stop()
	s := w.server(a)
	if w.quiet {
		s.pauses.set(&pause{
			fits:   func(access.Change) bool { return true },
			before: func(access.Change) {},
			after:  func(access.Change) { stop() },
		})
		defer s.pauses.set(nil)
	}
	r := w.request(id)
	d := w.begin(a, "cut off", "command")
	var err error
	switch t := w.thingOf(r); {
	case t == nil || a.rng.IntN(2) == 0:
		_, _, err = s.Access.DisableUser(ctx, Operator(), r.Requester.ID)
	case len(t.roles) == 0:
		_, _, err = s.Access.UpdateResource(ctx, Operator(), t.id, access.ResourcePatch{Roles: []string{"first"}, EndOpenRequests: true})
	default:
		_, _, err = s.Access.UpdateResource(ctx, Operator(), t.id, access.ResourcePatch{Roles: t.roles[1:], EndOpenRequests: true})
	}
	if ctx.Err() != nil {
		return w.end(d, "")
	}
	return w.end(d, "not "+outcomeOf(err))
}

// enable switches somebody on again, who then links their Slack account anew.
func (w *world) enable(a *actor) *act {
	for n := range w.people {
		p := w.people[(n+a.rng.IntN(len(w.people)))%len(w.people)]
		u, err := w.servers[0].Access.User(w.ctx, p.ID)
		w.must(err)
		if !u.Disabled {
			continue
		}
		d := w.begin(a, "enable", "command")
		_, err = w.server(a).Access.EnableUser(w.ctx, Operator(), p.ID)
		w.end(d, outcomeOf(err))
		w.linkSlack(p)
		return d
	}
	return nil
}

// setAdmin takes the right to decide from one of those who decide, or gives it back.
func (w *world) setAdmin(a *actor) *act {
	p := w.people[a.rng.IntN(3)]
	u, err := w.servers[0].Access.User(w.ctx, p.ID)
	w.must(err)
	kind := "give the right"
	if u.Admin {
		kind = "take the right"
	}
	if u.Admin && a.rng.IntN(3) > 0 {
		return nil // it is back soon
	}
	d := w.begin(a, kind, "command")
	_, err = w.server(a).Access.SetAdmin(w.ctx, Operator(), p.ID, !u.Admin)
	return w.end(d, outcomeOf(err))
}

// removeThing deletes a resource; with end, what is open on it ends as well.
func (w *world) removeThing(a *actor, t *thing, end bool) *act {
	if !a.Admin && a.rng.IntN(8) > 0 {
		return nil
	}
	kind := "delete"
	if end {
		kind = "delete and end"
		if a.rng.IntN(2) == 0 {
			return nil
		}
	}
	d := w.begin(a, kind, "API")
	refused, _ := w.mutate(a, "API", "deleteResource", map[string]any{"resourceId": t.id, "endOpenRequests": end})
	w.end(d, refused)
	w.ended(t.id, d)
	if refused == "" {
		w.known.mu.Lock()
		w.known.resources = slices.DeleteFunc(w.known.resources, func(have *thing) bool { return have.id == t.id })
		w.known.mu.Unlock()
		w.addThing()
	}
	return d
}

// setRoles takes one role off a resource, or with -1 puts all of them back. A resource
// without any gets a first one, and loses it.
func (w *world) setRoles(a *actor, t *thing, off int, end bool) *act {
	if !a.Admin && a.rng.IntN(8) > 0 {
		return nil
	}
	kind, roles := "take a role", []string{}
	switch {
	case off < 0:
		kind = "put roles back"
		roles = append(roles, t.roles...)
	case len(t.roles) == 0:
		roles = []string{"first"}
	default:
		roles = slices.Delete(slices.Clone(t.roles), off, off+1)
	}
	if end {
		kind += " and end"
	}
	d := w.begin(a, kind, "API")
	refused, _ := w.mutate(a, "API", "updateResource", map[string]any{"resourceId": t.id, "roles": roles, "endOpenRequests": end})
	w.end(d, refused)
	w.ended(t.id, d)
	return d
}

func (w *world) rename(a *actor, t *thing) *act {
	if !a.Admin && a.rng.IntN(8) > 0 {
		return nil
	}
	name, _ := w.newName(t.id)
	d := w.begin(a, "rename", "API")
	refused, _ := w.mutate(a, "API", "updateResource", map[string]any{"resourceId": t.id, "name": name})
	return w.end(d, refused)
}
