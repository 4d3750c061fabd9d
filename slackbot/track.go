package slackbot

import (
	"slices"
	"strings"
	"time"

	"procyon/internal/slackapi"
	"procyon/phrase"
)

// governed tells whether policies that somebody made say who decides a request. Otherwise
// any administrator does, alone, and messages say nothing of it.
func (r *request) governed() bool {
	return slices.ContainsFunc(r.Tracks, func(t track) bool { return t.PolicyVersion > 0 })
}

// audience is for whom something is drawn.
type audience int

// Audiences.
const (
	// forApprovers is for those who decide alone.
	forApprovers audience = iota
	// forAnybody is for the requester, too, from whom policies may hide who is asked.
	forAnybody
)

// tracks are those of a request with the items among some of them, for an audience; none
// where nothing is to be said about who decides, or nothing is decided.
func (r *request) tracks(items []RequestItem, to audience) []slackapi.Track {
	shown := r.waits() || r.Status == AccessRequestStatusApproved || r.Status == AccessRequestStatusActive
	if !shown || !r.governed() {
		return nil
	}
	var out []slackapi.Track
	for i := range r.Tracks {
		t := &r.Tracks[i]
		if its := t.of(items); len(its) > 0 {
			out = append(out, slackapi.Track{
				Policy: t.PolicyName, Refused: t.RefusedBecause, Guardrails: t.Guardrails, Items: cardItems(its), Steps: t.steps(to == forApprovers || !t.HideApprovers),
			})
		}
	}
	return out
}

// of are those of some items that are a track's.
func (t *track) of(items []RequestItem) []RequestItem {
	var out []RequestItem
	for _, i := range items {
		if slices.Contains(t.ResourceIDs, i.ResourceID) {
			out = append(out, i)
		}
	}
	return out
}

// present tells whether one of a track's steps waits for approvals.
func (t *track) present() bool {
	return slices.ContainsFunc(t.Steps, func(s step) bool { return s.Status == TrackStepStatusPresent })
}

func (t *track) steps(named bool) []slackapi.Step {
	var out []slackapi.Step
	for _, s := range t.Steps {
		next := slackapi.Step{Name: s.Name, State: slackapi.StepState(s.Status), Need: s.Need, Lacking: s.Lacking, ApprovedBy: s.ApprovedBy, Guardrail: s.Guardrail, Escalates: s.EscalatesAt, Ends: s.EndsAt}
		for _, a := range s.Approvers {
			if named {
				next.Approvers = append(next.Approvers, phrase.Approver(a.ApproverID, a.Name, string(a.By)))
			}
		}
		out = append(out, next)
	}
	return out
}

// waitsFor tells whether a decision about some items is waited for.
func (r *request) waitsFor(items []RequestItem) bool {
	return slices.ContainsFunc(r.Tracks, func(t track) bool { return t.present() && len(t.of(items)) > 0 })
}

// maxReviewers is how many people the server names who may decide.
const maxReviewers = 100

// decidedBy tells whether a Slack user may decide something of a request now, as far as the
// server names who may.
func (r *request) decidedBy(s seat) bool {
	return len(r.Reviewers) >= maxReviewers || slices.ContainsFunc(r.Reviewers, func(u user) bool { return slices.Contains(u.seats(), s) })
}

// decidable are the items that the viewer may decide now.
func (r *request) decidable() []RequestItem {
	var out []RequestItem
	for _, i := range r.Items {
		if slices.Contains(r.ViewerCanReviewItems, i.ResourceID) {
			out = append(out, i)
		}
	}
	return out
}

// chooses tells whether whoever approves a request has to be shown first what they decide:
// where it has several tracks, of which they may decide some, or where what shows it hides
// something.
func (r *request) chooses(hides bool) bool {
	return r.governed() && (hides || len(r.Tracks) > 1)
}

// capped is the shortest of what tracks allow and another length.
func capped(tracks []track, longest time.Duration) time.Duration {
	for _, t := range tracks {
		if t.MaxDuration > 0 {
			longest = min(longest, time.Duration(t.MaxDuration))
		}
	}
	return longest
}

// trackText says who decides a request, and who is missing, in lines; "" where that needs no
// words.
func (r *request) trackText(to audience) string {
	return strings.Join(slackapi.TrackLines(r.tracks(r.Items, to), slackapi.MaxSectionText/2), "\n")
}

// missing says whose approvals a request waits for; "" where that needs no words.
func (r *request) missing(to audience) string {
	var out []string
	for _, t := range r.tracks(r.Items, to) {
		if m := t.Missing(); m != "" && !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	return strings.Join(out, " ")
}
