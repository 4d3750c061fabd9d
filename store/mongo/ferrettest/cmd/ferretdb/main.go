// Command ferretdb serves an embedded FerretDB until it is interrupted, for
// tests of the whole product against a server of MongoDB's protocol. Once it
// listens it prints its URI on a line of its own.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"procyon/store/mongo/ferrettest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "ferretdb:", err)
		os.Exit(1) //nolint:forbidigo,gocritic // this is main; there is nothing left to undo
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("ferretdb", flag.ContinueOnError)
	listen := flags.String("listen", "127.0.0.1:0", "the address to listen on; port 0 chooses a free one")
	dir := flags.String("data", "data/ferretdb", "the folder to keep data in; it is made where it is absent")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := os.MkdirAll(*dir, 0o700); err != nil {
		return err
	}
	server, err := ferrettest.Start(*listen, *dir)
	if err != nil {
		return err
	}
	defer server.Stop()
	fmt.Fprintln(out, server.URI())
	<-ctx.Done()
	return nil
}
