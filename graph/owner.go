package graph

import (
	"cmp"
	"context"
	"slices"

	"procyon/access"
)

// What objects refer to is read for a whole list at once: see access.Related. An object that
// is in no list has none, and reads its own.

// users makes the people of one list.
func (r *Resolver) users() func(access.User) *User {
	related := r.Access.Related()
	return func(u access.User) *User {
		related.WantUser(u)
		out := toUser(u)
		out.Related = related
		return out
	}
}

// accounts makes the accounts of one list.
func (r *Resolver) accounts() func(access.Account) *Account {
	related := r.Access.Related()
	return func(a access.Account) *Account {
		related.WantOwners(a.Owners)
		out := toAccount(a)
		out.Related = related
		return out
	}
}

// gateways makes the gateways of one list.
func (r *Resolver) gateways() func(access.Gateway) *Gateway {
	related := r.Access.Related()
	return func(g access.Gateway) *Gateway {
		related.WantOwners(g.Owners)
		out := toGateway(g)
		out.Related = related
		return out
	}
}

// resources makes the resources of one list.
func (r *Resolver) resources() func(access.Resource) *Resource {
	related := r.Access.Related()
	return func(v access.Resource) *Resource {
		related.WantResource(v)
		out := toResource(v)
		out.Related = related
		return out
	}
}

// relatedTo reads what a person refers to.
func (r *Resolver) relatedTo(u *User) *access.Related {
	if u.Related != nil {
		return u.Related
	}
	related := r.Access.Related()
	related.WantUser(u.Source)
	return related
}

// relatedToOwned reads what something with owners refers to; of is that of its list, or nil.
func (r *Resolver) relatedToOwned(of *access.Related, owners []access.Owner, tags []access.Tag) *access.Related {
	if of != nil {
		return of
	}
	related := r.Access.Related()
	related.WantResource(access.Resource{Owners: owners, Tags: tags})
	return related
}

// parent reads the account or gateway of a resource, "" nobody; ok is false where there is none.
func parent[S any, P interface {
	*S
	access.State
}](ctx context.Context, r *Resolver, of *access.Related, id string) (S, bool, error) {
	if of == nil {
		of = r.Access.Related()
		of.Parents.Want(id)
	}
	return access.LookedUp[S, P](ctx, of.Parents, id)
}

func appointer(id string, related *access.Related) *Appointer {
	related.People.Want(id)
	return &Appointer{ActorID: id, People: related.People}
}

// appointerName is what a person or a service is called now; nil where it was neither.
func appointerName(ctx context.Context, a *Appointer) (*string, error) {
	u, ok, err := access.LookedUp[access.User](ctx, a.People, a.ActorID)
	if err != nil || ok {
		return optional(u.Name), err
	}
	s, _, err := access.LookedUp[access.ServiceAccount](ctx, a.People, a.ActorID)
	return optional(s.Name), err
}

// owners are those of something, as they are called now.
func (r *Resolver) owners(ctx context.Context, of *access.Related, owners []access.Owner) ([]*Owner, error) {
	related := r.relatedToOwned(of, owners, nil)
	out := make([]*Owner, 0, len(owners))
	for _, o := range owners {
		v := &Owner{OwnerID: o.ID, Kind: OwnerKindUser, By: appointer(o.ByID, related), Since: o.At}
		if access.KindOf(o.ID) == access.KindGroup {
			g, ok, err := access.LookedUp[access.Group](ctx, related.People, o.ID)
			if err != nil {
				return nil, err
			}
			v.Kind, v.Name, v.Gone = OwnerKindGroup, g.Name, !ok || g.Deleted
		} else {
			u, ok, err := access.LookedUp[access.User](ctx, related.People, o.ID)
			if err != nil {
				return nil, err
			}
			v.Name, v.Gone = u.Name, !ok || u.Disabled
		}
		out = append(out, v)
	}
	return out, nil
}

func (r *Resolver) tags(of *access.Related, tags []access.Tag) []*Tag {
	related := r.relatedToOwned(of, nil, tags)
	out := make([]*Tag, len(tags))
	for i, t := range tags {
		out[i] = &Tag{Key: t.Key, Value: t.Value, By: appointer(t.ByID, related), Since: t.At}
	}
	return out
}

// fromTags are tags to look for, or to set.
func fromTags(in []*TagInput) []access.Tag {
	out := make([]access.Tag, len(in))
	for i, t := range in {
		out[i] = access.Tag{Key: t.Key, Value: t.Value}
	}
	return out
}

// setOwners sets the owners of the one thing that is named.
func (r *Resolver) setOwners(ctx context.Context, in SetOwnersInput) (*SetOwnersPayload, error) {
	field, id := "", ""
	for _, of := range []struct {
		field string
		id    *string
	}{{"accountId", in.AccountID}, {"gatewayId", in.GatewayID}, {"resourceId", in.ResourceID}} {
		if of.id == nil {
			continue
		}
		if field != "" {
			return nil, access.Errorf(access.CodeInvalid, of.field, "Give exactly one of accountId, gatewayId and resourceId.")
		}
		field, id = of.field, *of.id
	}
	kinds := map[string]access.Kind{"accountId": access.KindAccount, "gatewayId": access.KindGateway, "resourceId": access.KindResource}
	switch {
	case field == "":
		return nil, access.Errorf(access.CodeInvalid, "accountId", "Give exactly one of accountId, gatewayId and resourceId.")
	case access.KindOf(id) != kinds[field]:
		id = "" // it is nothing of that kind
	}
	if err := r.Access.SetOwners(ctx, actor(ctx), id, in.OwnerIds, seenOwned(in.ExpectedVersion)); err != nil {
		return nil, access.Moved("id", field, err)
	}
	out := &SetOwnersPayload{}
	var err error
	switch field {
	case "accountId":
		var v access.Account
		v, err = r.Access.Account(ctx, id)
		out.Account = toAccount(v)
	case "gatewayId":
		var v access.Gateway
		v, err = r.Access.Gateway(ctx, id)
		out.Gateway = toGateway(v)
	default:
		var v access.Resource
		v, err = r.Access.Resource(ctx, id)
		out.Resource = toResource(v)
	}
	return out, err
}

// ownedBy is what a person or a group answers for.
func (r *Resolver) ownedBy(ctx context.Context, ownerID string) (*OwnedThings, error) {
	of, err := r.Access.OwnedBy(ctx, ownerID)
	if err != nil {
		return nil, err
	}
	return &OwnedThings{Count: of.Count, AloneCount: of.Alone, Named: each(of.Named, func(o access.OwnedAlone) *OwnedThing {
		return &OwnedThing{OwnedID: o.ID, Name: o.Name, Alone: o.Alone}
	})}, nil
}

// separation is that an administrator took somebody apart from an employee.
func (r *Resolver) separation(u *User) *Separation {
	a := u.Source.Apart
	if a == nil {
		return nil
	}
	return &Separation{EmployeeNumber: a.Employee, By: appointer(a.ByID, r.relatedTo(u)), Since: a.At}
}

// manager is somebody's manager, as they are now.
func (r *Resolver) manager(ctx context.Context, u *User) (*Manager, error) {
	m := u.Source.Manager
	if m == nil {
		return nil, nil
	}
	related := r.relatedTo(u)
	who, ok, err := access.LookedUp[access.User](ctx, related.People, m.UserID)
	if err != nil || !ok {
		return nil, err
	}
	return &Manager{UserID: who.ID, Name: who.Name, Email: who.Email, Disabled: who.Disabled, Of: u.Source, By: appointer(m.ByID, related), Since: m.At}, nil
}

func resourceFilter(search *string, parentID string, kinds []ResourceKind, tags []*TagInput) (access.ResourceFilter, error) {
	f := access.ResourceFilter{Search: value(search), Parent: parentID, Kinds: distinct[access.ResourceKind](kinds), Tags: fromTags(tags)}
	if len(f.Tags) > access.MaxTags {
		return f, access.Errorf(access.CodeInvalid, "tags", "Give at most %d tags; these are %d.", access.MaxTags, len(f.Tags))
	}
	slices.SortFunc(f.Tags, func(a, b access.Tag) int { return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Value, b.Value)) })
	f.Tags = slices.CompactFunc(f.Tags, func(a, b access.Tag) bool { return a == b })
	return f, nil
}

// narrowedBy is what narrows a list of resources: see listOf.
func narrowedBy(f access.ResourceFilter) []any {
	out := []any{f.Parent, access.Fold(f.Search), f.Kinds}
	for _, t := range f.Tags {
		out = append(out, t.Key, t.Value)
	}
	return out
}
