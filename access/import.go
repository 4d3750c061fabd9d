package access

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"procyon/phrase"
	"procyon/store"
)

// Wanted is an account, a gateway or a resource as an import wants it in the catalog. Put
// makes it so. The JSON is what imports keep of it.
type Wanted struct {
	Kind Kind   `json:"kind"`
	ID   string `json:"id"`
	// Version is that of the subject when it was checked. 0: there was none, and it is to be
	// made.
	Version uint64 `json:"version,omitempty"`
	Name    string `json:"name"`

	Provider   string `json:"provider,omitempty"` // of an account
	ExternalID string `json:"externalId,omitempty"`

	ResourceKind ResourceKind `json:"resourceKind,omitempty"` // of a resource
	AccountID    string       `json:"accountId,omitempty"`
	GatewayID    string       `json:"gatewayId,omitempty"`
	Roles        []string     `json:"roles"` // nil: as they are
}

// Parent is the ID of what a resource belongs to; "" where it stands alone.
func (w *Wanted) Parent() string { return w.AccountID + w.GatewayID }

// Clean returns what is wanted in the form in which it is stored, or INVALID where it can't
// be by itself, whatever is in the catalog.
func (w Wanted) Clean() (Wanted, error) {
	var err error
	switch w.Kind {
	case KindAccount:
		var a Account
		a, err = newAccount(NewAccount{Name: w.Name, Provider: w.Provider, ExternalID: w.ExternalID})
		w.Name, w.ExternalID = a.Name, a.ExternalID
	case KindGateway:
		w.Name, err = CleanName("name", w.Name)
	case KindResource:
		var r Resource
		r, err = newResource(NewResource{Name: w.Name, Kind: w.ResourceKind, AccountID: w.AccountID, GatewayID: w.GatewayID, Roles: w.Roles})
		w.Name = r.Name
		if w.Roles != nil {
			w.Roles = append([]string{}, r.Roles...)
		}
	default:
		err = Errorf(CodeInvalid, "type", "An import has accounts, gateways and resources.")
	}
	return w, err
}

// Providers are all providers of accounts.
func Providers() []string { return slices.Clone(providers) }

// ResourceKinds are all kinds of resources.
func ResourceKinds() []ResourceKind { return slices.Clone(resourceKinds) }

// EachAccount calls f with all accounts and their versions, by name, until it returns an
// error.
func (s *Service) EachAccount(ctx context.Context, f func(Found[Account]) error) error {
	return each(ctx, s.Subjects, "acc/", f)
}

// EachGateway calls f with all gateways and their versions, by name, until it returns an
// error.
func (s *Service) EachGateway(ctx context.Context, f func(Found[Gateway]) error) error {
	return each(ctx, s.Subjects, "gw/", f)
}

func each[S any](ctx context.Context, s *Subjects, term string, f func(Found[S]) error) error {
	for docs, err := range store.EachPage(ctx, s.views, term, allChunk) {
		if err != nil {
			return err
		}
		for _, d := range docs {
			state, err := Decode[S](d)
			if err == nil {
				err = f(Found[S]{State: state, Version: d.Version})
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// ResourceNamed finds a resource by its name within an account or gateway, or ("") among
// those that stand alone. Version is 0 where there is none.
func (s *Service) ResourceNamed(ctx context.Context, parent, name string) (Found[Resource], error) {
	docs, err := s.views.List(ctx, store.Query{Term: resourceNameTerm(parent, name), Limit: 1})
	if err != nil || len(docs) == 0 {
		return Found[Resource]{}, err
	}
	r, err := Decode[Resource](docs[0])
	return Found[Resource]{State: r, Version: docs[0].Version}, err
}

// AccountChanges says in words what would change of an account; none: it is as wanted.
func AccountChanges(a Account, w Wanted) []string { return changedName(a.Name, w.Name) }

// GatewayChanges is AccountChanges for a gateway.
func GatewayChanges(g Gateway, w Wanted) []string { return changedName(g.Name, w.Name) }

// ResourceChanges is AccountChanges for a resource. It refuses what can't be changed, and
// roles that go while open requests name them.
func (s *Service) ResourceChanges(ctx context.Context, r Resource, w Wanted) ([]string, error) {
	if w.ResourceKind != r.Kind {
		return nil, Errorf(CodeInvalid, "kind", "It is a %s in the catalog, and what kind it is can't change. Delete it first, or give it another name.", r.Kind)
	}
	changes := changedName(r.Name, w.Name)
	if w.Roles == nil || slices.Equal(w.Roles, r.Roles) {
		return changes, nil
	}
	if _, _, err := s.patchedResource(ctx, r, ResourcePatch{Roles: w.Roles}); err != nil {
		if CodeOf(err) == CodeInUse {
			err = Errorf(CodeInUse, "roles", "Open requests name a role that would go. End them first, or change the roles of this resource by itself.")
		}
		return nil, err
	}
	return append(changes, changedRoles(r.Roles, w.Roles)), nil
}

func changedName(was, is string) []string {
	if was == is {
		return nil
	}
	return []string{fmt.Sprintf("name: %s, was %s", phrase.Quoted(is), phrase.Quoted(was))}
}

// changedRoles says which roles come and go.
func changedRoles(was, is []string) string {
	var parts []string
	for _, part := range []struct {
		verb      string
		of, notIn []string
	}{{"added", is, was}, {"removed", was, is}} {
		some := slices.DeleteFunc(slices.Clone(part.of), func(r string) bool { return slices.Contains(part.notIn, r) })
		if len(some) > 0 {
			parts = append(parts, part.verb+" "+strings.Join(some, ", "))
		}
	}
	if len(parts) == 0 {
		return "roles: in another order"
	}
	return "roles: " + strings.Join(parts, "; ")
}

// Put makes something in the catalog as it is wanted. It is harmless to repeat, also by
// several at once: what is so already stays. CONFLICT where what was checked has changed
// since, or is gone; any error of adding and changing it else. Roles that go end no request:
// see UpdateResource.
func (s *Service) Put(ctx context.Context, by Actor, w Wanted) error {
	switch w.Kind {
	case KindAccount:
		return putWanted(ctx, s.Subjects, by, w, func() (Effect, error) {
			return s.addAccount(ctx, by, Account{ID: w.ID, Name: w.Name, Provider: w.Provider, ExternalID: w.ExternalID})
		}, func(a Account) (Effect, error) { return s.renamedAccount(ctx, by, a, w.Name) })
	case KindGateway:
		return putWanted(ctx, s.Subjects, by, w, func() (Effect, error) {
			return s.addGateway(ctx, by, Gateway{ID: w.ID, Name: w.Name})
		}, func(g Gateway) (Effect, error) { return s.renamedGateway(ctx, by, g, w.Name) })
	case KindResource:
		return putWanted(ctx, s.Subjects, by, w, func() (Effect, error) {
			return s.addResource(ctx, by, Resource{ID: w.ID, Name: w.Name, Kind: w.ResourceKind, AccountID: w.AccountID, GatewayID: w.GatewayID, Roles: w.Roles})
		}, func(r Resource) (Effect, error) {
			return s.changedResource(ctx, by, r, ResourcePatch{Name: &w.Name, Roles: w.Roles})
		})
	}
	return fmt.Errorf("access: nothing of the kind %q can be put into the catalog", w.Kind)
}

func putWanted[S any, P stateOf[S]](ctx context.Context, s *Subjects, by Actor, w Wanted, add func() (Effect, error), change func(S) (Effect, error)) error {
	_, err := Upsert[S, P](ctx, s, by, w.ID, func(f Found[S]) (Effect, error) {
		gone := f.Version == 0 && w.Version > 0 || ended(P(&f.State))
		switch {
		case gone:
			return Nothing(), Errorf(CodeConflict, "", "It was deleted since the file was checked.")
		case f.Version == 0:
			return add()
		case w.Version == 0:
			return Nothing(), nil // an earlier try has made it
		}
		e, err := change(f.State)
		if (err != nil || e.Type != "") && f.Version != w.Version {
			return Nothing(), Errorf(CodeConflict, "", "It was changed since the file was checked, so it stays as it is. Check the file again.")
		}
		return e, err
	})
	return err
}

// MayImport refuses who may not change the catalog (any more), whatever they were when they
// asked for it: FORBIDDEN.
func (s *Service) MayImport(ctx context.Context, by Actor) error {
	if by.Kind != ActorService {
		_, err := s.asAdmin(ctx, by)
		return err
	}
	a, err := s.ServiceAccount(ctx, by.ID)
	if err == nil && a.Disabled {
		err = Errorf(CodeForbidden, "", "The service account %s is disabled.", a.Name)
	}
	var missing *Error
	if errors.As(err, &missing) && missing.Code == CodeNotFound {
		err = Errorf(CodeForbidden, "", "There is no such service account.")
	}
	return err
}
