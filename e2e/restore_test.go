package e2e

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"procyon/client"
)

// replace brings the store back to a copy, as docs/operations.md says. No server may run.
func (b *bed) replace(copied []byte) {
	b.t.Helper()
	for _, suffix := range []string{"-wal", "-shm"} {
		if err := os.Remove(b.file() + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			b.t.Fatal(err)
		}
	}
	if err := os.WriteFile(b.file(), copied, 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.must("journal", "verify")
}

// eventStream asks for the events after Last-Event-ID, and returns what comes first.
func (b *bed) eventStream(g *server, lastEventID string) string {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), patience)
	defer cancel()
	query := url.QueryEscape(`subscription($after: Cursor) { requestEvents(after: $after) { cursor request { reason } } }`)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+g.address+"/graphql?query="+query, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Accept", "text/event-stream")
	req.Header.Set("Authorization", "Bearer "+b.tok["ada"])
	req.Header.Set("Last-Event-ID", lastEventID)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	first := make([]byte, 0, 4096)
	for !strings.Contains(string(first), "\n\n") || !strings.Contains(string(first), "data:") {
		part := make([]byte, 1024)
		n, err := resp.Body.Read(part)
		first = append(first, part[:n]...)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			b.t.Fatal(err)
		}
	}
	return string(first)
}

func (b *bed) askFor(resource, what string, n int) {
	b.t.Helper()
	for i := range n {
		if _, err := b.ask(resource, fmt.Sprint(what, " ", i, ".")); err != nil {
			b.t.Fatal(err)
		}
	}
}

// A backup is restored, and the journal grows on past where it was. Who comes with a
// position in what is gone is told so, by every way in, and gets nothing; a position from
// before the backup is good; and the notifier, which was at work all the time, goes on
// without leaving out or repeating anything.
func TestARestoredBackup(t *testing.T) {
	t.Parallel()
	b := founded(t)
	b.patient()
	g := b.serve("none")
	b.people(g)
	resource := b.linked(1)[0]
	b.notifier(g)()
	sent := func(what string) (n int) {
		for _, text := range b.hooks.texts("k0") {
			n += strings.Count(text, what+" ")
		}
		return n
	}
	b.hears("k0")
	b.askFor(resource, "kept", 3)
	b.hooks.wait(t, "what is kept", func() bool { return sent("kept") == 3 })
	f, err := follow(t.Context(), g.client(b.tok["ada"]), "j0")
	if err != nil {
		t.Fatal(err)
	}
	kept, _, _ := strings.Cut(f.wait(t, 3)[2], " ")
	recorded := func() bool { return len(b.deliveries("PENDING")) == 0 }
	eventually(t, "it is recorded", recorded)
	g.stop()
	copied, err := os.ReadFile(b.file())
	if err != nil {
		t.Fatal(err)
	}
	g.again()
	b.askFor(resource, "lost", 5)
	b.hooks.wait(t, "what is lost", func() bool { return sent("lost") == 5 })
	eventually(t, "it is recorded", recorded)
	lost, _, _ := strings.Cut(f.wait(t, 8)[7], " ")
	g.stop()
	b.replace(copied)
	g.again()
	b.askFor(resource, "new", 9)

	<-f.done // it was connected
	if !errors.Is(f.err, client.ErrJournalChanged) || len(f.events()) != 8 {
		t.Errorf("who was connected: %v; saw %d events", f.err, len(f.events()))
	}
	late, err := follow(t.Context(), g.client(b.tok["ada"]), lost)
	if err != nil {
		t.Fatal(err)
	}
	<-late.done
	if !errors.Is(late.err, client.ErrJournalChanged) || len(late.events()) != 0 {
		t.Errorf("who comes back: %v; saw %v", late.err, late.events())
	}
	if got := b.eventStream(g, lost); !strings.Contains(got, `"JOURNAL_CHANGED"`) || strings.Contains(got, "reason") {
		t.Errorf("the event stream: %s", got)
	}
	if got := b.eventStream(g, kept); !strings.Contains(got, `"new 0."`) {
		t.Errorf("the event stream from before the backup: %s", got)
	}
	good, err := follow(t.Context(), g.client(b.tok["ada"]), kept)
	if err != nil {
		t.Fatal(err)
	}
	good.wait(t, 9)

	out := &logged{}
	modules := nodeModules(t, wsProject, "graphql-ws")
	if err := os.Symlink(modules, filepath.Join(b.dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(example(t, "js graphql-ws.mjs", t.TempDir(), "example.mjs"))
	if err == nil {
		err = errors.Join(os.WriteFile(filepath.Join(b.dir, "example.mjs"), program, 0o600), os.WriteFile(filepath.Join(b.dir, "cursor"), []byte(lost), 0o600))
	}
	if err != nil {
		t.Fatal(err)
	}
	p := b.startProgram(out, []string{"PROCYON_API=ws://" + g.address + "/graphql", "TOKEN=" + b.tok["ada"]}, "node", "example.mjs")
	<-p.done
	if got := out.String(); p.err == nil || !strings.Contains(got, "JOURNAL_CHANGED: ") || strings.Contains(got, "CREATED") {
		t.Errorf("the example in JavaScript: %v\n%s", p.err, got)
	}

	b.hooks.wait(t, "what is new", func() bool { return sent("new") >= 9 })
	b.hears("k0") // whatever is sent twice comes before this
	if sent("kept") != 3 || sent("lost") != 5 || sent("new") != 9 {
		t.Errorf("sent: %d kept, %d lost, %d new", sent("kept"), sent("lost"), sent("new"))
	}
	if n := strings.Count(b.log.String(), "the notifier's place is not in the gateway's journal"); n != 1 {
		t.Errorf("the notifier said it %d times", n)
	}
	g.stop()
}
