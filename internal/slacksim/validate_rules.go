package slacksim

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// The rules of Slack's documentation for blocks, one function or table a thing;
// those for their elements are in validate_element.go. Blocks that are not here are refused until somebody adds their rules.

// topLevel is what an incoming webhook's payload may hold.
var topLevel = shape{
	"text": str(0, 1<<20), "blocks": any1, "attachments": list(0, 1<<20, any1),
	"mrkdwn": boolean, "parse": oneOf("none", "full"), "link_names": boolean,
	"unfurl_links": boolean, "unfurl_media": boolean,
	"thread_ts": str(1, 40), "reply_broadcast": boolean, "metadata": any1,
	"response_type": oneOf("in_channel", "ephemeral"), "replace_original": boolean, "delete_original": boolean,
	// Read and ignored, as Slack does: a webhook can't choose these.
	"channel": str(0, 255), "username": str(0, 255), "icon_emoji": str(0, 255), "icon_url": str(0, 3000),
}

func blockTypes(on surface) map[string]rule {
	return map[string]rule{
		"input":   input(on),
		"divider": blockOf(shape{}),
		"header":  blockOf(shape{"text!": plainText(150), "level": any1}),
		"section": section,
		"context": blockOf(shape{"elements!": list(1, 10, func(c *checker, at string, v any) {
			c.typed(at, v, map[string]rule{"plain_text": textObject(3000, false), "mrkdwn": textObject(3000, false), "image": image})
		})}),
		"actions": blockOf(shape{"elements!": list(1, 25, func(c *checker, at string, v any) {
			c.typed(at, v, actionElements())
		})}),
		"image": blockOf(shape{"image_url!": link, "alt_text!": str(1, 2000), "title": plainText(2000)}),
	}
}

// blockOf is the rule of a block with the given fields, besides those of all.
func blockOf(fields shape) rule {
	all := shape{"type!": str(1, 40), "block_id": blockID}
	for name, r := range fields {
		all[name] = r
	}
	return func(c *checker, at string, v any) { c.object(at, v, all) }
}

func blockID(c *checker, at string, v any) {
	str(1, 255)(c, at, v)
	if id, _ := v.(string); c.ids[id] {
		c.fail(at, "is used twice")
	} else {
		c.ids[id] = true
	}
}

func section(c *checker, at string, v any) {
	blockOf(shape{
		"text":   textObject(3000, false),
		"fields": list(1, 10, textObject(2000, false)),
		"accessory": func(c *checker, at string, v any) {
			c.typed(at, v, accessories())
		},
		"expand": boolean,
	})(c, at, v)
	if o, ok := v.(map[string]any); ok && o["text"] == nil && o["fields"] == nil {
		c.fail(at, "has neither text nor fields")
	}
}

func image(c *checker, at string, v any) {
	c.object(at, v, shape{"type!": str(1, 40), "image_url!": link, "alt_text!": str(1, 2000)})
}

func button(c *checker, at string, v any) {
	c.object(at, v, shape{
		"type!": str(1, 40), "text!": plainText(75), "action_id": actionID, "url": link, "value": str(1, 2000),
		"style": oneOf("primary", "danger"), "accessibility_label": str(1, 75), "confirm": confirm,
	})
}

// actionID is unique within its block.
func actionID(c *checker, at string, v any) {
	str(1, 255)(c, at, v)
	id, _ := v.(string)
	in, _, _ := strings.Cut(at, ".elements")
	if c.actions[in+" "+id] {
		c.fail(at, "is used twice in this block")
	}
	c.actions[in+" "+id] = true
}

func confirm(c *checker, at string, v any) {
	c.object(at, v, shape{
		"title!": plainText(100), "text!": textObject(300, false), "confirm!": plainText(30), "deny!": plainText(30),
		"style": oneOf("primary", "danger"),
	})
}

func plainText(limit int) rule { return textObject(limit, true) }

// textObject checks a text of 1 to limit characters.
func textObject(limit int, plainOnly bool) rule {
	return func(c *checker, at string, v any) {
		o := c.object(at, v, shape{"type!": oneOf("plain_text", "mrkdwn"), "text!": str(1, limit), "emoji": boolean, "verbatim": boolean})
		switch {
		case o == nil:
		case plainOnly && o["type"] != "plain_text":
			c.fail(at+".type", "must be plain_text")
		case o["type"] == "mrkdwn" && o["emoji"] != nil:
			c.fail(at+".emoji", "is for plain_text only")
		case o["type"] == "plain_text" && o["verbatim"] != nil:
			c.fail(at+".verbatim", "is for mrkdwn only")
		}
	}
}

func any1(*checker, string, any) {}

func whole(least, most int) rule {
	return func(c *checker, at string, v any) {
		if n := number(v, least-1); n < least || n > most {
			c.fail(at, "is not a whole number from %d to %d", least, most)
		}
	}
}

func matching(pattern, like string) rule {
	re := regexp.MustCompile(pattern)
	return func(c *checker, at string, v any) {
		if s, _ := v.(string); !re.MatchString(s) {
			c.fail(at, "is %v, it must look like %s", v, like)
		}
	}
}

func boolean(c *checker, at string, v any) {
	if _, ok := v.(bool); !ok {
		c.fail(at, "is not true or false")
	}
}

func str(least, most int) rule {
	return func(c *checker, at string, v any) {
		s, ok := v.(string)
		if !ok {
			c.fail(at, "is %s, not a string", kind(v))
			return
		}
		if n := length(s); n < least || n > most {
			c.fail(at, "is %d characters long, from %d to %d are allowed", n, least, most)
		}
	}
}

func oneOf(words ...string) rule {
	return func(c *checker, at string, v any) {
		for _, w := range words {
			if v == w {
				return
			}
		}
		c.fail(at, "is %v, allowed are %s", v, strings.Join(words, ", "))
	}
}

func list(least, most int, each rule) rule {
	return func(c *checker, at string, v any) {
		l, ok := v.([]any)
		if !ok {
			c.fail(at, "is %s, not a list", kind(v))
			return
		}
		if len(l) < least || len(l) > most {
			c.fail(at, "has %d entries, from %d to %d are allowed", len(l), least, most)
			return
		}
		for i, e := range l {
			each(c, fmt.Sprintf("%s[%d]", at, i), e)
		}
	}
}

func link(c *checker, at string, v any) {
	str(1, 3000)(c, at, v)
	s, _ := v.(string)
	if u, err := url.Parse(s); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		c.fail(at, "is not an http(s) URL")
	}
}

// kind names a JSON type.
func kind(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case json.Number:
		return "a number"
	case string:
		return "a string"
	case []any:
		return "a list"
	}
	return "an object"
}
