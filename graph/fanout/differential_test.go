package fanout_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/99designs/gqlgen/graphql"

	"procyon/graph/fanout"
	"procyon/graph/fanout/fanouttest"
)

// documents select what depends on nothing, on the scope, and on the viewer: by
// a field, by a field of an interface's type, in a fragment, and by the filter.
func documents() []string {
	const head = `subscription ($kind: String, $owner: String, $mine: Boolean, $from: Cursor) { events(filter: {kind: $kind, owner: $owner, mine: $mine}, after: $from) `
	return []string{
		head + `{ id cursor kind text owner } }`,
		head + `{ id secret } }`,
		head + `{ id text mayReview } }`,
		head + `{ id thing { note } } }`,
		head + `{ id ...part } } fragment part on Event { thing { ... on Event { note } } }`,
		head + `{ a: id b: text thing { id } } }`,
		`subscription ($from: Cursor) { events(after: $from, filter: {mine: true}) { id owner } }`,
		`subscription ($from: Cursor) { events(after: $from, filter: {kind: "one"}) { id kind secret } }`,
		`subscription ($from: Cursor) { events(after: $from, filter: {kind: "two"}) { id kind secret } }`,
	}
}

type subscriber struct {
	ctx       context.Context
	query     string
	variables map[string]any
	reader    *reader
}

// TestSharedEqualsAlone compares what subscribers of a Fanout get with what
// gqlgen gives each of them alone, for random viewers, documents, variables,
// events, and times of arrival.
func TestSharedEqualsAlone(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 7))
			b := newBed(t, func(o *fanout.Options) { o.RingCount = 1 + random.IntN(40) })
			var all []subscriber
			for range 40 {
				for range random.IntN(20) {
					b.publish(randomFact(random))
				}
				for range random.IntN(4) {
					all = append(all, b.randomSubscriber(random))
				}
				if len(all) > 0 { // somebody reads, the others fall behind
					if err := all[random.IntN(len(all))].reader.pull(3); err != nil {
						t.Fatal(err)
					}
				}
			}
			last := b.log.Head()
			for _, s := range all {
				want := b.alone(s, last)
				if err := s.reader.until(len(want)); err != nil {
					t.Fatal(err)
				}
				if got := s.reader.data(); !slices.Equal(got, want) {
					t.Fatalf("%+v\n%s %v\ngot  %s\nwant %s", fanouttest.ViewerFrom(s.ctx), s.query, s.variables, got, want)
				}
			}
			for _, s := range all {
				had := len(s.reader.got)
				if err := s.reader.pull(3); err != nil || len(s.reader.got) != had {
					t.Fatalf("%d results too many, %v", len(s.reader.got)-had, err)
				}
			}
		})
	}
}

func pick(random *rand.Rand, from ...string) string { return from[random.IntN(len(from))] }

func randomFact(random *rand.Rand) fanouttest.Fact {
	return fanouttest.Fact{
		Kind:  pick(random, "one", "two", "fail"),
		Owner: pick(random, "a", "b", "m", "n"),
		Text:  pick(random, "x", "y", "<&>", "\u2028 ö \"q\""),
	}
}

func (b *bed) randomSubscriber(random *rand.Rand) subscriber {
	s := subscriber{variables: map[string]any{}}
	viewer := fanouttest.Viewer{ID: pick(random, "a", "b", "m", "n")}
	viewer.Admin = viewer.ID < "m"
	s.ctx = fanouttest.WithViewer(context.Background(), viewer)
	docs := documents()
	s.query = docs[random.IntN(len(docs))]
	if random.IntN(3) == 0 {
		s.variables["kind"] = pick(random, "one", "two")
	}
	if random.IntN(3) == 0 {
		s.variables["owner"] = pick(random, "a", "b", "m", "n")
	}
	if random.IntN(3) == 0 {
		s.variables["mine"] = random.IntN(2) == 0
	}
	// The head where omitted; written down, so that the reference begins there too.
	from := strconv.FormatUint(b.log.Head(), 10)
	if random.IntN(2) == 0 {
		from = strconv.Itoa(random.IntN(int(b.log.Head()) + 1))
		s.variables["from"] = from
	}
	s.reader = b.open(s.ctx, s.query, s.variables)
	s.variables["from"] = from
	return s
}

// alone runs a subscription as gqlgen does, up to the entry last.
func (b *bed) alone(s subscriber, last uint64) []string {
	op := b.operation(s.ctx, s.query, s.variables)
	next, ctx := b.exec.DispatchOperation(fanouttest.WithPlain(s.ctx, last), op)
	var out []string
	for resp := next(ctx); resp != nil; resp = next(ctx) {
		out = append(out, string(resp.Data))
	}
	for i := range out {
		out[i] = `{"data":` + out[i] + `}`
	}
	return out
}

var _ graphql.GraphExecutor = (*fanouttest.Executor)(nil)
