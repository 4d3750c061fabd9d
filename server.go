// Procyon is a self-hosted gateway for just-in-time access: see README.md.
package main

import (
	"context"
	"fmt"
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
		command.Token,
		command.Journal,
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	root := command.Root(command.Surroundings{Environ: os.Environ, Out: os.Stdout, Err: os.Stderr}, os.Args[1:], commands()...)
	err := root.ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "procyon:", err)
		os.Exit(1)
	}
}
