package slacksim

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// Option is what a menu offers.
type Option struct{ Text, Value, Description, Group string }

// Suggest types into an external select and gives what the app offers. Where less
// was typed than the select waits for, Slack asks nobody, and nothing is offered.
func (f *Form) Suggest(ctx context.Context, name, typed string) ([]Option, error) {
	s := f.p.s
	s.mu.Lock()
	at, err := f.place()
	var el found
	if err == nil {
		el, err = at.find(name)
	}
	if err == nil && !strings.Contains(el.kind(), "external") {
		err = fmt.Errorf("slacksim: %q is a %s, not an external select", name, el.kind())
	}
	if err != nil || length(typed) < number(el.element["min_query_length"], 3) {
		s.mu.Unlock()
		return nil, err
	}
	payload := s.payload("block_suggestion", at.user)
	payload["action_id"], payload["block_id"], payload["value"] = el.actionID(), el.blockID(), typed
	s.whence(payload, at)
	p := s.interactive(s.app.OptionsURL, payload)
	s.mu.Unlock()

	what := "block_suggestion " + el.actionID()
	a, err := s.send(ctx, *p)
	if problem := s.problem(what, "We had a problem loading these options. Please try again.", a, err); problem != nil {
		return nil, problem
	}
	o, ok := decodeValue(a.body).(map[string]any)
	if !ok {
		return nil, s.misanswer(what, "the answer is not a JSON object: %q", a.body)
	}
	c := &checker{}
	c.object("answer", o, shape{"options": list(0, 100, option(true)), "option_groups": list(0, 100, optionGroup)})
	if (o["options"] == nil) == (o["option_groups"] == nil) {
		c.fail("answer", "needs either options or option_groups")
	}
	if c.fault != nil {
		return nil, s.misanswer(what, "%v", c.fault)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if at, err = f.place(); err != nil {
		return nil, err
	}
	s.took("options", o)
	at.offer(el.blockID()+" "+el.actionID(), optionsOf(o))
	return offers(o), nil
}

// offer keeps what the app offered, so that it can be chosen.
func (at place) offer(key string, options []map[string]any) {
	if at.view != nil {
		if at.view.offered == nil {
			at.view.offered = map[string][]map[string]any{}
		}
		at.view.offered[key] = options
		return
	}
	if at.message.offered == nil {
		at.message.offered = map[string][]map[string]any{}
	}
	at.message.offered[key] = options
}

// offers lists the options of a menu or an answer.
func offers(o map[string]any) []Option {
	var out []Option
	add := func(v any, group string) {
		for _, option := range optionsOf(map[string]any{"options": v}) {
			out = append(out, Option{textOf(option["text"]), str1(option, "value"), textOf(option["description"]), group})
		}
	}
	add(o["options"], "")
	groups, _ := o["option_groups"].([]any)
	for _, g := range groups {
		if group, ok := g.(map[string]any); ok {
			add(group["options"], textOf(group["label"]))
		}
	}
	return out
}

// Submit sends the modal, and waits until the app has acknowledged it. Fields that
// Slack itself finds wrong, and the app's own errors, end in a *[Problem] and stand
// in [Form.Errors]; otherwise the app has closed, changed or covered the modal.
func (f *Form) Submit(ctx context.Context) error {
	s := f.p.s
	s.mu.Lock()
	at, err := f.place()
	if err == nil && modalOf(at.view) == nil {
		err = errGone
	}
	if err == nil && at.view != at.user.top() {
		err = fmt.Errorf("slacksim: another modal lies on %q", textOf(at.view.spec["title"]))
	}
	if err == nil && (at.view.spec["submit"] == nil && !hasInputs(at.blocks)) {
		err = fmt.Errorf("slacksim: the modal %q has no button to send it", textOf(at.view.spec["title"]))
	}
	if err != nil {
		s.mu.Unlock()
		return err
	}
	v := at.view
	v.trouble, v.errors = "", complaints(at)
	s.announce()
	if len(v.errors) > 0 {
		defer s.mu.Unlock()
		return &Problem{Text: fmt.Sprint(v.errors)}
	}
	payload := s.payload("view_submission", at.user)
	payload["trigger_id"], payload["view"], payload["response_urls"] = s.newTrigger(at.user, v), s.viewJSON(v), []any{}
	p := s.interactive(s.app.InteractionURL, payload)
	s.mu.Unlock()

	a, err := s.send(ctx, *p)
	problem := s.problem("view_submission", "We had some trouble connecting. Try again?", a, err)
	if problem == nil {
		problem = s.submitted(f, a)
	}
	if problem == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(v.errors) == 0 {
		v.trouble = problem.Text
	}
	s.announce()
	return problem
}

func hasInputs(list []any) bool {
	for _, b := range list {
		if block, _ := b.(map[string]any); block["type"] == "input" {
			return true
		}
	}
	return false
}

// complaints are what Slack finds wrong by itself before it sends a modal.
func complaints(at place) map[string]string {
	out := map[string]string{}
	now := states(at.blocks, *at.values)
	for _, el := range elements(at.blocks) {
		if el.block["type"] != "input" {
			continue
		}
		state := now.get(el.blockID(), el.actionID())
		text, _ := state["value"].(string)
		least, most := number(el.element["min_length"], 0), number(el.element["max_length"], 3000)
		switch {
		case empty(state) && el.block["optional"] == true:
		case empty(state):
			out[el.blockID()] = "Please complete this required field."
		case el.kind() == "plain_text_input" && length(text) < least:
			out[el.blockID()] = fmt.Sprintf("Please enter at least %d characters.", least)
		case el.kind() == "plain_text_input" && length(text) > most:
			out[el.blockID()] = fmt.Sprintf("Please enter at most %d characters.", most)
		case el.kind() == "email_text_input" && !strings.Contains(text, "@"):
			out[el.blockID()] = "Please enter a valid email address."
		case el.kind() == "number_input" && !numeric(text):
			out[el.blockID()] = "Please enter a number."
		case el.kind() == "url_text_input" && !safeURL(text):
			out[el.blockID()] = "Please enter a valid URL."
		}
	}
	return out
}

func numeric(s string) bool { _, err := strconv.ParseFloat(s, 64); return err == nil }

// submitted does what the app answered to a modal; nil where Slack takes it.
func (s *Server) submitted(f *Form, a ack) *Problem {
	const what = "view_submission"
	s.mu.Lock()
	at, err := f.place()
	if err != nil { // closed meanwhile
		s.mu.Unlock()
		return nil
	}
	if a.empty() {
		s.pop1(at.view)
		s.mu.Unlock()
		return nil
	}
	s.mu.Unlock()
	var said struct {
		Action string            `json:"response_action"`
		Errors map[string]string `json:"errors"`
		View   json.RawMessage   `json:"view"`
	}
	dec := json.NewDecoder(bytes.NewReader(a.body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&said); err != nil {
		return s.misanswer(what, "the answer is neither empty nor a response_action: %v: %q", err, a.body)
	}
	if !a.json {
		return s.misanswer(what, "the answer does not say that it is JSON: %q", a.body)
	}
	var spec map[string]any
	switch said.Action {
	case "clear":
	case "errors":
		return s.complain(at, said.Errors)
	case "update", "push":
		var bad *fault
		if spec, bad = readView(decodeValue(said.View), "modal"); bad != nil {
			return s.misanswer(what, "%v", bad)
		}
	default:
		return s.misanswer(what, "the response_action %q is unknown; an answer that closes the modal is empty", said.Action)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if spec != nil {
		s.took("view", spec)
	}
	switch {
	case at.view.closed:
	case said.Action == "clear":
		s.pop(at.user, true)
	case said.Action == "update":
		s.fillIDs(spec["blocks"].([]any)) // checked by readView
		s.show(at.view, spec)
	case len(at.user.modals) >= maxStack:
		s.keep(Refusal{Method: what, Status: http.StatusOK, Body: "push_limit_reached", Why: "three modals lie on each other already"})
		return &Problem{Code: "push_limit_reached", Text: "We had some trouble connecting. Try again?"}
	default:
		s.fillIDs(spec["blocks"].([]any))
		s.push(at.user, at.view.install, spec)
	}
	return nil
}

// pop1 closes one modal, and those on top of it; s.mu is held.
func (s *Server) pop1(v *view) {
	for !v.closed && v.user.top() != nil {
		s.pop(v.user, false)
	}
}

// complain shows the app's errors beside the fields.
func (s *Server) complain(at place, errs map[string]string) *Problem {
	inputs := map[string]bool{}
	for _, b := range at.blocks {
		if block, _ := b.(map[string]any); block["type"] == "input" {
			inputs[str1(block, "block_id")] = true
		}
	}
	if len(errs) == 0 {
		return s.misanswer("view_submission", "there are no errors in the response_action errors")
	}
	for id, text := range errs {
		if !inputs[id] || text == "" {
			return s.misanswer("view_submission", "errors.%s is no input block of the modal, or says nothing", id)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	at.view.errors = errs
	s.announce()
	return &Problem{Text: fmt.Sprint(errs)}
}

// Close closes the modal as its button for that does, and tells the app where it
// wants to know. The modal below, if any, is seen again.
func (f *Form) Close(ctx context.Context) error {
	s := f.p.s
	s.mu.Lock()
	at, err := f.place()
	if err == nil && modalOf(at.view) == nil {
		err = errGone
	}
	if err != nil {
		s.mu.Unlock()
		return err
	}
	v := at.view
	cleared := v.spec["clear_on_close"] == true
	var p *parcel
	if v.spec["notify_on_close"] == true {
		payload := s.payload("view_closed", at.user)
		payload["view"], payload["is_cleared"] = s.viewJSON(v), cleared
		p = s.interactive(s.app.InteractionURL, payload)
	}
	if cleared {
		s.pop(at.user, true)
	} else {
		s.pop1(v)
	}
	s.mu.Unlock()
	if p == nil {
		return nil
	}
	a, err := s.send(ctx, *p)
	if problem := s.problem("view_closed", "This app responded with an error.", a, err); problem != nil {
		return problem
	}
	return nil
}
