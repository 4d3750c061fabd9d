// Package app wires the product: it opens the core, puts the handlers together, serves,
// runs the workers and drains them.
package app

import (
	"context"
	"flag"
	"fmt"
	"io"
)

// command is one of the things that the binary does.
type command struct {
	name  string // one or two words
	about string
	run   func(ctx context.Context, c *call) error
}

// call is a command's surroundings.
type call struct {
	args     []string
	getenv   func(string) string
	out, err io.Writer
}

func commands() []command {
	return []command{
		{"serve", "run the gateway, with its workers", serve},
		{"notifier", "run the notifier alone, against a gateway elsewhere", runNotifier},
		{"slackbot", "run the Slack bot alone, against a gateway elsewhere", runSlackBot},
		{"slack manifest", "print the manifest of the Slack app for this gateway's public URL", slackManifest},
		{"demo", "run the whole product on this machine, with a simulated Slack and sample data", demo},
		{"user create", "add a person who signs in with a password", userCreate},
		{"user password", "give a person a new password, and end their sessions", userPassword},
		{"user role", "make a person an administrator, or a member again", userRole},
		{"user disable", "keep a person out: no sign-in, no tokens, nothing in Slack", userDisable},
		{"user enable", "let a disabled person in again", userEnable},
		{"token create", "issue an API token", tokenCreate},
		{"token list", "list a person's or a service's tokens, without their secrets", tokenList},
		{"token revoke", "end an API token at once", tokenRevoke},
		{"journal verify", "prove that nothing in the journal was altered, removed or reordered", journalVerify},
		{"journal rebuild", "make all views anew from the journal", journalRebuild},
	}
}

// Run picks the command. It returns when the command has ended, or soon after
// ctx is done.
func Run(ctx context.Context, args []string, getenv func(string) string, out, errs io.Writer) error {
	for words := min(2, len(args)); words > 0; words-- {
		name := args[0]
		if words == 2 {
			name += " " + args[1]
		}
		for _, c := range commands() {
			if c.name == name {
				return c.run(ctx, &call{args: args[words:], getenv: getenv, out: out, err: errs})
			}
		}
	}
	usage(errs)
	if len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		return flag.ErrHelp
	}
	return fmt.Errorf("there is no command %q", args[0])
}

func usage(w io.Writer) {
	fmt.Fprintln(w, "Usage: procyon COMMAND [FLAGS]")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-16s %s\n", c.name, c.about)
	}
	fmt.Fprintln(w, "procyon COMMAND --help lists a command's flags; each has an environment variable, too.")
}
