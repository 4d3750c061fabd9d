package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"procyon/access"
	"procyon/internal/subject"
	"procyon/journal"
)

// The commands of administration work on the store itself, also while gateways
// run on it: they are further writers of the same journal.

// operator is who acts on the command line: whoever can read the store.
func operator() access.Actor {
	name := os.Getenv("USER")
	if name == "" {
		name = "operator"
	}
	return access.Actor{Kind: access.ActorSystem, ID: "operator", Name: name, Via: "cli", Admin: true}
}

// withCore opens the core for the time of one command.
func withCore(ctx context.Context, cfg *config, c *call, f func(*core) error) error {
	log, err := cfg.logger(c.err)
	if err != nil {
		return err
	}
	if cfg.listen == "" {
		cfg.listen = "127.0.0.1:8080"
	}
	if err := cfg.check(); err != nil {
		return err
	}
	k, err := openCore(ctx, cfg, log)
	if err != nil {
		return err
	}
	return errors.Join(f(k), k.close())
}

func userCreate(ctx context.Context, c *call) error {
	var cfg config
	var u access.NewUser
	var password string
	f := newFlags("user create", c)
	f.storeFlags(&cfg)
	f.logFlags(&cfg)
	f.StringVar(&u.Email, "email", "", "the e-mail address to sign in with")
	f.StringVar(&u.Name, "name", "", "the full name")
	f.BoolVar(&u.Admin, "admin", false, "may manage everything, and approve")
	f.secret(&password, "password", "the password, of at least 12 characters")
	if err := f.parse(c.args); err != nil {
		return err
	}
	if password == "" {
		return errors.New("give a password with --password")
	}
	return withCore(ctx, &cfg, c, func(k *core) error {
		if err := k.auth.CheckPassword(password); err != nil {
			return err
		}
		made, err := k.access.CreateUser(ctx, operator(), u)
		if err != nil {
			return err
		}
		if err := k.auth.SetPassword(ctx, made.ID, password); err != nil {
			return err
		}
		_, err = fmt.Fprintln(c.out, made.ID)
		return err
	})
}

func tokenCreate(ctx context.Context, c *call) error {
	var cfg config
	var name, user, scope string
	var ttl time.Duration
	f := newFlags("token create", c)
	f.storeFlags(&cfg)
	f.logFlags(&cfg)
	f.StringVar(&name, "name", "", "what it is for; the service account's name, unless --user is given")
	f.StringVar(&user, "user", "", "the e-mail address of the person it acts as; left out: a service's token")
	f.StringVar(&scope, "scope", "", "what it may do, comma-separated: admin, events:read, deliveries:write, webhooks:read, slack:act, journal:read, metrics:read; a person's token may do all that they may, unless scopes are given")
	f.DurationVar(&ttl, "ttl", 90*24*time.Hour, "how long it is good for")
	if err := f.parse(c.args); err != nil {
		return err
	}
	scopes := strings.FieldsFunc(scope, func(r rune) bool { return r == ',' || r == ' ' })
	return withCore(ctx, &cfg, c, func(k *core) error {
		secret, err := issue(ctx, k, name, user, scopes, ttl)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(c.out, secret)
		return err
	})
}

func issue(ctx context.Context, k *core, name, user string, scopes []string, ttl time.Duration) (string, error) {
	if user != "" {
		if name == "" {
			name = "personal"
		}
		secret, _, err := k.auth.CreatePersonalToken(ctx, operator(), user, name, scopes, ttl)
		return secret, err
	}
	if name == "" || len(scopes) == 0 {
		return "", errors.New("a service's token needs --name and --scope; a person's needs --user")
	}
	secret, _, err := k.auth.CreateServiceToken(ctx, operator(), name, scopes, ttl)
	return secret, err
}

// withStore opens the store alone, for commands that read or mend the journal.
func withStore(ctx context.Context, name string, c *call, f func(journal.Store) error) error {
	var cfg config
	flags := newFlags(name, c)
	flags.storeFlags(&cfg)
	if err := flags.parse(c.args); err != nil {
		return err
	}
	store, err := openStore(ctx, cfg.store)
	if err != nil {
		return err
	}
	return errors.Join(f(store), store.Close())
}

func journalVerify(ctx context.Context, c *call) error {
	return withStore(ctx, "journal verify", c, func(s journal.Store) error {
		r, err := journal.Verify(ctx, s)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.out, "The journal is whole: %d entries of %d subjects; the head is %d %s.\n", r.Entries, r.Subjects, r.Head.Seq, r.Head.Hash)
		return err
	})
}

func journalRebuild(ctx context.Context, c *call) error {
	return withStore(ctx, "journal rebuild", c, func(s journal.Store) error {
		n, err := journal.Rebuild(ctx, s, subject.Kinds())
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.out, "All views were made anew from %d entries.\n", n)
		return err
	})
}
