package sqlite

import (
	"database/sql"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

// Readers that nobody needs are closed, and with them goes what they keep of the file.
func TestIdleReadersAreClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := Open(t.Context(), filepath.Join(t.TempDir(), "procyon.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		var busy []*sql.Conn
		for range readers {
			c, err := s.reading.Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			busy = append(busy, c)
		}
		for _, c := range busy {
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
		}
		for range 4 { // somebody reads now and then, one at a time
			<-time.After(readerIdle * 3 / 4)
			if _, err := s.Head(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if n := s.reading.Stats().OpenConnections; n != 1 {
			t.Errorf("%d readers are open, want the one that is used", n)
		}
	})
}
