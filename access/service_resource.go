package access

import (
	"context"
	"fmt"
	"slices"
)

// NewResource is a resource to be added.
type NewResource struct {
	Name      string
	Kind      ResourceKind
	AccountID string
	GatewayID string
	Roles     []string
}

const maxRoles = 50

var resourceKinds = []ResourceKind{
	CloudRole, Database, KubernetesCluster, KafkaCluster, Application, PrivateServer, WindowsServer,
}

// Resource returns a resource by ID, deleted ones too, or a NOT_FOUND *Error.
func (s *Service) Resource(ctx context.Context, id string) (Resource, error) {
	var r Resource
	_, err := s.load(ctx, id, KindResource, "id", &r)
	return r, err
}

// CreateResource adds a resource to the catalog.
func (s *Service) CreateResource(ctx context.Context, by Actor, in NewResource) (Resource, error) {
	var r Resource
	name, err := cleanName("name", in.Name)
	if err != nil {
		return r, err
	}
	if !slices.Contains(resourceKinds, in.Kind) {
		return r, Errorf(Invalid, "kind", "There is no resource kind %q.", in.Kind)
	}
	roles, err := cleanRoles(in.Roles)
	if err != nil {
		return r, err
	}
	if in.AccountID != "" && in.GatewayID != "" {
		return r, Errorf(Invalid, "gatewayId", "A resource belongs to an account or sits behind a gateway, not both.")
	}
	if in.AccountID == "" && in.GatewayID == "" && !in.Kind.IsServer() {
		return r, Errorf(Invalid, "accountId", "Only servers stand alone; give an account or a gateway.")
	}
	err = retry(ctx, func() error {
		parent, err := s.parent(ctx, in)
		if err != nil {
			return err
		}
		unique, err := s.free(ctx, resourceNameTerm(in.AccountID+in.GatewayID, name), "",
			Errorf(Duplicate, "name", "There is already a resource named %q there.", name))
		if err != nil {
			return err
		}
		now := s.now()
		r = Resource{
			ID: s.newID(KindResource), Name: name, Kind: in.Kind, AccountID: in.AccountID, GatewayID: in.GatewayID,
			Roles: roles, CreatedAt: now,
		}
		return s.commit(ctx, by, r.ID, 1, typeCreated, r, &Resource{}, now, append(parent, unique)...)
	})
	return r, err
}

// parent checks that a new resource's account or gateway is there, and guards
// that it stays until the commit.
func (s *Service) parent(ctx context.Context, in NewResource) ([]Guard, error) {
	guard := Guard{Key: in.AccountID + in.GatewayID, Since: s.log.Head()}
	switch {
	case in.AccountID != "":
		var a Account
		if _, err := s.load(ctx, in.AccountID, KindAccount, "accountId", &a); err != nil {
			return nil, err
		}
		if a.Deleted {
			return nil, notFound("accountId", KindAccount)
		}
	case in.GatewayID != "":
		var g Gateway
		if _, err := s.load(ctx, in.GatewayID, KindGateway, "gatewayId", &g); err != nil {
			return nil, err
		}
		if g.Deleted {
			return nil, notFound("gatewayId", KindGateway)
		}
	default:
		return nil, nil
	}
	return []Guard{guard}, nil
}

func cleanRoles(in []string) ([]string, error) {
	if len(in) > maxRoles {
		return nil, Errorf(Invalid, "roles", "Give at most %d roles; these are %d.", maxRoles, len(in))
	}
	var roles []string
	for i, role := range in {
		field := fmt.Sprintf("roles.%d", i)
		role, err := cleanName(field, role)
		if err != nil {
			return nil, err
		}
		if slices.Contains(roles, role) {
			return nil, Errorf(Invalid, field, "The role %q is given twice.", role)
		}
		roles = append(roles, role)
	}
	return roles, nil
}

// UpdateResource changes a resource's name or roles; nil leaves them.
func (s *Service) UpdateResource(ctx context.Context, by Actor, id string, name *string, roles []string) (Resource, error) {
	var r Resource
	err := retry(ctx, func() error {
		r = Resource{}
		version, err := s.load(ctx, id, KindResource, "resourceId", &r)
		if err != nil {
			return err
		}
		if r.Deleted {
			return notFound("resourceId", KindResource)
		}
		before := r
		var guards []Guard
		if name != nil {
			if r.Name, err = cleanName("name", *name); err != nil {
				return err
			}
			g, err := s.free(ctx, resourceNameTerm(r.AccountID+r.GatewayID, r.Name), id,
				Errorf(Duplicate, "name", "There is already a resource named %q there.", r.Name))
			if err != nil {
				return err
			}
			guards = append(guards, g)
		}
		if roles != nil {
			if r.Roles, err = cleanRoles(roles); err != nil {
				return err
			}
		}
		if r.Name == before.Name && slices.Equal(r.Roles, before.Roles) {
			return nil
		}
		return s.commit(ctx, by, id, version+1, typeUpdated, r, &before, s.now(), guards...)
	})
	return r, err
}

// DeleteResource takes a resource out of the catalog.
func (s *Service) DeleteResource(ctx context.Context, by Actor, id string) error {
	return retry(ctx, func() error {
		var r Resource
		version, err := s.load(ctx, id, KindResource, "resourceId", &r)
		if err != nil {
			return err
		}
		if r.Deleted {
			return notFound("resourceId", KindResource)
		}
		return s.commit(ctx, by, id, version+1, typeDeleted, struct{}{}, &r, s.now())
	})
}
