package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"procyon/access"
	"procyon/internal/app"
	"procyon/phrase"
)

// User is about people.
func User() *cobra.Command {
	return group("user", "add people, and say what they may do",
		userCreate(), userList(), userEmail(), userPassword(), userRole(), userDisable(), userEnable(), userHandOver(), userJoin(), userSeparate())
}

// userCreate adds a person, also before the gateway's first start: it makes the store then.
func userCreate() *cobra.Command {
	var u access.NewUser
	var password string
	c, s := adminOf(func(string) error { return nil }, "create", "add a person who signs in with a password", func(ctx context.Context, c *cobra.Command, k *app.Core) error {
		if err := k.Auth.CheckPassword(password); err != nil {
			return err
		}
		made, err := k.Access.CreateUser(ctx, app.Operator(), u)
		if err != nil {
			return err
		}
		if err := k.Auth.SetPassword(ctx, app.Operator(), made.ID, password); err != nil {
			return err
		}
		_, err = fmt.Fprintln(c.OutOrStdout(), made.ID)
		return err
	})
	s.StringVar(&u.Email, "email", "", "the e-mail address to sign in with")
	s.StringVar(&u.Name, "name", "", "the full name")
	s.BoolVar(&u.Admin, "admin", false, "may manage everything, and approve")
	s.text(&password, "password", "", "the password, of at least 12 characters")
	s.need("email", "name", "password")
	return c
}

// userList prints all people, by name.
func userList() *cobra.Command {
	c, _ := admin("list", "list all people", func(ctx context.Context, c *cobra.Command, k *app.Core) error {
		t := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
		row(t, "ID", "E-MAIL", "NAME", "ROLE", "STATUS", "SINCE", "FROM")
		err := k.Access.EachUser(ctx, func(u access.User) error {
			row(t, u.ID, u.Email, u.Name, strings.ToLower(string(u.Role())), strings.ToLower(string(u.Status())), u.CreatedAt.UTC().Format(time.DateOnly), origin(u))
			return nil
		})
		return errors.Join(err, t.Flush())
	})
	return c
}

// origin says where a person comes from.
func origin(u access.User) string {
	switch {
	case u.Left:
		return "directory, which deleted them"
	case u.Provisioned != nil:
		return "directory"
	case u.HandedOver:
		return "local, handed over"
	}
	return "local"
}

// row writes a row of a table.
func row(w io.Writer, cells ...string) {
	for i, cell := range cells {
		cells[i] = phrase.Printable(cell)
	}
	fmt.Fprintln(w, strings.Join(cells, "\t"))
}

// say prints a line.
func say(c *cobra.Command, format string, args ...any) error {
	_, err := fmt.Fprintln(c.OutOrStdout(), phrase.Printable(fmt.Sprintf(format, args...)))
	return err
}

// onUser makes a command about a person who is here already. What run returns is what it
// prints.
func onUser(name, about string, run func(ctx context.Context, k *app.Core, u access.User) (string, error)) (*cobra.Command, settings) {
	var email string
	c, s := admin(name, about, func(ctx context.Context, c *cobra.Command, k *app.Core) error {
		u, err := k.Access.UserByEmail(ctx, email)
		if err != nil {
			return err
		}
		words, err := run(ctx, k, u)
		if err != nil {
			return err
		}
		return say(c, "%s", words)
	})
	s.StringVar(&email, "email", "", "the person's e-mail address")
	s.need("email")
	return c, s
}

func userEmail() *cobra.Command {
	var to string
	c, s := onUser("email", "give a person another e-mail address, or confirm the one that they have", func(ctx context.Context, k *app.Core, u access.User) (string, error) {
		now, err := k.Access.UpdateUser(ctx, app.Operator(), u.ID, access.UserPatch{Email: &to})
		return fmt.Sprintf("The e-mail address of %s is %s.", now.Name, now.Email), access.Moved("email", "to", err)
	})
	s.StringVar(&to, "to", "", "the e-mail address that they are to have; the same one confirms what an administrator changed, so that they can sign in through the identity provider for the first time")
	s.need("to")
	return c
}

func userPassword() *cobra.Command {
	var password string
	c, s := onUser("password", "give a person a new password, and end their sessions", func(ctx context.Context, k *app.Core, u access.User) (string, error) {
		return fmt.Sprintf("%s has a new password; their sessions have ended.", u.Email), k.Auth.SetPassword(ctx, app.Operator(), u.ID, password)
	})
	s.text(&password, "password", "", "the new password, of at least 12 characters")
	s.need("password")
	return c
}

func userRole() *cobra.Command {
	var role string
	c, s := onUser("role", "make a person an administrator, or a member again", func(ctx context.Context, k *app.Core, u access.User) (string, error) {
		now, err := k.Access.SetAdmin(ctx, app.Operator(), u.ID, role == "admin")
		if now.Admin {
			return fmt.Sprintf("%s is an administrator.", now.Email), err
		}
		return fmt.Sprintf("%s is a member.", now.Email), err
	})
	s.StringVar(&role, "role", "", "admin, who may manage everything and approve, or member")
	s.need("role")
	return checked(c, func() error {
		if role != "admin" && role != "member" {
			return fmt.Errorf("there is no role %q; give --role admin or --role member", role)
		}
		return nil
	})
}

func userDisable() *cobra.Command {
	c, _ := onUser("disable", "keep a person out: no sign-in, no tokens, nothing in Slack", func(ctx context.Context, k *app.Core, u access.User) (string, error) {
		now, ended, err := k.Access.DisableUser(ctx, app.Operator(), u.ID)
		if err == nil {
			_, err = k.Auth.EndDisabled(ctx, u.ID)
		}
		return fmt.Sprintf("%s is disabled: sessions, tokens and Slack links have ended, and %d open requests.", now.Email, ended.Count), err
	})
	return c
}

func userEnable() *cobra.Command {
	c, _ := onUser("enable", "let a disabled person in again", func(ctx context.Context, k *app.Core, u access.User) (string, error) {
		_, err := k.Access.EnableUser(ctx, app.Operator(), u.ID)
		return fmt.Sprintf("%s is enabled.", u.Email), err
	})
	return c
}

func userHandOver() *cobra.Command {
	var back bool
	c, s := onUser("hand-over", "let the directory take a person over at its next attempt, or revoke that", func(ctx context.Context, k *app.Core, u access.User) (string, error) {
		now, err := k.Access.HandOver(ctx, app.Operator(), u.ID, !back)
		switch {
		case now.Provisioned != nil:
			return fmt.Sprintf("%s comes from the directory already.", now.Email), err
		case now.HandedOver:
			return fmt.Sprintf("%s is kept here until the directory next tries to make them; then it takes them over.", now.Email), err
		}
		return fmt.Sprintf("%s is kept here; the directory can't take them over.", now.Email), err
	})
	s.BoolVar(&back, "back", false, "revoke that the directory may take them over")
	return c
}

func userJoin() *cobra.Command {
	var with string
	c, s := onUser("join", "say that two accounts are one human's, who then decides nothing for themselves", func(ctx context.Context, k *app.Core, u access.User) (string, error) {
		other, err := k.Access.UserByEmail(ctx, with)
		if err != nil {
			return "", access.AtField("with", err)
		}
		_, err = k.Access.JoinUsers(ctx, app.Operator(), u.ID, other.ID, nil)
		return fmt.Sprintf("%s and %s count as one human.", u.Email, other.Email), access.Moved("withUserId", "with", access.Moved("userId", "email", err))
	})
	s.StringVar(&with, "with", "", "the e-mail address of the other account")
	s.need("with")
	return c
}

func userSeparate() *cobra.Command {
	c, _ := onUser("separate", "say that an account is no other's human's any more", func(ctx context.Context, k *app.Core, u access.User) (string, error) {
		_, err := k.Access.SeparateUser(ctx, app.Operator(), u.ID, nil)
		return fmt.Sprintf("%s counts as a human of their own.", u.Email), access.Moved("userId", "email", err)
	})
	return c
}
