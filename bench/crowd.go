package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"procyon/access"
	"procyon/auth"
	"procyon/store/sqlite"
)

// crowd is many people with a token each, in a store that no server runs on.
type crowd struct {
	store   string   // the path of its file
	admins  []string // tokens
	members []string // tokens of those who are no administrators
}

// newCrowd makes them in a folder, by the product's own code. Any release can read the file,
// so that the same people are measured with each.
func newCrowd(ctx context.Context, folder string, admins, members int) (*crowd, error) {
	c := &crowd{store: filepath.Join(folder, "crowd.db"), admins: make([]string, admins), members: make([]string, members)}
	made := filepath.Join(folder, "made.db")
	err := inStore(ctx, made, func(subjects *access.Subjects, db *sqlite.Store) error {
		people := access.New(subjects, access.Options{})
		return c.fill(ctx, people, auth.New(db, people, auth.Options{}))
	})
	if err != nil {
		return nil, err
	}
	db, err := sqlite.Open(ctx, made)
	if err != nil {
		return nil, err
	}
	return c, errors.Join(copyInFirstForm(ctx, db, c.store, "usr_", "tok_"), db.Close())
}

func (c *crowd) fill(ctx context.Context, people *access.Service, who *auth.Service) error {
	n := len(c.admins)
	return abreast(ctx, n+len(c.members), func(ctx context.Context, i int) error {
		u, err := people.CreateUser(ctx, access.System(), access.NewUser{Email: fmt.Sprintf("dev%d@example.com", i), Name: fmt.Sprintf("Dev Developer %d", i), Admin: i < n})
		if err != nil {
			return err
		}
		made, err := who.CreateToken(ctx, access.System(), auth.NewToken{OwnerID: u.ID, Name: "bench", TTL: 24 * time.Hour})
		if err != nil {
			return err
		}
		if i < n {
			c.admins[i] = made.Secret
		} else {
			c.members[i-n] = made.Secret
		}
		return nil
	})
}

// moveInto makes them the people of a store of o's binary, which must not be there yet.
func (c *crowd) moveInto(ctx context.Context, o *gatewayOptions) error {
	if err := os.MkdirAll(filepath.Dir(o.store), 0o700); err != nil {
		return err
	}
	if err := copyFile(c.store, o.store); err != nil {
		return err
	}
	o.token = c.admins[0]
	_, err := o.procyon(ctx, "user", "create", "--email", adminEmail, "--name", "Bench", "--password", adminPassword, "--admin")
	return err
}

// copyStore copies the store of a server that does not run, with its key, to a folder.
func copyStore(from, folder string) (path string, err error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err
	}
	if err := copyFile(from, filepath.Join(folder, filepath.Base(from))); err != nil {
		return "", err
	}
	err = copyFile(filepath.Join(filepath.Dir(from), "secret.key"), filepath.Join(folder, "secret.key"))
	return filepath.Join(folder, filepath.Base(from)), err
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
