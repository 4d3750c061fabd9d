package fanout_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"go.uber.org/goleak"

	"procyon/graph/fanout"
	"procyon/graph/fanout/fanouttest"
	"procyon/graph/transport"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bed is a log, an executor over it and the Fanout under test.
type bed struct {
	t    testing.TB
	log  *fanouttest.Log
	exec *fanouttest.Executor
	fan  *fanout.Fanout
}

func newBed(t testing.TB, change ...func(*fanout.Options)) *bed {
	log := fanouttest.NewLog()
	exec := fanouttest.NewExecutor(log)
	exec.SetRecoverFunc(func(context.Context, any) error { return errors.New("quiet") })
	opt := fanouttest.Options(exec)
	opt.Logger = slog.New(slog.DiscardHandler)
	for _, c := range change {
		c(&opt)
	}
	b := &bed{t: t, log: log, exec: exec, fan: fanout.New(log, exec, opt)}
	t.Cleanup(b.fan.Close)
	return b
}

func (b *bed) publish(facts ...fanouttest.Fact) {
	for _, f := range facts {
		b.log.Publish(fanouttest.Entry(f))
	}
}

func texts(list ...string) []fanouttest.Fact {
	var out []fanouttest.Fact
	for _, s := range list {
		out = append(out, fanouttest.Fact{Kind: "said", Text: s, Owner: "a"})
	}
	return out
}

// reader is a connection with one subscription.
type reader struct {
	t      testing.TB
	stream transport.Stream
	woken  chan struct{}
	got    []transport.Payload
}

func admin(id string) context.Context {
	return fanouttest.WithViewer(context.Background(), fanouttest.Viewer{ID: id, Admin: true})
}

func member(id string) context.Context {
	return fanouttest.WithViewer(context.Background(), fanouttest.Viewer{ID: id})
}

func (b *bed) operation(ctx context.Context, query string, variables map[string]any) *graphql.OperationContext {
	b.t.Helper()
	op, errs := b.exec.CreateOperationContext(graphql.StartOperationTrace(ctx), &graphql.RawParams{Query: query, Variables: variables})
	if errs != nil {
		b.t.Fatal(errs)
	}
	return op
}

func (b *bed) try(ctx context.Context, query string, variables map[string]any) (*reader, gqlerror.List) {
	b.t.Helper()
	r := &reader{t: b.t, woken: make(chan struct{}, 1)}
	op := b.operation(ctx, query, variables)
	s, errs := b.fan.Open(ctx, op, func() {
		select {
		case r.woken <- struct{}{}:
		default:
		}
	})
	if errs != nil {
		return nil, errs
	}
	b.t.Cleanup(s.Close)
	r.stream = s
	return r, nil
}

func (b *bed) open(ctx context.Context, query string, variables map[string]any) *reader {
	b.t.Helper()
	r, errs := b.try(ctx, query, variables)
	if errs != nil {
		b.t.Fatal(errs)
	}
	return r
}

// pull takes what is ready, in steps of the given size, as connections do.
func (r *reader) pull(step int) error {
	r.t.Helper()
	for {
		had := len(r.got)
		got, err := r.stream.Pull(context.Background(), r.got, step)
		r.got = got
		if err != nil {
			return err
		}
		if len(r.got) == had {
			return nil
		}
	}
}

// until pulls whenever woken, until n results are there or the stream ends.
func (r *reader) until(n int) error {
	r.t.Helper()
	late := time.After(20 * time.Second)
	for {
		if err := r.pull(7); err != nil {
			return err
		}
		if len(r.got) >= n {
			return nil
		}
		select {
		case <-r.woken:
		case <-late:
			r.t.Fatalf("%d results and no more, want %d", len(r.got), n)
		}
	}
}

// ended pulls until the stream ends and returns why.
func (r *reader) ended() error {
	r.t.Helper()
	return r.until(1 << 30)
}

func (r *reader) data() []string {
	var out []string
	for _, p := range r.got {
		out = append(out, string(p.Data))
	}
	return out
}

func (r *reader) cursors() string {
	var out []string
	for _, p := range r.got {
		out = append(out, p.Cursor)
	}
	return strings.Join(out, " ")
}

func numbers(from, to int) string {
	var out []string
	for i := from; i <= to; i++ {
		out = append(out, strconv.Itoa(i))
	}
	return strings.Join(out, " ")
}

const (
	plain  = `subscription { events { cursor text } }`
	resume = `subscription ($from: Cursor) { events(after: $from) { cursor text } }`
)

func code(t *testing.T, err error) any {
	t.Helper()
	var list gqlerror.List
	if !errors.As(err, &list) || len(list) == 0 {
		t.Fatalf("%v, want GraphQL errors", err)
	}
	return list[0].Extensions["code"]
}

func TestOmittedAfterBeginsAtTheHead(t *testing.T) {
	b := newBed(t)
	b.publish(texts("old")...)
	r := b.open(admin("a"), plain, nil)
	b.publish(texts("new")...)
	if err := r.until(1); err != nil {
		t.Fatal(err)
	}
	want := `{"data":{"events":{"cursor":"2","text":"new"}}}`
	if len(r.got) != 1 || string(r.got[0].Data) != want || r.got[0].Cursor != "2" {
		t.Fatalf("got %s", r.data())
	}
}

func TestSubscribersOfAGroupShareBytes(t *testing.T) {
	b := newBed(t)
	first := b.open(admin("a"), plain, nil)
	second := b.open(admin("b"), "# another comment\nsubscription{events{cursor,text}}", nil)
	other := b.open(admin("c"), `subscription { events { cursor } }`, nil)
	b.publish(texts("x")...)
	for _, r := range []*reader{first, second, other} {
		if err := r.until(1); err != nil {
			t.Fatal(err)
		}
	}
	if &first.got[0].Data[0] != &second.got[0].Data[0] {
		t.Error("the same operation was rendered twice")
	}
	if string(other.got[0].Data) != `{"data":{"events":{"cursor":"1"}}}` {
		t.Errorf("another document got %s", other.data())
	}
}

func TestCatchesUpAndJoins(t *testing.T) {
	b := newBed(t, func(o *fanout.Options) { o.RingCount = 8 })
	for i := range 300 {
		b.publish(texts(strconv.Itoa(i))...)
	}
	live := b.open(admin("a"), resume, nil)
	late := b.open(admin("b"), resume, map[string]any{"from": "0"})
	near := b.open(admin("b"), resume, map[string]any{"from": "299"})
	if err := near.until(1); err != nil {
		t.Fatal(err)
	}
	b.publish(texts("more")...)
	for _, test := range []struct {
		r    *reader
		from int
	}{{live, 301}, {late, 1}, {near, 300}} {
		if err := test.r.until(301 - test.from + 1); err != nil {
			t.Fatal(err)
		}
		if got := test.r.cursors(); got != numbers(test.from, 301) {
			t.Errorf("from %d: got %s", test.from, got)
		}
	}
	if &live.got[0].Data[0] != &near.got[1].Data[0] {
		t.Error("who has caught up does not share")
	}
}

func TestCatchUpIsInSteps(t *testing.T) {
	b := newBed(t, func(o *fanout.Options) { o.RingCount = 8 })
	for i := range 500 {
		b.publish(fanouttest.Fact{Kind: "other", Text: strconv.Itoa(i)})
	}
	b.publish(texts("the one")...)
	r := b.open(admin("a"), `subscription ($from: Cursor) { events(filter: {kind: "said"}, after: $from) { text } }`, map[string]any{"from": "0"})
	pulls := 0
	for len(r.got) == 0 {
		<-r.woken
		var err error
		if r.got, err = r.stream.Pull(context.Background(), r.got, 10); err != nil {
			t.Fatal(err)
		}
		pulls++
	}
	if pulls < 5 {
		t.Errorf("500 entries in %d pulls: one pull did too much", pulls)
	}
}

func TestNoGapNoRepeatWhilePublishing(t *testing.T) {
	b := newBed(t, func(o *fanout.Options) { o.RingCount = 16 })
	const total = 2000
	var published atomic.Uint64
	go func() {
		for i := range total {
			b.publish(texts(strconv.Itoa(i))...)
			published.Add(1)
		}
	}()
	done := make(chan string)
	const readers = 12
	for i := range readers {
		r := b.open(admin("a"), resume, map[string]any{"from": strconv.Itoa(int(published.Load()) * i / readers)})
		from, _ := strconv.Atoi(strconv.Itoa(int(r.position())))
		go func() {
			if err := r.until(total - from); err != nil {
				done <- err.Error()
				return
			}
			if got := r.cursors(); got != numbers(from+1, total) {
				done <- fmt.Sprintf("from %d: a gap or a repeat in %.300s", from, got)
				return
			}
			done <- ""
		}()
	}
	for range readers {
		if bad := <-done; bad != "" {
			t.Error(bad)
		}
	}
}

// position pulls the first result to see where the stream begins.
func (r *reader) position() uint64 {
	r.t.Helper()
	for len(r.got) == 0 {
		<-r.woken
		var err error
		if r.got, err = r.stream.Pull(context.Background(), r.got, 1); err != nil {
			r.t.Fatal(err)
		}
	}
	n, err := strconv.ParseUint(r.got[0].Cursor, 10, 64)
	if err != nil {
		r.t.Fatal(err)
	}
	return n - 1
}

func TestLeaderLeaves(t *testing.T) {
	b := newBed(t)
	ctx, cancel := context.WithCancel(admin("a"))
	leader := b.open(ctx, plain, nil)
	other := b.open(admin("b"), plain, nil)
	b.publish(texts("1")...)
	if err := other.until(1); err != nil {
		t.Fatal(err)
	}
	cancel()
	leader.stream.Close()
	leader.stream.Close()
	if _, err := leader.stream.Pull(context.Background(), nil, 1); !errors.Is(err, io.EOF) {
		t.Errorf("after Close: %v, want io.EOF", err)
	}
	b.publish(texts("2")...)
	if err := other.until(2); err != nil {
		t.Fatal(err)
	}
	if got := other.cursors(); got != "1 2" {
		t.Errorf("got %s", got)
	}
}

func TestRefusals(t *testing.T) {
	b := newBed(t)
	b.publish(texts("1")...)
	if _, errs := b.try(admin("a"), resume, map[string]any{"from": "2"}); code(t, errs) != "JOURNAL_CHANGED" {
		t.Errorf("a cursor of the future: %v", errs)
	}
	if _, errs := b.try(admin("a"), resume, map[string]any{"from": "x"}); errs == nil {
		t.Error("a malformed cursor was taken")
	}
	b.fan.Close()
	if _, errs := b.try(admin("a"), plain, nil); code(t, errs) != "UNAVAILABLE" {
		t.Errorf("after Close: %v", errs)
	}
}

func TestErrorsAndPanics(t *testing.T) {
	b := newBed(t)
	r := b.open(admin("a"), `subscription { events { kind fail boom } }`, nil)
	calm := b.open(member("m"), plain, nil)
	b.publish(fanouttest.Fact{Kind: "fail"}, fanouttest.Fact{Kind: "boom"}, fanouttest.Fact{Kind: "fine"})
	if err := r.until(3); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(r.data()[0], `"this field failed"`) || !strings.Contains(r.data()[1], `"quiet"`) || strings.Contains(r.data()[2], "errors") {
		t.Errorf("got %s", r.data())
	}
	b.publish(fanouttest.Fact{Kind: "panic"})
	if err := r.ended(); code(t, err) != "INTERNAL" {
		t.Errorf("a panic ended the stream with %v", err)
	}
	if err := calm.ended(); code(t, err) != "INTERNAL" {
		t.Errorf("a panic ended the other stream with %v", err)
	}
	again := b.open(admin("a"), plain, nil)
	b.publish(texts("after")...)
	if err := again.until(1); err != nil {
		t.Errorf("a new subscription: %v", err)
	}
}

func TestJournalFails(t *testing.T) {
	b := newBed(t)
	r := b.open(admin("a"), plain, nil)
	b.log.Fail(errors.New("disk"))
	err := r.ended()
	var list gqlerror.List
	if err == nil || errors.Is(err, io.EOF) || errors.As(err, &list) || strings.Contains(err.Error(), "disk") {
		t.Errorf("ended with %v, want an interruption", err)
	}
	b.log.Fail(nil)
	again := b.open(admin("a"), plain, nil)
	b.log.Fail(&gqlerror.Error{Message: "Too old.", Extensions: map[string]any{"code": "CURSOR_EXPIRED"}})
	if err := again.ended(); code(t, err) != "CURSOR_EXPIRED" {
		t.Errorf("ended with %v", err)
	}
}

func TestVariablesAndScopeAreInTheKey(t *testing.T) {
	b := newBed(t)
	doc := `subscription ($k: String, $o: String, $from: Cursor) { events(filter: {kind: $k, owner: $o}, after: $from) { text secret } }`
	readers := map[string]*reader{
		"all":        b.open(admin("a"), doc, nil),
		"kind one":   b.open(admin("a"), doc, map[string]any{"k": "one"}),
		"owner two":  b.open(admin("a"), doc, map[string]any{"o": "two"}),
		"member one": b.open(member("one"), doc, nil),
		"member two": b.open(member("two"), doc, nil),
	}
	b.publish(
		fanouttest.Fact{Kind: "one", Text: "a", Owner: "one"},
		fanouttest.Fact{Kind: "two", Text: "b", Owner: "two"},
		fanouttest.Fact{Kind: "one", Text: "c", Owner: "two"},
	)
	secret := func(text string) string {
		return fmt.Sprintf(`{"data":{"events":{"text":%q,"secret":%q}}}`, text, strings.ToUpper(text))
	}
	hidden := func(text string) string {
		return fmt.Sprintf(`{"data":{"events":{"text":%q,"secret":"hidden"}}}`, text)
	}
	want := map[string][]string{
		"all":        {secret("a"), secret("b"), secret("c")},
		"kind one":   {secret("a"), secret("c")},
		"owner two":  {secret("b"), secret("c")},
		"member one": {hidden("a")},
		"member two": {hidden("b"), hidden("c")},
	}
	for name, r := range readers {
		if err := r.until(len(want[name])); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(r.data(), want[name]) {
			t.Errorf("%s got %s", name, r.data())
		}
	}
}

// TestAfterVariableUsedTwice: a variable that is more than the position stays in the key.
func TestAfterVariableUsedTwice(t *testing.T) {
	b := newBed(t)
	b.publish(texts("0")...)
	doc := `subscription ($v: Cursor, $w: Boolean!) { events(after: $v) { text secret @include(if: $w) } }`
	one := b.open(admin("a"), doc, map[string]any{"v": "1", "w": true})
	two := b.open(admin("a"), doc, map[string]any{"v": "0", "w": false})
	b.publish(texts("x")...)
	if err := errors.Join(one.until(1), two.until(2)); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Data struct{ Events map[string]string }
	}
	if err := json.Unmarshal(two.got[1].Data, &got); err != nil || got.Data.Events["secret"] != "" {
		t.Errorf("got %s, %v", two.got[1].Data, err)
	}
}
