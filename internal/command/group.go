package command

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"procyon/access"
	"procyon/internal/app"
	"procyon/phrase"
)

// Group is about groups of people.
func Group() *cobra.Command {
	return group("group", "keep groups of people, and say who is in them",
		groupList(), groupCreate(), groupRename(), groupDelete(), groupMembers(), groupAdd(), groupRemove())
}

// groupList prints all groups, by name.
func groupList() *cobra.Command {
	c, _ := admin("list", "list all groups", func(ctx context.Context, c *cobra.Command, k *app.Core) error {
		t := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
		row(t, "ID", "NAME", "SOURCE", "SINCE")
		err := k.Access.EachGroup(ctx, func(g access.Group) error {
			row(t, g.ID, g.Name, sourceWord(g.Source), g.CreatedAt.UTC().Format(time.DateOnly))
			return nil
		})
		return errors.Join(err, t.Flush())
	})
	return c
}

func groupCreate() *cobra.Command {
	var name string
	c, s := admin("create", "make a group that is kept here, with nobody in it", func(ctx context.Context, c *cobra.Command, k *app.Core) error {
		g, err := k.Access.CreateGroup(ctx, app.Operator(), access.NewGroup{Name: name, Source: access.SourceLocal})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(c.OutOrStdout(), g.ID)
		return err
	})
	s.StringVar(&name, "name", "", "the group's name")
	s.need("name")
	return c
}

// onGroup makes a command about a group that is here already.
func onGroup(name, about string, run func(ctx context.Context, c *cobra.Command, k *app.Core, g access.Group) error) (*cobra.Command, settings) {
	var called, source string
	c, s := admin(name, about, func(ctx context.Context, c *cobra.Command, k *app.Core) error {
		var of []access.Source
		if source != "" {
			of = []access.Source{access.Source(strings.ToUpper(source))}
		}
		g, err := k.Access.GroupCalled(ctx, called, of...)
		if err != nil {
			return err
		}
		return run(ctx, c, k, g)
	})
	var words []string
	for _, of := range access.Sources() {
		words = append(words, sourceWord(of))
	}
	s.StringVar(&called, "name", "", "the group's name")
	s.StringVar(&source, "source", "", "who keeps it, where several groups have that name: "+phrase.Listed(words, "or"))
	s.need("name")
	return checked(c, func() error {
		if source != "" && !slices.Contains(words, source) {
			return fmt.Errorf("there is no source %q; give --source %s", source, phrase.Listed(words, "or"))
		}
		return nil
	}), s
}

// sourceWord is what the command line calls a source.
func sourceWord(s access.Source) string { return strings.ToLower(string(s)) }

func groupRename() *cobra.Command {
	var to string
	c, s := onGroup("rename", "give a group another name", func(ctx context.Context, c *cobra.Command, k *app.Core, g access.Group) error {
		now, err := k.Access.UpdateGroup(ctx, app.Operator(), access.SourceLocal, g.ID, access.GroupPatch{Name: &to}, nil)
		if err != nil {
			return access.Moved("name", "to", err)
		}
		return say(c, "The group %s is now called %s.", g.Name, now.Name)
	})
	s.StringVar(&to, "to", "", "the name that it is to have")
	s.need("to")
	return c
}

func groupDelete() *cobra.Command {
	c, _ := onGroup("delete", "take a group away, and everybody out of it", func(ctx context.Context, c *cobra.Command, k *app.Core, g access.Group) error {
		if err := k.Access.DeleteGroup(ctx, app.Operator(), access.SourceLocal, g.ID, nil); err != nil {
			return err
		}
		owned, err := k.Access.OwnedBy(ctx, g.ID)
		if err != nil {
			return err
		}
		return say(c, "The group %s is deleted; nobody is in it any more.%s", g.Name, answeredFor(owned))
	})
	return c
}

// answeredFor says what a group answered for that is deleted, and for what of it nobody does now.
func answeredFor(o access.OwnedBy) string {
	if o.Count == 0 {
		return ""
	}
	var all, alone []string
	for _, of := range o.Named {
		all = append(all, phrase.Quoted(of.Name))
		if of.Alone {
			alone = append(alone, phrase.Quoted(of.Name))
		}
	}
	words := " It answered for " + andMore(all, o.Count)
	if o.Alone == 0 {
		return words + "; others still do."
	}
	return words + ". Nobody answers any more for " + andMore(alone, o.Alone) + "."
}

// andMore lists the first of as many names as there are.
func andMore(names []string, of int) string {
	more := of - len(names)
	switch {
	case more > 0 && of >= access.MaxCounted:
		names = append(names, fmt.Sprintf("at least %d more", more))
	case more > 0:
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return phrase.Listed(names, "and")
}

// groupMembers prints who is in a group, by name.
func groupMembers() *cobra.Command {
	c, _ := onGroup("members", "list who is in a group", func(ctx context.Context, c *cobra.Command, k *app.Core, g access.Group) error {
		t := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
		row(t, "ID", "E-MAIL", "NAME", "STATUS", "SINCE", "COUNTS")
		now := k.Access.Now()
		err := k.Access.EachMember(ctx, g.ID, func(u access.User, m access.Membership) error {
			row(t, u.ID, u.Email, u.Name, strings.ToLower(string(u.Status())), m.At.UTC().Format(time.DateOnly), countsWord(u, m, now))
			return nil
		})
		return errors.Join(err, t.Flush())
	})
	return c
}

// countsWord says whether a membership counts.
func countsWord(u access.User, m access.Membership, now time.Time) string {
	switch {
	case !u.Counts(m, now):
		return "no"
	case m.Source == access.SourceOIDC:
		return "until " + u.ClaimsAt.Add(access.ClaimsHold).UTC().Format(time.RFC3339)
	}
	return "yes"
}

func groupAdd() *cobra.Command {
	return groupChange("add", "put people into a group that is kept here", "In the group %s now: %s.",
		func(ids []string) (add, remove []string) { return ids, nil })
}

func groupRemove() *cobra.Command {
	return groupChange("remove", "take people out of a group that is kept here", "No longer in the group %s: %s.",
		func(ids []string) (add, remove []string) { return nil, ids })
}

// groupChange makes a command that changes who is in a group: all of the people whom it is
// given, or none of them. After it a group is as done says.
func groupChange(name, about, done string, change func(ids []string) (add, remove []string)) *cobra.Command {
	var emails string
	c, s := onGroup(name, about, func(ctx context.Context, c *cobra.Command, k *app.Core, g access.Group) error {
		people, err := peopleOf(ctx, k, emails)
		if err != nil {
			return err
		}
		ids, called := make([]string, len(people)), make([]string, len(people))
		for i, u := range people {
			ids[i], called[i] = u.ID, u.Email
		}
		add, remove := change(ids)
		if _, err = k.Access.ChangeMembers(ctx, app.Operator(), access.SourceLocal, g.ID, add, remove, nil); err != nil {
			return access.Moved("members", "email", err)
		}
		return say(c, done, g.Name, phrase.Listed(called, "and"))
	})
	s.StringVar(&emails, "email", "", "the e-mail addresses of the people, comma-separated")
	s.need("email")
	return c
}

// peopleOf finds the people of some e-mail addresses, or says which of them is nobody's.
func peopleOf(ctx context.Context, k *app.Core, emails string) ([]access.User, error) {
	var people []access.User
	for _, email := range commaSeparated(emails) {
		u, err := k.Access.UserByEmail(ctx, email)
		if access.CodeOf(err) == access.CodeNotFound {
			err = access.Errorf(access.CodeNotFound, "email", "There is no user with the e-mail address %s.", email)
		}
		if err != nil {
			return nil, err
		}
		people = append(people, u)
	}
	if len(people) == 0 {
		return nil, access.Errorf(access.CodeInvalid, "email", "Give at least one e-mail address.")
	}
	return people, nil
}
