package storetest

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"procyon/access"
)

//go:embed testdata/eeeae49/sqlite.db.gz testdata/eeeae49/ferretdb.tar.gz testdata/eeeae49/secret.key testdata/eeeae49/expected.json
var earlier embed.FS

const earlierFolder = "testdata/eeeae49/"

// Fixture is a store that an earlier commit of the product wrote, with all kinds
// of subjects and requests in it: see testdata/eeeae49/README.md. It says what is
// in the store; each test unpacks a copy of its own.
type Fixture struct {
	Seq      uint64                   `json:"seq"`      // of the last entry
	Heads    map[string]string        `json:"heads"`    // its hash in hexadecimal, on "sqlite" and on "ferretdb"
	At       time.Time                `json:"at"`       // where the clock stood at the end
	Versions map[string]uint64        `json:"versions"` // of every subject, by its ID
	Names    map[string]string        `json:"names"`    // IDs by what the fixture calls them, such as "dev-pending"
	Statuses map[string]access.Status `json:"statuses"` // of the requests, by those names
	Tokens   map[string]string        `json:"tokens"`   // the secrets of API tokens, by their owners' names
}

// LoadFixture reads what is in the fixture.
func LoadFixture(t testing.TB) Fixture {
	t.Helper()
	var f Fixture
	if err := json.Unmarshal(packed(t, "expected.json"), &f); err != nil {
		t.Fatalf("expected.json: %v", err)
	}
	return f
}

// SQLite unpacks the SQLite file into a folder of the test's own, with the key
// file secret.key beside it, and returns its path.
func (f Fixture) SQLite(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "secret.key"), bytes.NewReader(packed(t, "secret.key")))
	path := filepath.Join(dir, "procyon.db")
	write(t, path, unzip(t, "sqlite.db.gz"))
	return path
}

// FerretDB unpacks the data of a FerretDB server into a folder of the test's own
// and returns its path. The database is called procyon.
func (f Fixture) FerretDB(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	files := tar.NewReader(unzip(t, "ferretdb.tar.gz"))
	for {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return dir
		}
		if err != nil {
			t.Fatalf("ferretdb.tar.gz: %v", err)
		}
		write(t, filepath.Join(dir, filepath.Base(header.Name)), files)
	}
}

// KeyFile writes the key file that the store's secrets are sealed with into a
// folder of the test's own, and returns its path.
func (f Fixture) KeyFile(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret.key")
	write(t, path, bytes.NewReader(packed(t, "secret.key")))
	return path
}

// ID returns the ID of what the fixture has under a name.
func (f Fixture) ID(t testing.TB, name string) string {
	t.Helper()
	id, ok := f.Names[name]
	if !ok {
		t.Fatalf("the fixture has nothing named %q", name)
	}
	return id
}

// Whole is what `procyon journal verify` says of the fixture on "sqlite" or "ferretdb".
func (f Fixture) Whole(kind string) string {
	return fmt.Sprintf("The journal is whole: %d entries of %d subjects; the head is %d %s.\n", f.Seq, len(f.Versions), f.Seq, f.Heads[kind])
}

func packed(t testing.TB, name string) []byte {
	t.Helper()
	data, err := earlier.ReadFile(earlierFolder + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func unzip(t testing.TB, name string) io.Reader {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(packed(t, name)))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return r
}

func write(t testing.TB, path string, from io.Reader) {
	t.Helper()
	data, err := io.ReadAll(from)
	if err == nil {
		err = os.WriteFile(path, data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
