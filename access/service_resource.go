package access

import (
	"context"
	"fmt"
	"slices"

	"procyon/phrase"
)

// NewResource is a resource to be added.
type NewResource struct {
	Name      string
	Kind      ResourceKind
	AccountID string
	GatewayID string
	Roles     []string

	IdempotencyKey string // "" or the caller's own: see NewAccount
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
	c, err := s.create(by, KindResource, in.IdempotencyKey, in)
	if err != nil {
		return r, err
	}
	err = retry(ctx, func() error {
		r = Resource{}
		if made, err := c.made(ctx, s, &r, func() string { return r.Asked }, func() bool { return r.Deleted }); made || err != nil {
			return err
		}
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
			ID: c.id, Name: name, Kind: in.Kind, AccountID: in.AccountID, GatewayID: in.GatewayID,
			Roles: roles, CreatedAt: now, Asked: c.asked,
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

// ResourcePatch is a change of a resource; nil leaves a part as it is.
type ResourcePatch struct {
	Name  *string
	Roles []string
	// EndOpenRequests ends the open requests that name a role which goes; without it
	// they are in the way.
	EndOpenRequests bool
}

// UpdateResource changes a resource's name or roles. IN_USE where open requests name a
// role that goes.
func (s *Service) UpdateResource(ctx context.Context, by Actor, id string, p ResourcePatch) (Resource, Ended, error) {
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
		if r.Ending { // a crash may have left something of the last change
			if _, _, err := s.endGone(ctx, by, 0, openTerms(id)...); err != nil {
				return err
			}
		}
		before := r
		r.Ending = false
		var guards []Guard
		if p.Name != nil {
			if r.Name, err = cleanName("name", *p.Name); err != nil {
				return err
			}
			g, err := s.free(ctx, resourceNameTerm(r.AccountID+r.GatewayID, r.Name), id,
				Errorf(Duplicate, "name", "There is already a resource named %q there.", r.Name))
			if err != nil {
				return err
			}
			guards = append(guards, g)
		}
		if p.Roles != nil {
			if r.Roles, err = cleanRoles(p.Roles); err != nil {
				return err
			}
			if r.Ending = p.EndOpenRequests; !r.Ending {
				unused, err := s.unused(ctx, id, func(i Item) bool {
					return i.Role == "" && len(r.Roles) > 0 || i.Role != "" && !slices.Contains(r.Roles, i.Role)
				},
					"roles", "a role that goes")
				if err != nil {
					return err
				}
				guards = append(guards, unused...)
			}
		}
		if r.Name == before.Name && slices.Equal(r.Roles, before.Roles) {
			return nil
		}
		return s.commit(ctx, by, id, version+1, typeUpdated, r, &before, s.now(), guards...)
	})
	if err != nil || p.Roles == nil {
		return r, Ended{}, err
	}
	ended, _, err := s.endGone(ctx, by, 0, openTerms(id)...)
	return r, ended, err
}

// DeleteResource takes a resource out of the catalog. IN_USE while open requests name
// it, unless they are to end as well: then it returns once they have, with what ended. A
// crash in between is made up for by any server: see Schedule.
func (s *Service) DeleteResource(ctx context.Context, by Actor, id string, endOpenRequests bool) (Ended, error) {
	err := retry(ctx, func() error {
		var r Resource
		version, err := s.load(ctx, id, KindResource, "resourceId", &r)
		if err != nil {
			return err
		}
		if r.Deleted {
			return notFound("resourceId", KindResource)
		}
		var guards []Guard
		if !endOpenRequests {
			if guards, err = s.unused(ctx, id, func(Item) bool { return true }, "resourceId", "it"); err != nil {
				return err
			}
		}
		return s.commit(ctx, by, id, version+1, typeDeleted, struct{}{}, &r, s.now(), guards...)
	})
	if err != nil {
		return Ended{}, err
	}
	ended, _, err := s.endGone(ctx, by, 0, openTerms(id)...)
	return ended, err
}

// openTerms list the open requests that name a resource.
func openTerms(resourceID string) []string {
	var out []string
	for _, st := range openStatuses() {
		out = append(out, requestTerm(st, "", "", resourceID))
	}
	return out
}

// maxCounted is how many open requests are counted that are in the way of something.
const maxCounted = 1000

// unused checks that no open request has such an item of a resource, and returns the
// guards that keep it so; else IN_USE says how many have.
func (s *Service) unused(ctx context.Context, resourceID string, such func(Item) bool, field, what string) ([]Guard, error) {
	var guards []Guard
	n := 0
	for _, term := range openTerms(resourceID) {
		guards = append(guards, Guard{Key: term, Since: s.log.Head()})
		for docs, err := range eachPage(ctx, s.views, term) {
			if err != nil {
				return nil, err
			}
			for _, d := range docs {
				r, err := Decode[Request](d)
				if err != nil {
					return nil, err
				}
				if slices.ContainsFunc(r.Items, func(i Item) bool { return i.ResourceID == resourceID && such(i) }) {
					n++
				}
			}
			if n > maxCounted {
				break
			}
		}
	}
	switch {
	case n > maxCounted:
		return nil, Errorf(InUse, field, "More than %d open requests name %s; end them first, or say that they are to end as well (endOpenRequests).", maxCounted, what)
	case n > 0:
		return nil, Errorf(InUse, field, "%s %s; end them first, or say that they are to end as well (endOpenRequests).", namedBy(n), what)
	}
	return guards, nil
}

func namedBy(n int) string {
	if n == 1 {
		return "1 open request names"
	}
	return phrase.Count(n, "open request") + " name"
}
