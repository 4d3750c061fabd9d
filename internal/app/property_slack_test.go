package app

import (
	"encoding/json"
	"errors"
	"html"
	"regexp"
	"slices"
	"strings"
	"time"

	"procyon/access"
	"procyon/internal/slacksim"
)

// block is a block of Slack's, as far as these tests read it.
type block struct {
	Type   string
	Text   *struct{ Text string }
	Fields []struct{ Text string }

	Elements []struct {
		ActionID string `json:"action_id"`
		Value    string
		Confirm  *struct{ Text struct{ Text string } }
		Options  []struct{ Value string }
	}
}

func (b *block) words() string {
	if b.Text == nil {
		return ""
	}
	return html.UnescapeString(b.Text.Text)
}

var (
	wantsAccess = regexp.MustCompile(`^(\S+) \(“[^”]*”\) gets (.+), for ([^,]+), (?:from the approval|from (.+ UTC), or from the approval if that is later)\.(?: Reason: “(.*)”| You chose a shorter time\.)?$`)
	wantsLonger = regexp.MustCompile(`^(\S+) \(“[^”]*”\) keeps (.+) for (.+) more, until (.+ UTC)\.(?: Reason: “(.*)”)?$`)
	cardDate    = regexp.MustCompile(`<!date\^\d+\^[^|]*\|([^>]*)>`)
)

// slackItems reads items such as "orders-db as reader".
func (w *world) slackItems(items []string) string {
	var out []string
	for _, i := range items {
		name, role, _ := strings.Cut(i, " as ")
		out = append(out, w.named(name)+"/"+role)
	}
	return strings.Join(out, " ")
}

// sentence reads the sentence that says what an approval would give.
func (w *world) sentence(line string) (wish, access.ReviewSubject) {
	if m := wantsAccess.FindStringSubmatch(line); m != nil {
		out := wish{"who": m[1], "items": w.slackItems(strings.Split(m[2], ", ")), "duration": inWords(m[3]), "start": m[4]}
		if m[5] != "" {
			out["reason"] = m[5]
		}
		return out, access.SubjectRequest
	}
	if m := wantsLonger.FindStringSubmatch(line); m != nil {
		out := wish{"who": m[1], "items": w.slackItems(strings.Split(m[2], ", ")), "longer": inWords(m[3]), "end": m[4]}
		if m[5] != "" {
			out["why"] = m[5]
		}
		return out, access.SubjectExtension
	}
	w.t.Errorf("Slack shows a sentence that nobody can read: %q", line)
	return wish{}, ""
}

// buttons reads what the buttons of a row do, and holds the questions that they ask
// against what stands above them.
func (w *world) buttons(b *block, v *view) bool {
	for _, el := range b.Elements {
		if el.ActionID == "approve" || el.ActionID == "deny" {
			v.value = el.Value
		}
		for _, o := range el.Options {
			v.lesser = append(v.lesser, o.Value)
		}
		if el.Confirm == nil {
			continue
		}
		asked, subject := w.sentence(html.UnescapeString(el.Confirm.Text.Text))
		if diff := asked.differences(v.shown); len(diff) > 0 || subject != v.subject {
			w.t.Errorf("%s: the question of %s is not about what stands above it: %s", v.place, el.ActionID, strings.Join(diff, "; "))
		}
	}
	v.request, _, _ = strings.Cut(v.value, "|")
	return v.value != ""
}

func blocksOf(m slacksim.Message) []block {
	var out []block
	_ = json.Unmarshal(m.Blocks, &out)
	return out
}

// readList reads a list of what waits for a decision.
func (w *world) readList(m slacksim.Message, at uint64) []*view {
	var out []*view
	blocks := blocksOf(m)
	for i := range blocks {
		if i == 0 || blocks[i].Type != "actions" || blocks[i-1].Type != "section" {
			continue
		}
		line, _, _ := strings.Cut(blocks[i-1].words(), "\nTimes out at ")
		if !strings.Contains(line, " gets ") && !strings.Contains(line, " keeps ") {
			continue
		}
		v := &view{place: "Slack list", at: at, message: m}
		v.shown, v.subject = w.sentence(line)
		if w.buttons(&blocks[i], v) {
			out = append(out, v)
		}
	}
	return out
}

// readCard reads a message about one request; nil where nothing can be decided in it.
func (w *world) readCard(m slacksim.Message, at uint64) *view {
	v := &view{place: "Slack card", at: at, message: m, subject: access.SubjectRequest, shown: wish{"start": "", "ticket": ""}}
	facts := map[string]string{}
	said := ""
	var buttons *block
	blocks := blocksOf(m)
	for i := range blocks {
		b := &blocks[i]
		for k := 0; k+1 < len(b.Fields); k += 2 {
			value := b.Fields[k+1].Text
			if d := cardDate.FindStringSubmatch(value); d != nil {
				value = d[1]
			}
			facts[strings.Trim(b.Fields[k].Text, "*")] = html.UnescapeString(value)
		}
		switch {
		case strings.HasPrefix(b.words(), "• "):
			var items []string
			for line := range strings.Lines(b.words()) {
				items = append(items, strings.TrimSpace(strings.TrimPrefix(line, "• ")))
			}
			for n, item := range items {
				item, _, _ = strings.Cut(item, ", was ")
				items[n], _, _ = strings.Cut(item, " – ")
			}
			v.shown["items"] = w.slackItems(items)
		case b.words() == "*Reason*" && i+1 < len(blocks):
			said = blocks[i+1].words()
		case b.Type == "actions":
			buttons = b
		}
	}
	v.shown["who"] = strings.TrimSuffix(between(facts["Requester"]+"\n", "(", "\n"), ")")
	if facts["New end"] != "" {
		v.subject = access.SubjectExtension
		v.shown = wish{"who": v.shown["who"], "items": v.shown["items"], "longer": inWords(facts["Extension"]), "end": facts["New end"], "why": said}
	} else {
		v.shown["duration"], v.shown["reason"], v.shown["ticket"] = inWords(facts["Duration"]), said, facts["Ticket"]
		if !strings.HasPrefix(facts["Start"], "as soon") {
			v.shown["start"] = facts["Start"]
		}
	}
	if buttons == nil || !strings.Contains(string(m.Blocks), `"deny"`) || !w.buttons(buttons, v) {
		return nil
	}
	return v
}

// told is what only somebody saw since a message of Slack's.
func (a *actor) told(since int) []slacksim.Message {
	var out []slacksim.Message
	for _, m := range a.slack.Ephemerals() {
		if m.Seq > since {
			out = append(out, m)
		}
	}
	return out
}

func (a *actor) lastTold() int {
	last := 0
	for _, m := range a.slack.Ephemerals() {
		last = max(last, m.Seq)
	}
	return last
}

// list types a command that is answered by a list, and returns that.
func (w *world) list(a *actor, command string) (slacksim.Message, bool) {
	since := a.lastTold()
	if err := a.slack.Command(w.ctx, "", command); err != nil {
		w.t.Errorf("%s: %v", command, err)
		return slacksim.Message{}, false
	}
	answers := a.told(since)
	if len(answers) == 0 {
		w.t.Errorf("%s is not answered", command)
		return slacksim.Message{}, false
	}
	return answers[len(answers)-1], true
}

// lookInSlack lists what waits for somebody's decision, and picks some of it; where they
// get messages, now and then one of those.
func (w *world) lookInSlack(a *actor) *view {
	at := w.head()
	if !w.quiet && a.rng.IntN(2) == 0 {
		all := a.slack.DMs()
		slices.Reverse(all)
		for _, m := range all[:min(len(all), 1+a.rng.IntN(20))] {
			if v := w.readCard(m, at); v != nil {
				return v
			}
		}
	}
	m, ok := w.list(a, "/procyon approvals")
	if !ok {
		return nil
	}
	views := w.readList(m, at)
	if len(views) == 0 {
		return nil
	}
	return views[a.rng.IntN(len(views))]
}

// press presses a button as somebody has it before them, and tells what they were told.
func (w *world) press(a *actor, m slacksim.Message, action, value string) string {
	since := a.lastTold()
	if err := a.slack.ClickSeen(w.ctx, m, action, value); err != nil {
		return err.Error()
	}
	var words []string
	for _, m := range a.told(since) {
		words = append(words, m.Text)
	}
	return html.UnescapeString(strings.Join(words, " "))
}

// outcome names what somebody was told; accepted where they were told nothing.
func outcome(told string) string {
	if told == "" {
		return ""
	}
	return refusal(told)
}

// reviewInSlack decides by the buttons of a message as it was shown.
func (w *world) reviewInSlack(a *actor, v *view, kind string) *act {
	action, value := "approve", v.value
	shorter := time.Duration(0)
	switch {
	case kind == "deny":
		return w.denyInSlack(a, v)
	case kind == "approve shorter" && len(v.lesser) > 0:
		action, value = "approve_for", v.lesser[a.rng.IntN(len(v.lesser))]
		chosen := value[strings.LastIndex(value, "|")+1:]
		shorter, _ = time.ParseDuration(strings.ToLower(strings.TrimPrefix(chosen, "PT")))
	default:
		kind = "approve"
	}
	d := w.begin(a, kind, v.place)
	d.request, d.view, d.shorter = v.request, v, shorter
	return w.end(d, outcome(w.press(a, v.message, action, value)))
}

// denyInSlack fills in the form that the button to deny opens.
func (w *world) denyInSlack(a *actor, v *view) *act {
	d := w.begin(a, "deny", v.place)
	d.request, d.view = v.request, v
	told := w.press(a, v.message, "deny", v.value)
	form := a.slack.Modal()
	if form == nil {
		return w.end(d, outcome(told+" "))
	}
	w.must(form.Fill(w.ctx, "Why", "no"))
	err := form.Submit(w.ctx)
	if err == nil {
		return w.end(d, w.closed(a))
	}
	var words []string
	for _, text := range form.Errors() {
		words = append(words, text)
	}
	_ = form.Close(w.ctx)
	return w.end(d, refusal(err.Error()+strings.Join(words, " ")))
}

// closed closes the form that somebody still sees, and tells what it said; "" where
// they see none.
func (w *world) closed(a *actor) string {
	form := a.slack.Modal()
	if form == nil {
		return ""
	}
	words := form.Text()
	if err := form.Close(w.ctx); err != nil && !errors.Is(err, w.ctx.Err()) {
		w.t.Errorf("close a form: %v", err)
	}
	return refusal(words)
}

// endInSlack cancels or closes one's own by the button of a list, which may be an old one.
func (w *world) endInSlack(a *actor) *act {
	if len(a.lists) == 0 || a.rng.IntN(3) > 0 {
		if m, ok := w.list(a, "/procyon requests"); ok {
			a.lists = append(a.lists, m)
			a.lists = a.lists[max(0, len(a.lists)-4):]
		}
	}
	if len(a.lists) == 0 {
		return nil
	}
	m := a.lists[a.rng.IntN(len(a.lists))]
	for _, b := range blocksOf(m) {
		for _, el := range b.Elements {
			if el.ActionID == "cancel" || el.ActionID == "close" {
				d := w.begin(a, el.ActionID, "Slack list")
				d.request = el.Value
				return w.end(d, outcome(w.press(a, m, el.ActionID, el.Value)))
			}
		}
	}
	return nil
}
