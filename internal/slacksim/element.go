package slacksim

import (
	"encoding/json"
	"slices"
	"strconv"
)

// values are what people chose or typed: by block_id and action_id, each as Slack
// tells of it, with its type.
type values map[string]map[string]map[string]any

func (v values) get(blockID, actionID string) map[string]any { return v[blockID][actionID] }

func (v values) set(blockID, actionID string, to map[string]any) {
	if v[blockID] == nil {
		v[blockID] = map[string]map[string]any{}
	}
	v[blockID][actionID] = to
}

// elementsOf gives the elements of a block: of an actions or context block, a
// section's accessory, an input's element.
func elementsOf(block map[string]any) []map[string]any {
	var out []map[string]any
	take := func(v any) {
		if el, ok := v.(map[string]any); ok {
			out = append(out, el)
		}
	}
	list, _ := block["elements"].([]any)
	for _, v := range list {
		take(v)
	}
	take(block["accessory"])
	take(block["element"])
	return out
}

// field tells what Slack calls the state of an element, and what the element calls
// its beginning. It gives "" for what holds no state, such as a button.
func field(kind string) (state, initial string) {
	switch kind {
	case "plain_text_input", "email_text_input", "url_text_input", "number_input":
		return "value", "initial_value"
	case "static_select", "external_select", "radio_buttons":
		return "selected_option", "initial_option"
	case "multi_static_select", "multi_external_select", "checkboxes":
		return "selected_options", "initial_options"
	case "datepicker":
		return "selected_date", "initial_date"
	case "timepicker":
		return "selected_time", "initial_time"
	case "datetimepicker":
		return "selected_date_time", "initial_date_time"
	case "users_select":
		return "selected_user", "initial_user"
	case "multi_users_select":
		return "selected_users", "initial_users"
	case "conversations_select":
		return "selected_conversation", "initial_conversation"
	case "channels_select":
		return "selected_channel", "initial_channel"
	}
	return "", ""
}

// many tells whether an element's state is a list.
func many(state string) bool { return state == "selected_options" || state == "selected_users" }

// initial is the state of an element that nobody touched.
func initial(el map[string]any) map[string]any {
	kind := str1(el, "type")
	state, from := field(kind)
	out := map[string]any{"type": kind, state: el[from]}
	if el[from] == nil && many(state) {
		out[state] = []any{}
	}
	return out
}

// empty tells whether a state holds nothing.
func empty(state map[string]any) bool {
	name, _ := field(str1(state, "type"))
	switch v := state[name].(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	}
	return false
}

// found is an element and where it stands.
type found struct {
	block, element map[string]any
}

func (f found) blockID() string  { return str1(f.block, "block_id") }
func (f found) actionID() string { return str1(f.element, "action_id") }
func (f found) kind() string     { return str1(f.element, "type") }

// input tells whether the element waits for the form to be sent. Others tell the
// app at once.
func (f found) input() bool {
	return f.block["type"] == "input" && f.block["dispatch_action"] != true
}

// named tells whether a person, or a test, would call the element so: by its
// action_id, block_id, both with a slash between them, text or label.
func (f found) named(name string) bool {
	names := []string{f.actionID(), f.blockID() + "/" + f.actionID(), textOf(f.element["text"]), textOf(f.block["label"]), str1(f.element, "accessibility_label"), textOf(f.element["placeholder"])}
	if f.block["type"] != "actions" {
		names = append(names, f.blockID())
	}
	return name != "" && slices.Contains(names, name)
}

// elements gives all that can be used in blocks.
func elements(list []any) []found {
	var out []found
	for _, b := range list {
		block, _ := b.(map[string]any)
		if block == nil || block["type"] == "context" {
			continue
		}
		for _, el := range elementsOf(block) {
			if el["type"] != "image" {
				out = append(out, found{block, el})
			}
		}
	}
	return out
}

// states gives the state of all that holds one, as payloads have it; with keep,
// those that people changed.
func states(list []any, keep values) values {
	out := values{}
	for _, f := range elements(list) {
		if state, _ := field(f.kind()); state == "" {
			continue
		}
		v := keep.get(f.blockID(), f.actionID())
		if v == nil || v["type"] != f.kind() {
			v = initial(f.element)
		}
		out.set(f.blockID(), f.actionID(), v)
	}
	return out
}

// str1 reads a text field.
func str1(o map[string]any, name string) string {
	v, _ := o[name].(string)
	return v
}

// textOf is the text of a text object, or "".
func textOf(v any) string {
	o, _ := v.(map[string]any)
	return str1(o, "text")
}

// number reads a whole number, or gives otherwise.
func number(v any, otherwise int) int {
	n, ok := v.(json.Number)
	if !ok {
		return otherwise
	}
	i, err := strconv.Atoi(n.String())
	if err != nil {
		return otherwise
	}
	return i
}

// optionsOf gives the options of a menu, those in groups too.
func optionsOf(el map[string]any) []map[string]any {
	var out []map[string]any
	take := func(v any) {
		list, _ := v.([]any)
		for _, o := range list {
			if option, ok := o.(map[string]any); ok {
				out = append(out, option)
			}
		}
	}
	take(el["options"])
	groups, _ := el["option_groups"].([]any)
	for _, g := range groups {
		group, _ := g.(map[string]any)
		take(group["options"])
	}
	return out
}
