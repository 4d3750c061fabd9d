package access

import (
	"context"
	"slices"
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
	name, err := CleanName("name", in.Name)
	if err != nil {
		return Account{}, err
	}
	if !slices.Contains(providers, in.Provider) {
		return Account{}, Errorf(CodeInvalid, "provider", "There is no provider %q.", in.Provider)
	}
	externalID, err := CleanText("externalId", in.ExternalID, 1, 200, false)
	if err != nil {
		return Account{}, err
	}
	c, err := s.creation(by, KindAccount, in.IdempotencyKey, in)
	if err != nil {
		return Account{}, err
	}
	return create[Account](ctx, s.Subjects, by, c, func() (Effect, error) {
		g, err := s.Free(ctx, accountNameTerm(name), "", accountTaken(name))
		now := s.Now()
		return created(Account{ID: c.id, Name: name, Provider: in.Provider, ExternalID: externalID, CreatedAt: now, Asked: c.asked}, now, g), err
	})
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
		if a.Name == name {
			return Nothing(), nil
		}
		g, err := s.Free(ctx, accountNameTerm(name), id, accountTaken(name))
		a.Name = name
		return updated(a, g), err
	})
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
		g, err := s.Free(ctx, gatewayNameTerm(name), "", gatewayTaken(name))
		now := s.Now()
		return created(Gateway{ID: c.id, Name: name, CreatedAt: now, Asked: c.asked}, now, g), err
	})
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
		if g.Name == name {
			return Nothing(), nil
		}
		guard, err := s.Free(ctx, gatewayNameTerm(name), id, gatewayTaken(name))
		g.Name = name
		return updated(g, guard), err
	})
}

// DeleteGateway takes a gateway out of the catalog; IN_USE while it fronts resources.
func (s *Service) DeleteGateway(ctx context.Context, by Actor, id string) error {
	_, err := Update(ctx, s.Subjects, by, id, "gatewayId", func(g Gateway) (Effect, error) {
		guard, err := s.Free(ctx, resourceScope(id), "", Errorf(CodeInUse, "gatewayId", "The gateway %q still fronts resources; delete them first.", g.Name))
		return deleted(guard), err
	})
	return err
}
