package slackbot

import (
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/slack-go/slack"
)

// What is broken or waits and is an administrator's to mend is told to administrators: in a
// direct message, once for each failure, and on their Home tab as long as it lasts. What
// somebody may be told the server says: it is asked as them.

// maxProblems is how many problems are read: all that the server lists.
const maxProblems = 100

// problems reads what there is to mend, as whoever the server is asked as.
func (g *server) problems(ctx context.Context) (*problemList, error) {
	out, err := readProblems(ctx, g, maxProblems)
	return &out.Problems, err
}

// administrators reads who is told, with their Slack users.
func (g *server) administrators(ctx context.Context) ([]user, error) {
	out, err := readAdministrators(ctx, g)
	return out.SlackWaiting.Administrators, err
}

// state is the list in short: another one where it shows something else.
func (l *problemList) state() string {
	h := sha256.New()
	for _, p := range l.Problems {
		fmt.Fprintf(h, "%q %q %q ", p.Key, p.Text, p.Mend)
	}
	return fmt.Sprintf("%d %x", l.Count, h.Sum(nil)[:8])
}

// problemsNamed is how many problems are named in a message or on a Home tab.
const problemsNamed = 5

// inWords is a problem with what mends it.
func (p problem) inWords() string { return p.Text + " " + p.Mend }

// inText is the same with where that is done, for who sees no buttons.
func (p problem) inText() string { return p.inWords() + " " + p.URL }

// lines say the first problems, and count the others.
func (l *problemList) lines(said func(problem) string) []string {
	var out []string
	for _, p := range l.Problems[:min(len(l.Problems), problemsNamed)] {
		out = append(out, said(p))
	}
	if more := l.Count - len(out); more > 0 {
		out = append(out, fmt.Sprintf("And %d more.", more))
	}
	return out
}

// problemBlocks shows what there is to mend, and leads to where it is mended.
func (b *Bot) problemBlocks(l *problemList) []slack.Block {
	var out []slack.Block
	for i, line := range l.lines(problem.inWords) {
		out = append(out, sentence(line))
		if i >= min(len(l.Problems), problemsNamed) {
			break // the number of the others
		}
		p := l.Problems[i]
		if next := i + 1; next < min(len(l.Problems), problemsNamed) && l.Problems[next].URL == p.URL {
			continue // one button for both
		}
		out = append(out, slack.NewActionBlock("", b.leads(p.URL, "Open what mends it", "Open in the console what mends this: "+p.Text)))
	}
	if l.Count > problemsNamed {
		out = append(out, slack.NewActionBlock("", b.leads(b.opt.PublicURL.JoinPath("/").String(), "Open the console", "Open the console, which shows what there is to mend")))
	}
	return out
}

// leads makes a button that opens a page of the console.
func (b *Bot) leads(to, text, label string) *slack.ButtonBlockElement {
	e := button(actionConsole, "", text, label, "")
	e.URL = to
	return e
}
