package slacksim

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"procyon/internal/slackapi"
)

func TestValidate(t *testing.T) {
	long := func(n int) string { return strings.Repeat("x", n) }
	blocks := func(s string) string { return `{"text":"t","blocks":[` + s + `]}` }
	sectionOf := func(s string) string { return blocks(`{"type":"section","text":` + s + `}`) }
	buttonOf := func(s string) string { return blocks(`{"type":"actions","elements":[{"type":"button",` + s + `}]}`) }
	const name = `"text":{"type":"plain_text","text":"x"}`
	for _, c := range []struct {
		in, word, where string // an empty word is accepted
	}{
		{`{"text":"hi"}`, "", ""},
		{`{"text":"` + long(50000) + `"}`, "", ""},
		{blocks(`{"type":"divider"}`), "", ""},
		{sectionOf(`{"type":"mrkdwn","text":"` + long(3000) + `"}`), "", ""},
		{buttonOf(name + `,"url":"https://a/b","style":"danger"`), "", ""},
		{`{"text":"x","channel":"#other","username":"me"}`, "", ""},

		{``, "invalid_payload", "body"},
		{`[]`, "invalid_payload", "body"},
		{`"x"`, "invalid_payload", "body"},
		{`{"text":"a"} x`, "invalid_payload", "body"},
		{`{"text":"` + "\xff" + `"}`, "invalid_payload", "body"},
		{`{"text":5}`, "invalid_payload", "payload.text"},
		{`{"text":null}`, "invalid_payload", "payload.text"},
		{`{"txt":"a"}`, "invalid_payload", "payload.txt"},
		{`{"text":"a","mrkdwn":"no"}`, "invalid_payload", "payload.mrkdwn"},
		{`{}`, "no_text", "text"},
		{`{"text":" "}`, "no_text", "text"},
		{`{"text":"x","blocks":{}}`, "invalid_blocks_format", "blocks"},
		{`{"text":"x","blocks":null}`, "invalid_blocks_format", "blocks"},
		{`{"text":"x","attachments":[` + strings.TrimSuffix(strings.Repeat("{},", 101), ",") + `]}`, "too_many_attachments", "attachments"},
		{blocks(strings.TrimSuffix(strings.Repeat(`{"type":"divider"},`, 51), ",")), "invalid_blocks", "blocks"},
		{blocks(`5`), "invalid_blocks", "blocks[0]"},
		{blocks(`{}`), "invalid_blocks", "blocks[0].type"},
		{blocks(`{"type":"video"}`), "invalid_blocks", "blocks[0].type"},
		{blocks(`{"type":"divider","x":1}`), "invalid_blocks", "blocks[0].x"},
		{blocks(`{"type":"divider","block_id":"a"},{"type":"divider","block_id":"a"}`), "invalid_blocks", "blocks[1].block_id"},
		{blocks(`{"type":"header"}`), "invalid_blocks", "blocks[0].text"},
		{blocks(`{"type":"header","text":{"type":"mrkdwn","text":"x"}}`), "invalid_blocks", "blocks[0].text.type"},
		{blocks(`{"type":"header","text":{"type":"plain_text","text":"` + long(151) + `"}}`), "invalid_blocks", "blocks[0].text.text"},
		{blocks(`{"type":"section"}`), "invalid_blocks", "blocks[0]"},
		{sectionOf(`"x"`), "invalid_blocks", "blocks[0].text"},
		{sectionOf(`{"type":"mrkdwn","text":""}`), "invalid_blocks", "blocks[0].text.text"},
		{sectionOf(`{"type":"mrkdwn","text":"` + long(3001) + `"}`), "invalid_blocks", "blocks[0].text.text"},
		{sectionOf(`{"type":"mrkdwn","text":"` + strings.Repeat("👍", 1501) + `"}`), "invalid_blocks", "blocks[0].text.text"},
		{sectionOf(`{"type":"mrkdwn","text":"x","emoji":true}`), "invalid_blocks", "blocks[0].text.emoji"},
		{sectionOf(`{"type":"plain_text","text":"x","verbatim":true}`), "invalid_blocks", "blocks[0].text.verbatim"},
		{sectionOf(`{"type":"plain_text","text":7}`), "invalid_blocks", "blocks[0].text.text"},
		{blocks(`{"type":"section","fields":[]}`), "invalid_blocks", "blocks[0].fields"},
		{blocks(`{"type":"section","fields":[{"type":"mrkdwn","text":"` + long(2001) + `"}]}`), "invalid_blocks", "blocks[0].fields[0].text"},
		{blocks(`{"type":"context","elements":[]}`), "invalid_blocks", "blocks[0].elements"},
		{blocks(`{"type":"actions","elements":[]}`), "invalid_blocks", "blocks[0].elements"},
		{buttonOf(`"url":"https://a"`), "invalid_blocks", "blocks[0].elements[0].text"},
		{buttonOf(name + `,"style":"green"`), "invalid_blocks", "blocks[0].elements[0].style"},
		{buttonOf(name + `,"url":"javascript:x"`), "invalid_blocks", "blocks[0].elements[0].url"},
		{buttonOf(name + `,"value":"` + long(2001) + `"`), "invalid_blocks", "blocks[0].elements[0].value"},
		{buttonOf(name + `,"action_id":"a"},{"type":"button",` + name + `,"action_id":"a"`), "invalid_blocks", "blocks[0].elements[1].action_id"},
	} {
		_, _, f := validate([]byte(c.in))
		switch {
		case f == nil && c.word != "":
			t.Errorf("%.100s is accepted, want %s at %s", c.in, c.word, c.where)
		case f != nil && (f.word != c.word || f.where != c.where):
			t.Errorf("%.100s: %s at %s: %v, want %q at %q", c.in, f.word, f.where, f, c.word, c.where)
		}
	}
}

func TestLongTextIsCut(t *testing.T) {
	text, _, f := validate([]byte(`{"text":"` + strings.Repeat("é", 50000) + `"}`))
	if f != nil || len([]rune(text)) != maxKeptText {
		t.Errorf("%d, %v", len([]rune(text)), f)
	}
}

// FuzzAgainstCards: whatever people type, what the product makes is accepted
// here, by rules that were written apart from the product's.
func FuzzAgainstCards(f *testing.F) {
	f.Add("<!channel> & *x*", 3)
	f.Add(strings.Repeat("👩‍👩‍👧‍👦&", 800), 200)
	f.Fuzz(func(t *testing.T, s string, n int) {
		p := slackapi.Person{Name: s, Email: s}
		c := slackapi.Card{Event: slackapi.EventDenied, Actor: p, Requester: p, MoreItems: n, StartsAt: start, At: start, Reason: s, Ticket: s, Comment: s, Status: s, URL: "https://a/" + s, Interactive: n%2 == 0}
		for range n % 60 {
			c.Items = append(c.Items, slackapi.Item{Resource: s, Role: s, Kind: s, Place: s})
		}
		raw, err := json.Marshal(c.Message())
		if err != nil {
			t.Fatal(err)
		}
		if _, _, fault := validate(raw); fault != nil {
			t.Fatal(fault)
		}
	})
}

// FuzzValidate: nothing that is posted breaks the judge or the page.
func FuzzValidate(f *testing.F) {
	f.Add([]byte(`{"text":"a","blocks":[{"type":"section","text":{"type":"mrkdwn","text":"<a|b> *x* <!date^1^{time}|c>"}}]}`))
	f.Add([]byte(`{"blocks":[{"type":"actions","elements":[{"type":"button","text":{"type":"plain_text","text":"x"}}]}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		text, blocks, fault := validate(raw)
		if fault != nil {
			return
		}
		s := New(Options{})
		to := s.AddWebhook("c")
		s.withHook(to, func(h *webhook) { s.store(h, text, blocks) })
		if err := pageTemplate.Execute(new(strings.Builder), s.page(url.Values{"channel": {"c"}})); err != nil {
			t.Fatal(fmt.Errorf("%s: %w", raw, err))
		}
	})
}
