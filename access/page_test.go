package access

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"procyon/store"
)

// counted counts the documents that are read, and the reads.
type counted struct {
	store.Reader
	docs, reads int
}

func (c *counted) List(ctx context.Context, q store.Query) ([]store.Document, error) {
	docs, err := c.Reader.List(ctx, q)
	c.docs, c.reads = c.docs+len(docs), c.reads+1
	return docs, err
}

// put writes a request as it would be in the store.
func (w *world) put(r Request) {
	w.t.Helper()
	data, err := json.Marshal(r)
	w.must(err)
	d, err := kinds.View(r.ID, 1, data)
	w.must(err)
	w.log.docs[r.ID] = d
}

// What somebody may decide is read without a look at what doesn't wait, at their filter's
// cost alone, in either order.
func TestWhatOneMayDecideIsAnIndex(t *testing.T) {
	w := newWorld(t)
	other := Person{ID: w.dev.ID, Name: w.dev.Name}
	third := Person{ID: "usr_third", Name: "Third"}
	item := []Item{{ResourceID: w.db.ID, AccountID: w.account.ID}}
	elsewhere := []Item{{ResourceID: "res_other", AccountID: "acc_other"}}
	for i := range 1000 {
		at := w.clock.Add(time.Duration(i) * time.Second)
		grant := Grant{StartsAt: at, ExpiresAt: at.Add(time.Hour)}
		w.put(Request{ID: fmt.Sprintf("req_active%d", i), Status: StatusActive, Requester: other, Items: item, CreatedAt: at, Grant: &grant})
		w.put(Request{ID: fmt.Sprintf("req_over%d", i), Status: StatusDenied, Requester: other, Items: item, CreatedAt: at})
		w.put(Request{ID: fmt.Sprintf("req_far%d", i), Status: StatusActive, Requester: third, Items: elsewhere, CreatedAt: at, Grant: &grant, Extension: &Extension{}})
	}
	at := w.clock.Add(500 * time.Second)
	grant := Grant{StartsAt: at, ExpiresAt: at.Add(time.Hour)}
	w.put(Request{ID: "req_extension", Status: StatusActive, Requester: other, Items: item, CreatedAt: at, Grant: &grant, Extension: &Extension{}})
	w.put(Request{ID: "req_pending", Status: StatusPending, Requester: other, Items: item, CreatedAt: at.Add(time.Second)})
	for name, f := range map[string]RequestFilter{
		"of a person":     {RequesterID: w.dev.ID},
		"of a resource":   {ResourceID: w.db.ID},
		"of an account":   {AccountID: w.account.ID},
		"of all of these": {RequesterID: w.dev.ID, ResourceID: w.db.ID, AccountID: w.account.ID},
		"by status, too":  {RequesterID: w.dev.ID, Statuses: []Status{StatusActive, StatusPending, StatusActive}},
	} {
		f.ReviewableByMe = new(true)
		for _, o := range []RequestOrder{{}, {Deadline: true}} {
			views := &counted{Reader: w.log}
			w.views = views
			l, err := w.Requests(t.Context(), w.boss, f, o, store.Page{First: 10})
			w.must(err)
			if len(l.Docs) != 2 || l.Next || views.docs != 2 {
				t.Errorf("%s, by deadline %t: %d found of 2, more %t, by reading %d documents", name, o.Deadline, len(l.Docs), l.Next, views.docs)
			}
		}
	}
	for _, f := range []RequestFilter{
		{ReviewableByMe: new(true), RequesterID: w.dev.ID, Statuses: []Status{StatusDenied}},
		{ResourceID: w.db.ID, AccountID: "acc_other"},
		{ResourceID: "res_none", AccountID: w.account.ID},
	} {
		views := &counted{Reader: w.log}
		w.views = views
		l, err := w.Requests(t.Context(), w.boss, f, RequestOrder{}, store.Page{First: 10})
		w.must(err)
		if len(l.Docs) > 0 || l.Next || views.docs > 0 {
			t.Errorf("%+v, which nothing can match: %d found, more %t, by reading %d documents", f, len(l.Docs), l.Next, views.docs)
		}
	}
}

// Somebody whose own requests stand before all others gets to those in the end.
func TestOwnRequestsHideNobodyElses(t *testing.T) {
	w := newWorld(t)
	for i := range 2*store.MaxExamined + 10 {
		w.put(Request{ID: fmt.Sprintf("req_%05d", i), Status: StatusPending, Requester: Person{ID: w.boss.ID}, Items: []Item{{ResourceID: w.db.ID}}, CreatedAt: w.clock.Add(time.Duration(i) * time.Second)})
	}
	w.put(Request{ID: "req_dev", Status: StatusPending, Requester: Person{ID: w.dev.ID}, Items: []Item{{ResourceID: w.db.ID}}, CreatedAt: w.clock.Add(24 * time.Hour)})
	for _, o := range []RequestOrder{{}, {Deadline: true}} {
		p, pages := store.Page{First: 5}, 0
		for {
			l, err := w.Requests(t.Context(), w.boss, RequestFilter{ReviewableByMe: new(true)}, o, p)
			w.must(err)
			if pages++; len(l.Docs) == 1 && l.Docs[0].ID == "req_dev" {
				break
			}
			if len(l.Docs) > 0 || !l.Next || l.End == nil || pages > 5 {
				t.Fatalf("by deadline %t: page %d has %d, more %t, %v", o.Deadline, pages, len(l.Docs), l.Next, l.End)
			}
			p.After = l.End
		}
		if pages != 3 {
			t.Errorf("by deadline %t: %d pages", o.Deadline, pages)
		}
	}
}

// turn turns the pages of a list of requests, and returns their IDs in the list's order.
func (w *world) turn(s *Service, by Actor, f RequestFilter, o RequestOrder, p store.Page) []string {
	w.t.Helper()
	var all []string
	for range 100 {
		l, err := s.Requests(w.t.Context(), by, f, o, p)
		w.must(err)
		var page []string
		for _, d := range l.Docs {
			page = append(page, d.ID)
		}
		more := l.Next
		if p.Last > 0 {
			all, more, p.Before = append(page, all...), l.Previous, l.Start
		} else {
			all, p.After = append(all, page...), l.End
		}
		if !more {
			return all
		}
	}
	w.t.Fatal("the list has no end")
	return nil
}

// reads counts how often subjects are read by their IDs.
type reads struct {
	*memory
	n    int
	fail error
}

func (r *reads) Get(ctx context.Context, ids ...string) ([]store.Document, error) {
	if r.n++; r.fail != nil {
		return nil, r.fail
	}
	return r.memory.Get(ctx, ids...)
}

// Where resources are looked at one by one, what stands around them is read once, and only for
// words that their own names lack. What can't be read is an error, and no resource less.
func TestWhatIsAroundIsReadOnce(t *testing.T) {
	w := newWorld(t)
	const many = 20
	for i := range many {
		r, err := w.CreateResource(t.Context(), w.admin, NewResource{Name: fmt.Sprintf("host %d", i), Kind: ResourceDatabase, AccountID: w.account.ID, Roles: []string{"reader"}})
		w.must(err)
		_, err = w.SetTags(t.Context(), w.admin, r.ID, []Tag{{Key: "env", Value: "prod"}}, nil)
		w.must(err)
	}
	views := &reads{memory: w.log}
	s := New(NewSubjects(w.log, views, w.Subjects.opts), w.opts)
	found := func(text string, want, most int) {
		t.Helper()
		views.n = 0
		l, err := s.Resources(t.Context(), ResourceFilter{Search: text, Tags: []Tag{{Key: "env", Value: "prod"}}}, store.Page{First: 100})
		if err != nil || len(l.Docs) != want || views.n > most {
			t.Errorf("%q finds %d by %d reads, %v; want %d by %d", text, len(l.Docs), views.n, err, want, most)
		}
	}
	found("host", many, 0)
	found("host produc", many, 1)
	found("host elsewhere", 0, 1)
	views.fail = errors.New("down")
	if _, err := s.Resources(t.Context(), ResourceFilter{Search: "produc", Tags: []Tag{{Key: "env", Value: "prod"}}}, store.Page{First: 100}); !errors.Is(err, views.fail) {
		t.Errorf("%v", err)
	}
}
