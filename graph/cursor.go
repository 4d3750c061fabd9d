package graph

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"procyon/access"
	"procyon/graph/scalar"
	"procyon/journal"
	"procyon/store"
)

// list is what a list's cursors belong to: the field, the object that has it, and what
// narrows and orders the list.
type list struct {
	name    string // such as "accounts" or "accessRequest.timeline"
	narrows [narrowSize]byte
}

// narrowSize is long enough to tell mistakes: a cursor is a place and never a permission,
// so nobody gains anything by finding two filters with one digest.
const narrowSize = 6

// listOf names a list. narrowed is everything that says which objects it has and in which
// order, in one form for the same meaning: the parent's ID, the filter, the order, but not
// who asks, nor how many.
func listOf(name string, narrowed ...any) list {
	text, err := json.Marshal(narrowed)
	if err != nil {
		panic(fmt.Sprintf("graph: the list %s: %v", name, err)) // a type that has no JSON is a bug
	}
	sum := sha256.Sum256(text)
	return list{name, [narrowSize]byte(sum[:narrowSize])}
}

// A list's cursor is this and, in base64, the list's name, a zero byte, the digest of what
// narrows it, a place, and the check of all that, so that one that was cut off shows:
// opaque to callers. Another format needs another number.
const (
	listCursor  = "l"
	listVersion = "1."
	checkSize   = 4
)

func (l list) cursor(place string) string {
	body := l.name + "\x00" + string(l.narrows[:]) + place
	return listCursor + listVersion + base64.RawURLEncoding.EncodeToString([]byte(body+check(body)))
}

func check(body string) string {
	sum := sha256.Sum256([]byte(body))
	return string(sum[:checkSize])
}

// behind is the cursor of the place of a document.
func (l list) behind(p store.Position) string { return l.cursor(p.ID + "\x00" + p.Sort) }

// document reads what behind wrote for this list; argument is the argument's name.
func (l list) document(argument string, cursor *string) (*store.Position, error) {
	if cursor == nil {
		return nil, nil
	}
	place, err := l.place(argument, *cursor)
	if err != nil {
		return nil, err
	}
	id, sort, ok := strings.Cut(place, "\x00")
	if !ok || id == "" {
		return nil, noCursor(argument)
	}
	return &store.Position{Sort: sort, ID: id}, nil
}

// behindEntry is the cursor of the place of an entry, the n-th of the list.
func (l list) behindEntry(n uint64, m journal.Mark) string {
	return l.cursor(string(binary.BigEndian.AppendUint64(nil, n)) + string(m[:]))
}

// entry reads what behindEntry wrote for this list: the n-th entry, with a mark.
func (l list) entry(argument, cursor string) (n uint64, m journal.Mark, err error) {
	if _, err := scalar.ParseCursor(cursor); isExpired(err) { // as this list's were once
		return 0, m, expired(argument)
	}
	place, err := l.place(argument, cursor)
	if err != nil {
		return 0, m, err
	}
	if len(place) != 8+len(m) {
		return 0, m, noCursor(argument)
	}
	n = binary.BigEndian.Uint64([]byte(place))
	if n == 0 || n > 1<<62 {
		return 0, m, noCursor(argument)
	}
	return n, journal.Mark([]byte(place[8:])), nil
}

// maxListCursor is longer than any that this release gives out.
const maxListCursor = 2000

// place reads a cursor of this list, or says what else it is.
func (l list) place(argument, cursor string) (string, error) {
	if len(cursor) > maxListCursor {
		return "", noCursor(argument)
	}
	if _, err := scalar.ParseCursor(cursor); err == nil || isExpired(err) {
		return "", access.Errorf(access.CodeCursorMismatch, argument, "%s is a position in the stream of events; a list takes the cursors of its edges and its pageInfo alone.", argument)
	}
	numbered, isList := strings.CutPrefix(cursor, listCursor)
	version, text, versioned := strings.Cut(numbered, ".")
	if !isList || !versioned || strings.Trim(version, "0123456789") != "" || version == "" {
		if earlierList(cursor) {
			return "", expired(argument)
		}
		return "", noCursor(argument)
	}
	if version+"." != listVersion {
		return "", expired(argument)
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	body := string(raw[:max(0, len(raw)-checkSize)])
	name, rest, ok := strings.Cut(body, "\x00")
	switch {
	case err != nil, check(body) != string(raw[len(body):]), !ok, len(rest) < narrowSize:
		return "", noCursor(argument)
	case name != l.name:
		return "", access.Errorf(access.CodeCursorMismatch, argument, "%s is a cursor of the list %q, and this is %q: begin at this list's start.", argument, name, l.name)
	case rest[:narrowSize] != string(l.narrows[:]):
		return "", access.Errorf(access.CodeCursorMismatch, argument, "%s was given out by %q with another filter, search or order, or of another object: turn pages with the same arguments, or begin at the start.", argument, l.name)
	}
	return rest[narrowSize:], nil
}

// earlierList tells whether a text is a cursor of lists as an earlier release wrote it.
func earlierList(cursor string) bool {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	id, _, ok := strings.Cut(string(raw), "\x00")
	return err == nil && ok && strings.Contains(id, "_")
}

func isExpired(err error) bool {
	var e *scalar.Error
	return errors.As(err, &e) && e.Code == access.CodeCursorExpired
}

func noCursor(argument string) error {
	return access.Errorf(access.CodeCursorMismatch, argument, "%s is not a cursor that this list has given out.", argument)
}

func expired(argument string) error {
	return access.Errorf(access.CodeCursorExpired, argument, "%s was given out by another release, in a format that is not read here: begin at the list's start.", argument)
}
