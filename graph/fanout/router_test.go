package fanout_test

import (
	"context"
	"strconv"
	"testing"

	"github.com/99designs/gqlgen/graphql"

	"procyon/graph/fanout"
	"procyon/graph/fanout/fanouttest"
	"procyon/journal"
)

func owned(owner string, n int) (out []fanouttest.Fact) {
	for i := range n {
		out = append(out, fanouttest.Fact{Kind: "said", Text: strconv.Itoa(i), Owner: owner})
	}
	return out
}

// Who follows their own costs nothing where something is of others, and an entry is read
// once, however many it concerns.
func TestAnEventIsPutBeforeThoseItConcerns(t *testing.T) {
	reads := 0
	b := newBed(t, func(o *fanout.Options) {
		read := o.Read
		o.Read = func(e journal.Entry) (any, []string, error) {
			reads++
			return read(e)
		}
	})
	people := make([]*reader, 50)
	for i := range people {
		people[i] = b.open(member("m"+strconv.Itoa(i)), plain, nil)
	}
	everything := b.open(admin("a"), plain, nil)
	b.publish(owned("m7", 3)...)
	b.publish(owned("nobody", 2)...)
	b.publish(fanouttest.Fact{Kind: "none"})
	b.publish(owned("m8", 1)...)
	for r, n := range map[*reader]int{people[7]: 3, people[8]: 1, everything: 6} {
		if err := r.until(n); err != nil {
			t.Fatal(err)
		}
	}
	b.fan.Close() // it reads no more
	if got := b.log.Looked(); got != 10 {
		t.Errorf("executions looked at %d entries, want 10", got)
	}
	if reads != 7 {
		t.Errorf("7 entries were read %d times", reads)
	}
	if len(people[9].got) > 0 {
		t.Errorf("somebody got %s", people[9].data())
	}
}

// held blocks the rendering of the text "hold" until let go.
func (b *bed) held() (begun <-chan struct{}, release func()) {
	reached, free := make(chan struct{}, 1), make(chan struct{})
	b.exec.AroundFields(func(ctx context.Context, next graphql.Resolver) (any, error) {
		text, err := next(ctx)
		if text == "hold" {
			select {
			case reached <- struct{}{}:
			default:
			}
			<-free
		}
		return text, err
	})
	return reached, func() { close(free) }
}

// One whose results take long delays nobody else, and misses nothing, though far more
// comes meanwhile than it is told of.
func TestASlowExecutionDelaysNobodyAndMissesNothing(t *testing.T) {
	b := newBed(t, func(o *fanout.Options) { o.RingCount = 8192 })
	begun, release := b.held()
	slow, quick := b.open(member("slow"), plain, nil), b.open(member("quick"), plain, nil)
	b.publish(fanouttest.Fact{Kind: "said", Text: "hold", Owner: "slow"})
	<-begun
	const each = 2500
	for range each {
		b.publish(owned("slow", 1)...)
		b.publish(owned("quick", 1)...)
	}
	if err := quick.until(each); err != nil {
		t.Fatal(err)
	}
	if len(slow.got) > 0 {
		t.Fatal("it was not held")
	}
	release()
	if err := slow.until(each + 1); err != nil {
		t.Fatal(err)
	}
	want := "1"
	for i := range each {
		want += " " + strconv.Itoa(2+2*i)
	}
	if slow.cursors() != want {
		t.Error("a gap or a repeat")
	}
}

// Who subscribes and leaves while events go by leaves the others where they are told.
func TestComingAndGoing(t *testing.T) {
	b := newBed(t)
	stays := map[string]*reader{}
	for _, owner := range []string{"x", "y"} {
		stays[owner] = b.open(member(owner), plain, nil)
	}
	filtered := b.open(admin("a"), `subscription { events(filter: {kind: "said"}) { cursor text } }`, nil)
	for round := range 30 {
		var gone []*reader
		for _, owner := range []string{"z", "x", "y"} {
			gone = append(gone,
				b.open(member(owner), `subscription { events { id } }`, nil),
				b.open(admin(owner), `subscription { events(filter: {kind: "said"}) { id } }`, nil),
				b.open(admin(owner), `subscription { events(filter: {kind: "`+strconv.Itoa(round)+`"}) { id } }`, nil),
				b.open(admin(owner), `subscription { events { id owner } }`, nil))
		}
		b.publish(owned("x", 1)...)
		for i := range gone {
			gone[(i*5)%len(gone)].stream.Close()
		}
		b.publish(owned("y", 1)...)
	}
	for r, n := range map[*reader]int{stays["x"]: 30, stays["y"]: 30, filtered: 60} {
		if err := r.until(n); err != nil {
			t.Fatal(err)
		}
		if err := r.pull(5); err != nil || len(r.got) != n {
			t.Errorf("%d results, want %d, %v", len(r.got), n, err)
		}
	}
}

// The last to go ends the reading; whoever comes then begins it again.
func TestNobodyFollows(t *testing.T) {
	b := newBed(t)
	for i := range 5 {
		r := b.open(member("m"), plain, nil)
		b.publish(owned("m", 1)...)
		if err := r.until(1); err != nil {
			t.Fatal(err)
		}
		r.stream.Close()
		b.publish(owned("m", 1)...) // for nobody
		if want := strconv.Itoa(2*i + 1); r.cursors() != want {
			t.Errorf("got %s, want %s", r.cursors(), want)
		}
	}
}
