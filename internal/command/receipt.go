package command

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"procyon/checkpoint"
	"procyon/internal/app"
	"procyon/journal"
	"procyon/receipt"
)

// Receipt makes the receipt of a request, and checks receipts.
func Receipt() *cobra.Command {
	var cfg app.StoreConfig
	var request string
	c := onStoreOf(&cfg, "receipt", "print the receipt of a request, which others can check", func(ctx context.Context, c *cobra.Command, store journal.Store) error {
		checkpoints, err := app.OpenCheckpoints(ctx, cfg, store, false)
		if err != nil {
			return err
		}
		made, err := receipt.Make(ctx, store, checkpoints, request, receipt.Most())
		if err != nil {
			return err
		}
		text, err := made.Text()
		if err == nil {
			_, err = c.OutOrStdout().Write(text)
		}
		return err
	})
	checkpointKeySettings(settings{c.Flags()}, &cfg)
	c = taking(c, "REQUEST", func(id string) { request = id })
	c.AddCommand(receiptVerify())
	return c
}

func receiptVerify() *cobra.Command {
	var name string
	var public []string
	c := leaf("verify", "check a receipt by the public key alone, and say what it proves", func(_ context.Context, c *cobra.Command) error {
		keys, err := checkpoint.PublicKeys(public...)
		if err != nil {
			return err
		}
		text, err := readFile(name, receipt.MaxText)
		if err != nil {
			return fmt.Errorf("the receipt: %w", err)
		}
		proved, err := receipt.Check(text, keys)
		if err != nil {
			return err
		}
		words, err := proved.Words()
		if err == nil {
			_, err = fmt.Fprint(c.OutOrStdout(), words)
		}
		return err
	})
	publicKeyFlag(c, &public, "may be given several times")
	return checked(taking(c, "FILE", func(file string) { name = file }), func() error {
		if len(public) == 0 {
			return fmt.Errorf("procyon receipt verify needs --public-key: whoever runs the gateway prints it with procyon journal checkpoint --public-key")
		}
		return nil
	})
}
