// Procyon is a self-hosted gateway for just-in-time access: see README.md.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"procyon/internal/command"
)

// commands are what the binary does, by its first word.
func commands() []func() *cobra.Command {
	return []func() *cobra.Command{
		command.Serve,
		command.Notifier,
		command.SlackBot,
		command.Slack,
		command.Demo,
		command.User,
		command.Group,
		command.Token,
		command.Catalog,
		command.Journal,
		command.Receipt,
		command.Version,
	}
}

func main() { os.Exit(run()) }

// run returns the exit code.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return command.Run(ctx, command.Surroundings{Environ: os.Environ, Out: os.Stdout, Err: os.Stderr}, os.Args[1:], commands()...)
}
