package command

import (
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

var (
	// ofTests begins the variables that tests have of their own.
	ofTests = variablePrefix + "TEST_"
	// ofService are variables that Kubernetes gives every container beside a service that is
	// called procyon, or procyon-notifier: nobody wrote them.
	ofService = regexp.MustCompile(`^PROCYON_([A-Z0-9_]+_)?(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_[0-9]+_(TCP|UDP|SCTP)(_[A-Z]+)?)$`)
	// ofLink is the value of one more of these, PROCYON_PORT.
	ofLink = regexp.MustCompile(`^(tcp|udp|sctp)://`)
)

// strays says of each variable that begins as those of settings do, and is none of any
// command, that it counts for nothing, and which one may be meant. Values are not told: they
// may be secrets.
func strays(root *cobra.Command, environ []string) []string {
	kinds := map[string]string{}
	collect(root, kinds)
	var known []string
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		known = append(known, variable(name))
	}
	var out []string
	for _, v := range environ {
		name, value, _ := strings.Cut(v, "=")
		switch {
		case !strings.HasPrefix(name, variablePrefix), value == "", slices.Contains(known, name):
		case strings.HasPrefix(name, ofTests), ofService.MatchString(name), ofLink.MatchString(value):
		default:
			out = append(out, fmt.Sprintf("the variable %s is no setting, and counts for nothing%s", name, meant(name, known)))
		}
	}
	slices.Sort(out)
	return out
}

// warnOfStrays tells of them, in the log of a command that has one, before it runs. It goes
// on all the same: the environment may be another program's, too, or a newer release's.
func warnOfStrays(c *cobra.Command, environ []string, out io.Writer) {
	var logs logSettings
	warn := func(text string) { fmt.Fprintln(out, c.Root().Name()+": "+text) }
	switch format, level := c.Flags().Lookup("log-format"), c.Flags().Lookup("log-level"); {
	case c.Flags().Lookup(configFile) == nil:
		return // it has no settings
	case format != nil && level != nil:
		logs.format, logs.level = format.Value.String(), level.Value.String()
		log, err := logs.logger(out)
		if err != nil {
			return // which the command says itself
		}
		warn = func(text string) { log.Warn(text) }
	}
	for _, text := range strays(c.Root(), environ) {
		warn(text)
	}
}
