package access

import (
	"context"

	"procyon/store"
)

// ServiceAccount implements Directory.
func (s *Service) ServiceAccount(ctx context.Context, id string) (ServiceAccount, error) {
	return Load[ServiceAccount](ctx, s.Subjects, id, "id")
}

// ServiceAccountByName returns a service account, or a NOT_FOUND *Error.
func (s *Service) ServiceAccountByName(ctx context.Context, name string) (ServiceAccount, error) {
	a, ok, err := First[ServiceAccount](ctx, s.Subjects, serviceNameTerm(name))
	if err == nil && !ok {
		err = Missing[ServiceAccount]("name")
	}
	return a, err
}

// ServiceAccounts lists the service accounts by name.
func (s *Service) ServiceAccounts(ctx context.Context, p store.Page) (store.Listed, error) {
	return s.list(ctx, []string{"svc/"}, p, nil)
}

// CreateServiceAccount adds a service account; DUPLICATE where there is one of that name.
func (s *Service) CreateServiceAccount(ctx context.Context, by Actor, in NewServiceAccount) (ServiceAccount, error) {
	name, err := CleanName("name", in.Name)
	if err != nil {
		return ServiceAccount{}, err
	}
	c, err := s.creation(by, KindService, in.IdempotencyKey, in)
	if err != nil {
		return ServiceAccount{}, err
	}
	return create[ServiceAccount](ctx, s.Subjects, by, c, func() (Effect, error) {
		guards, err := s.asAdmin(ctx, by)
		if err != nil {
			return Nothing(), err
		}
		g, err := s.Free(ctx, serviceNameTerm(name), "", Errorf(CodeDuplicate, "name", "There is already a service account named %q.", name))
		now := s.Now()
		return created(ServiceAccount{ID: c.id, Name: name, CreatedAt: now, Asked: c.asked}, now, append(guards, g)...), err
	})
}

// DisableServiceAccount ends all tokens of a service account, and keeps it from getting
// others. Its history stays. To repeat it changes nothing.
func (s *Service) DisableServiceAccount(ctx context.Context, by Actor, id string) (ServiceAccount, error) {
	return s.switchServiceAccount(ctx, by, id, true)
}

// EnableServiceAccount lets a service account have tokens again. It brings none back that
// disabling ended. To repeat it changes nothing.
func (s *Service) EnableServiceAccount(ctx context.Context, by Actor, id string) (ServiceAccount, error) {
	return s.switchServiceAccount(ctx, by, id, false)
}

func (s *Service) switchServiceAccount(ctx context.Context, by Actor, id string, disabled bool) (ServiceAccount, error) {
	return Update(ctx, s.Subjects, by, id, "id", func(a ServiceAccount) (Effect, error) {
		guards, err := s.asAdmin(ctx, by)
		if err != nil || a.Disabled == disabled {
			return Nothing(), err
		}
		a.Disabled = disabled
		a.Epoch++
		return updated(a, guards...), nil
	})
}

// EnsureServiceAccount implements Directory.
func (s *Service) EnsureServiceAccount(ctx context.Context, by Actor, name string) (ServiceAccount, error) {
	var a ServiceAccount
	name, err := CleanName("name", name)
	if err != nil {
		return a, err
	}
	err = retry(ctx, func() error {
		g := Guard{Key: serviceNameTerm(name), Since: s.Head()}
		var known bool
		if a, known, err = First[ServiceAccount](ctx, s.Subjects, g.Key); known || err != nil {
			return err
		}
		now := s.Now()
		fresh := ServiceAccount{ID: s.NewID(KindService), Name: name, CreatedAt: now}
		return s.commit(ctx, by, fresh.ID, 1, created(fresh, now, g), &a)
	})
	return a, err
}
