package slacksim

import (
	"encoding/json"
	"fmt"
	"html/template"
	"strings"
)

// pageBlock is a block as the page shows it.
type pageBlock struct {
	Type     string
	Text     *textJSON
	Fields   []textJSON
	Elements []pageElement
	// Of an input block: Label and Hint, whether it may stay empty, and what is
	// wrong with it.
	Label, Hint *textJSON
	Optional    bool
	Error       string
}

// pageElement is an element as the page shows it.
type pageElement struct {
	Kind string
	ID   string // of the HTML element
	Key  string // block_id/action_id, or "" where it can't be used
	Text textJSON
	// Label is what a screen reader reads in place of the text.
	Label, Style, Link, Placeholder string
	Confirm                         *pageConfirm
	// Value is what a field holds, and Options what it offers; of an external
	// select those that are chosen.
	Value    string
	Options  []pageOption
	MinQuery int
	Multi    bool
	Long     bool // of several lines
	Required bool
	Focus    bool
	Now      bool // the app is told at once
	Bare     bool // it has no label beside it
}

type pageOption struct {
	Text, Description textJSON
	Value             string
	Chosen            bool
}

// pageConfirm is a question before an action.
type pageConfirm struct{ Title, Text, Yes, No, Style string }

// Name is the text as Slack would show it.
func (e pageElement) Name() template.HTML { return e.Text.HTML() }

// Plain is the text as it stands in a menu, without formatting.
func (o pageOption) Plain() string { return entities.Replace(o.Text.Text) }

func readText(v any) *textJSON {
	o, ok := v.(map[string]any)
	if !ok {
		return nil
	}
	return &textJSON{str1(o, "type"), str1(o, "text")}
}

func readTexts(v any) []textJSON {
	list, _ := v.([]any)
	var out []textJSON
	for _, e := range list {
		if t := readText(e); t != nil {
			out = append(out, *t)
		}
	}
	return out
}

// people are those who can be chosen in menus of people and channels.
type menus struct{ people, channels []pageOption }

// pageBlocks makes blocks ready to show. id makes the ids of HTML elements unique on
// the page; usable is false where nobody would hear of a click. s.mu is held.
func pageBlocks(list []any, now values, id string, m menus, errs map[string]string, usable bool) []pageBlock {
	var out []pageBlock
	for _, b := range list {
		block, _ := b.(map[string]any)
		p := pageBlock{
			Type: str1(block, "type"), Text: readText(block["text"]), Fields: readTexts(block["fields"]),
			Label: readText(block["label"]), Hint: readText(block["hint"]), Optional: block["optional"] == true, Error: errs[str1(block, "block_id")],
		}
		for _, el := range elementsOf(block) {
			f := found{block, el}
			e := newPageElement(f, states(list, now).get(f.blockID(), f.actionID()), m)
			if usable && f.blockID() != "" && f.actionID() != "" {
				e.Key = f.blockID() + "/" + f.actionID()
			}
			e.ID = id + "-" + e.Key
			p.Elements = append(p.Elements, e)
		}
		out = append(out, p)
	}
	return out
}

func newPageElement(f found, state map[string]any, m menus) pageElement {
	el := f.element
	e := pageElement{
		Kind: f.kind(), Label: str1(el, "accessibility_label"), Style: str1(el, "style"), Placeholder: entities.Replace(textOf(el["placeholder"])),
		MinQuery: number(el["min_query_length"], 3), Multi: strings.HasPrefix(f.kind(), "multi_") || f.kind() == "checkboxes",
		Long: el["multiline"] == true, Required: f.block["type"] == "input" && f.block["optional"] != true, Focus: el["focus_on_load"] == true, Now: !f.input(), Bare: f.block["type"] != "input",
	}
	switch text := el["text"].(type) {
	case string: // of a context block
		e.Text = textJSON{f.kind(), text}
	case map[string]any:
		e.Text = *readText(text)
	}
	if f.kind() == "image" {
		e.Text = textJSON{"plain_text", "[image: " + str1(el, "alt_text") + "]"}
	}
	if link := str1(el, "url"); safeURL(link) {
		e.Link = link
	}
	if c, ok := el["confirm"].(map[string]any); ok {
		e.Confirm = &pageConfirm{textOf(c["title"]), entities.Replace(textOf(c["text"])), textOf(c["confirm"]), textOf(c["deny"]), str1(c, "style")}
	}
	e.holds(f, state, m)
	return e
}

// holds sets what a field holds and offers.
func (e *pageElement) holds(f found, state map[string]any, m menus) {
	key, _ := field(e.Kind)
	chosen := map[string]bool{}
	list, isList := state[key].([]any)
	if !isList && state[key] != nil {
		list = []any{state[key]}
	}
	for _, v := range list {
		if o, ok := v.(map[string]any); ok {
			v = o["value"]
		}
		e.Value = fmt.Sprint(v)
		chosen[e.Value] = true
	}
	offered := optionsOf(f.element)
	switch {
	case strings.Contains(e.Kind, "external"):
		offered = optionsOf(map[string]any{"options": list})
	case strings.Contains(e.Kind, "users_select"):
		e.Options = m.people
	case e.Kind == "channels_select" || e.Kind == "conversations_select":
		e.Options = m.channels
	}
	for _, o := range offered {
		p := pageOption{Text: *orEmpty(readText(o["text"])), Description: *orEmpty(readText(o["description"])), Value: str1(o, "value")}
		e.Options = append(e.Options, p)
	}
	e.Options = append([]pageOption(nil), e.Options...)
	for i := range e.Options {
		e.Options[i].Chosen = chosen[e.Options[i].Value]
	}
}

func orEmpty(t *textJSON) *textJSON {
	if t == nil {
		return &textJSON{}
	}
	return t
}

// pageView is a modal or Home as the page shows it.
type pageView struct {
	ID      string
	Version string // changes with all but what is in the fields
	Title   textJSON
	Submit  *textJSON
	Close   string
	Trouble string
	Back    bool // another modal lies below
	Blocks  []pageBlock
}

func newPageView(v *view, m menus) *pageView {
	p := &pageView{
		ID: v.id, Version: v.hash + fmt.Sprint(v.errors) + v.trouble, Title: *orEmpty(readText(v.spec["title"])),
		Submit: readText(v.spec["submit"]), Close: textOf(v.spec["close"]), Trouble: v.trouble, Back: v.previous != "",
		Blocks: pageBlocks(v.blocks(), v.values, v.id, m, v.errors, true),
	}
	if p.Close == "" {
		p.Close = "Cancel"
	}
	if p.Submit == nil && hasInputs(v.blocks()) {
		p.Submit = &textJSON{"plain_text", "Submit"}
	}
	return p
}

func blocksOf(raw json.RawMessage) []any {
	list, _ := decodeValue(raw).([]any)
	return list
}
