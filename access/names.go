package access

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"procyon/search"
	"procyon/store"
)

// What has a name is found by parts of words of it, and by what lists are narrowed by
// besides. No term of a store can do that, so an index in memory does: see Names.

// Listing is what such lists know of a subject.
type Listing struct {
	Name string   // what it is searched by
	Sort string   // its place in lists: "" is Fold of the name
	Also string   // what it is searched by besides, such as an e-mail address
	In   string   // the ID of what it belongs to: it is found by that one's name, too
	Tags []string // what lists are narrowed by, such as "status=BROKEN": few in all
}

// Listed is a State that has a Listing. ok is false where it is in no list (any more).
type Listed interface {
	State
	Listing() (l Listing, ok bool)
}

// Listing reads the Listing of a subject from its state, as an entry's after-image has it;
// false where it has none.
func (k Kinds) Listing(subject string, after []byte) (Listing, bool, error) {
	s, err := k.state(subject)
	if err != nil {
		return Listing{}, false, err
	}
	l, ok := s.(Listed)
	if !ok {
		return Listing{}, false, nil
	}
	if err := json.Unmarshal(after, l); err != nil {
		return Listing{}, false, fmt.Errorf("access: state of %s: %w", subject, err)
	}
	listing, ok := l.Listing()
	return listing, ok, nil
}

// Listing implements Listed.
func (a *Account) Listing() (Listing, bool) { return Listing{Name: a.Name}, !a.Deleted }

// Listing implements Listed.
func (g *Gateway) Listing() (Listing, bool) { return Listing{Name: g.Name}, !g.Deleted }

// Listing implements Listed.
func (r *Resource) Listing() (Listing, bool) {
	return Listing{Name: r.Name, In: r.AccountID + r.GatewayID, Tags: []string{kindTag(r.Kind)}}, !r.Deleted
}

// Listing implements Listed.
func (i *Integration) Listing() (Listing, bool) {
	return Listing{Name: i.Name, Tags: []string{statusTag(i.Status)}}, !i.Deleted
}

// Listing implements Listed.
func (u *User) Listing() (Listing, bool) {
	return Listing{Name: u.Name, Also: u.Email, Tags: []string{statusTag(u.Status()), roleTag(u.Role())}}, true
}

// Listing implements Listed: a request has no name, but open ones are counted by status.
// Those that have ended are too many to be kept in memory.
func (r *Request) Listing() (Listing, bool) {
	return Listing{Tags: []string{statusTag(r.Status)}}, r.Open()
}

// Role is what a person may do.
type Role string

// The roles.
const (
	RoleMember Role = "MEMBER"
	RoleAdmin  Role = "ADMIN"
)

// UserStatus says whether a person can sign in.
type UserStatus string

// The statuses of a person.
const (
	UserEnabled  UserStatus = "ENABLED"
	UserDisabled UserStatus = "DISABLED"
)

// Status says whether they can sign in.
func (u *User) Status() UserStatus {
	if u.Disabled {
		return UserDisabled
	}
	return UserEnabled
}

// Role is what they may do.
func (u *User) Role() Role {
	if u.Admin {
		return RoleAdmin
	}
	return RoleMember
}

func kindTag(k ResourceKind) string   { return "kind=" + string(k) }
func roleTag(r Role) string           { return "role=" + string(r) }
func statusTag[S ~string](s S) string { return "status=" + string(s) }
func tags[T any](tag func(T) string, of []T) []string {
	if of == nil {
		return nil
	}
	out := make([]string, len(of))
	for i, v := range of {
		out[i] = tag(v)
	}
	return out
}

// NameTerms are the terms under which a store has all subjects of each kind of this room
// that has a Listing.
func NameTerms() map[Kind][]string {
	open := make([]string, 0, len(openStatuses()))
	for _, s := range openStatuses() {
		open = append(open, requestTerm(s, "", "", ""))
	}
	return map[Kind][]string{
		KindAccount: {"acc/"}, KindGateway: {"gw/"}, KindResource: {"res/"}, KindIntegration: {"int/"}, KindUser: {"usr/"},
		KindGroup:   {groupsTerm},
		KindRequest: open,
	}
}

// Names is an index of Listings, up to date with all that was committed before a call
// began, on whichever server. It is safe for concurrent use.
type Names interface {
	// Find returns the places of what passes a query, in their order, and
	// whether there is more in that direction; or ErrNotIndexed.
	Find(ctx context.Context, q NameQuery) (found []store.Position, more bool, err error)
	// Count returns how many there are of a kind that have one of the tags (nil: whatever
	// they have), of what belongs to one (in; "": whatever they belong to). ok is false
	// where it would have to be counted one by one.
	Count(ctx context.Context, kind Kind, in string, tags []string) (n int, ok bool, err error)
}

// ErrNotIndexed says that an index has yet to read what there is: a server just started.
var ErrNotIndexed = errors.New("access: names are not indexed yet")

// NameQuery asks for subjects by their names.
type NameQuery struct {
	Kind  Kind
	Words []string   // at most MaxWords; each is a part of the name, or of what else it is found by; see search.Words
	In    string     // what they belong to; "": whatever
	Tags  [][]string // of each of these they have one
	Terms []string   // of the store, under all of which they are; an index does not know them
	After *store.Position
	Desc  bool
	Limit int // at least 1
}

const (
	// maxSearch is how long a search may be, in characters.
	maxSearch = 200
	// MaxWords is how many words it may have.
	MaxWords = 30
)

// searchWords are the words of a search. none says that nothing passes: it has no word.
func searchWords(field, s string) (words []string, none bool, err error) {
	if n := utf8.RuneCountInString(s); n > maxSearch {
		return nil, false, Errorf(CodeInvalid, field, "Search for at most %d characters; these are %d.", maxSearch, n)
	}
	words = search.Words(s)
	if len(words) > MaxWords {
		return nil, false, Errorf(CodeInvalid, field, "Search for at most %d words; these are %d.", MaxWords, len(words))
	}
	return words, len(words) == 0 && strings.TrimSpace(s) != "", nil
}

// Named lists subjects that have a Listing, by the index where something narrows the list,
// and else under the term that all of the kind are under. q has the kind, what they belong
// to, the tags and the direction; the rest comes from the text that is searched for and from
// the page.
func (s *Subjects) Named(ctx context.Context, term string, q NameQuery, text string, p store.Page) (store.Listed, error) {
	q, none, err := q.search(text)
	if err != nil || none {
		return store.Listed{}, err
	}
	if q.narrow() {
		if l, err := s.indexed(ctx, q, p); !errors.Is(err, ErrNotIndexed) {
			return l, err
		}
	}
	return s.scan(ctx, term, q, p)
}

// NamedUnder is Named for subjects that are under a term of few: it looks at them one after
// the other.
func (s *Subjects) NamedUnder(ctx context.Context, term string, q NameQuery, text string, p store.Page) (store.Listed, error) {
	q, none, err := q.search(text)
	if err != nil || none {
		return store.Listed{}, err
	}
	return s.scan(ctx, term, q, p)
}

// search takes the words of a text; none says that nothing passes.
func (q NameQuery) search(text string) (_ NameQuery, none bool, err error) {
	q.Words, none, err = searchWords("search", text)
	return q, none || slices.ContainsFunc(q.Tags, func(any []string) bool { return len(any) == 0 }), err
}

// narrow tells whether it passes some alone.
func (q *NameQuery) narrow() bool { return len(q.Words) > 0 || len(q.Tags) > 0 || len(q.Terms) > 0 }

// scan lists what is under a term and passes.
func (s *Subjects) scan(ctx context.Context, term string, q NameQuery, p store.Page) (store.Listed, error) {
	if !q.narrow() {
		return store.List(ctx, s.views, []string{term}, q.Desc, p, nil)
	}
	look := passing{Subjects: s, q: q, parents: map[string]string{}}
	l, err := store.List(ctx, s.views, []string{term}, q.Desc, p, func(d store.Document) bool { return look.passes(ctx, d) })
	return l, cmp.Or(err, look.failed)
}

// indexed lists by the index.
func (s *Subjects) indexed(ctx context.Context, q NameQuery, p store.Page) (store.Listed, error) {
	if s.opts.Names == nil {
		return store.Listed{}, ErrNotIndexed
	}
	q.After, q.Limit = p.After, p.First
	backward := p.Last > 0
	if backward {
		q.After, q.Limit, q.Desc = p.Before, p.Last, !q.Desc
	}
	found, more, err := s.opts.Names.Find(ctx, q)
	if err != nil {
		return store.Listed{}, err
	}
	l := store.Listed{Next: more, Previous: p.After != nil}
	if backward {
		slices.Reverse(found)
		l = store.Listed{Previous: more, Next: p.Before != nil}
	}
	if n := len(found); n > 0 {
		l.Start, l.End = &found[0], &found[n-1]
	}
	l.Docs, err = s.documents(ctx, found)
	return l, err
}

// documents reads the documents at some places, in that order. Those that are gone by now
// are left out.
func (s *Subjects) documents(ctx context.Context, at []store.Position) ([]store.Document, error) {
	if len(at) == 0 {
		return nil, nil
	}
	ids := make([]string, len(at))
	for i, p := range at {
		ids[i] = p.ID
	}
	docs, err := s.views.Get(ctx, ids...)
	if err != nil {
		return nil, err
	}
	byID := make(map[string]store.Document, len(docs))
	for _, d := range docs {
		byID[d.ID] = d
	}
	out := make([]store.Document, 0, len(docs))
	for _, p := range at {
		if d, ok := byID[p.ID]; ok && len(d.Terms) > 0 {
			d.Sort = p.Sort // its place in this list, though it may have another name by now
			out = append(out, d)
		}
	}
	return out, nil
}

// passing is what Names.Find looks at, for one document after the other: where there is no
// index, and as its judge in tests.
type passing struct {
	*Subjects
	q       NameQuery
	parents map[string]string // the names of accounts and gateways, by their IDs, each read once
	failed  error             // the first that kept a name from being read
}

func (p *passing) passes(ctx context.Context, d store.Document) bool {
	if slices.ContainsFunc(p.q.Terms, func(t string) bool { return !slices.Contains(d.Terms, t) }) {
		return false
	}
	l, ok, err := p.opts.Kinds.Listing(d.ID, d.Data)
	if err != nil || !ok || p.q.In != "" && p.q.In != l.In {
		return false
	}
	for _, tags := range p.q.Tags {
		if !slices.ContainsFunc(tags, func(t string) bool { return slices.Contains(l.Tags, t) }) {
			return false
		}
	}
	own := search.Fold(l.Name + "\n" + l.Also)
	lacks := slices.DeleteFunc(slices.Clone(p.q.Words), func(w string) bool { return strings.Contains(own, w) })
	if len(lacks) == 0 {
		return true
	}
	around := p.parent(ctx, l.In)
	return !slices.ContainsFunc(lacks, func(w string) bool { return !strings.Contains(around, w) })
}

// parent is what the account or gateway of an ID is called, in the form that is searched.
func (p *passing) parent(ctx context.Context, id string) string {
	name, known := p.parents[id]
	if known || id == "" || p.failed != nil {
		return name
	}
	docs, err := p.views.Get(ctx, id)
	p.failed = err
	if len(docs) > 0 {
		of, _, _ := p.opts.Kinds.Listing(id, docs[0].Data)
		name = search.Fold(of.Name)
	}
	p.parents[id] = name
	return name
}

// count is how many subjects pass a query; ok is false where they would have to be counted
// one by one.
func (s *Subjects) count(ctx context.Context, q NameQuery, text string) (n int, ok bool, err error) {
	if s.opts.Names == nil || strings.TrimSpace(text) != "" || len(q.Tags) > 1 {
		return 0, false, nil
	}
	var tags []string
	if len(q.Tags) == 1 {
		tags = q.Tags[0]
	}
	return s.opts.Names.Count(ctx, q.Kind, q.In, tags)
}
