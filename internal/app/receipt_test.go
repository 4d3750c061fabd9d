package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"procyon/access"
	"procyon/auth"
	"procyon/checkpoint"
	"procyon/internal/admission"
	"procyon/receipt"
)

// issuer is a server of which receipts are asked over its API.
type issuer struct {
	*App
	t       *testing.T
	clock   time.Time
	log     bytes.Buffer
	token   string // of a service that reads the journal
	dev     access.Actor
	server  access.Resource
	request string
}

func newIssuer(t *testing.T, change ...func(*Config)) *issuer {
	t.Helper()
	i := &issuer{t: t, clock: time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)}
	i.App = newTestApp(t, append([]func(*Config){func(c *Config) {
		c.CheapHashes, c.CheckpointEvery = true, CheckpointEvery
		c.Now = func() time.Time { return i.clock }
	}}, change...)...)
	i.App.log = slog.New(slog.NewTextHandler(&i.log, nil))
	runCore(t, i.Core)
	ctx, by := t.Context(), Operator()
	_, err := i.Access.CreateUser(ctx, by, access.NewUser{Email: "ada@example.com", Name: "Ada", Admin: true})
	i.must(err)
	dev, err := i.Access.CreateUser(ctx, by, access.NewUser{Email: "dev@example.com", Name: "Dev"})
	i.must(err)
	i.dev = access.ActorOf(dev)
	svc, err := i.Access.EnsureServiceAccount(ctx, by, "auditor")
	i.must(err)
	tok, err := i.Auth.CreateToken(ctx, by, auth.NewToken{OwnerID: svc.ID, Name: "t", Scopes: []string{auth.ScopeJournalRead}})
	i.must(err)
	i.token = tok.Secret
	i.server, err = i.Access.CreateResource(ctx, by, access.NewResource{Name: "bastion-1", Kind: access.ResourcePrivateServer})
	i.must(err)
	i.request = i.asks()
	return i
}

func (i *issuer) must(err error) {
	i.t.Helper()
	if err != nil {
		i.t.Fatal(err)
	}
}

// asks lets Dev ask for access.
func (i *issuer) asks() string {
	i.t.Helper()
	r, err := i.Access.CreateRequest(i.t.Context(), i.dev, access.NewRequest{Items: []access.ItemRef{{ResourceID: i.server.ID}}, Duration: 3600, Reason: "a disk is full", AllowDuplicate: true})
	i.must(err)
	return r.ID
}

// given is what the API answers who asks for a receipt.
type given struct {
	Data struct {
		Receipt *struct {
			RequestID, FileName, Text string
			Checkpoint                struct {
				Size int
				Note string
			}
		}
	}
	Errors []struct {
		Message    string
		Extensions struct{ Code, RetryAt, ID string }
	}
}

// code is that of the error, "" where there is none.
func (g *given) code() string {
	if len(g.Errors) == 0 {
		return ""
	}
	return g.Errors[0].Extensions.Code
}

func (i *issuer) ask(request string) (g given) {
	i.t.Helper()
	body, err := json.Marshal(map[string]any{
		"query":     `query($id: ID!) { receipt: accessRequestReceipt(requestId: $id) { requestId fileName text checkpoint { size note } } }`,
		"variables": map[string]string{"id": request},
	})
	i.must(err)
	r := httptest.NewRequestWithContext(i.t.Context(), http.MethodPost, i.PublicURL()+"/graphql", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+i.token)
	w := httptest.NewRecorder()
	i.mux.ServeHTTP(w, r)
	i.must(json.Unmarshal(w.Body.Bytes(), &g))
	return g
}

// newest is the size of the newest checkpoint, 0 where there is none.
func (i *issuer) newest() uint64 {
	i.t.Helper()
	c, err := i.newestCheckpoint(i.t.Context())
	i.must(err)
	if c == nil {
		return 0
	}
	return c.Size
}

// A receipt that is got over the API is the command's, byte for byte; the public key alone
// proves it, and not a byte of it may be another.
func TestReceiptsOverTheAPI(t *testing.T) {
	i := newIssuer(t)
	got := i.ask(i.request)
	if got.code() != "" || got.Data.Receipt == nil {
		t.Fatalf("%+v", got)
	}
	r := got.Data.Receipt
	log, err := openCheckpoints(t.Context(), i.cfg.Store.CheckpointKeyPath(), i.Store, false, i.now)
	i.must(err)
	printed, err := receipt.Make(t.Context(), i.Store, log, i.request, receipt.Most())
	i.must(err)
	text, err := printed.Text()
	i.must(err)
	if r.Text != string(text) || r.RequestID != i.request || r.FileName != "procyon-receipt-"+i.request+".json" || r.Checkpoint.Note != printed.Checkpoint {
		t.Errorf("the API gives\n%s\nthe command prints\n%s", r.Text, text)
	}
	keys, err := checkpoint.PublicKeys(log.Public())
	i.must(err)
	proved, err := receipt.Check([]byte(r.Text), keys)
	if err != nil || proved.Request != i.request || len(proved.Entries) != 1 || proved.Checkpoint.Size != uint64(r.Checkpoint.Size) {
		t.Fatal(proved, err)
	}
	for at := range len(r.Text) {
		altered := []byte(r.Text)
		altered[at] ^= 1
		if strings.TrimSpace(r.Text[at:at+1]) == "" || at%5 > 0 {
			continue
		}
		if _, err := receipt.Check(altered, keys); err == nil {
			t.Fatalf("byte %d may be another", at)
		}
	}
	// What was signed and given is in the log, and the text of neither receipt nor key.
	said := i.log.String()
	if !strings.Contains(said, "checkpoint of the journal") || !strings.Contains(said, `"a receipt was made"`) || !strings.Contains(said, "name=auditor") || !strings.Contains(said, i.request) || strings.Contains(said, "PRIVATE") || strings.Contains(said, "a disk is full") {
		t.Error(said)
	}
}

// The journal is signed for a receipt where that is needed, and not more often than once a
// minute. Who comes too early is told when.
func TestReceiptsSignOnceAMinute(t *testing.T) {
	i := newIssuer(t)
	i.ask(i.request)
	signed := i.newest()
	if signed != i.Journal.Head() {
		t.Fatalf("%d of %d entries are signed", signed, i.Journal.Head())
	}
	next := i.asks()
	i.clock = i.clock.Add(59 * time.Second)
	early := i.ask(next)
	if early.code() != "NOT_SIGNED" || early.Errors[0].Extensions.RetryAt != "2026-11-29T12:01:00Z" || early.Data.Receipt != nil || !strings.Contains(early.Errors[0].Message, "12:01:00 UTC") {
		t.Errorf("%+v", early)
	}
	if covered := i.ask(i.request); covered.code() != "" || i.newest() != signed {
		t.Errorf("what was signed before: %+v, signed %d", covered.Errors, i.newest())
	}
	i.clock = i.clock.Add(time.Second)
	if late := i.ask(next); late.code() != "" || i.newest() != signed+1 {
		t.Errorf("a minute later: %+v, signed %d", late.Errors, i.newest())
	}
	for range 3 { // nothing happened: nothing is signed
		i.clock = i.clock.Add(time.Hour)
		i.ask(next)
	}
	if i.newest() != signed+1 {
		t.Error("signed though it was covered:", i.newest())
	}
}

// Without the key, or where its settings have it sign nothing, a server makes no receipts,
// says so, and makes no key.
func TestReceiptsWithoutAKey(t *testing.T) {
	off := newIssuer(t, func(c *Config) { c.CheckpointEvery = 0 })
	if got := off.ask(off.request); got.code() != "NO_SIGNING_KEY" || off.newest() != 0 {
		t.Errorf("%+v", got)
	}
	if _, err := os.Stat(off.cfg.Store.CheckpointKeyPath()); err == nil {
		t.Error("a key was made")
	}
	i := newIssuer(t)
	i.ask(i.request)
	path := i.cfg.Store.CheckpointKeyPath()
	mine, err := os.ReadFile(path)
	i.must(err)
	for what, spoil := range map[string]func(){
		"missing":     func() { i.must(os.Remove(path)) },
		"damaged":     func() { i.must(os.WriteFile(path, mine[:len(mine)-9], 0o600)) },
		"for anybody": func() { i.must(os.WriteFile(path, mine, 0o600)); i.must(os.Chmod(path, 0o644)) },
		"another": func() {
			i.must(os.Remove(path))
			_, err := checkpoint.LoadKeys(path)
			i.must(err)
		},
	} {
		spoil()
		i.log.Reset()
		got := i.ask(i.request)
		if got.code() != "NO_SIGNING_KEY" || strings.Contains(got.Errors[0].Message, path) || !strings.Contains(i.log.String(), "no receipt was made") || strings.Contains(i.log.String(), "PRIVATE") {
			t.Errorf("%s: %+v\n%s", what, got, &i.log)
		}
		if err := os.Remove(path); err != nil && what != "missing" {
			t.Error(what, err)
		}
		i.must(os.WriteFile(path, mine, 0o600))
	}
	if got := i.ask(i.request); got.code() != "" {
		t.Errorf("with its key again: %+v", got)
	}
}

// There is no receipt of what is no request, none that is too long, and none for who has two
// made at once already.
func TestReceiptsHaveBounds(t *testing.T) {
	i := newIssuer(t)
	for _, id := range []string{"req_none", i.server.ID} {
		if got := i.ask(id); got.code() != "NOT_FOUND" {
			t.Errorf("%q: %+v", id, got)
		}
	}
	r := newReceipts(i.Core, &i.cfg)
	ctx := auth.WithPrincipal(t.Context(), &auth.Principal{Actor: i.dev})
	_, err := i.Access.UpdateRequest(t.Context(), i.dev, i.request, access.RequestPatch{Reason: new("the disk is full")}, access.Basis{})
	i.must(err)
	for what, most := range map[string]receipt.Bounds{"entries": {Entries: 1, Bytes: 1 << 20}, "bytes": {Entries: 9, Bytes: 900}} {
		r.most = most
		if _, err := r.make(ctx, i.request); !errors.Is(err, receipt.ErrTooLong) || i.newest() != 0 {
			t.Errorf("too many %s: %v", what, err)
		}
	}
	r.most = receiptBounds()
	for range receiptsAtOnce / 2 {
		give, err := r.places.Take(i.dev.ID+"/", 1)
		i.must(err)
		t.Cleanup(give)
	}
	if _, err := r.make(ctx, i.request); !errors.Is(err, admission.ErrShare) || i.newest() != 0 {
		t.Error("a third at once:", err)
	}
}
