package slacksim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// fault is why a payload is refused: Slack's word, and where and what for the
// people who wonder.
type fault struct{ word, where, what string }

func (f *fault) Error() string { return f.where + " " + f.what }

// maxKeptText is where Slack cuts the top-level text.
const maxKeptText = 40000

// validate judges a payload as raw JSON and gives its text and blocks.
func validate(raw []byte) (text string, blocks json.RawMessage, _ *fault) {
	body, f := decode(raw)
	if f != nil {
		return "", nil, f
	}
	c := &checker{word: "invalid_payload"}
	top := c.object("payload", body, topLevel)
	if c.fault != nil {
		return "", nil, c.fault
	}
	text, _ = top["text"].(string)
	list, hasBlocks := top["blocks"].([]any)
	if _, given := top["blocks"]; given && !hasBlocks {
		return "", nil, &fault{"invalid_blocks_format", "blocks", "is not a list"}
	}
	attachments, _ := top["attachments"].([]any)
	switch {
	case len(attachments) > 100:
		return "", nil, &fault{"too_many_attachments", "attachments", "are more than 100"}
	case strings.TrimSpace(text) == "" && len(list) == 0 && len(attachments) == 0:
		return "", nil, &fault{"no_text", "text", "is empty, and there are no blocks"}
	}
	if f := checkBlocks(list, onMessage); f != nil {
		return "", nil, f
	}
	if len(list) > 0 {
		var kept struct {
			Blocks json.RawMessage `json:"blocks"`
		}
		if json.Unmarshal(raw, &kept) == nil {
			blocks = kept.Blocks
		}
	}
	return cutText(text), blocks, nil
}

// decode reads exactly one JSON object, in valid UTF-8.
func decode(raw []byte) (map[string]any, *fault) {
	if !utf8.Valid(raw) {
		return nil, &fault{"invalid_payload", "body", "is not UTF-8"}
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, &fault{"invalid_payload", "body", "is not JSON: " + err.Error()}
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, &fault{"invalid_payload", "body", "goes on after the JSON"}
	}
	body, ok := v.(map[string]any)
	if !ok {
		return nil, &fault{"invalid_payload", "body", "is not a JSON object"}
	}
	return body, nil
}

func cutText(s string) string {
	if len(s) <= maxKeptText {
		return s
	}
	r := []rune(s)
	return string(r[:min(len(r), maxKeptText)])
}

// surface is where blocks are shown.
type surface int

const (
	onMessage surface = iota
	onModal
	onHome
)

// most is how many blocks a surface takes.
func (s surface) most() int {
	if s == onMessage {
		return 50
	}
	return 100
}

func checkBlocks(list []any, on surface) *fault {
	c := &checker{word: "invalid_blocks", ids: map[string]bool{}, actions: map[string]bool{}}
	if len(list) > on.most() {
		c.fail("blocks", "are %d, at most %d are allowed", len(list), on.most())
	}
	for i, b := range list {
		c.typed(fmt.Sprintf("blocks[%d]", i), b, blockTypes(on))
		if c.fault != nil {
			break
		}
	}
	return c.fault
}

// checker walks a value and keeps the first fault.
type checker struct {
	word    string
	fault   *fault
	ids     map[string]bool // block_ids so far
	actions map[string]bool // action_ids so far, by block
	focused bool            // an element asks for the focus
}

func (c *checker) fail(where, format string, args ...any) {
	if c.fault == nil {
		c.fault = &fault{c.word, where, fmt.Sprintf(format, args...)}
	}
}

// rule checks one value.
type rule func(c *checker, where string, v any)

// shape is the fields that an object may have. A name ending in "!" is required.
type shape map[string]rule

// object checks v against a shape and gives its fields.
func (c *checker) object(where string, v any, s shape) map[string]any {
	o, ok := v.(map[string]any)
	if !ok {
		c.fail(where, "is not an object")
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(s)) {
		bare, required := strings.CutSuffix(name, "!")
		value, given := o[bare]
		switch {
		case given:
			s[name](c, where+"."+bare, value)
		case required:
			c.fail(where+"."+bare, "is missing")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(o)) {
		if s[name] == nil && s[name+"!"] == nil {
			c.fail(where+"."+name, "is not a field that Slack knows here")
		}
	}
	return o
}

// typed checks an object whose shape its field "type" tells.
func (c *checker) typed(where string, v any, types map[string]rule) {
	o, ok := v.(map[string]any)
	if !ok {
		c.fail(where, "is not an object")
		return
	}
	kind, _ := o["type"].(string)
	check := types[kind]
	if check == nil {
		c.fail(where+".type", "is %q, which is not allowed here or not known to this simulator", kind)
		return
	}
	check(c, where, v)
}

// length counts UTF-16 code units, the most of the plausible ways to count.
func length(s string) int { return len(utf16.Encode([]rune(s))) }
