package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
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

// newCrowd makes them in a folder, by the product's own code.
func newCrowd(ctx context.Context, folder string, admins, members int) (*crowd, error) {
	c := &crowd{store: filepath.Join(folder, "crowd.db"), admins: make([]string, admins), members: make([]string, members)}
	return c, inStore(ctx, c.store, func(subjects *access.Subjects, db *sqlite.Store) error {
		people := access.New(subjects, access.Options{Policy: access.BuiltinPolicy{}})
		return c.fill(ctx, people, auth.New(db, people, auth.Options{}))
	})
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
// The binary makes the file, and the rows are copied: an older release refuses a file
// that a newer one made, but the rows of people and tokens are as they ever were.
func (c *crowd) moveInto(ctx context.Context, o *gatewayOptions) error {
	if _, err := o.procyon(ctx, "user", "create", "--email", adminEmail, "--name", "Bench", "--password", adminPassword, "--admin"); err != nil {
		return err
	}
	o.token = c.admins[0]
	db, err := sql.Open("sqlite", o.store)
	if err != nil {
		return err
	}
	return errors.Join(c.copyRows(ctx, db), db.Close())
}

func (c *crowd) copyRows(ctx context.Context, db *sql.DB) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "ATTACH DATABASE ? AS crowd", c.store); err != nil {
		return fmt.Errorf("attach %s: %w", c.store, err)
	}
	script := "BEGIN;"
	for table, columns := range map[string]string{
		"entry":    "seq, at, actor, subject, version, type, data, after, prev, hash",
		"document": "id, version, sort, terms, data",
		"term":     "term, sort, id",
	} {
		script += fmt.Sprintf("DELETE FROM main.%[1]s; INSERT INTO main.%[1]s (%[2]s) SELECT %[2]s FROM crowd.%[1]s;", table, columns)
	}
	if _, err := conn.ExecContext(ctx, script+"COMMIT; DETACH DATABASE crowd"); err != nil {
		return fmt.Errorf("copy people from %s: %w", c.store, err)
	}
	return nil
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
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o600)
}
