package policy

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"strings"
)

func (c *checker) ticket(at string, t *Ticket) {
	c.text(at+".pattern", t.Pattern, 0, maxPattern)
	c.text(at+".example", t.Example, 0, maxName)
	re, err := t.compile()
	switch {
	case err != nil:
		c.wrong(at+".pattern", "This is no regular expression (RE2) that can be used: %v.", err)
	case t.Pattern != "" && t.Example == "":
		c.wrong(at+".example", "Give an example that matches, so that people know what is wanted.")
	case t.Example != "" && !re.MatchString(t.Example):
		c.wrong(at+".example", "The example does not match the pattern.")
	}
}

// Takes tells whether a ticket is one of these. None is not, whatever the pattern.
func (t *Ticket) Takes(ticket string) bool {
	if strings.TrimSpace(ticket) == "" {
		return false
	}
	re, err := t.compile()
	return err == nil && re.MatchString(ticket)
}

// maxPatternSize bounds what matching a ticket costs: the parts of a pattern, each as often
// as it is repeated.
const maxPatternSize = 1000

var anyTicket = regexp.MustCompile(`(?s)^.+$`)

var errPatternSize = errors.New("it repeats too much")

// compile makes the expression, which is for all of a ticket.
func (t *Ticket) compile() (*regexp.Regexp, error) {
	if t.Pattern == "" {
		return anyTicket, nil
	}
	if len(t.Pattern) > 4*maxPattern { // bytes
		return nil, errors.New("it is too long")
	}
	parsed, err := syntax.Parse(t.Pattern, syntax.Perl)
	if err != nil {
		return nil, err
	}
	if patternSize(parsed) > maxPatternSize {
		return nil, errPatternSize
	}
	return regexp.Compile(`^(?:` + t.Pattern + `)$`)
}

func patternSize(re *syntax.Regexp) int {
	size := 1 + len(re.Rune)/2
	for _, sub := range re.Sub {
		size += patternSize(sub)
	}
	if re.Op == syntax.OpRepeat {
		size *= max(re.Min, re.Max, 1)
	}
	return size
}
