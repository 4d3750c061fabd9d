package access

import (
	"context"
	"slices"
)

var providers = []string{"AWS", "GCP", "AZURE", "SNOWFLAKE", "OCI", "ALIBABA", "OTHER"}

// Account returns an account by ID, or a NOT_FOUND *Error.
func (s *Service) Account(ctx context.Context, id string) (Account, error) {
	var a Account
	_, err := s.load(ctx, id, KindAccount, "id", &a)
	return a, err
}

// NewAccount is an account to be added. An idempotency key ("" or up to 80 characters
// of the caller's) makes at most one, also where the call is repeated.
type NewAccount struct{ Name, Provider, ExternalID, IdempotencyKey string }

// NewGateway is a gateway to be added.
type NewGateway struct{ Name, IdempotencyKey string }

// CreateAccount adds an account.
func (s *Service) CreateAccount(ctx context.Context, by Actor, in NewAccount) (Account, error) {
	var a Account
	name, err := cleanName("name", in.Name)
	if err != nil {
		return a, err
	}
	if !slices.Contains(providers, in.Provider) {
		return a, Errorf(Invalid, "provider", "There is no provider %q.", in.Provider)
	}
	externalID, err := cleanText("externalId", in.ExternalID, 1, 200, false)
	if err != nil {
		return a, err
	}
	c, err := s.create(by, KindAccount, in.IdempotencyKey, in)
	if err != nil {
		return a, err
	}
	err = retry(ctx, func() error {
		a = Account{}
		if made, err := c.made(ctx, s, &a, func() string { return a.Asked }, func() bool { return a.Deleted }); made || err != nil {
			return err
		}
		g, err := s.free(ctx, accountNameTerm(name), "", Errorf(Duplicate, "name", "There is already an account named %q.", name))
		if err != nil {
			return err
		}
		now := s.now()
		a = Account{ID: c.id, Name: name, Provider: in.Provider, ExternalID: externalID, CreatedAt: now, Asked: c.asked}
		return s.commit(ctx, by, a.ID, 1, typeCreated, a, &Account{}, now, g)
	})
	return a, err
}

// RenameAccount changes an account's name.
func (s *Service) RenameAccount(ctx context.Context, by Actor, id, name string) (Account, error) {
	var a Account
	name, err := cleanName("name", name)
	if err != nil {
		return a, err
	}
	err = retry(ctx, func() error {
		a = Account{}
		version, err := s.load(ctx, id, KindAccount, "accountId", &a)
		if err != nil {
			return err
		}
		if a.Deleted {
			return notFound("accountId", KindAccount)
		}
		if a.Name == name {
			return nil
		}
		g, err := s.free(ctx, accountNameTerm(name), id, Errorf(Duplicate, "name", "There is already an account named %q.", name))
		if err != nil {
			return err
		}
		before := a
		a.Name = name
		return s.commit(ctx, by, id, version+1, typeUpdated, a, &before, s.now(), g)
	})
	return a, err
}

// DeleteAccount takes an account out of the catalog; IN_USE while it has resources.
func (s *Service) DeleteAccount(ctx context.Context, by Actor, id string) error {
	return retry(ctx, func() error {
		var a Account
		version, err := s.load(ctx, id, KindAccount, "accountId", &a)
		if err != nil {
			return err
		}
		if a.Deleted {
			return notFound("accountId", KindAccount)
		}
		g, err := s.free(ctx, resourceScope(id), "", Errorf(InUse, "accountId", "The account %q still has resources; delete them first.", a.Name))
		if err != nil {
			return err
		}
		return s.commit(ctx, by, id, version+1, typeDeleted, struct{}{}, &a, s.now(), g)
	})
}

// Gateway returns a gateway by ID, or a NOT_FOUND *Error.
func (s *Service) Gateway(ctx context.Context, id string) (Gateway, error) {
	var g Gateway
	_, err := s.load(ctx, id, KindGateway, "id", &g)
	return g, err
}

// CreateGateway adds a gateway.
func (s *Service) CreateGateway(ctx context.Context, by Actor, in NewGateway) (Gateway, error) {
	var g Gateway
	name, err := cleanName("name", in.Name)
	if err != nil {
		return g, err
	}
	c, err := s.create(by, KindGateway, in.IdempotencyKey, in)
	if err != nil {
		return g, err
	}
	err = retry(ctx, func() error {
		g = Gateway{}
		if made, err := c.made(ctx, s, &g, func() string { return g.Asked }, func() bool { return g.Deleted }); made || err != nil {
			return err
		}
		guard, err := s.free(ctx, gatewayNameTerm(name), "", Errorf(Duplicate, "name", "There is already a gateway named %q.", name))
		if err != nil {
			return err
		}
		now := s.now()
		g = Gateway{ID: c.id, Name: name, CreatedAt: now, Asked: c.asked}
		return s.commit(ctx, by, g.ID, 1, typeCreated, g, &Gateway{}, now, guard)
	})
	return g, err
}

// RenameGateway changes a gateway's name.
func (s *Service) RenameGateway(ctx context.Context, by Actor, id, name string) (Gateway, error) {
	var g Gateway
	name, err := cleanName("name", name)
	if err != nil {
		return g, err
	}
	err = retry(ctx, func() error {
		g = Gateway{}
		version, err := s.load(ctx, id, KindGateway, "gatewayId", &g)
		if err != nil {
			return err
		}
		if g.Deleted {
			return notFound("gatewayId", KindGateway)
		}
		if g.Name == name {
			return nil
		}
		guard, err := s.free(ctx, gatewayNameTerm(name), id, Errorf(Duplicate, "name", "There is already a gateway named %q.", name))
		if err != nil {
			return err
		}
		before := g
		g.Name = name
		return s.commit(ctx, by, id, version+1, typeUpdated, g, &before, s.now(), guard)
	})
	return g, err
}

// DeleteGateway takes a gateway out of the catalog; IN_USE while it fronts resources.
func (s *Service) DeleteGateway(ctx context.Context, by Actor, id string) error {
	return retry(ctx, func() error {
		var g Gateway
		version, err := s.load(ctx, id, KindGateway, "gatewayId", &g)
		if err != nil {
			return err
		}
		if g.Deleted {
			return notFound("gatewayId", KindGateway)
		}
		guard, err := s.free(ctx, resourceScope(id), "", Errorf(InUse, "gatewayId", "The gateway %q still fronts resources; delete them first.", g.Name))
		if err != nil {
			return err
		}
		return s.commit(ctx, by, id, version+1, typeDeleted, struct{}{}, &g, s.now(), guard)
	})
}
