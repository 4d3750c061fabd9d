package slackbot

import (
	"context"
	"slices"
	"strings"
	"time"

	"procyon/client"
	"procyon/duration"
	"procyon/internal/slackapi"
)

// explain says in a form what asking for what is in it would lead to: by which policies it
// is decided, what these require, and who would be asked. The form offers nothing longer
// than is allowed.
func (g *server) explain(ctx context.Context, f *form) error {
	if len(f.resources) == 0 {
		return nil
	}
	items, open := f.items()
	out, err := explainAccess(ctx, g, ExplainAccessInput{Items: items})
	if err != nil || out.ExplainAccess == nil {
		return err
	}
	e := out.ExplainAccess
	f.limits = f.limits.within(time.Duration(e.MaxDuration), e.MinReasonLength)
	if longest := f.limits.longest(); f.duration > longest {
		f.notes = append(f.notes, "At most "+duration.Words(longest)+" is allowed for this.")
		f.duration = longest
	}
	f.ticketNeeded, f.ticketExamples = e.TicketNeeded, e.TicketExamples
	if x := e.Refusal; x != nil && (x.Field == "" || strings.HasPrefix(x.Field, "items")) { // the rest is filled in yet
		f.refused = x.Message
	}
	f.who = e.who(items, f.resources)
	if len(open) > 0 && e.governed() {
		f.who += " This is so for " + slackapi.Some(open) + "; another role may be decided by others."
	}
	return nil
}

// items are what the form asks for. For a role that was not chosen yet the first stands;
// open names those.
func (f *form) items() (items []AccessRequestItemInput, open []string) {
	for _, r := range f.resources {
		item := AccessRequestItemInput{ResourceID: r.ID, Role: f.roles[r.ID]}
		if len(r.Roles) > 0 && !slices.Contains(r.Roles, item.Role) {
			item.Role = r.Roles[0]
			if len(r.Roles) > 1 {
				open = append(open, r.Name+" as "+item.Role)
			}
		}
		items = append(items, item)
	}
	return items, open
}

// within are limits that are narrower by what policies allow and ask for.
func (l *limits) within(longest time.Duration, minReason int) *limits {
	out := *l
	if longest > 0 {
		out.MaxDuration = min(out.MaxDuration, client.Duration(longest))
	}
	out.MinReasonLength = max(out.MinReasonLength, minReason)
	return &out
}

func (e *explanation) governed() bool {
	return slices.ContainsFunc(e.Tracks, func(t track) bool { return t.PolicyVersion > 0 })
}

// who says who would decide, and which channels would hear of it.
func (e *explanation) who(items []AccessRequestItemInput, resources []resource) string {
	var names, unheard []string
	heard := map[string]bool{}
	for _, r := range e.NotificationRoutes {
		names = append(names, r.IntegrationName)
		for _, i := range r.Items {
			heard[i.ResourceID] = true
		}
	}
	wish := request{}
	wish.Status, wish.Tracks = AccessRequestStatusPending, e.Tracks
	for n, i := range items {
		item := RequestItem{ResourceID: i.ResourceID, ResourceName: resources[n].Name, Role: i.Role}
		wish.Items = append(wish.Items, item)
		if !heard[i.ResourceID] {
			unheard = append(unheard, item.words())
		}
	}
	text := e.asked()
	if len(names) > 0 {
		text += " Channels that hear of it: " + slackapi.Some(names) + "."
	}
	if len(unheard) > 0 {
		text += " No channel hears of " + slackapi.Some(unheard) + "."
	}
	tracks := wish.tracks(wish.Items, forAnybody)
	for _, t := range tracks {
		for i := range t.Steps {
			if t.Steps[i].State == slackapi.StepPresent { // nobody is waited for before anything is asked
				t.Steps[i].State = slackapi.StepAhead
			}
		}
	}
	return strings.Join(append(slackapi.TrackLines(tracks, slackapi.MaxSectionText/2), text), "\n")
}

// asked says who would be asked first.
func (e *explanation) asked() string {
	hidden := slices.ContainsFunc(e.Tracks, func(t track) bool { return t.HideApprovers })
	switch {
	case e.ApprovedAtOnce:
		return "Nobody has to approve it: it is approved at once."
	case len(e.Approvers) > 0:
		return "Who is asked: " + slackapi.Some(e.Approvers) + "."
	case e.Refusal != nil && strings.HasPrefix(e.Refusal.Field, "items"):
		return "Nobody is asked."
	case hidden:
		return "Who is asked is not shown."
	}
	return "Nobody can approve this yet: ask an administrator."
}
