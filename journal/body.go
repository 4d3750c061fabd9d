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

// SetBody takes what Body returned. Format, Seq, At and Subject must be set. Its errors name
// the entry.
func (e *Entry) SetBody(body []byte) error {
	if e.Format != WithAfterSum {
		return e.unknown()
	}
	parts, err := pack.Unpack(body, e.Subject, e.moment())
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
