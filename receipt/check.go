package receipt

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"procyon/access"
	"procyon/checkpoint"
	"procyon/journal"
)

// MaxText is how long a receipt may be, in bytes. One has some thousand for each entry.
const MaxText = 64 << 20

// Proved is what a receipt proves: that the journal has these entries of the request, and
// that they are its first ones, with none between them.
type Proved struct {
	Request    string
	Checkpoint checkpoint.Checkpoint
	Entries    []journal.Entry
}

// Check checks a receipt by the keys alone.
func Check(text []byte, keys *checkpoint.Keys) (*Proved, error) {
	if len(text) > MaxText {
		return nil, fmt.Errorf("the receipt has more than %d bytes", MaxText)
	}
	var r Receipt
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, errors.New("this is no receipt: it is not of the form that receipts have")
	}
	if !canonical(text, &r) {
		return nil, errors.New("this receipt is not as it was made: something was added to it, or written otherwise")
	}
	if r.Form != form {
		return nil, fmt.Errorf("this is no receipt of form %d; a newer release may read it", form)
	}
	c, err := checkpoint.Parse([]byte(r.Checkpoint), keys)
	if err != nil {
		return nil, fmt.Errorf("the receipt's checkpoint: %w", err)
	}
	if access.KindOf(r.Request) != access.KindRequest || len(r.Entries) == 0 {
		return nil, errors.New("the receipt is of no request")
	}
	p := &Proved{Request: r.Request, Checkpoint: c}
	for i := range r.Entries {
		e, err := r.Entries[i].check(&c)
		if err != nil {
			return nil, fmt.Errorf("entry %d of the receipt: %w", i+1, err)
		}
		if e.Subject != r.Request {
			return nil, fmt.Errorf("entry %d of the receipt is of %s, and not of %s", i+1, e.Subject, r.Request)
		}
		if e.Version != uint64(i)+1 {
			return nil, fmt.Errorf("entry %d of the receipt is the request's entry %d: one was left out, repeated or moved", i+1, e.Version)
		}
		p.Entries = append(p.Entries, *e)
	}
	return p, nil
}

// canonical tells whether a text is the receipt's and nothing else, white space aside.
func canonical(text []byte, r *Receipt) bool {
	again, err := r.Text()
	var got, want bytes.Buffer
	return err == nil && json.Compact(&got, text) == nil && json.Compact(&want, again) == nil && bytes.Equal(got.Bytes(), want.Bytes())
}

// check proves that an entry is in the journal that the checkpoint says.
func (r *Entry) check(c *checkpoint.Checkpoint) (*journal.Entry, error) {
	e, err := journal.Decode(r.Hashed, r.After)
	if err != nil {
		return nil, err
	}
	if r.Format != e.Format {
		return nil, fmt.Errorf("it says format %d, and has format %d", r.Format, e.Format)
	}
	if e.Seq == 0 || e.Seq > c.Size {
		return nil, fmt.Errorf("it would be entry %d of the journal, and the checkpoint has %d", e.Seq, c.Size)
	}
	if err := tlog.CheckRecord(r.Proof, int64(c.Size), c.Root, int64(e.Seq)-1, tlog.RecordHash(e.Hash[:])); err != nil {
		return nil, errors.New("it is not in the journal that was signed: it or its proof was altered, or it is another journal's")
	}
	return &e, nil
}
