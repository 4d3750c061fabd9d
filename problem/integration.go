package problem

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"procyon/access"
	"procyon/delivery"
	"procyon/journal"
	"procyon/phrase"
	"procyon/store"
)

// broken finds integrations that are broken: those that most waits for come first.
func (f *Finder) broken(ctx context.Context, _ access.Actor) (of, error) {
	list, err := f.brokenOnes(ctx)
	if err != nil {
		return of{}, err
	}
	found := of{count: len(list)}
	type waits struct {
		access.Integration
		n int
	}
	ordered := make([]waits, len(list))
	for n, i := range list {
		owed, err := f.Ledger.Count(ctx, i.ID, delivery.StatusPending)
		if err != nil {
			return found, err
		}
		ordered[n] = waits{i, owed}
	}
	slices.SortStableFunc(ordered, func(a, b waits) int { return cmp.Compare(b.n, a.n) })
	for _, i := range ordered[:min(len(ordered), MaxOfKind)] {
		since, err := f.since(ctx, i.ID)
		if err != nil {
			return found, err
		}
		about, err := f.about(ctx, &i.Integration)
		if err != nil {
			return found, err
		}
		text := fmt.Sprintf("The integration %s is broken", phrase.Quoted(i.Name))
		mend := f.Access.Mend(i.Integration)
		if what, _, _ := strings.Cut(i.BrokenReason, ":"); what != "" && !strings.HasPrefix(mend, what) { // else that says it
			text += ": " + i.BrokenReason
		}
		text += "."
		if about != "" {
			text += " Nothing about " + about + " reaches it."
		}
		if i.n > 0 {
			text += " " + counted(i.n, "notification") + " " + waitsFor(i.n) + " it."
		}
		found.problems = append(found.problems, Problem{
			Key: fmt.Sprintf("%s/%s@%d", IntegrationBroken, i.ID, i.Version), Kind: IntegrationBroken, Since: since,
			Text: text, Mend: mend, Path: "integrations/" + i.ID,
		})
	}
	return found, nil
}

// since is when an integration broke last.
func (f *Finder) since(ctx context.Context, id string) (time.Time, error) {
	found, err := f.Journal.Find(ctx, journal.Filter{Subject: id, Types: []string{access.TypeBroken}}, journal.Part{Backward: true, Limit: 1})
	if err != nil || len(found.Entries) == 0 {
		return time.Time{}, err
	}
	return found.Entries[0].At, nil
}

// maxAbout is how many accounts are named.
const maxAbout = 4

// about says what an integration hears about; "" is nothing.
func (f *Finder) about(ctx context.Context, i *access.Integration) (string, error) {
	var parts []string
	for _, id := range i.AccountIDs[:min(len(i.AccountIDs), maxAbout)] {
		a, err := f.Access.Account(ctx, id)
		if err != nil {
			return "", err
		}
		parts = append(parts, phrase.Quoted(a.Name))
	}
	if more := len(i.AccountIDs) - maxAbout; more > 0 {
		parts = append(parts, phrase.Count(more, "other account"))
	}
	if i.Gateways {
		parts = append(parts, "resources behind gateways")
	}
	if i.PrivateServers {
		parts = append(parts, "private servers")
	}
	return phrase.Listed(parts, "and"), nil
}

// dead finds integrations that have dead letters of late: one problem for each, told anew
// where another day has more.
func (f *Finder) dead(ctx context.Context, _ access.Actor) (of, error) {
	var found of
	late := delivery.Filter{Statuses: []delivery.Status{delivery.StatusDead}, OwedFrom: f.Now().Add(-deadFor)}
	l, err := f.Ledger.List(ctx, late, true, store.Page{First: maxCounted})
	if err != nil {
		return found, err
	}
	type letters struct {
		last delivery.Delivery
		n    int
	}
	by := map[string]*letters{}
	var ids []string // those of the last letters first
	for _, doc := range l.Docs {
		d, err := delivery.Decode(doc)
		if err != nil {
			return found, err
		}
		if by[d.IntegrationID] == nil {
			by[d.IntegrationID] = &letters{last: d}
			ids = append(ids, d.IntegrationID)
		}
		by[d.IntegrationID].n++
	}
	if l.Next { // many of one may hide others: each is asked
		if ids, err = f.others(ctx, ids); err != nil {
			return found, err
		}
	}
	for _, id := range ids {
		i, err := f.Access.Integration(ctx, id)
		if access.CodeOf(err) == access.CodeNotFound || err == nil && i.Deleted {
			continue // nothing can be sent to it any more
		}
		if err != nil {
			return found, err
		}
		its := by[id]
		if l.Next {
			late.IntegrationID = id
			l, err := f.Ledger.List(ctx, late, true, store.Page{First: maxCounted})
			if err != nil {
				return found, err
			}
			if len(l.Docs) == 0 {
				continue
			}
			its = &letters{n: len(l.Docs)}
			if its.last, err = delivery.Decode(l.Docs[0]); err != nil {
				return found, err
			}
		}
		if found.count++; found.count <= MaxOfKind {
			found.problems = append(found.problems, deadLetters(i, its.last, its.n))
		}
	}
	return found, nil
}

// others adds the first integrations by name to some.
func (f *Finder) others(ctx context.Context, ids []string) ([]string, error) {
	l, err := f.Access.Integrations(ctx, access.IntegrationFilter{}, store.Page{First: maxCounted})
	for _, doc := range l.Docs {
		if !slices.Contains(ids, doc.ID) {
			ids = append(ids, doc.ID)
		}
	}
	return ids, err
}

func deadLetters(i access.Integration, last delivery.Delivery, n int) Problem {
	are := "are dead letters"
	if n == 1 {
		are = "is a dead letter"
	}
	text := fmt.Sprintf("%s to %s %s", counted(n, "notification"), phrase.Quoted(i.Name), are)
	if tries := len(last.Attempts); tries > 0 && last.Attempts[tries-1].Error != "" {
		text += ", the last one because of: " + last.Attempts[tries-1].Error
	}
	return Problem{
		Key: fmt.Sprintf("%s/%s@%s", DeliveriesDead, i.ID, last.OwedAt.UTC().Format(time.DateOnly)), Kind: DeliveriesDead, Since: last.OwedAt,
		Text: text + ".", Mend: "Read in the log what went wrong, mend that, and redeliver them.",
		Path: "integrations/" + i.ID, Query: "part=deliveries&status=DEAD",
	}
}

// counted is a number up to which is counted, with its noun.
func counted(n int, noun string) string {
	if n >= maxCounted {
		return fmt.Sprintf("%d or more %ss", n, noun)
	}
	return phrase.Count(n, noun)
}

func waitsFor(n int) string {
	if n == 1 {
		return "waits for"
	}
	return "wait for"
}
