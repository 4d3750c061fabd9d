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

	"procyon/phrase"
)

// Surroundings are what a command has from the process.
type Surroundings struct {
	Environ  func() []string // of the form NAME=value, as os.Environ has it
	Out, Err io.Writer
}

// The exit codes of the process.
const (
	done    = 0
	failed  = 1
	misused = 2 // it was called in a way in which it can't be
)

// Run runs the command that args name, and returns the exit code of the process. What went
// wrong is told on s.Err, in the words of the command line; where the call itself was at
// fault, after what the command takes.
func Run(ctx context.Context, s Surroundings, args []string, commands ...func() *cobra.Command) int {
	root := Root(s, args, commands...)
	c, err := root.ExecuteContextC(ctx)
	if err == nil {
		return done
	}
	code := failed
	var wrong *usageError
	if errors.As(err, &wrong) {
		fmt.Fprintln(s.Err, synopsis(c))
		code = misused
	}
	fmt.Fprintln(s.Err, root.Name()+":", printable(inFlags(c, err)))
	return code
}

// printable is what an error says, with its lines: it may repeat what stands in a file.
func printable(err error) string {
	lines := strings.Split(err.Error(), "\n")
	for i, line := range lines {
		lines[i] = phrase.Printable(line)
	}
	return strings.Join(lines, "\n")
}

// Root makes the command of the binary, of the constructors of its sub-commands. Its
// Execute returns errors, and prints none of them.
func Root(s Surroundings, args []string, commands ...func() *cobra.Command) *cobra.Command {
	root := &cobra.Command{
		Use: "procyon", Short: "self-hosted gateway for just-in-time access",
		Version:       versionText(),
		SilenceErrors: true, SilenceUsage: true,
		Args: known, RunE: needsCommand,
	}
	for _, c := range commands {
		root.AddCommand(c())
	}
	root.SetArgs(args)
	root.SetOut(s.Out)
	root.SetErr(s.Err)
	root.PersistentPreRunE = func(c *cobra.Command, _ []string) error {
		if err := resolve(c, s.Environ); err != nil {
			return err
		}
		warnOfStrays(c, s.Environ(), s.Err)
		return needsFlags(c)
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetUsageFunc(usage)
	root.InitDefaultCompletionCmd(args...)
	root.InitDefaultHelpCmd()
	root.InitDefaultVersionFlag()
	for _, c := range root.Commands() { // cobra's own are content with whatever they are given
		switch c.Name() {
		case "completion":
			c.Args, c.RunE = known, needsCommand
		case "help":
			c.Run, c.RunE = nil, help
		}
	}
	root.SetFlagErrorFunc(flagError)
	return root
}

// usageError says that a command was called in a way in which it can't be.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func misuse(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// flagError says what is wrong with a flag. One with a single dash is taken for a group of
// letters, and cited with its value, which may be a secret.
func flagError(c *cobra.Command, err error) error {
	if c.HasAvailableSubCommands() && argument(c) == "" { // its flag may be that of the command that is not there
		if err := known(c, c.Flags().Args()); err != nil {
			return err
		}
	}
	var wrong *pflag.InvalidValueError
	if errors.As(err, &wrong) {
		f := wrong.GetFlag()
		return misuse("%s", wrongValue("--"+f.Name, f, wrong.GetValue(), errors.Unwrap(wrong)))
	}
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return misuse("%s", err)
	}
	if unknown.GetSpecifiedShortnames() != "" {
		name, _, _ := strings.Cut(unknown.GetSpecifiedShortnames(), "=")
		return misuse("unknown flag: -%s; names of flags have two dashes before them", name)
	}
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
	return misuse("unknown flag: --%s%s", unknown.GetSpecifiedName(), meant("--"+unknown.GetSpecifiedName(), names))
}

// group makes a command that only holds others. Called by itself it lists them, which is
// a mistake unless help was asked for.
func group(name, about string, commands ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: name, Short: about, Args: known, RunE: needsCommand}
	c.AddCommand(commands...)
	return c
}

// leaf makes a command that does something. It takes flags alone.
func leaf(name, about string, run func(ctx context.Context, c *cobra.Command) error) *cobra.Command {
	return &cobra.Command{
		Use: name, Short: about,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return misuse("%s takes no argument %q; it takes flags, which begin with two dashes", c.CommandPath(), args[0])
			}
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(c *cobra.Command, _ []string) error { return run(c.Context(), c) },
	}
}

// taking makes a command of a leaf that takes one argument besides its flags, which take is
// given before it runs. It may have sub-commands, too.
func taking(c *cobra.Command, argument string, take func(string)) *cobra.Command {
	c.Use += " " + argument
	c.Args = func(c *cobra.Command, args []string) error {
		switch {
		case len(args) == 0:
			return misuse("%s needs %s", c.CommandPath(), argument)
		case len(args) > 1:
			return misuse("%s takes one %s, and no argument %q behind it", c.CommandPath(), argument, args[1])
		}
		take(args[0])
		return nil
	}
	return c
}

// argument is what a command takes besides its flags, as its help calls it; "" is nothing.
func argument(c *cobra.Command) string {
	_, argument, _ := strings.Cut(c.Use, " ")
	return argument
}

// checked lets a command refuse its flags before it opens anything. What check says was
// wrong is a mistake of the call.
func checked(c *cobra.Command, check func() error) *cobra.Command {
	c.PreRunE = func(*cobra.Command, []string) error {
		if err := check(); err != nil {
			return misuse("%s", err)
		}
		return nil
	}
	return c
}

// known refuses the name of a command that there is not.
func known(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	prefix := strings.TrimPrefix(c.CommandPath()+" ", c.Root().Name()+" ")
	var names []string
	for _, l := range each(c) {
		names = append(names, strings.TrimPrefix(l.name, prefix))
	}
	for _, sub := range c.Commands() {
		names = append(names, sub.Name())
	}
	return misuse("there is no command %q%s", prefix+args[0], meantCommand(prefix, strings.Join(args, " "), names))
}

// needsCommand refuses a command that only holds others.
func needsCommand(c *cobra.Command, _ []string) error {
	return misuse("say which command of %s", c.CommandPath())
}

// help tells about the command that args name.
func help(c *cobra.Command, args []string) error {
	about, rest, err := c.Root().Find(args)
	if err == nil {
		err = known(about, rest)
	}
	if err != nil {
		return err
	}
	about.InitDefaultHelpFlag()
	return about.Help()
}

// needsFlags refuses a call that lacks a flag without which the command can do nothing.
func needsFlags(c *cobra.Command) error {
	var missing []string
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if needed(f) && f.Value.String() == "" {
			missing = append(missing, "--"+f.Name)
		}
	})
	if len(missing) == 0 {
		return nil
	}
	return misuse("%s needs %s", c.CommandPath(), strings.Join(missing, " and "))
}
