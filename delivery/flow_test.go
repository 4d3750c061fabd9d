package delivery_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"procyon/access"
	"procyon/delivery"
	"procyon/store"
	"procyon/store/sqlite"
)

// line is one integration's notifications, as a notifier works them off.
type line struct {
	*world
	docs  store.Documents
	seq   uint64
	began map[string]int // events of each request
	words map[uint64]string
}

func newLine(t *testing.T, docs store.Documents) *line {
	t.Helper()
	w := &world{t: t, clock: began}
	w.Ledger = delivery.New(docs, &w.past, w.now, w.newID, derived)
	w.past.end.Store(head)
	w.acquire("one")
	w.past.end.Store(1 << 40)
	return &line{world: w, docs: docs, began: map[string]int{}, words: map[uint64]string{}}
}

// event makes an event of a request such as "A1": A's first. The first one creates it.
func (l *line) event(request string) delivery.Planned {
	l.seq++
	typ := access.EventCreated
	if n := l.began[request]; n > 0 {
		typ = access.EventUpdated
	}
	l.began[request]++
	l.words[l.seq] = fmt.Sprint(request, ".", l.began[request])
	return delivery.Planned{
		Event:         delivery.Event{Position: at(l.seq), At: l.now(), Type: typ, RequestID: "req_" + request, RequesterID: "usr_" + request[:1]},
		IntegrationID: "int_a", IntegrationName: "a",
	}
}

// owe plans events of requests, one after another.
func (l *line) owe(requests ...string) {
	l.t.Helper()
	for _, r := range requests {
		l.plan(l.event(r))
	}
}

// plan plans events at once.
func (l *line) plan(list ...delivery.Planned) {
	l.t.Helper()
	_, err := l.Plan(l.t.Context(), claim("notifier", 1), at(l.seq), list)
	l.must(err)
	l.pass(time.Millisecond)
}

// next is what is sent next; "" where nothing is owed.
func (l *line) next() (delivery.Delivery, string) {
	l.t.Helper()
	d, ok, err := l.Next(l.t.Context(), "int_a")
	l.must(err)
	switch {
	case !ok:
		return d, ""
	case d.Kind == delivery.KindTest:
		return d, "test"
	}
	return d, l.words[d.EventSeq]
}

func (l *line) try(o delivery.Outcome) string {
	l.t.Helper()
	d, word := l.next()
	if word != "" {
		_, err := l.Record(l.t.Context(), claim("notifier", 1), d.ID, delivery.Attempt{Outcome: o}, l.now())
		l.must(err)
		l.pass(time.Millisecond)
	}
	return word
}

// send delivers so many messages, and says which.
func (l *line) send(n int) string {
	l.t.Helper()
	var out []string
	for range n {
		word := l.try(delivery.OutcomeDelivered)
		if word == "" {
			break
		}
		out = append(out, word)
	}
	return strings.Join(out, " ")
}

// stores are the kinds of stores that the ledger is tested on.
func stores(t *testing.T, f func(t *testing.T, docs store.Documents)) {
	t.Helper()
	t.Run("without transactions", func(t *testing.T) { f(t, newMemory()) })
	t.Run("SQLite", func(t *testing.T) {
		s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "p.db"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		f(t, s)
	})
}

func TestOrderOfAnIntegrationsMessages(t *testing.T) {
	const all = 100
	for name, c := range map[string]struct {
		do   func(l *line) string
		want string
	}{
		"alone, in order": {func(l *line) string {
			l.owe("A1", "A2", "A3")
			return l.send(all)
		}, "A1.1 A2.1 A3.1"},
		"in turn": {func(l *line) string {
			l.owe("A1", "A2", "A3", "B1", "B2", "C1")
			return l.send(all)
		}, "A1.1 B1.1 C1.1 A2.1 B2.1 A3.1"},
		"planned at once": {func(l *line) string {
			l.plan(l.event("A1"), l.event("A1"), l.event("A2"), l.event("B1"), l.event("B1"))
			return l.send(all)
		}, "A1.1 B1.1 A1.2 B1.2 A2.1"},
		"who comes back joins at the end": {func(l *line) string {
			l.owe("A1", "A2", "A3", "B1", "C1", "C2")
			sent := []string{l.send(2)} // A1 B1
			l.owe("B2")
			return strings.Join(append(sent, l.send(all)), " | ")
		}, "A1.1 B1.1 | C1.1 A2.1 B2.1 C2.1 A3.1"},
		"changes before new requests": {func(l *line) string {
			l.owe("A1", "A2", "A3")
			sent := []string{l.send(1)}
			l.owe("A1", "A4", "A1")
			return strings.Join(append(sent, l.send(all)), " | ")
		}, "A1.1 | A1.2 A1.3 A2.1 A3.1 A4.1"},
		"never before the request itself": {func(l *line) string {
			l.owe("A1", "A2", "A3", "A2", "A3", "A3")
			return l.send(all)
		}, "A1.1 A2.1 A2.2 A3.1 A3.2 A3.3"},
		"many decisions of one person are in turn too": {func(l *line) string {
			l.owe("A1", "A2", "A3")
			sent := []string{l.send(3)}
			l.owe("A1", "A2", "A3", "B1")
			return strings.Join(append(sent, l.send(all)), " | ")
		}, "A1.1 A2.1 A3.1 | A1.2 B1.1 A2.2 A3.2"},
		"what is tried again lets nothing pass": {func(l *line) string {
			l.owe("B1", "A1", "A2", "B2")
			sent := []string{l.send(2)}
			l.try(delivery.OutcomeRetry) // B2
			l.owe("A1", "B1")
			return strings.Join(append(sent, l.send(all)), " | ")
		}, "B1.1 A1.1 | B2.1 A1.2 B1.2 A2.1"},
		"a dead letter is a turn": {func(l *line) string {
			l.owe("A1", "A1", "B1")
			return strings.Join([]string{l.try(delivery.OutcomeDead), l.send(all)}, " | ")
		}, "A1.1 | B1.1 A1.2"},
		"test messages are a flow": {func(l *line) string {
			l.owe("A1", "A2", "A3")
			_, err := l.Test(l.t.Context(), "int_a", "a")
			l.must(err)
			return l.send(all)
		}, "A1.1 test A2.1 A3.1"},
		"redelivered": {func(l *line) string {
			l.owe("A1", "A1")
			first, _ := l.next()
			sent := []string{l.send(2)}
			l.owe("A2", "A3", "B1")
			_, err := l.Redeliver(l.t.Context(), first.ID)
			l.must(err)
			l.owe("A1") // behind it: they are of one request
			return strings.Join(append(sent, l.send(all)), " | ")
		}, "A1.1 A1.2 | A2.1 B1.1 A3.1 A1.1 A1.3"},
		"buried": {func(l *line) string {
			l.owe("A1", "A2", "B1")
			l.must(l.Bury(l.t.Context(), "int_a", "broken"))
			sent := []string{l.send(all)}
			l.owe("A3", "B1")
			return strings.Join(append(sent, l.send(all)), " | ")
		}, " | A3.1 B1.2"},
	} {
		t.Run(name, func(t *testing.T) {
			stores(t, func(t *testing.T, docs store.Documents) {
				if got := c.do(newLine(t, docs)); got != c.want {
					t.Errorf("sent %s\nwant %s", got, c.want)
				}
			})
		})
	}
}

// What servers' clocks say does not matter to the order of events, whichever writes them down.
func TestEventsAreInTheOrderOfTheJournal(t *testing.T) {
	stores(t, func(t *testing.T, docs store.Documents) {
		l := newLine(t, docs)
		late := delivery.New(docs, &l.past, func() time.Time { return l.now().Add(-200 * time.Millisecond) }, l.newID, derived)
		l.owe("A1")
		created, _ := l.next()
		approved := l.event("A1")
		_, err := late.Plan(t.Context(), claim("notifier", 1), at(l.seq), []delivery.Planned{approved})
		l.must(err)
		if got := l.send(2); got != "A1.1 A1.2" {
			t.Errorf("sent %s", got)
		}
		again, err := late.Redeliver(t.Context(), created.ID)
		l.must(err)
		if !again.OwedAt.After(created.OwedAt) || !again.OwedAt.After(again.CreatedAt) {
			t.Errorf("redelivered: %+v, was %+v", again, created)
		}
	})
}

// However much one person asks for, the others' messages wait for one or two of theirs.
func TestAFloodHoldsUpItsMakerAlone(t *testing.T) {
	l := newLine(t, newMemory())
	for i := range 200 {
		l.owe(fmt.Sprint("A", i))
	}
	l.send(7)
	l.owe("B1")
	d, _ := l.next() // it is on its way
	l.owe("B2")
	if got := l.send(4); !strings.HasPrefix(got[strings.Index(got, " ")+1:], "B1.1 ") || !strings.HasSuffix(got, "B2.1") {
		t.Errorf("%s was on its way; then came %s", l.words[d.EventSeq], got)
	}
	list, err := l.List(t.Context(), delivery.Filter{IntegrationID: "int_a"}, true, store.Page{First: 2})
	l.must(err)
	for i, want := range []string{"B2.1", "B1.1"} { // people see them by time, as ever
		if d, err := delivery.Decode(list.Docs[i]); err != nil || l.words[d.EventSeq] != want {
			t.Errorf("listed %d: %s, want %s", i, l.words[d.EventSeq], want)
		}
	}
}

// What an earlier release owed is sent, before all that came since, and decides nothing
// about it.
func TestWhatAnEarlierReleaseOwed(t *testing.T) {
	m := newMemory()
	l := newLine(t, m)
	l.owe("A1", "A2", "B1")
	for id, d := range m.docs { // as that release stored it
		switch {
		case strings.HasPrefix(id, "dlf_"):
			delete(m.docs, id)
		case strings.HasPrefix(id, "dlv_"):
			d.Terms = d.Terms[:3]
			d.Data = []byte(strings.Replace(string(d.Data), `,"queue":"NEW"`, "", 1))
			m.docs[id] = d
		}
	}
	l.owe("A1", "C1", "B1")
	l.try(delivery.OutcomeRetry)
	if got, want := l.send(100), "A1.1 A2.1 B1.1 C1.1 A1.2 B1.2"; got != want {
		t.Errorf("sent %s\nwant %s", got, want)
	}
}

// Whatever crashes, and whoever does what meanwhile: all that is owed is sent, each
// request's in order, and nobody waits for more than a few of another's messages.
func TestNothingIsLostOrOutOfOrder(t *testing.T) {
	for seed := range 60 {
		m := newMemory()
		l := newLine(t, m)
		r := rand.New(rand.NewPCG(uint64(seed), 1))
		m.before = func(store.Document) error {
			if r.IntN(15) == 0 {
				return errCrash
			}
			return nil
		}
		sent, tried := map[string]int{}, ""
		for range 60 {
			if d, _ := l.next(); tried != "" && d.ID != tried {
				t.Fatalf("seed %d: %s passed %s, which was tried", seed, d.ID, tried)
			} else if tried = ""; d.ID != "" && r.IntN(4) == 0 {
				tried = d.ID
				until(func() error {
					_, err := l.Record(t.Context(), claim("notifier", 1), d.ID, delivery.Attempt{Outcome: delivery.OutcomeRetry}, l.now())
					return err
				})
			}
			if tried != "" || r.IntN(2) == 0 {
				var list []delivery.Planned
				for range 1 + r.IntN(4) {
					list = append(list, l.event(fmt.Sprintf("%c%d", 'A'+rune(r.IntN(3)), r.IntN(4))))
				}
				until(func() error {
					_, err := l.Plan(t.Context(), claim("notifier", 1), at(l.seq), list)
					return err
				})
				l.pass(time.Millisecond)
				continue
			}
			l.sendOne(sent)
		}
		for l.sendOne(sent) {
		}
		for request, n := range l.began {
			if sent[request] != n {
				t.Fatalf("seed %d: of %s %d were sent, %d owed", seed, request, sent[request], n)
			}
		}
	}
}

// Of two who change a flow at the same time, one sees what the other did: nothing that is
// owed is left without a flow that waits, and nothing behind requests that are new.
func TestWhoChangesAFlowAtOnce(t *testing.T) {
	record := func(l *line, id string) {
		_, err := l.Record(l.t.Context(), claim("notifier", 1), id, delivery.Attempt{Outcome: delivery.OutcomeDelivered}, time.Time{})
		l.must(err)
	}
	for name, c := range map[string]struct {
		owed  []string                           // before
		when  func(d store.Document) bool        // at which document the other comes in
		first func(l *line, d delivery.Delivery) // what is being done
		other func(l *line, d delivery.Delivery) // what comes in between
		want  string
	}{
		"owed while the flow leaves": {
			[]string{"A1", "B1", "B2"},
			func(d store.Document) bool { return d.ID == "dlf_flow-int_a-usr_A" && !inRound(d) },
			func(l *line, d delivery.Delivery) { record(l, d.ID) },
			func(l *line, _ delivery.Delivery) { l.owe("A2") },
			"B1.1 A2.1 B2.1",
		},
		"the flow leaves while something is owed": {
			[]string{"A1", "B1", "B2"},
			func(d store.Document) bool { return strings.HasPrefix(d.ID, "dlv_") },
			func(l *line, _ delivery.Delivery) { l.owe("A2") },
			func(l *line, d delivery.Delivery) { record(l, d.ID) },
			"B1.1 A2.1 B2.1",
		},
		"a request is sent while its change is owed": {
			[]string{"A1", "A2", "A3"},
			func(d store.Document) bool { return strings.HasPrefix(d.ID, "dlv_") },
			func(l *line, _ delivery.Delivery) { l.owe("A1") },
			func(l *line, d delivery.Delivery) { record(l, d.ID) },
			"A1.2 A2.1 A3.1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMemory()
			l := newLine(t, m)
			l.owe(c.owed...)
			d, _ := l.next()
			came := false
			m.before = func(doc store.Document) error {
				if !came && c.when(doc) {
					came = true
					c.other(l, d)
				}
				return nil
			}
			c.first(l, d)
			if got := l.send(100); !came || got != c.want {
				t.Errorf("sent %s\nwant %s", got, c.want)
			}
		})
	}
}

// What a crash left without a flow that waits is sent once it is the longest owed.
func TestAFlowThatACrashLeft(t *testing.T) {
	m := newMemory()
	l := newLine(t, m)
	l.owe("B1", "A1", "B2", "A2")
	d := m.docs["dlf_flow-int_a-usr_A"]
	d.Terms, d.Data = nil, []byte(strings.Replace(string(d.Data), `"waiting":true`, `"waiting":false`, 1))
	m.docs[d.ID] = d
	if got, want := l.send(100), "B1.1 A1.1 B2.1 A2.1"; got != want {
		t.Errorf("sent %s\nwant %s", got, want)
	}
}

// until repeats what a crash may keep from its end, as its caller does.
func until(f func() error) {
	for err := f(); errors.Is(err, errCrash); err = f() {
	}
}

// sendOne sends one message, through crashes, and checks that it is its request's next.
func (l *line) sendOne(sent map[string]int) bool {
	l.t.Helper()
	d, word := l.next()
	if word == "" {
		return false
	}
	request, _, _ := strings.Cut(word, ".")
	sent[request]++
	if want := fmt.Sprint(request, ".", sent[request]); word != want {
		l.t.Fatalf("%s is sent, want %s", word, want)
	}
	until(func() error {
		_, err := l.Record(l.t.Context(), claim("notifier", 1), d.ID, delivery.Attempt{Outcome: delivery.OutcomeDelivered}, time.Time{})
		return err
	})
	l.pass(time.Millisecond)
	return true
}

// What is planned while others are sent, on two servers, is neither lost nor left to the
// end.
func TestFlowsWhileMessagesAreSent(t *testing.T) {
	stores(t, func(t *testing.T, docs store.Documents) {
		l := newLine(t, docs)
		other := delivery.New(docs, &l.past, l.now, l.newID, derived)
		const each = 40
		var all sync.WaitGroup
		events := make([]delivery.Planned, 0, 3*each)
		for i := range each {
			for _, by := range []string{"A", "B", "C"} {
				events = append(events, l.event(fmt.Sprint(by, i/2)))
			}
		}
		planned := make(chan bool, len(events))
		all.Go(func() {
			defer close(planned)
			for i := range slices.Chunk(events, 3) {
				if _, err := other.Plan(t.Context(), claim("notifier", 1), i[2].Event.Position, i); err != nil {
					t.Error(err)
				}
				planned <- true
			}
		})
		sent := map[string]int{}
		for range planned {
			for range 3 {
				l.sendOne(sent)
			}
		}
		all.Wait()
		for l.sendOne(sent) {
		}
		for request, n := range l.began {
			if sent[request] != n {
				t.Errorf("of %s %d were sent, %d owed", request, sent[request], n)
			}
		}
		for id, d := range everyFlow(t, docs) {
			if inRound(d) {
				t.Errorf("the flow %s waits for nothing", id)
			}
		}
	})
}

// inRound tells whether a flow waits.
func inRound(flow store.Document) bool { return strings.HasPrefix(flow.Terms[0], "dlf/int=") }

func everyFlow(t *testing.T, docs store.Documents) map[string]store.Document {
	t.Helper()
	out := map[string]store.Document{}
	for _, by := range []string{"A", "B", "C"} {
		list, err := docs.Get(t.Context(), "dlf_flow-int_a-usr_"+by)
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		out[list[0].ID] = list[0]
	}
	return out
}
