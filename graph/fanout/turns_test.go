package fanout_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"procyon/graph/fanout"
)

// turnsBed has entries of the past that no ring holds, and as many turns as given.
func turnsBed(t *testing.T, catchUps, entries int) *bed {
	b := newBed(t, func(o *fanout.Options) { o.RingCount, o.CatchUps = 8, catchUps })
	b.publish(owned("a", entries)...)
	return b
}

// behind opens readers that begin before everything; their first wake has been heard.
func (b *bed) behind(n int) []*reader {
	all := make([]*reader, n)
	for i := range all {
		all[i] = b.open(admin(strconv.Itoa(i)), resume, map[string]any{"from": "0"})
		<-all[i].woken
	}
	return all
}

// once pulls as a connection does that writes what it gets; it returns how much that was.
func (r *reader) once() int {
	r.t.Helper()
	had := len(r.got)
	var err error
	if r.got, err = r.stream.Pull(context.Background(), r.got, 64); err != nil {
		r.t.Fatal(err)
	}
	return len(r.got) - had
}

// wasWoken hears a wake, if there was one.
func (r *reader) wasWoken() bool {
	select {
	case <-r.woken:
		return true
	default:
		return false
	}
}

// Of those who are behind, no more than there are turns take results at a time, and one is
// not served before another; who is at the head takes what comes meanwhile.
func TestFewCatchUpAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const entries, most, readers = 640, 3, 8
		b := turnsBed(t, most, entries)
		head := b.open(admin("h"), plain, nil)
		all := b.behind(readers)
		var writing []*reader // who has taken results, the first one before the others
		pull := func(r *reader) {
			t.Helper()
			if r.once() > 0 {
				writing = append(writing, r)
			}
			if len(writing) > most {
				t.Fatalf("%d write at a time", len(writing))
			}
		}
		for _, r := range all {
			pull(r)
		}
		published := 0
		for len(all[readers-1].got) < entries-64 {
			b.publish(owned("a", 1)...)
			published++
			if err := head.until(published); err != nil {
				t.Fatal(err)
			}
			done := writing[0]
			writing = writing[1:]
			if !done.wasWoken() {
				t.Fatal("who had a turn is not woken for the next")
			}
			pull(done)
			for _, r := range all {
				if !slices.Contains(writing, r) && r.wasWoken() {
					pull(r)
				}
				if ahead := len(all[0].got) - len(r.got); ahead > 64 || ahead < 0 {
					t.Fatalf("one has %d results while another has %d", len(all[0].got), len(r.got))
				}
			}
			if len(writing) < most {
				t.Fatalf("only %d write", len(writing))
			}
		}
		var going sync.WaitGroup
		for _, r := range all {
			going.Go(func() {
				for r.once(); len(r.got) < entries+published; r.once() {
					<-r.woken
				}
			})
		}
		going.Wait()
		for i, r := range all {
			if r.cursors() != numbers(1, entries+published) {
				t.Errorf("reader %d: a gap or a repeat", i)
			}
		}
		b.fan.Close()
	})
}

// Those who take results and don't come back, because their clients don't read, lose their
// turns to others; they need none until they are quick again.
func TestReadersThatDoNotReadHoldUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const entries, stuck = 640, 1000
		b := turnsBed(t, 2, entries)
		all := b.behind(stuck)
		good := b.open(admin("good"), resume, map[string]any{"from": "0"})
		began := time.Now()
		for _, r := range all {
			go func() {
				for {
					<-r.woken
					if r.once() > 0 {
						return // it is stuck in writing that
					}
				}
			}()
			r.woken <- struct{}{}
		}
		if err := good.until(entries); err != nil {
			t.Fatal(err)
		}
		if took, most := time.Since(began), stuck*10*time.Millisecond; took > most {
			t.Errorf("it took %s, more than %s", took, most)
		}
		synctest.Wait()
		slow := all[stuck/2]
		if slow.once() == 0 {
			t.Error("who is slow needs a turn")
		}
		for _, r := range all[:2] { // slow, and so the turns stay free
			r.once()
		}
		if b.behind(1)[0].once() == 0 {
			t.Error("those who are slow keep turns")
		}
		b.fan.Close()
	})
}

// Who is quick again takes turns as others do.
func TestWhoIsQuickAgainNeedsATurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := turnsBed(t, 1, 640)
		r, others := b.behind(1)[0], b.behind(2)
		r.once()
		for i, other := range others {
			if other.once() > 0 {
				t.Fatal("two have a turn")
			}
			if i == 0 {
				<-other.woken // after a while
				other.once()
			}
		}
		if r.once() == 0 {
			t.Error("who is slow needs a turn")
		}
		if r.once() > 0 {
			t.Error("it was quick, and needs no turn")
		}
		b.fan.Close()
	})
}

// A burst is taken in turns, too, by those who lack more than one takes at a time.
func TestALongBurstIsTakenInTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, func(o *fanout.Options) { o.CatchUps = 1 })
		first, second := b.open(admin("a"), plain, nil), b.open(admin("a"), plain, nil)
		b.publish(owned("a", 64)...)
		synctest.Wait()
		if first.once() != 64 || second.once() != 64 {
			t.Error("who lacks what one takes at a time waits for another")
		}
		b.publish(owned("a", 100)...)
		synctest.Wait()
		if first.once() != 64 || second.once() != 0 {
			t.Error("two take a long burst at a time")
		}
		b.publish(owned("a", 1)...)
		synctest.Wait()
		if first.wasWoken(); first.once() != 37 || !first.wasWoken() {
			t.Error("who was told of nothing while it was behind does not look again")
		}
		if err := errors.Join(first.until(165), second.until(165)); err != nil {
			t.Fatal(err)
		}
		if first.cursors() != numbers(1, 165) || second.cursors() != numbers(1, 165) {
			t.Error("a gap or a repeat")
		}
		b.fan.Close()
	})
}

// Whoever leaves gives its turn away, and its place among those who wait.
func TestWhoLeavesKeepsNoTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := turnsBed(t, 1, 640)
		all := b.behind(3)
		if all[0].once() == 0 || all[1].once() > 0 || all[2].once() > 0 {
			t.Fatal("it is the first one's turn")
		}
		began := time.Now()
		all[1].stream.Close()
		all[0].stream.Close()
		<-all[2].woken
		if took := time.Since(began); took > 0 || all[2].once() == 0 {
			t.Errorf("it is the last one's turn, after %s", took)
		}
		if _, err := all[0].stream.Pull(t.Context(), nil, 64); !errors.Is(err, io.EOF) {
			t.Errorf("once closed: %v", err)
		}
		b.fan.Close()
	})
}
