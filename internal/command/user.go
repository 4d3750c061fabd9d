package command

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"procyon/access"
	"procyon/internal/app"
)

// User is about people.
func User() *cobra.Command {
	return group("user", "add people, and say what they may do", userCreate(), userPassword(), userRole(), userDisable(), userEnable())
}

func userCreate() *cobra.Command {
	var u access.NewUser
	var password string
	c, s := admin("create", "add a person who signs in with a password", func(ctx context.Context, c *cobra.Command, k *app.Core) error {
		if err := k.Auth.CheckPassword(password); err != nil {
			return err
		}
		made, err := k.Access.CreateUser(ctx, app.Operator(), u)
		if err != nil {
			return err
		}
		if err := k.Auth.SetPassword(ctx, made.ID, password); err != nil {
			return err
		}
		_, err = fmt.Fprintln(c.OutOrStdout(), made.ID)
		return err
	})
	s.StringVar(&u.Email, "email", "", "the e-mail address to sign in with")
	s.StringVar(&u.Name, "name", "", "the full name")
	s.BoolVar(&u.Admin, "admin", false, "may manage everything, and approve")
	s.text(&password, "password", "", "the password, of at least 12 characters")
	return checked(c, func() error {
		if password == "" {
			return errors.New("give a password with --password")
		}
		return nil
	})
}

// onUser makes a command about a person who is here already.
func onUser(name, about string, run func(ctx context.Context, c *cobra.Command, k *app.Core, id string) error) (*cobra.Command, settings) {
	var email string
	c, s := admin(name, about, func(ctx context.Context, c *cobra.Command, k *app.Core) error {
		u, err := k.Access.UserByEmail(ctx, email)
		if err != nil {
			return err
		}
		return run(ctx, c, k, u.ID)
	})
	s.StringVar(&email, "email", "", "the person's e-mail address")
	return c, s
}

func userPassword() *cobra.Command {
	var password string
	c, s := onUser("password", "give a person a new password, and end their sessions", func(ctx context.Context, _ *cobra.Command, k *app.Core, id string) error {
		return k.Auth.SetPassword(ctx, id, password)
	})
	s.text(&password, "password", "", "the new password, of at least 12 characters")
	return c
}

func userRole() *cobra.Command {
	var role string
	c, s := onUser("role", "make a person an administrator, or a member again", func(ctx context.Context, _ *cobra.Command, k *app.Core, id string) error {
		_, err := k.Access.SetAdmin(ctx, app.Operator(), id, role == "admin")
		return err
	})
	s.StringVar(&role, "role", "", "admin, who may manage everything and approve, or member")
	return checked(c, func() error {
		if role != "admin" && role != "member" {
			return errors.New("give --role admin or --role member")
		}
		return nil
	})
}

func userDisable() *cobra.Command {
	c, _ := onUser("disable", "keep a person out: no sign-in, no tokens, nothing in Slack", func(ctx context.Context, c *cobra.Command, k *app.Core, id string) error {
		u, ended, err := k.Access.DisableUser(ctx, app.Operator(), id)
		if err != nil {
			return err
		}
		if err := k.Auth.SignOutAll(ctx, id); err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.OutOrStdout(), "%s is disabled: sessions, tokens and Slack links have ended, and %d open requests.\n", u.Email, ended.Count)
		return err
	})
	return c
}

func userEnable() *cobra.Command {
	c, _ := onUser("enable", "let a disabled person in again", func(ctx context.Context, _ *cobra.Command, k *app.Core, id string) error {
		_, err := k.Access.EnableUser(ctx, app.Operator(), id)
		return err
	})
	return c
}
