package slackapi

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackutilsx"

	"procyon/duration"
	"procyon/phrase"
)

// Event is what happened to an access request, or TEST.
type Event string

// The events that have a card.
const (
	EventCreated  Event = "CREATED"
	EventApproved Event = "APPROVED"
	EventDenied   Event = "DENIED"
	EventCanceled Event = "CANCELED"
	EventExpired  Event = "EXPIRED"
	EventClosed   Event = "CLOSED"
	EventRevoked  Event = "REVOKED"
	EventTimedOut Event = "TIMED_OUT"

	EventUpdated            Event = "UPDATED"
	EventReviewed           Event = "REVIEWED"
	EventActivated          Event = "ACTIVATED"
	EventExtensionRequested Event = "EXTENSION_REQUESTED"
	EventExtended           Event = "EXTENDED"
	EventExtensionDenied    Event = "EXTENSION_DENIED"
	EventFailed             Event = "FAILED"
	EventPolicyChanged      Event = "POLICY_CHANGED"
	EventReminded           Event = "REMINDED"
	EventEscalated          Event = "ESCALATED"

	// EventTest is a message that proves that an integration works.
	EventTest Event = "TEST"
)

// Person is somebody as shown to others. Either field may be empty.
type Person struct {
	Name  string
	Email string
}

// Item is one thing asked for.
type Item struct {
	Resource string // the resource's name
	Role     string // the role asked for
	Kind     string // in words, such as "Database"; may be empty
	Place    string // the account or gateway it belongs to; may be empty
	Was      string // the resource's name when it was asked for, where that differs; may be empty
	Gone     string // why it can't be given any more, in a sentence; may be empty
}

// Card is what a message tells about one event. Every text may hold anything
// that a person can type, of any length.
type Card struct {
	Event     Event
	Actor     Person // who did it; the zero value is Procyon itself
	Requester Person
	Items     []Item        // those that this channel may see
	MoreItems int           // how many others the request has
	Duration  time.Duration // asked for; zero is not shown
	Granted   time.Duration // as approved; zero: it is not
	StartsAt  time.Time     // zero: as soon as it is approved
	ExpiresAt time.Time     // zero: not known yet
	NewEnd    time.Time     // of an extension: the end that is asked for
	At        time.Time     // when it happened; zero is not shown
	Reason    string
	Ticket    string
	Comment   string // what the actor said, such as why it was denied
	// Tracks say who decides it, and who is missing. None: one administrator does.
	Tracks []Track
	Status string // the request's status now, such as "PENDING"
	// URL leads to the request in the console. What is not an http(s) URL is
	// left out.
	URL string
	// Hint says what a reader needs to know to decide, such as why there are no buttons.
	Hint string
	// Integration is the name of the integration, in a TEST.
	Integration string
	// Interactive says that an app which answers clicks posts the message. Then
	// the link is a button; else a plain link, because Slack shows a warning
	// beside a button whose click nobody acknowledges.
	Interactive bool
	// Buttons stand before the link, where the message is interactive.
	Buttons []slack.BlockElement
}

const (
	shownItems  = 20  // items beyond these are counted
	maxName     = 120 // of a person, resource, role, ticket
	maxReason   = 2500
	maxHint     = 300
	maxTopItems = 1100
	maxTopQuote = 550
)

// Message renders the card. It always passes [Check], whatever the card holds.
func (c Card) Message() Message {
	m := Message{Text: c.topText()}
	m.Blocks = append(m.Blocks, slack.NewHeaderBlock(plain(PlainLine(c.icon()+" "+c.title(), MaxHeader))))
	if c.Event == EventTest {
		m.Blocks = append(m.Blocks, slack.NewSectionBlock(plain(Plain(c.testSentence(), MaxSectionText)), nil, nil))
	} else {
		m.Blocks = append(m.Blocks, c.itemBlocks()...)
		m.Blocks = append(m.Blocks, c.factBlocks()...)
		m.Blocks = append(m.Blocks, c.trackBlocks()...)
		m.Blocks = append(m.Blocks, c.quoteBlocks()...)
	}
	if clean(c.Hint, false) != "" {
		m.Blocks = append(m.Blocks, slack.NewContextBlock("", plain(PlainLine(c.Hint, maxHint))))
	}
	if link := c.linkBlock(); link != nil {
		m.Blocks = append(m.Blocks, link)
	}
	if foot := c.footBlock(); foot != nil {
		m.Blocks = append(m.Blocks, foot)
	}
	return m
}

// Line renders the card as a line of a request's log, for the thread below its
// message: what happened, who did it, and what they said. It always passes [Check].
func (c Card) Line() Message {
	text, said := c.icon()+" "+c.byline(), c.Comment
	switch c.Event {
	case EventApproved:
		if c.Granted == c.Duration {
			text += " for " + duration.RoughWords(c.Granted)
		} else {
			text += ": " + duration.Granted(c.Duration, c.Granted)
		}
	case EventExtended:
		text += ", to " + duration.RoughWords(c.Granted) + " in all"
	case EventExtensionRequested:
		text, said = c.icon()+" "+c.title()+" by "+duration.RoughWords(c.Duration), c.Reason
	case EventReminded, EventEscalated:
		text = c.icon() + " " + c.title() + ": " + c.whatFor()
	}
	m := Message{Text: Mrkdwn(text, MaxTopText/2), Broadcast: c.Event == EventReminded || c.Event == EventEscalated}
	m.Blocks = append(m.Blocks, slack.NewSectionBlock(plain(Plain(text, MaxSectionText)), nil, nil))
	if clean(said, true) != "" {
		m.Text += "\n" + Mrkdwn(said, maxTopQuote)
		m.Blocks = append(m.Blocks, slack.NewSectionBlock(plain(Plain(said, maxReason)), nil, nil))
	}
	if !c.At.IsZero() {
		m.Blocks = append(m.Blocks, slack.NewContextBlock("", mrkdwn(date(c.At))))
	}
	return m
}

// whatFor names what is asked for, on one line.
func (c Card) whatFor() string {
	var names []string
	for _, i := range c.Items {
		names = append(names, i.name())
	}
	if c.MoreItems > 0 {
		names = append(names, phrase.Count(c.MoreItems, "other item"))
	}
	return Some(names)
}

// itemBlocks lists what is asked for.
func (c Card) itemBlocks() []slack.Block {
	lines, rest := c.itemLines(MaxSectionText - 100)
	if rest != "" {
		lines = append(lines, rest)
	}
	if len(lines) == 0 {
		return nil
	}
	text := fit(clean(strings.Join(lines, "\n"), true), MaxSectionText, slackutilsx.EscapeMessage)
	return []slack.Block{slack.NewSectionBlock(plain(text), nil, nil)}
}

// itemLines gives a line an item, as many as fit into budget characters, and the
// line about those not shown or "".
func (c Card) itemLines(budget int) (lines []string, rest string) {
	for i, it := range c.Items {
		line := it.line()
		budget -= Size(slackutilsx.EscapeMessage(line)) + 3
		if i == shownItems || budget < 0 {
			break
		}
		lines = append(lines, "• "+line)
	}
	more := max(0, c.MoreItems) + len(c.Items) - len(lines)
	switch {
	case more == 1 && len(lines) == 0:
		rest = "1 item that is not shown here"
	case more > 0 && len(lines) == 0:
		rest = fmt.Sprintf("%d items that are not shown here", more)
	case more == 1:
		rest = "and 1 more item"
	case more > 1:
		rest = fmt.Sprintf("and %d more items", more)
	}
	return lines, rest
}

// line is raw text: it is escaped with the whole it becomes part of.
func (i Item) line() string {
	s := orElse(cut(i.Resource, maxName), "unnamed resource")
	if role := cut(i.Role, maxName); role != "" {
		s += " as " + role
	}
	var in []string
	for _, part := range []string{cut(i.Kind, maxName), cut(i.Place, maxName)} {
		if part != "" {
			in = append(in, part)
		}
	}
	if len(in) > 0 {
		s += " (" + strings.Join(in, ", ") + ")"
	}
	if was := cut(i.Was, maxName); was != "" {
		s += ", was " + was
	}
	if gone := cut(i.Gone, 2*maxName); gone != "" {
		s += " – " + gone
	}
	return s
}

// factBlocks is a table of two columns: fields are shown in pairs. The left is
// a label of ours, the right is plain text or a date of ours, so that nothing a
// person typed is read as mrkdwn.
func (c Card) factBlocks() []slack.Block {
	var fields []*slack.TextBlockObject
	add := func(label string, value *slack.TextBlockObject) {
		fields = append(fields, mrkdwn("*"+label+"*"), value)
	}
	for _, f := range c.facts() {
		if f.time.IsZero() {
			add(f.label, plain(PlainLine(f.value, MaxFieldText)))
		} else {
			add(f.label, mrkdwn(date(f.time)+f.value))
		}
	}
	var blocks []slack.Block
	for len(fields) > 0 {
		n := min(len(fields), MaxFields)
		blocks = append(blocks, slack.NewSectionBlock(nil, fields[:n], nil))
		fields = fields[n:]
	}
	return blocks
}

// quoteBlocks are the texts that people wrote at length.
func (c Card) quoteBlocks() []slack.Block {
	var blocks []slack.Block
	for _, q := range c.quotes() {
		blocks = append(blocks,
			slack.NewSectionBlock(mrkdwn("*"+q.label+"*"), nil, nil),
			slack.NewSectionBlock(plain(Plain(q.value, maxReason)), nil, nil))
	}
	return blocks
}

func (c Card) linkBlock() slack.Block {
	link := c.link()
	if link == "" && c.Interactive && len(c.Buttons) > 0 {
		return slack.NewActionBlock("", c.Buttons...)
	}
	if link == "" {
		return nil
	}
	label := c.linkLabel()
	if !c.Interactive {
		return slack.NewSectionBlock(mrkdwn("<"+link+"|"+label+">"), nil, nil)
	}
	button := slack.NewButtonBlockElement("open_console", "", plain(label)).WithURL(unescape(link))
	button.AccessibilityLabel = label
	if c.Event == EventCreated && len(c.Buttons) == 0 {
		button.WithStyle(slack.StylePrimary)
	}
	return slack.NewActionBlock("", append(slices.Clone(c.Buttons), button)...)
}

// link is the URL, escaped for mrkdwn, or "" where it can't be one. The marks
// that would end a link are percent-encoded.
func (c Card) link() string {
	u, err := url.Parse(c.URL)
	if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "https" && u.Scheme != "http") {
		return ""
	}
	s := strings.NewReplacer("|", "%7C", "<", "%3C", ">", "%3E", " ", "%20", "`", "%60", `"`, "%22").Replace(u.String())
	if s = strings.ReplaceAll(s, "&", "&amp;"); Size(s) > MaxURL/2 {
		return ""
	}
	return s
}

func unescape(link string) string { return strings.ReplaceAll(link, "&amp;", "&") }

func (c Card) footBlock() slack.Block {
	if c.At.IsZero() {
		return nil
	}
	return slack.NewContextBlock("", plain(PlainLine("Procyon · "+c.byline(), 500)), mrkdwn(date(c.At)))
}

// plain makes a plain_text object of text that is escaped already.
func plain(escaped string) *slack.TextBlockObject {
	if escaped == "" {
		escaped = "—"
	}
	off := false
	return &slack.TextBlockObject{Type: slack.PlainTextType, Text: escaped, Emoji: &off}
}

// mrkdwn makes a mrkdwn object. It is for text of ours only. Verbatim keeps
// Slack from making links of things that look like them.
func mrkdwn(text string) *slack.TextBlockObject {
	return &slack.TextBlockObject{Type: slack.MarkdownType, Text: text, Verbatim: true}
}

// date shows a time in the reader's own zone, and in UTC where a client can't.
func date(t time.Time) string {
	return fmt.Sprintf("<!date^%d^{date_short_pretty} {time}|%s>", t.Unix(), phrase.Moment(t))
}
