package slackbot

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/slack-go/slack"

	"procyon/client"
	"procyon/duration"
	"procyon/internal/slackapi"
	"procyon/phrase"
)

// usual are the limits where the server does not say them: it has the last word.
func usual() *limits {
	return &limits{
		MinDuration: client.Duration(time.Minute), MaxDuration: client.Duration(8 * time.Hour),
		MinReasonLength: 1, MaxReasonLength: 1000, MaxTicketLength: 80, MaxItems: 20,
	}
}

// limits reads what is allowed; the usual where the server does not answer.
func (b *Bot) limits(ctx context.Context) *limits {
	out, err := readLimits(ctx, b.server)
	if err != nil || out.Limits == nil {
		b.log.Warn("can't read what is allowed", "error", err)
		return usual()
	}
	return out.Limits
}

func (l *limits) shortest() time.Duration { return time.Duration(l.MinDuration) }
func (l *limits) longest() time.Duration  { return time.Duration(l.MaxDuration) }

// usually is what a form begins with.
func (l *limits) usually() time.Duration { return min(time.Hour, l.longest()) }

// durations are offered: those up to most that people ask for often, and each of more, up
// to most, where it is another; the shortest first.
func durations(most time.Duration, more ...time.Duration) []time.Duration {
	var list []time.Duration
	for _, d := range append([]time.Duration{
		15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 12 * time.Hour,
		duration.Day, 2 * duration.Day, 3 * duration.Day, duration.Week, 2 * duration.Week, 30 * duration.Day, 90 * duration.Day,
	}, more...) {
		if d > 0 && d <= most && !slices.Contains(list, d) {
			list = append(list, d)
		}
	}
	slices.Sort(list)
	return list
}

// durationMenu offers lengths of time, of which one may be chosen already.
func durationMenu(list []time.Duration, chosen time.Duration) *slack.SelectBlockElement {
	menu := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plainText("Choose"), blockDuration)
	for _, d := range list {
		o := slack.NewOptionBlockObject(client.Duration(d).String(), plainText(duration.Words(d)), nil)
		menu.Options = append(menu.Options, o)
		if d == chosen {
			menu.InitialOption = o
		}
	}
	return menu
}

// reasonBlock is a field for a text that says why.
func (l *limits) reasonBlock(block, label, placeholder, initial string) *slack.InputBlock {
	text := slack.NewPlainTextInputBlockElement(plainText(placeholder), block)
	text.Multiline, text.MinLength, text.MaxLength, text.InitialValue = true, l.MinReasonLength, l.MaxReasonLength, initial
	var hint *slack.TextBlockObject
	if l.MinReasonLength > 1 {
		hint = plainText("At least " + phrase.Count(l.MinReasonLength, "character") + ".")
	}
	return slack.NewInputBlock(block, plainText(label), hint, text)
}

// cutReason cuts a text to the longest that a field takes; cut tells whether it was longer.
func (l *limits) cutReason(text string) (short string, cut bool) {
	size := 0
	for at, r := range text {
		if size += slackapi.Size(string(r)); size > l.MaxReasonLength {
			return text[:at], true
		}
	}
	return text, false
}

// reasonCut is said where a reason was cut.
func (l *limits) reasonCut() string {
	return "The reason is cut: at most " + strconv.Itoa(l.MaxReasonLength) + " characters are allowed."
}
