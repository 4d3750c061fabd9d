package e2e

import (
	"path/filepath"
	"strings"
	"testing"

	"procyon/store/storetest"
)

// The store that an earlier release wrote is whole to today's binary, also after it
// was opened as serve does, which brings it up to date, and after its views were
// made anew.
func TestAnEarlierReleasesStore(t *testing.T) {
	t.Parallel()
	f := storetest.LoadFixture(t)
	file := f.SQLite(t)
	b := newBed(t, "sqlite:"+file)
	b.env = append(b.env, "PROCYON_SECRET_KEY_FILE="+filepath.Join(filepath.Dir(file), "secret.key"))
	whole := func() {
		t.Helper()
		if out := b.must("journal", "verify", "--store", "sqlite:"+file); out != f.Whole("sqlite") {
			t.Errorf("%s, want %s", out, f.Whole("sqlite"))
		}
	}
	whole()
	if out := b.must("token", "list", "--user", "ada@example.com"); !strings.Contains(out, "personal") {
		t.Errorf("Ada's tokens: %s", out)
	}
	whole()
	b.must("journal", "rebuild")
	whole()
}
