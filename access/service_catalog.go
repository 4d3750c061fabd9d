package access

import (
	"context"
	"slices"

	"procyon/policy"
)

var providers = []string{"AWS", "GCP", "AZURE", "SNOWFLAKE", "OCI", "ALIBABA", "OTHER"}

// Account returns an account by ID, or a NOT_FOUND *Error.
func (s *Service) Account(ctx context.Context, id string) (Account, error) {
	return Load[Account](ctx, s.Subjects, id, "id")
}

// NewAccount is an account to be added. An idempotency key (nil or up to 80 characters
// of the caller's) makes at most one, also where the call is repeated.
type NewAccount struct {
	Name, Provider, ExternalID string
	IdempotencyKey             *string
}

// NewGateway is a gateway to be added.
type NewGateway struct {
	Name           string
	IdempotencyKey *string
}

// CreateAccount adds an account.
func (s *Service) CreateAccount(ctx context.Context, by Actor, in NewAccount) (Account, error) {
	fresh, err := newAccount(in)
	if err != nil {
		return Account{}, err
	}
	c, err := s.creation(by, KindAccount, in.IdempotencyKey, in)
	if err != nil {
		return Account{}, err
	}
	fresh.ID, fresh.Asked = c.id, c.asked
	return create[Account](ctx, s.Subjects, by, c, func() (Effect, error) { return s.addAccount(ctx, by, fresh) })
}

// newAccount makes an account of what was given, as far as that can be checked by itself.
func newAccount(in NewAccount) (a Account, err error) {
	a.Provider = in.Provider
	if a.Name, err = CleanName("name", in.Name); err != nil {
		return a, err
	}
	if !slices.Contains(providers, in.Provider) {
		return a, Errorf(CodeInvalid, "provider", "There is no provider %q.", in.Provider)
	}
	a.ExternalID, err = CleanText("externalId", in.ExternalID, 1, 200, false)
	return a, err
}

// addAccount is the effect that adds an account. Its name must be free, and its ID at the
// provider: what is asked for in one account must not be what another account grants.
func (s *Service) addAccount(ctx context.Context, by Actor, a Account) (Effect, error) {
	name, err := s.Free(ctx, accountNameTerm(a.Name), "", accountTaken(a.Name))
	if err != nil {
		return Nothing(), err
	}
	id, err := s.Free(ctx, accountIDTerm(a.Provider, a.ExternalID), "",
		Errorf(CodeDuplicate, "externalId", "There is already an account of %s with the ID %q.", a.Provider, a.ExternalID))
	a.CreatedAt, a.Edits = s.Now(), s.edited(nil, by)
	return created(a, a.CreatedAt, name, id), err
}

// edited are the edits of something with one that somebody makes now.
func (s *Service) edited(before policy.Edits, by Actor) policy.Edits {
	return before.With(policy.Stamp{ByID: by.ID, At: s.Now()})
}

func accountTaken(name string) error {
	return Errorf(CodeDuplicate, "name", "There is already an account named %q.", name)
}

// RenameAccount changes an account's name.
func (s *Service) RenameAccount(ctx context.Context, by Actor, id, name string) (Account, error) {
	name, err := CleanName("name", name)
	if err != nil {
		return Account{}, err
	}
	return Update(ctx, s.Subjects, by, id, "accountId", func(a Account) (Effect, error) {
		return s.renamedAccount(ctx, by, a, name)
	})
}

func (s *Service) renamedAccount(ctx context.Context, by Actor, a Account, name string) (Effect, error) {
	if a.Name == name {
		return Nothing(), nil
	}
	g, err := s.Free(ctx, accountNameTerm(name), a.ID, accountTaken(name))
	a.Name, a.Edits = name, s.edited(a.Edits, by)
	return updated(a, g), err
}

// DeleteAccount takes an account out of the catalog; IN_USE while it has resources.
func (s *Service) DeleteAccount(ctx context.Context, by Actor, id string) error {
	_, err := Update(ctx, s.Subjects, by, id, "accountId", func(a Account) (Effect, error) {
		g, err := s.Free(ctx, resourceScope(id), "", Errorf(CodeInUse, "accountId", "The account %q still has resources; delete them first.", a.Name))
		return deleted(g), err
	})
	return err
}

// Gateway returns a gateway by ID, or a NOT_FOUND *Error.
func (s *Service) Gateway(ctx context.Context, id string) (Gateway, error) {
	return Load[Gateway](ctx, s.Subjects, id, "id")
}

// CreateGateway adds a gateway.
func (s *Service) CreateGateway(ctx context.Context, by Actor, in NewGateway) (Gateway, error) {
	name, err := CleanName("name", in.Name)
	if err != nil {
		return Gateway{}, err
	}
	c, err := s.creation(by, KindGateway, in.IdempotencyKey, in)
	if err != nil {
		return Gateway{}, err
	}
	return create[Gateway](ctx, s.Subjects, by, c, func() (Effect, error) {
		return s.addGateway(ctx, by, Gateway{ID: c.id, Name: name, Asked: c.asked})
	})
}

// addGateway is the effect that adds a gateway.
func (s *Service) addGateway(ctx context.Context, by Actor, g Gateway) (Effect, error) {
	guard, err := s.Free(ctx, gatewayNameTerm(g.Name), "", gatewayTaken(g.Name))
	g.CreatedAt, g.Edits = s.Now(), s.edited(nil, by)
	return created(g, g.CreatedAt, guard), err
}

func gatewayTaken(name string) error {
	return Errorf(CodeDuplicate, "name", "There is already a gateway named %q.", name)
}

// RenameGateway changes a gateway's name.
func (s *Service) RenameGateway(ctx context.Context, by Actor, id, name string) (Gateway, error) {
	name, err := CleanName("name", name)
	if err != nil {
		return Gateway{}, err
	}
	return Update(ctx, s.Subjects, by, id, "gatewayId", func(g Gateway) (Effect, error) {
		return s.renamedGateway(ctx, by, g, name)
	})
}

func (s *Service) renamedGateway(ctx context.Context, by Actor, g Gateway, name string) (Effect, error) {
	if g.Name == name {
		return Nothing(), nil
	}
	guard, err := s.Free(ctx, gatewayNameTerm(name), g.ID, gatewayTaken(name))
	g.Name, g.Edits = name, s.edited(g.Edits, by)
	return updated(g, guard), err
}

// DeleteGateway takes a gateway out of the catalog; IN_USE while it fronts resources.
func (s *Service) DeleteGateway(ctx context.Context, by Actor, id string) error {
	_, err := Update(ctx, s.Subjects, by, id, "gatewayId", func(g Gateway) (Effect, error) {
		guard, err := s.Free(ctx, resourceScope(id), "", Errorf(CodeInUse, "gatewayId", "The gateway %q still fronts resources; delete them first.", g.Name))
		return deleted(guard), err
	})
	return err
}
