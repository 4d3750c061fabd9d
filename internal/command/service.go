package command

import (
	"context"
	"errors"
	"log/slog"

	"github.com/spf13/cobra"

	"procyon/internal/inspect"
)

// service has what all commands are told that run until they are stopped.
type service struct {
	logSettings
	inspect string // the address to be inspected at; "" is none
}

func (s *service) add(to settings) {
	s.logSettings.add(to)
	to.text(&s.inspect, "debug-listen", "", "a loopback address, such as 127.0.0.1:6060, at which whoever is on this machine may see what the process does: profiles of processor and memory, goroutines; default: none")
}

// run does what the command does. The process can be inspected from before it begins, until
// all has ended, so that also what hangs then can be found.
func (s *service) run(ctx context.Context, c *cobra.Command, do func(context.Context, *slog.Logger) error) error {
	log, err := s.logger(c.ErrOrStderr())
	if err != nil {
		return err
	}
	if s.inspect == "" {
		return do(ctx, log)
	}
	inspected, err := inspect.Start(ctx, variable("debug-listen"), s.inspect, log)
	if err != nil {
		return err
	}
	return errors.Join(do(ctx, log), inspected.Close())
}
