package slacksim

import (
	"html"
	"html/template"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// textJSON is a text object as the page reads it.
type textJSON struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

// HTML is the text as Slack would show it, everything escaped.
func (t textJSON) HTML() template.HTML {
	if t.Type == "mrkdwn" {
		return mrkdwnHTML(t.Text)
	}
	return plainHTML(t.Text)
}

func plainHTML(s string) template.HTML {
	s = html.EscapeString(entities.Replace(s))
	return template.HTML(strings.ReplaceAll(s, "\n", "<br>")) // escaped on the line above
}

// entities are the only three that Slack reads.
var entities = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">")

// mrkdwnHTML renders the parts of mrkdwn that matter: links, mentions, dates,
// bold, italic, strike and code. Every piece of text is escaped on its way.
func mrkdwnHTML(s string) template.HTML {
	var b strings.Builder
	for s != "" {
		before, rest, found := strings.Cut(s, "<")
		b.WriteString(formatted(before))
		if !found {
			break
		}
		token, after, closed := strings.Cut(rest, ">")
		if !closed {
			b.WriteString("&lt;" + formatted(rest))
			break
		}
		b.WriteString(tokenHTML(token))
		s = after
	}
	return template.HTML(b.String()) // made of escaped pieces and tags of ours
}

// tokenHTML renders what stands between angle brackets.
func tokenHTML(token string) string {
	target, label, labelled := strings.Cut(token, "|")
	if !labelled {
		label = target
	}
	text := html.EscapeString(entities.Replace(label))
	switch {
	case strings.HasPrefix(target, "!date^"):
		return dateHTML(target, text)
	case strings.HasPrefix(target, "!"), strings.HasPrefix(target, "@"), strings.HasPrefix(target, "#"):
		return `<span class="mention">@` + strings.TrimLeft(text, "!@#") + `</span>`
	case safeURL(entities.Replace(target)):
		return `<a rel="noreferrer noopener" href="` + html.EscapeString(entities.Replace(target)) + `">` + text + `</a>`
	}
	return "&lt;" + text + "&gt;"
}

func safeURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}

// dateHTML renders <!date^UNIX^FORMAT^LINK|FALLBACK>: in UTC here, and in the
// reader's zone by the page's script.
func dateHTML(target, fallback string) string {
	parts := strings.Split(target, "^")
	if len(parts) < 3 {
		return fallback
	}
	unix, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil || unix < 0 || unix > 253402300799 { // the year 9999
		return fallback
	}
	t := time.Unix(unix, 0).UTC()
	return `<time datetime="` + t.Format(time.RFC3339) + `" data-format="` + html.EscapeString(parts[2]) +
		`" title="` + fallback + `">` + html.EscapeString(utcDate(t, parts[2])) + `</time>`
}

func utcDate(t time.Time, format string) string {
	return strings.NewReplacer(
		"{date_num}", t.Format("2006-01-02"), "{date}", t.Format("January 2, 2006"),
		"{date_pretty}", t.Format("January 2, 2006"), "{date_short}", t.Format("Jan 2, 2006"),
		"{date_short_pretty}", t.Format("Jan 2, 2006"), "{date_long}", t.Format("Monday, January 2, 2006"),
		"{date_long_pretty}", t.Format("Monday, January 2, 2006"),
		"{time}", t.Format("15:04 UTC"), "{time_secs}", t.Format("15:04:05 UTC"),
	).Replace(format)
}
