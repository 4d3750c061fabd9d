package problem

import (
	"context"
	"fmt"

	"procyon/access"
	"procyon/delivery"
	"procyon/phrase"
	"procyon/store"
)

// unheard finds requests that wait for a decision and that no integration heard of, the
// newest first.
func (f *Finder) unheard(ctx context.Context, _ access.Actor) (of, error) {
	list, err := f.Access.Unheard(ctx)
	if err != nil {
		return of{}, err
	}
	found := of{count: len(list)}
	for _, u := range list[:min(len(list), MaxOfKind)] {
		owed, err := f.Ledger.List(ctx, delivery.Filter{RequestID: u.Request.ID}, false, store.Page{First: 1})
		if err != nil {
			return found, err
		}
		if len(owed.Docs) > 0 { // an integration was told, or is owed it, as links were then
			found.count--
			continue
		}
		r := &u.Request
		found.problems = append(found.problems, Problem{
			Key: fmt.Sprintf("%s/%s@%d", RequestUnheard, r.ID, r.CreatedAt.UnixMicro()), Kind: RequestUnheard, Since: r.CreatedAt,
			Text: fmt.Sprintf("No channel hears of a request that waits for a decision: %s asks for %s.", phrase.Person(r.Requester.Email, r.Requester.Name), itemsOf(r)),
			Mend: mendUnheard(&u), Path: "integrations",
		})
	}
	return found, nil
}

// itemsOf names a request's first item, and counts the others.
func itemsOf(r *access.Request) string {
	text := phrase.Quoted(r.Items[0].Label())
	if more := len(r.Items) - 1; more > 0 {
		text += " and " + phrase.Count(more, "other item")
	}
	return text
}

func mendUnheard(u *access.Unheard) string {
	if len(u.Off) > 0 {
		return fmt.Sprintf("Switch on the integration %s, which is linked to it, or link another one. Until then tell the approvers yourself.", phrase.Quoted(u.Off[0].Name))
	}
	item := u.Request.Items[0]
	link := "Put the resource into an account, or behind a gateway, that an integration is linked to"
	switch {
	case item.AccountID != "":
		link = "Link an integration to the account " + phrase.Quoted(item.AccountName)
	case item.GatewayID != "":
		link = "Choose an integration as the GateWay Notification Channel"
	case item.ResourceKind.IsServer():
		link = "Choose an integration as the Private Server Notification Channel"
	}
	return link + ". Until then tell the approvers yourself."
}
