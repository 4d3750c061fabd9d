package journal

import (
	"errors"
	"fmt"
	"time"

	"procyon/internal/pack"
)

// Body is how a store keeps ActorJSON, Data and After of an entry of format 2: packed, as
// one. It leaves out what it may have in common with Subject and At.
func (e *Entry) Body() []byte {
	return pack.Pack([][]byte{e.ActorJSON, e.Data, e.After}, e.Subject, e.moment())
}

// Stored is how a store keeps the content of an entry: apart in format 1, packed in those
// after it.
type Stored struct{ Actor, Data, After, Body []byte }

// SetStored takes the content as it is stored. Format, Seq, At and Subject must be set. What
// the format does not have must not be there. Its errors name the entry.
func (e *Entry) SetStored(s Stored) error { return e.setStored(s, pack.Unpack) }

// LendStored is SetStored, but that what it sets is valid for as long as s is, and until o is
// used again.
func (e *Entry) LendStored(s Stored, o *pack.Opener) error { return e.setStored(s, o.Unpack) }

// unpack is pack.Unpack, or that of an opener.
type unpack func(packed []byte, known ...string) ([][]byte, error)

func (e *Entry) setStored(s Stored, by unpack) error {
	switch {
	case e.Format != WithAfter && len(s.Actor)+len(s.Data)+len(s.After) > 0, e.Format == WithAfter && len(s.Body) > 0:
		return fmt.Errorf("journal: entry %d is damaged: more is stored of it than its format %d has", e.Seq, e.Format)
	case e.Format == WithAfter:
		e.Data, e.After = s.Data, s.After
		return e.SetActor(s.Actor)
	}
	return e.setBody(s.Body, by)
}

// SetBody takes what Body returned. Format, Seq, At and Subject must be set. Its errors name
// the entry.
func (e *Entry) SetBody(body []byte) error { return e.setBody(body, pack.Unpack) }

func (e *Entry) setBody(body []byte, by unpack) error {
	if e.Format != WithAfterSum {
		return e.unknown()
	}
	parts, err := by(body, e.Subject, e.moment())
	switch {
	case errors.Is(err, pack.ErrNewer):
		return fmt.Errorf("journal: entry %d: %w", e.Seq, err)
	case err != nil:
		return fmt.Errorf("journal: the body of entry %d is damaged: %w", e.Seq, err)
	case len(parts) != 3:
		return fmt.Errorf("journal: the body of entry %d is damaged: it has %d parts", e.Seq, len(parts))
	}
	e.Data, e.After = parts[1], parts[2]
	return e.SetActor(parts[0])
}

// moment is At as it is in JSON.
func (e *Entry) moment() string {
	return e.At.UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano)
}
