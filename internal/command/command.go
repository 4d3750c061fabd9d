// Package command has the commands of the binary, one constructor each, and the one way in
// which they get their settings: from flags, the environment and a file.
//
// A command is told only what it needs: its flags are its whole configuration. To add one,
// write its constructor and put it in the table of server.go.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Surroundings are what a command has from the process.
type Surroundings struct {
	Environ  func() []string // of the form NAME=value, as os.Environ has it
	Out, Err io.Writer
}

// Root makes the command of the binary, of the constructors of its sub-commands. Its
// Execute returns errors, and prints none of them.
func Root(s Surroundings, args []string, commands ...func() *cobra.Command) *cobra.Command {
	root := &cobra.Command{
		Use: "procyon", Short: "self-hosted gateway for just-in-time access",
		SilenceErrors: true, SilenceUsage: true,
		Args: known, RunE: help,
	}
	for _, c := range commands {
		root.AddCommand(c())
	}
	root.SetArgs(args)
	root.SetOut(s.Out)
	root.SetErr(s.Err)
	root.PersistentPreRunE = func(c *cobra.Command, _ []string) error { return resolve(c, s.Environ) }
	root.SetUsageFunc(usage)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return flagError(err) })
	return root
}

// flagError says what is wrong with a flag. One with a single dash is taken for a group of
// letters, and cited with its value, which may be a secret.
func flagError(err error) error {
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "" {
		name, _, _ := strings.Cut(unknown.GetSpecifiedShortnames(), "=")
		return fmt.Errorf("unknown flag: -%s; names of flags have two dashes before them", name)
	}
	return err
}

// usage says how a command is called. One with sub-commands lists them all, by their whole
// names.
func usage(c *cobra.Command) error {
	out := c.OutOrStderr()
	if c.HasAvailableSubCommands() {
		fmt.Fprintf(out, "Usage: %s COMMAND [FLAGS]\n", c.CommandPath())
		for _, l := range each(c) {
			fmt.Fprintf(out, "  %-16s %s\n", l.name, l.about)
		}
		fmt.Fprintf(out, "%s COMMAND --help lists a command's flags; those with a variable may be set by it, or in the configuration file.\n", c.Root().Name())
		return nil
	}
	fmt.Fprintf(out, "Usage: %s [FLAGS]\n", c.CommandPath())
	if c.HasAvailableLocalFlags() {
		fmt.Fprintf(out, "\n%s", c.LocalFlags().FlagUsages())
	}
	return nil
}

// listed is a command in a list.
type listed struct{ name, about string }

// each are the commands below one that do something by themselves. The scripts for the
// shells count as one.
func each(c *cobra.Command) []listed {
	var out []listed
	for _, sub := range c.Commands() {
		switch {
		case sub.Name() == "help":
		case sub.HasAvailableSubCommands() && sub.Name() != "completion":
			out = append(out, each(sub)...)
		default:
			out = append(out, listed{strings.TrimPrefix(sub.CommandPath(), sub.Root().Name()+" "), sub.Short})
		}
	}
	return out
}

// group makes a command that only holds others. Called by itself it lists them.
func group(name, about string, commands ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: name, Short: about, Args: known, RunE: help}
	c.AddCommand(commands...)
	return c
}

// leaf makes a command that does something. It takes flags alone.
func leaf(name, about string, run func(ctx context.Context, c *cobra.Command) error) *cobra.Command {
	return &cobra.Command{
		Use: name, Short: about,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("%s takes no argument %q", c.CommandPath(), args[0])
			}
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(c *cobra.Command, _ []string) error { return run(c.Context(), c) },
	}
}

// known refuses the name of a command that there is not.
func known(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	fmt.Fprint(c.ErrOrStderr(), c.UsageString())
	name := strings.TrimPrefix(c.CommandPath()+" ", c.Root().Name()+" ") + args[0]
	return fmt.Errorf("there is no command %q", name)
}

func help(c *cobra.Command, _ []string) error { return c.Help() }
