package journal_test

import (
	"bytes"
	"path/filepath"
	"reflect"
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
			altered.Actor.Name += "x"
		case 6:
			altered.At = altered.At.Add(time.Microsecond)
		case 7:
			altered.Version++
		}
		if err := altered.Follows(journal.Head{}); err == nil {
			t.Errorf("an altered entry passes: %+v", altered)
		}
		if which%16 == 0 { // a store is slow to make
			keepAndRead(t, e)
		}
	})
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

// What is read from the bytes that a hash covers is what was hashed, and the bytes of an
// entry have one form.
func FuzzDecode(f *testing.F) {
	e := journal.Entry{Seq: 1, At: time.UnixMicro(1).UTC(), Actor: access.Actor{Kind: access.ActorUser, ID: "usr_1"}, Subject: "req_1", Version: 1, Type: "CREATED", Data: []byte("{}"), After: []byte("{}")}
	if err := e.Seal(journal.Hash{1}); err != nil {
		f.Fatal(err)
	}
	hashed, err := e.Hashed()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(hashed)
	f.Add(hashed[:len(hashed)-1])
	f.Add(append(bytes.Clone(hashed), 0))
	f.Add([]byte{2})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := journal.Decode(b)
		if bytes.Equal(b, hashed) && (err != nil || !reflect.DeepEqual(got, e)) {
			t.Errorf("%v\n%+v\n%+v", err, got, e)
		}
		if err != nil {
			return
		}
		if again, err := got.Hashed(); err == nil && bytes.Equal(again, b) {
			if sum, err := got.Sum(); err != nil || sum != got.Hash {
				t.Errorf("%v: another hash", err)
			}
		}
	})
}
