package checkpoint

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"procyon/journal"
)

// MaxNote is how long a checkpoint's text may be. One of ours has some 300 bytes.
const MaxNote = 16 << 10

// Checkpoint says what a journal was at a moment: that it began with these entries.
type Checkpoint struct {
	Origin string       // which journal: see originOf
	Size   uint64       // how many entries
	Root   tlog.Hash    // of the Merkle tree over their hashes
	Head   journal.Hash // the last one's hash
	At     time.Time    // when it was signed, by the server's clock: whole seconds, UTC
	Note   string       // the signed text, which says all of the above
	Key    string       // the key that signed it: its name and hash
}

// originOf names a journal by its first entry's hash.
func originOf(first journal.Hash) string { return "procyon/journal/" + hex.EncodeToString(first[:8]) }

// The words of the lines that follow the root.
const (
	headWord = "head "
	timeWord = "time "
)

// sign writes and signs the note.
func (c *Checkpoint) sign(keys *Keys) error {
	text := fmt.Sprintf("%s\n%d\n%s\n%s%s\n%s%s\n", c.Origin, c.Size, c.Root, headWord, c.Head, timeWord, c.At.Format(time.RFC3339))
	signed, err := note.Sign(&note.Note{Text: text}, keys.signer)
	if err != nil {
		return fmt.Errorf("checkpoints: sign: %w", err)
	}
	c.Note, c.Key = string(signed), keys.name()
	return nil
}

func keyOf(name string, hash uint32) string { return fmt.Sprintf("%s+%08x", name, hash) }

// ErrUnknownKey says that a checkpoint is signed by none of the keys.
var ErrUnknownKey = errors.New("it is signed by a key that is not known here: whoever made it had another key file, or it was forged")

// errSignature says that a checkpoint's text was altered.
var errSignature = errors.New("its signature is not of this text: the checkpoint was altered")

// Parse reads a checkpoint, and checks that one of the keys has signed it.
func Parse(text []byte, keys *Keys) (Checkpoint, error) {
	if len(text) > MaxNote {
		return Checkpoint{}, fmt.Errorf("it is no checkpoint: it has more than %d bytes", MaxNote)
	}
	n, err := note.Open(text, note.VerifierList(keys.verifiers...))
	var unknown *note.UnverifiedNoteError
	var wrong *note.InvalidSignatureError
	switch {
	case errors.As(err, &unknown):
		return Checkpoint{}, ErrUnknownKey
	case errors.As(err, &wrong):
		return Checkpoint{}, errSignature
	case err != nil:
		return Checkpoint{}, errors.New("it is no checkpoint: it has no signed text")
	}
	for _, sig := range slices.Concat(n.Sigs, n.UnverifiedSigs) { // so that no checkpoint has two forms
		if _, err := base64.StdEncoding.Strict().DecodeString(sig.Base64); err != nil {
			return Checkpoint{}, errSignature
		}
	}
	c := Checkpoint{Note: string(text), Key: keyOf(n.Sigs[0].Name, n.Sigs[0].Hash)}
	if err := c.read(n.Text); err != nil {
		return Checkpoint{}, err
	}
	return c, nil
}

// readUnchecked reads a checkpoint without a look at who signed it.
func readUnchecked(text []byte) (Checkpoint, error) {
	if len(text) > MaxNote {
		return Checkpoint{}, fmt.Errorf("it is no checkpoint: it has more than %d bytes", MaxNote)
	}
	_, err := note.Open(text, note.VerifierList())
	var unknown *note.UnverifiedNoteError
	if !errors.As(err, &unknown) || len(unknown.Note.UnverifiedSigs) == 0 {
		return Checkpoint{}, errors.New("it is no checkpoint: it has no signed text")
	}
	sig := unknown.Note.UnverifiedSigs[0]
	c := Checkpoint{Note: string(text), Key: keyOf(sig.Name, sig.Hash)}
	if err := c.read(unknown.Note.Text); err != nil {
		return Checkpoint{}, err
	}
	return c, nil
}

// read takes in the text of a note. It takes just what sign writes, and further lines.
func (c *Checkpoint) read(text string) error {
	lines := strings.Split(text, "\n")
	if len(lines) < 6 {
		return errors.New("it is no checkpoint of a journal: lines are missing")
	}
	size, err := strconv.ParseUint(lines[1], 10, 63)
	if err != nil || size == 0 || strconv.FormatUint(size, 10) != lines[1] {
		return errors.New("it is no checkpoint of a journal: its size is no number of entries")
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return errors.New("it is no checkpoint of a journal: its root is no hash")
	}
	head, isHead := strings.CutPrefix(lines[3], headWord)
	sum, err := hex.DecodeString(head)
	if !isHead || err != nil || len(sum) != len(c.Head) {
		return errors.New("it is no checkpoint of a journal: it does not say the last entry's hash")
	}
	moment, isTime := strings.CutPrefix(lines[4], timeWord)
	at, err := time.Parse(time.RFC3339, moment)
	if !isTime || err != nil {
		return errors.New("it is no checkpoint of a journal: it does not say its time")
	}
	c.Origin, c.Size, c.Root, c.Head, c.At = lines[0], size, root, journal.Hash(sum), at.UTC()
	return nil
}
