package command

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"procyon/access"
	"procyon/internal/app"
)

// Token is about API tokens.
func Token() *cobra.Command {
	return group("token", "issue and end API tokens", tokenCreate(), tokenList(), tokenRevoke())
}

func tokenCreate() *cobra.Command {
	var name, user, scope string
	var ttl time.Duration
	c, s := admin("create", "issue an API token", func(ctx context.Context, c *cobra.Command, k *app.Core) error {
		secret, err := issue(ctx, k, name, user, commaSeparated(scope), ttl)
		if err != nil {
			return access.Moved("email", "user", access.Moved("scopes", "scope", err))
		}
		_, err = fmt.Fprintln(c.OutOrStdout(), secret)
		return err
	})
	s.StringVar(&name, "name", "", "what it is for; the service account's name, unless --user is given")
	s.StringVar(&user, "user", "", "the e-mail address of the person it acts as; left out: a service's token")
	s.StringVar(&scope, "scope", "", "what it may do, comma-separated: admin, events:read, deliveries:write, webhooks:read, slack:act, journal:read, metrics:read, scim; a person's token may do all that they may, unless scopes are given")
	s.DurationVar(&ttl, "ttl", 90*24*time.Hour, "how long it is good for")
	return checked(c, func() error {
		if user == "" && (name == "" || strings.Trim(scope, ", ") == "") {
			return errors.New("a service's token needs --name and --scope; a person's needs --user")
		}
		return nil
	})
}

// commaSeparated are the parts of a flag that takes several.
func commaSeparated(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
}

func issue(ctx context.Context, k *app.Core, name, user string, scopes []string, ttl time.Duration) (string, error) {
	if user != "" {
		if name == "" {
			name = "personal"
		}
		secret, _, err := k.Auth.CreatePersonalToken(ctx, app.Operator(), user, name, scopes, ttl)
		return secret, err
	}
	secret, _, err := k.Auth.CreateServiceToken(ctx, app.Operator(), name, scopes, ttl)
	return secret, err
}

// tokenList prints the tokens of a person or a service, without their secrets.
func tokenList() *cobra.Command {
	var user, name string
	c, s := admin("list", "list a person's or a service's tokens, without their secrets", func(ctx context.Context, c *cobra.Command, k *app.Core) error {
		owner, err := ownerOf(ctx, k, user, name)
		if err != nil {
			return err
		}
		list, err := k.Auth.ListTokens(ctx, owner)
		if err != nil {
			return err
		}
		t := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
		for _, i := range list {
			row(t, i.ID, i.Name, strings.Join(i.Scopes, ","), "until "+i.ExpiresAt.UTC().Format(time.RFC3339))
		}
		return t.Flush()
	})
	s.StringVar(&user, "user", "", "the e-mail address of the person whose tokens they are")
	s.StringVar(&name, "name", "", "the service account whose tokens they are")
	return checked(c, func() error {
		if (user == "") == (name == "") {
			return errors.New("give --user, or --name of a service account")
		}
		return nil
	})
}

func ownerOf(ctx context.Context, k *app.Core, user, name string) (string, error) {
	if user != "" {
		u, err := k.Access.UserByEmail(ctx, user)
		return u.ID, access.AtField("user", err)
	}
	a, err := k.Access.ServiceAccountByName(ctx, name)
	return a.ID, err
}

// tokenRevoke ends a token.
func tokenRevoke() *cobra.Command {
	var id string
	c, s := admin("revoke", "end an API token at once", func(ctx context.Context, c *cobra.Command, k *app.Core) error {
		if err := k.Auth.RevokeToken(ctx, app.Operator(), id); err != nil {
			return err
		}
		_, err := fmt.Fprintf(c.OutOrStdout(), "The token %s is revoked.\n", id)
		return err
	})
	s.StringVar(&id, "id", "", "the token's ID, as token list prints it")
	s.need("id")
	return c
}
