package access

import (
	"context"
	"slices"
	"strings"
	"time"

	"procyon/store"
)

// A human can have several accounts here, say one for daily work and one for
// administration. They count as one: nobody decides for themselves by another one.
//
// Which accounts are one human's is stored nowhere. It follows, each time that it is asked,
// from what the accounts say of themselves: to which one an administrator joined them, which
// employee the directory says it is, and whose place they took. Accounts that share one of
// these are one human's, and so are all that hang together by them. So nothing is left to be
// done after the entry that says so.

const (
	// maxJoined is how many accounts who can sign in administrators join to one human.
	maxJoined = 20
	// maxSameHuman is how many accounts of one human are followed, disabled and deleted ones
	// too. Of who has more it can't be told whose they are not: see Actor.ManyAccounts.
	maxSameHuman = 100
)

// Apart says that an account is not that of the employee whose number the directory gives it.
type Apart struct {
	Employee string    `json:"employee"` // the number; another one was not meant
	ByID     string    `json:"byId"`
	At       time.Time `json:"at"`
}

func humanTerm(firstAccount string) string { return "usr/human=" + firstAccount }
func employeeTerm(number string) string    { return "usr/employee=" + number }

// successorTerm lists an account that the directory took away, and those that took its place.
func successorTerm(id string) string { return "usr/successor=" + id }

// humanTerms are those that an account shares with the others of its human, and with
// nobody else.
func (u *User) humanTerms() []string {
	var terms []string
	if u.Human != "" {
		terms = append(terms, humanTerm(u.Human))
	}
	if n := u.Employee(); n != "" && (u.Apart == nil || u.Apart.Employee != n) {
		terms = append(terms, employeeTerm(n))
	}
	if u.Left {
		terms = append(terms, successorTerm(u.ID))
	}
	for _, id := range u.Succeeds {
		terms = append(terms, successorTerm(id))
	}
	return terms
}

// Employee is the number of the human at the directory; "" where it gave none. There is one
// directory, so one number is one employee.
func (u *User) Employee() string {
	if u.Provisioned == nil {
		return ""
	}
	return u.Provisioned.Employee
}

// Accounts are the other accounts of a human.
type Accounts struct {
	Others []User // by name; disabled and deleted ones too
	// Many says that there are more than are followed: Others are not all of them.
	Many bool
	// Guards keep it so that there is no other by the time of the commit. The account itself
	// has to be guarded, too.
	Guards []Guard
}

// AccountsOf returns the other accounts of the human who has an account.
func (s *Subjects) AccountsOf(ctx context.Context, u User) (Accounts, error) {
	var out Accounts
	found := map[string]bool{u.ID: true}
	read := map[string]bool{}
	terms := u.humanTerms()
	for len(terms) > 0 && !out.Many {
		term := terms[0]
		terms = terms[1:]
		if read[term] {
			continue
		}
		read[term] = true
		out.Guards = append(out.Guards, Guard{Key: term, Since: s.Head()})
		docs, err := s.views.List(ctx, store.Query{Term: term, Limit: maxSameHuman + 1})
		if err != nil {
			return out, err
		}
		for _, d := range docs {
			if found[d.ID] {
				continue
			}
			found[d.ID] = true
			o, err := Decode[User](d)
			if err != nil {
				return out, err
			}
			out.Others = append(out.Others, o)
			terms = append(terms, o.humanTerms()...)
		}
		out.Many = len(found) > maxSameHuman
	}
	slices.SortFunc(out.Others, func(a, b User) int {
		return strings.Compare(Fold(a.Name)+"\x00"+a.ID, Fold(b.Name)+"\x00"+b.ID)
	})
	return out, nil
}

// Actor is a person with the rights that they have now.
func (s *Subjects) Actor(ctx context.Context, u User) (Actor, error) {
	a, _, err := s.actor(ctx, u)
	return a, err
}

// actor is Actor, with the guards that it stays so; the account itself has to be guarded, too.
func (s *Subjects) actor(ctx context.Context, u User) (Actor, []Guard, error) {
	a := ActorOf(u)
	now := s.Now()
	a.Groups = u.rights(now)
	if slices.ContainsFunc(u.Groups, func(m Membership) bool { return m.Source == SourceOIDC && u.Counts(m, now) }) {
		a.RightsUntil = u.ClaimsAt.Add(ClaimsHold)
	}
	of, err := s.AccountsOf(ctx, u)
	a.ManyAccounts = of.Many
	for _, o := range of.Others {
		a.SameHuman = append(a.SameHuman, o.ID)
	}
	slices.Sort(a.SameHuman)
	return a, of.Guards, err
}

// Is tells whether an actor is a person, by whichever of their accounts, or may be for all
// that is known. It only ever takes rights; what gives some compares the accounts.
func (a *Actor) Is(userID string) bool {
	return a.Kind == ActorUser && (a.ID == userID || a.ManyAccounts || slices.Contains(a.SameHuman, userID))
}

// NotOwn returns the error own where something is the actor's own, by whichever account, and
// FORBIDDEN at a field where that can't be told.
func (a *Actor) NotOwn(userID, field string, own error) error {
	switch {
	case !a.Is(userID):
		return nil
	case a.ManyAccounts && a.ID != userID:
		return errManyAccounts(field)
	}
	return own
}

func errManyAccounts(field string) error {
	return Errorf(CodeForbidden, field, "More than %d accounts count as yours, so it can't be told whether you decide for yourself. An administrator separates those that are not (on the person's page), or the directory gives each human an employee number of their own.", maxSameHuman)
}
