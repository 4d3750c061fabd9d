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

	Signed *checkpoint.Checkpoint `json:"-"` // what Checkpoint says; only of one that Make has made
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

// ErrTooLong says that the receipt of a request would be longer than one may be.
var ErrTooLong = errors.New("the receipt would be too long")

// ErrNotSigning says that whoever is asked for a receipt signs no checkpoints.
var ErrNotSigning = errors.New("no checkpoints are signed here")

// Bounds are how long a receipt may be. They keep a requester from making it endless.
type Bounds struct {
	Entries int // how many entries it has at most
	Bytes   int // how many bytes these have at most, before they are encoded
}

// Most returns the bounds of all receipts: what follows them can be checked. A request has
// a few entries, of some thousand bytes each.
func Most() Bounds { return Bounds{Entries: 10_000, Bytes: MaxText / 2} }

// page is how many entries are read at once.
const page = 200

// Checkpoints is the log of a store's checkpoints; see checkpoint.Log.
type Checkpoints interface {
	// Covering returns a checkpoint that covers an entry. It may make one.
	Covering(ctx context.Context, seq uint64) (*checkpoint.Checkpoint, error)
	// Prove proves entries to be in the journal as a checkpoint says it.
	Prove(ctx context.Context, c *checkpoint.Checkpoint, seqs ...uint64) ([]tlog.RecordProof, error)
}

// Make makes the receipt of a request, as it stands, within bounds. The errors of what it
// is asked for are ErrNoRequest and ErrTooLong.
func Make(ctx context.Context, db journal.Store, checkpoints Checkpoints, request string, most Bounds) (*Receipt, error) {
	entries, err := entriesOf(ctx, db, request, most)
	if err != nil {
		return nil, err
	}
	c, err := checkpoints.Covering(ctx, entries[len(entries)-1].Seq)
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
	r := &Receipt{Form: form, Request: request, Checkpoint: c.Note, Signed: c}
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

func entriesOf(ctx context.Context, db journal.Store, request string, most Bounds) ([]journal.Entry, error) {
	if access.KindOf(request) != access.KindRequest {
		return nil, ErrNoRequest
	}
	var entries []journal.Entry
	size := 0
	for {
		some, err := db.Subject(ctx, request, uint64(len(entries)), page)
		if err != nil {
			return nil, fmt.Errorf("receipt: read %s: %w", request, err)
		}
		for i := range some {
			size += len(some[i].Data) + len(some[i].After)
		}
		entries = append(entries, some...)
		if len(entries) > most.Entries || size > most.Bytes {
			return nil, fmt.Errorf("%w: %s has more than %d entries, or more than %d bytes in them", ErrTooLong, request, most.Entries, most.Bytes)
		}
		if len(some) < page {
			break
		}
	}
	if len(entries) == 0 {
		return nil, ErrNoRequest
	}
	return entries, nil
}

// FileName is what the file of a receipt is called.
func (r *Receipt) FileName() string { return "procyon-receipt-" + r.Request + ".json" }

// Text is the receipt as it is given out.
func (r *Receipt) Text() ([]byte, error) {
	text, err := json.MarshalIndent(r, "", "  ")
	return append(text, '\n'), err
}
