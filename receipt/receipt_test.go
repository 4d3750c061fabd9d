package receipt_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"procyon/access"
	"procyon/checkpoint"
	"procyon/internal/app"
	"procyon/journal"
	"procyon/receipt"
)

// bed is a gateway's core with two people, and a request that was made, changed, approved,
// extended and closed.
type bed struct {
	*testing.T
	core    *app.Core
	log     *checkpoint.Log
	request string
}

func newBed(t *testing.T) *bed {
	t.Helper()
	dir := t.TempDir()
	store := app.StoreConfig{URL: "sqlite:" + filepath.Join(dir, "p.db"), CheckpointKeyFile: filepath.Join(dir, "checkpoint.key")}
	b := &bed{T: t}
	var err error
	b.core, err = app.OpenCore(t.Context(), store, slog.New(slog.NewTextHandler(t.Output(), nil)))
	b.must(err)
	t.Cleanup(func() { b.must(b.core.Close()) })
	b.log, err = app.OpenCheckpoints(t.Context(), store, b.core.Store, false)
	b.must(err)
	b.must(b.core.Do(t.Context(), b.fill))
	return b
}

func (b *bed) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *bed) fill() error {
	ctx, s := b.Context(), b.core.Access
	person := func(name string, admin bool) access.Actor {
		u, err := s.CreateUser(ctx, app.Operator(), access.NewUser{Email: strings.ToLower(name) + "@example.com", Name: name, Admin: admin})
		b.must(err)
		a := access.ActorOf(u)
		a.Via = access.ViaConsole
		return a
	}
	ada, bo := person("Ada", true), person("Bo", false)
	server, err := s.CreateResource(ctx, app.Operator(), access.NewResource{Name: "bastion-1", Kind: access.ResourcePrivateServer})
	b.must(err)
	r, err := s.CreateRequest(ctx, bo, access.NewRequest{Items: []access.ItemRef{{ResourceID: server.ID}}, Duration: 3600, Reason: "a disk is full"})
	b.must(err)
	reason := "the disk is full"
	r, err = s.UpdateRequest(ctx, bo, r.ID, access.RequestPatch{Reason: &reason}, access.Basis{})
	b.must(err)
	review := func(subject access.ReviewSubject) {
		r, err = s.ReviewRequest(ctx, ada, r.ID, access.ReviewRequest{Basis: access.Basis{ExpectedVersion: r.Version()}, Subject: subject, Decision: access.DecisionApprove, Comment: "go ahead"})
		b.must(err)
	}
	review(access.SubjectRequest)
	_, err = s.CreateResource(ctx, app.Operator(), access.NewResource{Name: "other", Kind: access.ResourcePrivateServer})
	b.must(err)
	if r.Status == access.StatusApproved {
		schedule := access.NewSchedule(s)
		b.must(schedule.Load(ctx))
		b.must(schedule.Advance(ctx))
		r, err = s.Request(ctx, r.ID)
		b.must(err)
	}
	r, err = s.ExtendRequest(ctx, bo, r.ID, 1800, "it takes longer", access.Basis{})
	b.must(err)
	review(access.SubjectExtension)
	_, err = s.CloseRequest(ctx, bo, r.ID, access.Basis{})
	b.must(err)
	b.request = r.ID
	return nil
}

func (b *bed) make() *receipt.Receipt {
	b.Helper()
	r, err := receipt.Make(b.Context(), b.core.Store, b.log, b.request, receipt.Most())
	b.must(err)
	return r
}

// text writes a receipt, changed or not.
func (b *bed) text(r *receipt.Receipt) []byte {
	b.Helper()
	text, err := r.Text()
	b.must(err)
	return text
}

// checkers are the two that there are: this module's, and the program of docs/receipts.md.
func (b *bed) checkers(public string) map[string]func(text []byte) (string, error) {
	keys, err := checkpoint.PublicKeys(public)
	b.must(err)
	page, err := os.ReadFile("../docs/receipts.md")
	b.must(err)
	block := regexp.MustCompile("(?s)```js\n(.*?)```").FindSubmatch(page)
	if block == nil {
		b.Fatal("docs/receipts.md has no program")
	}
	dir := b.TempDir()
	program, file := filepath.Join(dir, "check.mjs"), filepath.Join(dir, "receipt.json")
	b.must(os.WriteFile(program, block[1], 0o600))
	return map[string]func([]byte) (string, error){
		"Check": func(text []byte) (string, error) {
			p, err := receipt.Check(text, keys)
			if err != nil {
				return "", err
			}
			return p.Words()
		},
		"the program of docs/receipts.md": func(text []byte) (string, error) {
			b.must(os.WriteFile(file, text, 0o600))
			out, err := exec.Command("node", program, file, public).CombinedOutput()
			return string(out), err
		},
	}
}

// A receipt says what happened, to this module and to the program in the docs.
func TestReceipt(t *testing.T) {
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("there is no node")
	}
	b := newBed(t)
	text := b.text(b.make())
	for name, want := range map[string][]string{
		"Check": {
			"bo@example.com (“Bo”) via console asked for terms 1: bastion-1 for 1 hour, because “a disk is full”",
			"ada@example.com (“Ada”) via console approved terms 2: bastion-1 for 1 hour, because “the disk is full”, saying “go ahead”. The rule: One administrator who is not the requester decides.",
			"approved the extension, terms 3: by 30 minutes, because “it takes longer”",
			"The access was in force from ", "The request is closed.", "Not proved is",
		},
		"the program of docs/receipts.md": {"Bo CREATED\n", "Ada APPROVED\n", "Ada EXTENDED\n", "Bo CLOSED\nCLOSED from 20"},
	} {
		out, err := b.checkers(b.log.Public())[name](text)
		if err != nil {
			t.Errorf("%s: %v %s", name, err, out)
		}
		for _, w := range want {
			if !strings.Contains(out, w) {
				t.Errorf("%s does not say %q:\n%s", name, w, out)
			}
		}
	}
	if again := b.text(b.make()); !bytes.Equal(text, again) {
		t.Error("a second receipt is another one, though nothing happened")
	}
}

// A receipt of entries of the first format is checked likewise.
func TestReceiptOfOlderEntries(t *testing.T) {
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("there is no node")
	}
	b := newBed(t)
	r := b.make()
	private, public, err := note.GenerateKey(rand.Reader, "older")
	b.must(err)
	signer, err := note.NewSigner(private)
	b.must(err)
	// Another journal, of which these are some entries, in a tree of its own.
	leaves := make([]journal.Hash, 40)
	var seqs []int64
	for i := range r.Entries {
		e, err := journal.Decode(r.Entries[i].Hashed, r.Entries[i].After)
		b.must(err)
		e.Format = journal.WithAfter
		encoding, err := e.AppendEncoding(nil)
		b.must(err)
		r.Entries[i].Format, r.Entries[i].Hashed = e.Format, encoding
		seqs = append(seqs, int64(e.Seq)-1)
		leaves[e.Seq-1] = sha256.Sum256(encoding)
	}
	var all []tlog.Hash
	hashes := tlog.HashReaderFunc(func(indexes []int64) (out []tlog.Hash, err error) {
		for _, x := range indexes {
			out = append(out, all[x])
		}
		return out, nil
	})
	for i, leaf := range leaves {
		more, err := tlog.StoredHashes(int64(i), leaf[:], hashes)
		b.must(err)
		all = append(all, more...)
	}
	root, err := tlog.TreeHash(int64(len(leaves)), hashes)
	b.must(err)
	for i := range r.Entries {
		r.Entries[i].Proof, err = tlog.ProveRecord(int64(len(leaves)), seqs[i], hashes)
		b.must(err)
	}
	signed, err := note.Sign(&note.Note{Text: fmt.Sprintf("procyon/journal/0011223344556677\n%d\n%s\nhead %s\ntime 2026-11-23T10:00:00Z\n", len(leaves), root, leaves[39])}, signer)
	b.must(err)
	r.Checkpoint = string(signed)
	text := b.text(r)
	r.Entries[3].After[20] ^= 1
	altered := b.text(r)
	for name, check := range b.checkers(public) {
		if out, err := check(text); err != nil {
			t.Errorf("%s: %v %s", name, err, out)
		}
		if out, err := check(altered); err == nil {
			t.Errorf("%s takes another after-image: %s", name, out)
		}
	}
}

// Whatever is altered in a receipt, both checkers refuse it.
func TestAlteredReceipts(t *testing.T) {
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("there is no node")
	}
	b, other := newBed(t), newBed(t)
	foreign := other.make()
	alter := map[string]func(r *receipt.Receipt){
		"a byte of an entry":         func(r *receipt.Receipt) { r.Entries[2].Hashed[len(r.Entries[2].Hashed)/2] ^= 1 },
		"the last byte of an entry":  func(r *receipt.Receipt) { r.Entries[2].Hashed[len(r.Entries[2].Hashed)-1] ^= 1 },
		"a byte of the request":      func(r *receipt.Receipt) { r.Entries[2].After[20] ^= 1 },
		"an entry that is longer":    func(r *receipt.Receipt) { r.Entries[2].Hashed = append(r.Entries[2].Hashed, 0) },
		"an entry that is too short": func(r *receipt.Receipt) { r.Entries[2].Hashed = r.Entries[2].Hashed[:40] },
		"an entry's format":          func(r *receipt.Receipt) { r.Entries[2].Format = 3 - r.Entries[2].Format },
		"a byte of a proof":          func(r *receipt.Receipt) { r.Entries[1].Proof[0][31] ^= 1 },
		"a proof that is shorter":    func(r *receipt.Receipt) { r.Entries[1].Proof = r.Entries[1].Proof[1:] },
		"a proof that is longer":     func(r *receipt.Receipt) { r.Entries[1].Proof = append(r.Entries[1].Proof, r.Entries[1].Proof[0]) },
		"the checkpoint's size":      func(r *receipt.Receipt) { r.Checkpoint = strings.Replace(r.Checkpoint, "\n1", "\n2", 1) },
		"the checkpoint's signature": func(r *receipt.Receipt) {
			i := len(r.Checkpoint) - 20
			r.Checkpoint = r.Checkpoint[:i] + string(r.Checkpoint[i]^1) + r.Checkpoint[i+1:]
		},
		"two entries swapped":       func(r *receipt.Receipt) { r.Entries[1], r.Entries[2] = r.Entries[2], r.Entries[1] },
		"an entry left out":         func(r *receipt.Receipt) { r.Entries = slices.Delete(r.Entries, 1, 2) },
		"the first entry left out":  func(r *receipt.Receipt) { r.Entries = r.Entries[1:] },
		"an entry twice":            func(r *receipt.Receipt) { r.Entries = slices.Insert(r.Entries, 1, r.Entries[1]) },
		"no entries":                func(r *receipt.Receipt) { r.Entries = nil },
		"another request":           func(r *receipt.Receipt) { r.Request = foreign.Request },
		"a foreign checkpoint":      func(r *receipt.Receipt) { r.Checkpoint = foreign.Checkpoint },
		"a foreign receipt":         func(r *receipt.Receipt) { *r = *foreign },
		"a foreign entry":           func(r *receipt.Receipt) { r.Entries[0] = foreign.Entries[0] },
		"another form":              func(r *receipt.Receipt) { r.Form = 2 },
		"another entry's proof":     func(r *receipt.Receipt) { r.Entries[1].Proof = r.Entries[2].Proof },
		"entries of the checkpoint": func(r *receipt.Receipt) { r.Checkpoint = "" },
	}
	text := b.text(b.make())
	for name, check := range b.checkers(b.log.Public()) {
		for what, change := range alter {
			var r receipt.Receipt
			b.must(json.Unmarshal(text, &r))
			change(&r)
			altered := b.text(&r)
			if bytes.Equal(altered, text) {
				t.Errorf("%s: nothing is altered", what)
			}
			if out, err := check(altered); err == nil {
				t.Errorf("%s takes a receipt with %s:\n%s", name, what, out)
			}
		}
	}
}

// Not a byte of a receipt may be another, but between its values.
func TestEachByteOfAReceipt(t *testing.T) {
	b := newBed(t)
	text := b.text(b.make())
	check := b.checkers(b.log.Public())["Check"]
	for i := 0; i < len(text); i += 7 {
		altered := slices.Clone(text)
		altered[i] ^= 1
		if strings.TrimSpace(string(text[i])) == "" {
			continue
		}
		if out, err := check(altered); err == nil {
			t.Fatalf("byte %d of %q may be another: %s", i, text[max(0, i-20):i+20], out)
		}
	}
}

// There is no receipt of what is no request.
func TestReceiptOfNothing(t *testing.T) {
	b := newBed(t)
	for _, id := range []string{"", "req_none", "usr_1"} {
		if _, err := receipt.Make(t.Context(), b.core.Store, b.log, id, receipt.Most()); err == nil || !strings.Contains(err.Error(), "no request") {
			t.Errorf("%q: %v", id, err)
		}
	}
}
