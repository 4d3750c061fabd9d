package command

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// usage says how a command is called. One with sub-commands lists them all, by their whole
// names.
func usage(c *cobra.Command) error {
	out := c.OutOrStderr()
	if argument(c) != "" || !c.HasAvailableSubCommands() {
		fmt.Fprintf(out, "%s [FLAGS]\n", call(c))
		if c.HasAvailableLocalFlags() {
			fmt.Fprintf(out, "\n%s", c.LocalFlags().FlagUsages())
		}
	}
	if c.HasAvailableSubCommands() {
		fmt.Fprint(out, list(c))
	}
	return nil
}

// list says which commands there are below one. Below all but the root it says what each
// takes, too.
func list(c *cobra.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Usage: %s COMMAND [FLAGS]\n", c.CommandPath())
	for _, l := range each(c) {
		fmt.Fprintf(&b, "  %-19s %s\n", l.name, l.about)
		if takes := flagsOf(l.command); c.HasParent() && takes != "" {
			fmt.Fprintf(&b, "  %-19s %s\n", "", takes)
		}
	}
	fmt.Fprintf(&b, "%s COMMAND --help lists a command's flags; those with a variable may be set by it, or in the configuration file.\n", c.Root().Name())
	return b.String()
}

// synopsis says in short what a command takes, to somebody who called it in a way in which
// it can't be: what is of one call, and where the rest is told.
func synopsis(c *cobra.Command) string {
	if c.HasAvailableSubCommands() && argument(c) == "" {
		return list(c)
	}
	var b strings.Builder
	fmt.Fprintln(&b, call(c))
	own := pflag.NewFlagSet("", pflag.ContinueOnError)
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if ofOneCall(f) {
			own.AddFlag(f)
		}
	})
	b.WriteString(own.FlagUsages())
	fmt.Fprintf(&b, "%s --help lists all flags.\n", c.CommandPath())
	return b.String()
}

// call is the line in which a command is called.
func call(c *cobra.Command) string {
	return "Usage: " + strings.Join(slices.DeleteFunc([]string{c.CommandPath(), argument(c), flagsOf(c)}, func(s string) bool { return s == "" }), " ")
}

// flagsOf are the flags of one call of a command, in a line: those that it needs first, and
// the others in brackets.
func flagsOf(c *cobra.Command) string {
	var need, may []string
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		word := "--" + f.Name
		if f.Value.Type() != "bool" {
			word += " …"
		}
		switch {
		case needed(f):
			need = append(need, word)
		case ofOneCall(f):
			may = append(may, "["+word+"]")
		}
	})
	return strings.Join(append(need, may...), " ")
}

// neededMark marks a flag without which the command can do nothing.
const neededMark = "procyon-needed"

// need marks flags so.
func (s settings) need(names ...string) {
	for _, name := range names {
		f := s.Lookup(name)
		if f.Annotations == nil {
			f.Annotations = map[string][]string{}
		}
		f.Annotations[neededMark] = []string{"true"}
	}
}

func needed(f *pflag.Flag) bool { return f.Annotations[neededMark] != nil }

// ofOneCall tells whether a flag is about one call of a command, and not a setting that
// every call has.
func ofOneCall(f *pflag.Flag) bool {
	return needed(f) || f.Name != "help" && f.Annotations[settingMark] == nil
}

// listed is a command in a list.
type listed struct {
	name, about string
	command     *cobra.Command
}

// each are the commands below one that do something by themselves. The scripts for the
// shells count as one.
func each(c *cobra.Command) []listed {
	var out []listed
	for _, sub := range c.Commands() {
		switch {
		case sub.Name() == "help":
		case sub.HasAvailableSubCommands() && sub.Name() != "completion":
			if argument(sub) != "" {
				out = append(out, listed{sub.Name(), sub.Short, sub})
			}
			out = append(out, each(sub)...)
		default:
			out = append(out, listed{strings.TrimPrefix(sub.CommandPath(), sub.Root().Name()+" "), sub.Short, sub})
		}
	}
	return out
}
