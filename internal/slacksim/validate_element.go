package slacksim

import (
	"fmt"
	"reflect"
)

// The rules for what stands in blocks and can be used:
// https://docs.slack.dev/reference/block-kit/block-elements

// actionElements are what an actions block may hold.
func actionElements() map[string]rule {
	return map[string]rule{
		"button": button, "overflow": overflow, "checkboxes": choices("checkboxes"), "radio_buttons": choices("radio_buttons"),
		"static_select": menu(false), "multi_static_select": menu(true), "external_select": external(false), "multi_external_select": external(true),
		"users_select": people("initial_user", str(1, 40)), "multi_users_select": people("initial_users", list(0, 100, str(1, 40))),
		"conversations_select": people("initial_conversation", str(1, 40)), "channels_select": people("initial_channel", str(1, 40)),
		"datepicker": picker("initial_date", isDate), "timepicker": picker("initial_time", isTime), "datetimepicker": picker("initial_date_time", isMoment),
	}
}

var (
	isDate   = matching(`^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$`, "2026-11-23")
	isTime   = matching(`^([01]\d|2[0-3]):[0-5]\d$`, "23:59")
	isMoment = whole(1e9, 9999999999)
)

// accessories are what may stand beside a section's text.
func accessories() map[string]rule {
	all := actionElements()
	all["image"] = image
	return all
}

// inputElements are what an input block may hold.
func inputElements() map[string]rule {
	all := actionElements()
	delete(all, "button")
	delete(all, "overflow")
	all["plain_text_input"] = textInput(shape{
		"initial_value": str(0, 3000), "multiline": boolean, "min_length": whole(0, 3000), "max_length": whole(1, 3000),
	})
	all["email_text_input"] = textInput(shape{"initial_value": str(0, 3000)})
	all["url_text_input"] = textInput(shape{"initial_value": str(0, 3000)})
	all["number_input"] = textInput(shape{
		"initial_value": str(0, 3000), "is_decimal_allowed!": boolean, "min_value": str(1, 3000), "max_value": str(1, 3000),
	})
	return all
}

func input(on surface) rule {
	return func(c *checker, at string, v any) {
		blockOf(shape{
			"label!": plainText(2000), "hint": plainText(2000), "optional": boolean, "dispatch_action": boolean,
			"element!": func(c *checker, at string, v any) { c.typed(at, v, inputElements()) },
		})(c, at, v)
		if o, _ := v.(map[string]any); on != onModal && o["dispatch_action"] != true {
			c.fail(at+".dispatch_action", "must be true outside a modal: nothing else would send what is typed")
		}
	}
}

// elementOf is the rule of an element with the given fields, besides those that
// all but buttons have.
func elementOf(fields shape) rule {
	all := shape{"type!": str(1, 40), "action_id": actionID, "confirm": confirm, "focus_on_load": focus}
	for name, r := range fields {
		all[name] = r
	}
	return func(c *checker, at string, v any) { c.object(at, v, all) }
}

func focus(c *checker, at string, v any) {
	boolean(c, at, v)
	if v == true && c.focused {
		c.fail(at, "is true twice in this view")
	}
	c.focused = c.focused || v == true
}

func textInput(fields shape) rule {
	fields["placeholder"] = plainText(150)
	fields["dispatch_action_config"] = func(c *checker, at string, v any) {
		c.object(at, v, shape{"trigger_actions_on!": list(1, 2, oneOf("on_enter_pressed", "on_character_entered"))})
	}
	base := elementOf(fields)
	return func(c *checker, at string, v any) {
		base(c, at, v)
		o, _ := v.(map[string]any)
		if least, most := number(o["min_length"], 0), number(o["max_length"], 3000); least > most {
			c.fail(at+".min_length", "is more than max_length")
		}
	}
}

func picker(name string, value rule) rule {
	fields := shape{name: value, "placeholder": plainText(150)}
	switch name {
	case "initial_time":
		fields["timezone"] = str(1, 100)
	case "initial_date_time":
		delete(fields, "placeholder")
	}
	return elementOf(fields)
}

func people(name string, value rule) rule {
	return elementOf(shape{
		name: value, "placeholder": plainText(150), "max_selected_items": whole(1, 1000), "response_url_enabled": boolean,
		"default_to_current_conversation": boolean, "filter": any1,
	})
}

// option checks an option. In menus its text is plain; elsewhere it need not be.
func option(plain bool) rule {
	return func(c *checker, at string, v any) {
		c.object(at, v, shape{"text!": textObject(75, plain), "value!": str(1, 150), "description": textObject(75, plain), "url": link})
	}
}

func optionGroup(c *checker, at string, v any) {
	c.object(at, v, shape{"label!": plainText(75), "options!": list(0, 100, option(true))})
}

func overflow(c *checker, at string, v any) {
	c.object(at, v, shape{"type!": str(1, 40), "action_id": actionID, "options!": list(1, 5, option(true)), "confirm": confirm})
}

// choices are checkboxes and radio buttons.
func choices(kind string) rule {
	fields := shape{"options!": list(1, 10, option(false))}
	if kind == "checkboxes" {
		fields["initial_options"] = list(1, 10, option(false))
	} else {
		fields["initial_option"] = option(false)
	}
	base := elementOf(fields)
	return func(c *checker, at string, v any) {
		base(c, at, v)
		c.among(at, v)
	}
}

// menu is a select whose options are given.
func menu(multi bool) rule {
	fields := shape{"options": list(1, 100, option(true)), "option_groups": list(1, 100, optionGroup), "placeholder": plainText(150)}
	begins(fields, multi)
	base := elementOf(fields)
	return func(c *checker, at string, v any) {
		base(c, at, v)
		o, _ := v.(map[string]any)
		if (o["options"] == nil) == (o["option_groups"] == nil) {
			c.fail(at, "needs either options or option_groups")
		}
		c.among(at, v)
	}
}

// external is a select whose options the app gives as the person types.
func external(multi bool) rule {
	fields := shape{"placeholder": plainText(150), "min_query_length": whole(0, 1000)}
	begins(fields, multi)
	return elementOf(fields)
}

func begins(fields shape, multi bool) {
	if multi {
		fields["initial_options"], fields["max_selected_items"] = list(1, 100, option(true)), whole(1, 1000)
	} else {
		fields["initial_option"] = option(true)
	}
}

// among checks that what is chosen at first is one of the options.
func (c *checker) among(at string, v any) {
	o, _ := v.(map[string]any)
	chosen, _ := o["initial_options"].([]any)
	if one := o["initial_option"]; one != nil {
		chosen = append(chosen, one)
	}
	for _, want := range chosen {
		is := false
		for _, have := range optionsOf(o) {
			is = is || reflect.DeepEqual(any(have), want)
		}
		if !is {
			c.fail(at, "begins with an option that is not among its options: %v", want)
		}
	}
}

// maxView is how large a view may be, in bytes.
const maxView = 250 << 10

// readView judges a view of the kind "modal" or "home".
func readView(v any, kind string) (map[string]any, *fault) {
	c := &checker{word: "invalid_arguments", ids: map[string]bool{}, actions: map[string]bool{}}
	fields := shape{
		"type!": oneOf(kind), "blocks!": any1, "private_metadata": str(0, 3000), "callback_id": str(0, 255), "external_id": str(0, 255),
	}
	on := onHome
	if kind == "modal" {
		on = onModal
		for name, r := range (shape{
			"title!": plainText(24), "submit": plainText(24), "close": plainText(24),
			"clear_on_close": boolean, "notify_on_close": boolean, "submit_disabled": boolean,
		}) {
			fields[name] = r
		}
	}
	o := c.object("view", without(v, kind), fields)
	blocks, ok := o["blocks"].([]any)
	switch {
	case c.fault != nil:
		return nil, c.fault
	case !ok:
		return nil, &fault{"invalid_arguments", "view.blocks", "is not a list"}
	}
	if f := checkBlocks(blocks, on); f != nil {
		f.where = "view." + f.where
		return nil, f
	}
	for i, b := range blocks {
		block, _ := b.(map[string]any)
		if kind == "modal" && block["type"] == "input" && o["submit"] == nil {
			return nil, &fault{"invalid_arguments", "view.submit", fmt.Sprintf("is missing, and blocks[%d] is an input", i)}
		}
	}
	return o, nil
}

// without leaves out what a library sends as null or empty though the kind of view
// has no such field.
func without(v any, kind string) any {
	o, ok := v.(map[string]any)
	if !ok {
		return v
	}
	for name, value := range o {
		if value == nil || (value == "" && kind == "home") {
			delete(o, name)
		}
	}
	return o
}
