package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"procyon/access"
)

// identityFlags are those of the commands about a person who is here already.
func identityFlags(name string, c *call, cfg *config, email *string) *flags {
	f := newFlags(name, c)
	f.storeFlags(cfg)
	f.logFlags(cfg)
	f.StringVar(email, "email", "", "the person's e-mail address")
	return f
}

func userPassword(ctx context.Context, c *call) error {
	var cfg config
	var email, password string
	f := identityFlags("user password", c, &cfg, &email)
	f.secret(&password, "password", "the new password, of at least 12 characters")
	if err := f.parse(c.args); err != nil {
		return err
	}
	return withCore(ctx, &cfg, c, func(k *core) error {
		u, err := k.access.UserByEmail(ctx, email)
		if err != nil {
			return err
		}
		return k.auth.SetPassword(ctx, u.ID, password)
	})
}

func userDisable(ctx context.Context, c *call) error {
	return switchUser(ctx, "user disable", c, func(k *core, id string) error {
		u, ended, err := k.access.DisableUser(ctx, operator(), id)
		if err != nil {
			return err
		}
		if err := k.auth.SignOutAll(ctx, id); err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.out, "%s is disabled: sessions, tokens and Slack links have ended, and %d open requests.\n", u.Email, ended.Count)
		return err
	})
}

func userEnable(ctx context.Context, c *call) error {
	return switchUser(ctx, "user enable", c, func(k *core, id string) error {
		_, err := k.access.EnableUser(ctx, operator(), id)
		return err
	})
}

func userRole(ctx context.Context, c *call) error {
	var cfg config
	var email, role string
	f := identityFlags("user role", c, &cfg, &email)
	f.StringVar(&role, "role", "", "admin, who may manage everything and approve, or member")
	if err := f.parse(c.args); err != nil {
		return err
	}
	if role != "admin" && role != "member" {
		return errors.New("give --role admin or --role member")
	}
	return withCore(ctx, &cfg, c, func(k *core) error {
		u, err := k.access.UserByEmail(ctx, email)
		if err != nil {
			return err
		}
		_, err = k.access.SetAdmin(ctx, operator(), u.ID, role == "admin")
		return err
	})
}

func switchUser(ctx context.Context, name string, c *call, change func(k *core, id string) error) error {
	var cfg config
	var email string
	if err := identityFlags(name, c, &cfg, &email).parse(c.args); err != nil {
		return err
	}
	return withCore(ctx, &cfg, c, func(k *core) error {
		u, err := k.access.UserByEmail(ctx, email)
		if err != nil {
			return err
		}
		return change(k, u.ID)
	})
}

// tokenList prints the tokens of a person or a service, without their secrets.
func tokenList(ctx context.Context, c *call) error {
	var cfg config
	var user, name string
	f := newFlags("token list", c)
	f.storeFlags(&cfg)
	f.logFlags(&cfg)
	f.StringVar(&user, "user", "", "the e-mail address of the person whose tokens they are")
	f.StringVar(&name, "name", "", "the service account whose tokens they are")
	if err := f.parse(c.args); err != nil {
		return err
	}
	if (user == "") == (name == "") {
		return errors.New("give --user, or --name of a service account")
	}
	return withCore(ctx, &cfg, c, func(k *core) error {
		owner, err := ownerOf(ctx, k, user, name)
		if err != nil {
			return err
		}
		list, err := k.auth.ListTokens(ctx, owner)
		if err != nil {
			return err
		}
		t := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
		for _, i := range list {
			fmt.Fprintf(t, "%s\t%s\t%s\tuntil %s\n", i.ID, i.Name, strings.Join(i.Scopes, ","), i.ExpiresAt.UTC().Format(time.RFC3339))
		}
		return t.Flush()
	})
}

func ownerOf(ctx context.Context, k *core, user, name string) (string, error) {
	if user != "" {
		u, err := k.access.UserByEmail(ctx, user)
		return u.ID, err
	}
	a, err := k.access.ServiceAccountByName(ctx, name)
	return a.ID, err
}

// tokenRevoke ends a token.
func tokenRevoke(ctx context.Context, c *call) error {
	var cfg config
	var id string
	f := newFlags("token revoke", c)
	f.storeFlags(&cfg)
	f.logFlags(&cfg)
	f.StringVar(&id, "id", "", "the token's ID, as token list prints it")
	if err := f.parse(c.args); err != nil {
		return err
	}
	return withCore(ctx, &cfg, c, func(k *core) error { return k.auth.RevokeToken(ctx, access.System(), id) })
}
