package journal_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"procyon/access"
	"procyon/journal"
	"procyon/store"
	"procyon/store/sqlite"
)

// Whatever an entry holds, it comes back from a store as it was sealed, it fits
// behind the one before, and a change of any byte of it shows.
func FuzzEntry(f *testing.F) {
	f.Add("req_1", "CREATED", []byte(`{"a":1}`), []byte(`{"b":2}`), "usr_1", "Ada", int64(1795449600000000), uint8(0))
	f.Add("", "", []byte(nil), []byte{0, 0xff}, "", "", int64(0), uint8(3))
	f.Add("req_1", "X", []byte("CREATED"), []byte(""), "a", "b\x00c", int64(-1), uint8(7))
	f.Fuzz(func(t *testing.T, subject, typ string, data, after []byte, actorID, actorName string, micros int64, which uint8) {
		e := journal.Entry{
			Seq: 1, At: time.UnixMicro(micros % (1 << 52)).UTC(), Actor: access.Actor{Kind: access.ActorUser, ID: actorID, Name: actorName},
			Subject: subject, Version: 1, Type: typ, Data: data, After: after,
		}
		if err := e.Seal(journal.Hash{}); err != nil {
			t.Fatal(err)
		}
		if err := e.Follows(journal.Head{}); err != nil {
			t.Fatal(err)
		}
		altered := e
		switch which % 8 {
		case 0:
			altered.Subject += "x"
		case 1:
			altered.Type = "x" + altered.Type
		case 2:
			altered.Data = append(bytes.Clone(altered.Data), 'x')
		case 3:
			altered.After = append([]byte{'x'}, altered.After...)
		case 4: // a byte moves from one field to the next
			joined := append(bytes.Clone(altered.Data), altered.After...)
			n := len(altered.Data) + 1
			if len(altered.After) == 0 {
				return
			}
			altered.Data, altered.After = joined[:n], joined[n:]
		case 5:
			altered.ActorJSON = append(bytes.Clone(altered.ActorJSON[:len(altered.ActorJSON)-1]), `,"x":1}`...)
		case 6:
			altered.At = altered.At.Add(time.Microsecond)
		case 7:
			altered.Version++
		}
		if err := altered.Follows(journal.Head{}); err == nil {
			t.Errorf("an altered entry passes: %+v", altered)
		}
		packAndCut(t, e, int(which))
		if which%16 == 0 { // a store is slow to make
			keepAndRead(t, e)
		}
	})
}

// packAndCut holds that a body comes back as it was, and that one which is cut off or altered
// is named with its entry, or does not fit into the chain.
func packAndCut(t *testing.T, e journal.Entry, at int) {
	t.Helper()
	back := func(body []byte) (journal.Entry, error) {
		b := journal.Entry{Format: e.Format, Seq: e.Seq, At: e.At, Subject: e.Subject, Version: e.Version, Type: e.Type, Prev: e.Prev, Hash: e.Hash}
		err := b.SetBody(body)
		return b, err
	}
	body := e.Body()
	got, err := back(body)
	if err == nil {
		err = got.Follows(journal.Head{})
	}
	if err != nil {
		t.Fatal(err)
	}
	at %= len(body)
	flipped := bytes.Clone(body)
	flipped[at] ^= 1 << (at % 8)
	for _, bad := range [][]byte{nil, body[:at], flipped} {
		got, err := back(bad)
		if err == nil {
			err = got.Follows(journal.Head{})
		}
		same := bytes.Equal(got.ActorJSON, e.ActorJSON) && bytes.Equal(got.Data, e.Data) && bytes.Equal(got.After, e.After)
		if err == nil && !same {
			t.Errorf("a damaged body passes: %+v", got)
		}
		if err != nil && !strings.Contains(err.Error(), "entry 1 ") && !strings.Contains(err.Error(), "entry 1:") {
			t.Errorf("the error does not name the entry: %v", err)
		}
	}
}

func keepAndRead(t *testing.T, e journal.Entry) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "p.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Append(t.Context(), []journal.Entry{e}, []store.Document{{ID: "doc", Version: 1, Data: []byte("{}")}}); err != nil {
		return // it refuses what it can't keep
	}
	got, err := s.Entries(t.Context(), 0, 1)
	if err != nil || len(got) != 1 {
		t.Fatal(got, err)
	}
	if err := got[0].Follows(journal.Head{}); err != nil {
		t.Errorf("what was kept does not verify: %v", err)
	}
}

// What is read from the bytes that a hash is over is what was sealed, in either format, and
// nothing of the bytes is left out.
func FuzzDecode(f *testing.F) {
	e := journal.Entry{Seq: 1, At: time.UnixMicro(1).UTC(), Actor: access.Actor{Kind: access.ActorUser, ID: "usr_1"}, Subject: "req_1", Version: 1, Type: "CREATED", Data: []byte("{}"), After: []byte(`{"id":"req_1"}`)}
	if err := e.Seal(journal.Hash{1}); err != nil {
		f.Fatal(err)
	}
	older := e
	older.Format = journal.WithAfter
	sum, err := older.Sum()
	if err != nil {
		f.Fatal(err)
	}
	older.Hash = sum
	for _, e := range []journal.Entry{e, older} {
		encoding, err := e.AppendEncoding(nil)
		if err != nil {
			f.Fatal(err)
		}
		if got, err := journal.Decode(encoding, e.After); err != nil || !reflect.DeepEqual(got, e) {
			f.Errorf("%v\n%+v\n%+v", err, got, e)
		}
		if _, err := journal.Decode(encoding, []byte("{}")); !errors.Is(err, journal.ErrAfter) {
			f.Error(err)
		}
		f.Add(encoding, e.After)
		f.Add(encoding[:len(encoding)-1], e.After)
		f.Add(append(bytes.Clone(encoding), 0), e.After)
	}
	f.Add([]byte{3, 0}, []byte{})
	f.Add([]byte{}, []byte{})
	f.Fuzz(func(t *testing.T, encoding, after []byte) {
		e, err := journal.Decode(encoding, after)
		if err != nil {
			return
		}
		if again, err := e.AppendEncoding(nil); err != nil || !bytes.Equal(again, encoding) {
			t.Errorf("%v: %x became %x", err, encoding, again)
		}
		if sum, err := e.Sum(); err != nil || sum != e.Hash {
			t.Errorf("%v: another hash", err)
		}
	})
}
