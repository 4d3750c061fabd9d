package directory

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"procyon/directory/scim"
)

// What was found for one page serves the next ones, for a minute, of the same filter.
func TestPagesAreFoundOnce(t *testing.T) {
	var p pages
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	found, people := 0, []string{"c", "a", "b", "d"}
	page := func(filter string, skip int, want string, times int) {
		t.Helper()
		ids, total, err := p.ids(now, filter, skip, 2, func() ([]string, error) {
			found++
			return slices.Clone(people), nil
		})
		if got := fmt.Sprint(ids, total); err != nil || got != want || found != times {
			t.Errorf("%s, %v, found %d times; want %s, %d times", got, err, found, want, times)
		}
	}
	page("x", 0, "[a b] 4", 1)
	people = append(people, "e")
	page("x", 2, "[c d] 4", 1) // the list as it was begun
	page("y", 2, "[c d] 5", 2) // another
	page("y", 4, "[e] 5", 2)
	page("y", 9, "[] 5", 2)
	page("x", 0, "[a b] 5", 3) // begun anew
	now = now.Add(listKept + time.Second)
	page("x", 2, "[c d] 5", 4)
	for i := range maxLists {
		page(fmt.Sprint(i), 0, "[a b] 5", 5+i)
	}
	page("x", 2, "[c d] 5", 5+maxLists) // others took its place
	people = []string{"a"}
	page("few", 0, "[a] 1", 6+maxLists)
	if _, kept := p.of("few", now); kept {
		t.Error("a list of one page is kept")
	}
}

// Long lists are kept only as far as they are not too many together.
func TestLongListsAreNotAllKept(t *testing.T) {
	var p pages
	now := time.Now()
	for i := range 4 {
		p.keep(list{fmt.Sprint(i), make([]string, maxLooked/2), now})
	}
	total := 0
	for _, l := range p.lists {
		total += len(l.ids)
	}
	if total > maxLooked || len(p.lists) != 2 || p.lists[0].filter != "3" {
		t.Errorf("%d IDs of %d lists are kept", total, len(p.lists))
	}
	p.keep(list{"longer", make([]string, maxLooked+1), now})
	if _, kept := p.of("longer", now); !kept {
		t.Error("the newest is not kept")
	}
}

// Refusals that come again are one, and what callers send is kept in part.
func TestRefusalsComeAgain(t *testing.T) {
	var st State
	at := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	record := func(status int, id, detail string) {
		at = at.Add(time.Second)
		st.record(Refusal{LastAt: at, Method: "PATCH", Resource: "User", ID: id, Status: status, Detail: detail}.cut())
	}
	for i := range 3 {
		record(500, "usr_1", fmt.Sprintf("Its log says what, under the number %d.", i))
	}
	record(500, "usr_2", "Its log says what, under the number 9.")
	record(409, "usr_1", "It is taken.")
	record(409, "usr_1", "It is somebody else's.")
	if len(st.Refused) != 4 || st.Refused[3].Count != 3 || !strings.HasSuffix(st.Refused[3].Detail, "number 2.") {
		t.Errorf("%+v", st.Refused)
	}
	long := strings.Repeat("é", 5000)
	r := Refusal{Method: long, ID: long, Detail: long}.cut()
	if len([]rune(r.Method)) != maxMethod || len([]rune(r.ID)) != maxID || len([]rune(r.Detail)) != maxDetail {
		t.Errorf("%d, %d and %d bytes are kept", len(r.Method), len(r.ID), len(r.Detail))
	}
}

// A page has only those that still match.
func TestPageMatches(t *testing.T) {
	p := page([]scim.User{{ID: "a", Active: true}, {ID: "b"}}, func(u scim.User) bool { return u.Active }, 7)
	if len(p.Resources) != 1 || p.Resources[0].ID != "a" || p.Total != 7 {
		t.Errorf("%+v", p)
	}
}
