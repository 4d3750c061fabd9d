package checkpoint

import (
	"context"
	"fmt"
	"time"
)

// Bounds are what signing on demand may cost. Zeros are no bounds.
type Bounds struct {
	Age     time.Duration // how old the newest checkpoint has to be before another is made
	Entries int           // how many entries are read for one, roughly
}

// NotYetError says that no checkpoint covers an entry yet, and that the bounds allow no
// other one now.
type NotYetError struct {
	At time.Time // from when on they do; zero: once the journal was signed otherwise
}

func (e *NotYetError) Error() string {
	if e.At.IsZero() {
		return "too many entries are not signed yet"
	}
	return fmt.Sprintf("the newest checkpoint is from before, and the next may be made at %s", e.At.Format(time.RFC3339))
}

// Cover returns a checkpoint that covers an entry of the journal: the newest one, or one that
// it makes, and which of these it was. Where the bounds don't allow that the error is a
// *NotYetError. As with MakeDue, one that was signed that long after now is no reason to wait.
func (l *Log) Cover(ctx context.Context, seq uint64, b Bounds) (c *Checkpoint, made bool, err error) {
	last, err := l.Newest(ctx)
	if err != nil {
		return nil, false, err
	}
	if last != nil {
		if last.Size >= seq {
			return last, false, nil
		}
		if l.now().Sub(last.At).Abs() < b.Age {
			return nil, false, &NotYetError{last.At.Add(b.Age)}
		}
	}
	read := 0
	c, err = l.after(ctx, last, func(context.Context) error {
		if read += readsAPiece * width; b.Entries > 0 && read >= b.Entries {
			return &NotYetError{}
		}
		return nil
	})
	return c, err == nil, err
}

// Covering is Cover without bounds.
func (l *Log) Covering(ctx context.Context, seq uint64) (*Checkpoint, error) {
	c, _, err := l.Cover(ctx, seq, Bounds{})
	return c, err
}
