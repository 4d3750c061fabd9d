package slackapi

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"procyon/phrase"
)

// Track is items of a request that are decided together, and how that stands. Every text
// may hold anything that a person can type, of any length.
type Track struct {
	Policy  string
	Items   []Item // those that may be shown
	Refused string // why nobody gets them; may be empty
	Steps   []Step // in their order; none: nobody has to approve

	Guardrails []string // the names of those that hold
}

// StepState says how a step stands.
type StepState string

// The states of a step, as the API calls them.
const (
	StepMet     StepState = "MET"
	StepPresent StepState = "PRESENT"
	StepLater   StepState = "LATER"
	// StepAhead is the first one of what was not asked for yet.
	StepAhead StepState = "AHEAD"
)

// Step is one stage of a track.
type Step struct {
	Name       string // may be empty
	State      StepState
	Need       int      // how many people have to approve
	Lacking    int      // how many are missing, of the present one
	ApprovedBy []string // who approved it
	Approvers  []string // who can approve it; none: that is not to be shown
	Guardrail  string   // what asks for it, where the policy does not; may be empty
	// Of the present one: when more people can approve it, and when it is over; zero: never.
	Escalates, Ends time.Time
}

const (
	maxLine      = 400 // of a line about a step
	maxTopTracks = 600
	fewNames     = 5
)

// Some names the first few of a list, and counts the rest.
func Some(list []string) string {
	if len(list) > fewNames+1 {
		list = append(list[:fewNames:fewNames], fmt.Sprintf("and %d more", len(list)-fewNames))
	}
	return strings.Join(list, ", ")
}

// TrackLines says by whom tracks are decided and who is missing, in lines of raw text that
// fit into size characters; what does not fit is counted.
func TrackLines(tracks []Track, size int) []string {
	const rest = 80 // for the line about what does not fit
	var out []string
	for i, t := range tracks {
		lines := t.lines(len(tracks) > 1)
		need := 0
		for _, l := range lines {
			need += Size(l) + 1
		}
		room := size
		if i < len(tracks)-1 {
			room -= rest
		}
		if need > room {
			return append(out, moreTracks(len(tracks)-i, i > 0))
		}
		size -= need
		out = append(out, lines...)
	}
	return out
}

// moreTracks is the line about n tracks that are not shown, where others are or none.
func moreTracks(n int, more bool) string {
	text := phrase.Count(n, "part")
	if more {
		text = "and " + strings.Replace(text, " ", " more ", 1)
	}
	return text + " with other approvers: open the request to see them"
}

// lines are a headline and a line a step. Items are named where there are several tracks.
func (t Track) lines(named bool) []string {
	head := "Policy " + orElse(cut(t.Policy, maxName), "unnamed")
	if named {
		var names []string
		for _, i := range t.Items {
			names = append(names, i.name())
		}
		head = orElse(Some(names), "Other items") + " – policy " + orElse(cut(t.Policy, maxName), "unnamed")
	}
	if limits := t.limits(); len(limits) > 0 {
		head += ", " + guardrail(len(limits)) + " " + cut(someCut(limits), maxName)
	}
	switch {
	case t.Refused != "":
		return []string{cut(head+": refused. "+cut(t.Refused, 2*maxName), 2*maxLine)}
	case len(t.Steps) == 0:
		return []string{cut(head+": nobody has to approve", maxLine)}
	}
	out := []string{cut(head+":", maxLine)}
	for i, s := range t.Steps {
		out = append(out, "• "+cut(s.label(i, len(t.Steps))+s.words(), maxLine))
	}
	return out
}

// limits are the guardrails that hold, without those that a step names.
func (t Track) limits() []string {
	return slices.DeleteFunc(slices.Clone(t.Guardrails), func(name string) bool {
		return slices.ContainsFunc(t.Steps, func(s Step) bool { return s.Guardrail == name })
	})
}

func guardrail(n int) string {
	if n == 1 {
		return "guardrail"
	}
	return "guardrails"
}

// name is what an item is called in a list of several.
func (i Item) name() string {
	s := orElse(cut(i.Resource, maxName), "unnamed resource")
	if role := cut(i.Role, maxName); role != "" {
		s += " as " + role
	}
	return s
}

func (s Step) label(i, of int) string {
	name := cut(s.Name, maxName)
	switch {
	case of > 1 && name != "":
		return fmt.Sprintf("Step %d of %d, %s: ", i+1, of, name)
	case of > 1:
		return fmt.Sprintf("Step %d of %d: ", i+1, of)
	}
	return orElse(name, "Approval") + ": "
}

// words say who approved a step, and who is missing.
func (s Step) words() string {
	var out []string
	if len(s.ApprovedBy) > 0 {
		out = append(out, "approved by "+someCut(s.ApprovedBy))
	}
	switch s.State {
	case StepPresent:
		out = append(out, "waits for "+s.approvals(s.Lacking, len(s.ApprovedBy) > 0))
	case StepAhead:
		out = append(out, s.approvals(s.Need, false))
	case StepLater:
		out = append(out, "then "+s.approvals(s.Need, false))
	case StepMet:
		if len(out) == 0 {
			out = append(out, "approved")
		}
	}
	if g := cut(s.Guardrail, maxName); g != "" {
		out[len(out)-1] += " (guardrail " + g + ")"
	}
	if !s.Escalates.IsZero() {
		out = append(out, "more people can approve it from "+phrase.Moment(s.Escalates))
	}
	if !s.Ends.IsZero() {
		out = append(out, "it is over at "+phrase.Moment(s.Ends))
	}
	return strings.Join(out, "; ")
}

func (s Step) approvals(n int, more bool) string {
	text := phrase.Count(n, "approval")
	if more {
		text = strings.Replace(text, " approval", " more approval", 1)
	}
	if len(s.Approvers) > 0 {
		text += " from: " + someCut(s.Approvers)
	}
	return text
}

func someCut(names []string) string {
	short := make([]string, len(names))
	for i, n := range names {
		short[i] = orElse(cut(n, 60), "somebody")
	}
	return Some(short)
}

// Missing says, in a sentence, whose approvals a track waits for now; "" where it waits for
// none.
func (t Track) Missing() string {
	for i, s := range t.Steps {
		if s.State == StepPresent {
			return cut(s.label(i, len(t.Steps))+s.words(), maxLine) + "."
		}
	}
	return ""
}

// trackBlocks say by whom the request is decided.
func (c Card) trackBlocks() []slack.Block {
	lines := TrackLines(c.Tracks, MaxSectionText/2)
	if len(lines) == 0 {
		return nil
	}
	return []slack.Block{
		slack.NewSectionBlock(mrkdwn("*Who decides*"), nil, nil),
		slack.NewSectionBlock(plain(Plain(strings.Join(lines, "\n"), MaxSectionText)), nil, nil),
	}
}
