// Package receipt makes and checks receipts: what the journal has of one request, with the
// proof that a signed checkpoint covers it.
//
// A receipt holds the request's entries, each as the very bytes that its hash covers, with
// the path from that hash to the root that the checkpoint signs. All that a receipt says is
// read from those bytes, so nothing in it needs to be trusted but the key. Make needs the
// store; Check needs the receipt and the public key alone. docs/receipts.md says how others
// check one.
package receipt

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"procyon/access"
	"procyon/checkpoint"
	"procyon/journal"
)

// form is the number of the form that receipts have.
const form = 1

// Receipt is what the journal has of one request, provably.
type Receipt struct {
	Form       int     `json:"receipt"`    // the number of this form
	Request    string  `json:"request"`    // its ID
	Checkpoint string  `json:"checkpoint"` // the signed note
	Entries    []Entry `json:"entries"`    // all of the request's up to some moment, in their order
}

// Entry is an entry of the journal with its proof. Bytes are in base64.
type Entry struct {
	Format journal.Format   `json:"format"` // of the bytes: their first one
	Hashed []byte           `json:"hashed"` // what the entry's hash is over
	After  []byte           `json:"after"`  // the request afterwards, in JSON; what is hashed commits to it
	Proof  tlog.RecordProof `json:"proof"`  // the audit path (RFC 6962) of the entry's hash
}

// ErrNoRequest says that the journal has no such request.
var ErrNoRequest = errors.New("the journal has no request with this ID; IDs of requests begin with req_")

// maxEntries is how many entries of a request a receipt has at most. A request has a few; a
// limit keeps its requester from making it endless.
const maxEntries = 10_000

// page is how many entries are read at once.
const page = 200

// Make makes the receipt of a request, as it stands. Where the newest checkpoint does not
// cover its last entry another one is made.
func Make(ctx context.Context, db journal.Store, checkpoints *checkpoint.Log, request string) (*Receipt, error) {
	entries, err := entriesOf(ctx, db, request)
	if err != nil {
		return nil, err
	}
	c, err := checkpoints.Newest(ctx)
	if err == nil && (c == nil || c.Size < entries[len(entries)-1].Seq) {
		c, err = checkpoints.Make(ctx)
	}
	if err != nil {
		return nil, err
	}
	seqs := make([]uint64, len(entries))
	for i := range entries {
		seqs[i] = entries[i].Seq
	}
	proofs, err := checkpoints.Prove(ctx, c, seqs...)
	if err != nil {
		return nil, err
	}
	r := &Receipt{Form: form, Request: request, Checkpoint: c.Note}
	for i := range entries {
		e := &entries[i]
		encoding, err := e.AppendEncoding(nil)
		if err != nil {
			return nil, err
		}
		r.Entries = append(r.Entries, Entry{Format: e.Format, Hashed: encoding, After: e.After, Proof: proofs[i]})
	}
	return r, nil
}

func entriesOf(ctx context.Context, db journal.Store, request string) ([]journal.Entry, error) {
	if access.KindOf(request) != access.KindRequest {
		return nil, ErrNoRequest
	}
	var entries []journal.Entry
	for len(entries) < maxEntries {
		some, err := db.Subject(ctx, request, uint64(len(entries)), page)
		if err != nil {
			return nil, fmt.Errorf("receipt: read %s: %w", request, err)
		}
		entries = append(entries, some...)
		if len(some) < page {
			break
		}
	}
	switch {
	case len(entries) == 0:
		return nil, ErrNoRequest
	case len(entries) >= maxEntries:
		return nil, fmt.Errorf("receipt: %s has more than %d entries", request, maxEntries)
	}
	return entries, nil
}

// Text is the receipt as it is given out.
func (r *Receipt) Text() ([]byte, error) {
	text, err := json.MarshalIndent(r, "", "  ")
	return append(text, '\n'), err
}
