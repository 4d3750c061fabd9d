package slackbot

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"procyon/duration"
	"procyon/internal/slackapi"
)

// request opens the form. Words behind the command fill it in; see typed.
func (b *Bot) request(ctx context.Context, c call) *answer {
	return b.openRequest(ctx, c.admitted, c.TriggerID, c.args)
}

// openRequest opens the form with what the words mean. Where something in them is not
// understood, it says so instead, with buttons to go on.
func (b *Bot) openRequest(ctx context.Context, a admitted, trigger, words string) *answer {
	return b.openForm(ctx, a, trigger, func(ctx context.Context) (form, *answer, error) {
		g := b.server.as(a)
		l := b.limits(ctx)
		t, err := readTyped(ctx, g.resources, words, l)
		if why := refusal(err); why != "" {
			return form{limits: l, notes: []string{why, "So fill in the form: " + short(asTyped(words))}}, nil, nil
		}
		if err != nil {
			return form{limits: l, notes: []string{"What you typed could not be looked up, so fill in the form: " + short(asTyped(words))}}, nil, err
		}
		return t.form(l), t.answer(), nil
	})
}

// openChosen opens the form for the resource that a button names, with the words in it.
func (b *Bot) openChosen(ctx context.Context, c click, value string) *answer {
	id, words, _ := strings.Cut(value, "|")
	return b.openForm(ctx, c.admitted, c.TriggerID, func(ctx context.Context) (form, *answer, error) {
		l, t := b.limits(ctx), &typed{}
		if id != "" {
			r, err := b.server.as(c.admitted).resource(ctx, id)
			if why := refusal(err); why != "" {
				t.note("%s", why)
			} else if err != nil {
				return form{limits: l, notes: []string{"The resource could not be looked up, so choose it here."}}, nil, err
			} else {
				t.resource = &r
			}
		}
		t.readDetails(words, l)
		return t.form(l), nil, nil
	})
}

// form is the form with all that was understood, and what was not said above it.
func (t *typed) form(l *limits) form {
	f := form{limits: l, duration: t.length, reason: t.reason, ticket: t.ticket, roles: map[string]string{}, notes: append(t.problems, t.notes...)}
	if t.resource != nil {
		f.resources, f.roles[t.resource.ID] = []resource{*t.resource}, t.role
	}
	return f
}

// answer says what was not understood, and offers to go on; nil where all was understood.
func (t *typed) answer() *answer {
	if len(t.problems) == 0 {
		return nil
	}
	text := strings.Join(t.problems, "\n")
	buttons, kept := t.buttons()
	if !kept {
		text += "\nThe rest of what you typed is too long to be kept here: type it into the form."
	}
	spoken := text
	if len(t.near) > 0 {
		var names []string
		for _, n := range t.near {
			names = append(names, n.label())
		}
		text += "\nDid you mean one of these?"
		spoken += " Did you mean one of these? " + strings.Join(names, ", ")
	}
	return say(spoken, sentence(text), slack.NewActionBlock("", buttons...))
}

// buttons open the form: for each resource that may be meant, and without one. kept tells
// whether they hold what else was typed.
func (t *typed) buttons() (list []slack.BlockElement, kept bool) {
	kept = true
	add := func(id, words, text, style string) {
		value := id + "|" + words
		if slackapi.Size(value) > slackapi.MaxButtonValue {
			value, kept = id+"|", false
		}
		list = append(list, button(fmt.Sprintf("%s/%d", actionAskFor, len(list)), value, text, "Ask for access: "+text, style))
	}
	for _, n := range t.near {
		add(n.ID, n.rest, n.label(), "")
	}
	switch {
	case t.resource == nil && t.named == "":
		add("", t.rest, "Fill in the form", "primary")
	case t.resource == nil:
		add("", t.rest, "Choose from the list", "primary")
	case t.length > 0:
		add(t.resource.ID, t.rest, "Ask for "+duration.RoughWords(t.length), "primary")
	default:
		add(t.resource.ID, t.rest, "Fill in the form", "primary")
	}
	return list, kept
}

// openForm opens the form with what filled finds, or answers what filled says instead. The
// trigger is good for three seconds: where filled takes long, the form opens without it,
// and is filled in when it is there.
func (b *Bot) openForm(ctx context.Context, a admitted, trigger string, filled func(context.Context) (form, *answer, error)) *answer {
	type outcome struct {
		form
		instead *answer
	}
	ready := make(chan outcome, 1) // so that nobody waits where the form does not open
	go func() {
		f, instead, err := filled(ctx)
		o := outcome{form: f, instead: instead}
		if err != nil {
			b.log.Warn("can't fill a form in", "error", err)
		} else if err = b.server.as(a).explain(ctx, &o.form); err != nil {
			o.who = refusal(err)
			b.log.Warn("can't say who would be asked", "error", err)
		}
		ready <- o
	}()
	soon := time.NewTimer(b.lookUpSoon())
	defer soon.Stop()
	select {
	case o := <-ready:
		if o.instead != nil {
			return o.instead
		}
		if _, err := a.space.OpenModal(ctx, trigger, requestForm(o.form)); err != nil {
			return b.notOpened(err)
		}
		return nil
	case <-soon.C:
	}
	v, err := a.space.OpenModal(ctx, trigger, requestForm(form{limits: usual(), notes: []string{"Looking up what you asked for…"}}))
	if err != nil {
		return b.notOpened(err)
	}
	o := <-ready
	if _, err := a.space.UpdateModal(ctx, v, requestForm(o.form)); err != nil {
		b.log.Debug("the form was changed meanwhile", "error", err)
	}
	return nil
}

func (b *Bot) notOpened(err error) *answer {
	b.log.Warn("can't open a form", "error", err)
	return say("Slack did not open the form in time. Please try again.")
}
