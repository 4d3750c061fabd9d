package store

import (
	"context"
	"fmt"
	"slices"
	"testing"
)

// counted counts the documents that are read, and the reads.
type counted struct {
	Reader
	docs, reads int
}

func (c *counted) List(ctx context.Context, q Query) ([]Document, error) {
	docs, err := c.Reader.List(ctx, q)
	c.docs, c.reads = c.docs+len(docs), c.reads+1
	return docs, err
}

// numbers are views of n documents under each of some terms.
type numbers struct{ n int }

func (v numbers) Get(context.Context, ...string) ([]Document, error) { return nil, nil }

func (v numbers) List(_ context.Context, q Query) ([]Document, error) {
	at, step := 0, 1
	if q.Desc {
		at, step = v.n-1, -1
	}
	if q.After != nil {
		if _, err := fmt.Sscanf(q.After.Sort, "%d", &at); err != nil {
			return nil, err
		}
		if q.After.ID != "" || q.Desc { // without an ID it is the place before that document
			at += step
		}
	}
	var out []Document
	for ; at >= 0 && at < v.n && len(out) < q.Limit; at += step {
		out = append(out, Document{ID: fmt.Sprintf("doc_%06d", at), Sort: fmt.Sprintf("%06d", at), Terms: []string{q.Term}})
	}
	return out, nil
}

// A page of what a filter drops looks at a bounded number of documents, and the next
// page goes on behind them: together they look at each once.
func TestPagesThatDropStopAndGoOn(t *testing.T) {
	const n = 5*MaxExamined + 300
	passes := func(d Document) bool { return d.Sort == "000700" || d.Sort >= "004999" && d.Sort <= "005001" }
	for _, back := range []bool{false, true} {
		views := &counted{Reader: numbers{n}}
		p := Page{First: 2}
		if back {
			p = Page{Last: 2}
		}
		var got []string
		for {
			before := views.docs
			l, err := List(t.Context(), views, []string{"t"}, false, p, passes)
			if err != nil {
				t.Fatal(err)
			}
			if read := views.docs - before; read > MaxExamined+2*maxChunk {
				t.Fatalf("one page read %d documents", read)
			}
			var page []string
			for _, d := range l.Docs {
				page = append(page, d.Sort)
			}
			more := l.Next
			if back {
				got, more, p.Before = append(page, got...), l.Previous, l.Start
			} else {
				got, p.After = append(got, page...), l.End
			}
			if !more {
				break
			}
		}
		if want := []string{"000700", "004999", "005000", "005001"}; !slices.Equal(got, want) {
			t.Errorf("backward %t: got %v", back, got)
		}
		if views.docs > n+n/4 {
			t.Errorf("backward %t: all pages together read %d documents of %d", back, views.docs, n)
		}
		if views.reads > 80 {
			t.Errorf("backward %t: %d reads", back, views.reads)
		}
	}
}

func TestATermThatIsGivenTwiceIsReadOnce(t *testing.T) {
	views := &counted{Reader: numbers{50}}
	l, err := List(t.Context(), views, slices.Repeat([]string{"t"}, 1000), false, Page{First: 10}, nil)
	if err != nil || len(l.Docs) != 10 || views.reads != 1 {
		t.Errorf("%d documents by %d reads, %v", len(l.Docs), views.reads, err)
	}
}

// A Range reads what is within its bounds and nothing beyond, from either end and from any
// place.
func TestRange(t *testing.T) {
	const n = 30
	sorts := func(docs []Document) (out []string) {
		for _, d := range docs {
			out = append(out, d.Sort)
		}
		return out
	}
	bound := func(i int) string {
		if i < 0 {
			return ""
		}
		return fmt.Sprintf("%06d", i)
	}
	for from := -1; from <= n; from += 3 {
		for before := -1; before <= n; before += 4 {
			for _, desc := range []bool{false, true} {
				for after := -1; after < n; after += 5 {
					var want []string
					for i := range n {
						if desc {
							i = n - 1 - i
						}
						if i >= from && (before < 0 || i < before) && (after < 0 || (i > after) != desc && i != after) {
							want = append(want, bound(i))
						}
					}
					want = want[:min(len(want), 7)]
					q := Query{Term: "t", Desc: desc, Limit: 7}
					if after >= 0 {
						q.After = &Position{Sort: bound(after), ID: fmt.Sprintf("doc_%06d", after)}
					}
					docs, err := Range{Reader: numbers{n}, From: bound(from), Before: bound(before)}.List(t.Context(), q)
					if got := sorts(docs); err != nil || !slices.Equal(got, want) {
						t.Fatalf("from %d before %d, after %d (descending %t): %v, %v; want %v", from, before, after, desc, got, err, want)
					}
				}
			}
		}
	}
}
