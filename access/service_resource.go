package access

import (
	"context"
	"fmt"
	"slices"

	"procyon/phrase"
	"procyon/store"
)

// NewResource is a resource to be added.
type NewResource struct {
	Name      string
	Kind      ResourceKind
	AccountID string
	GatewayID string
	Roles     []string

	IdempotencyKey *string // nil or the caller's own: see NewAccount
}

const maxRoles = 50

var resourceKinds = []ResourceKind{
	ResourceCloudRole, ResourceDatabase, ResourceKubernetesCluster, ResourceKafkaCluster, ResourceApplication, ResourcePrivateServer, ResourceWindowsServer,
}

// Resource returns a resource by ID, deleted ones too, or a NOT_FOUND *Error.
func (s *Service) Resource(ctx context.Context, id string) (Resource, error) {
	return Load[Resource](ctx, s.Subjects, id, "id")
}

// CreateResource adds a resource to the catalog.
func (s *Service) CreateResource(ctx context.Context, by Actor, in NewResource) (Resource, error) {
	fresh, err := newResource(in)
	if err != nil {
		return Resource{}, err
	}
	c, err := s.creation(by, KindResource, in.IdempotencyKey, in)
	if err != nil {
		return Resource{}, err
	}
	fresh.ID, fresh.Asked = c.id, c.asked
	return create[Resource](ctx, s.Subjects, by, c, func() (Effect, error) { return s.addResource(ctx, by, fresh) })
}

// addResource is the effect that adds a resource. That is an edit, too: a second resource
// for the same thing could be under a policy that gives more.
func (s *Service) addResource(ctx context.Context, by Actor, r Resource) (Effect, error) {
	parent, err := s.parent(ctx, r)
	if err != nil {
		return Nothing(), err
	}
	unique, err := s.Free(ctx, resourceNameTerm(r.AccountID+r.GatewayID, r.Name), "", resourceTaken(r.Name))
	r.CreatedAt, r.Edits = s.Now(), s.edited(nil, by)
	return created(r, r.CreatedAt, append(parent, unique)...), err
}

// newResource makes a resource of what was given, as far as that can be checked by itself.
func newResource(in NewResource) (Resource, error) {
	r := Resource{Kind: in.Kind, AccountID: in.AccountID, GatewayID: in.GatewayID}
	var err error
	if r.Name, err = CleanName("name", in.Name); err != nil {
		return r, err
	}
	if !slices.Contains(resourceKinds, in.Kind) {
		return r, Errorf(CodeInvalid, "kind", "There is no resource kind %q.", in.Kind)
	}
	if r.Roles, err = cleanRoles(in.Roles); err != nil {
		return r, err
	}
	if in.AccountID != "" && in.GatewayID != "" {
		return r, Errorf(CodeInvalid, "gatewayId", "A resource belongs to an account or sits behind a gateway, not both.")
	}
	if in.AccountID == "" && in.GatewayID == "" && !in.Kind.IsServer() {
		return r, Errorf(CodeInvalid, "accountId", "Only servers stand alone; give an account or a gateway.")
	}
	return r, nil
}

func resourceTaken(name string) error {
	return Errorf(CodeDuplicate, "name", "There is already a resource named %q there.", name)
}

// parent checks that a new resource's account or gateway is there, and guards
// that it stays until the commit.
func (s *Service) parent(ctx context.Context, r Resource) ([]Guard, error) {
	guard := Guard{Key: r.AccountID + r.GatewayID, Since: s.Head()}
	var err error
	switch {
	case r.AccountID != "":
		_, err = LoadCurrent[Account](ctx, s.Subjects, r.AccountID, "accountId")
	case r.GatewayID != "":
		_, err = LoadCurrent[Gateway](ctx, s.Subjects, r.GatewayID, "gatewayId")
	default:
		return nil, nil
	}
	return []Guard{guard}, err
}

func cleanRoles(in []string) ([]string, error) {
	if len(in) > maxRoles {
		return nil, Errorf(CodeInvalid, "roles", "Give at most %d roles; these are %d.", maxRoles, len(in))
	}
	var roles []string
	for i, role := range in {
		field := fmt.Sprintf("roles.%d", i)
		role, err := CleanName(field, role)
		if err != nil {
			return nil, err
		}
		if slices.Contains(roles, role) {
			return nil, Errorf(CodeInvalid, field, "The role %q is given twice.", role)
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
	r, err := Update(ctx, s.Subjects, by, id, "resourceId", func(r Resource) (Effect, error) {
		return s.changedResource(ctx, by, r, p)
	})
	if err != nil || p.Roles == nil {
		return r, Ended{}, err
	}
	ended, _, err := s.endGone(ctx, by, 0, openTerms(id)...)
	return r, ended, err
}

// changedResource is the effect that changes a resource.
func (s *Service) changedResource(ctx context.Context, by Actor, r Resource, p ResourcePatch) (Effect, error) {
	if r.Ending { // a crash may have left something of the last change
		if _, _, err := s.endGone(ctx, by, 0, openTerms(r.ID)...); err != nil {
			return Nothing(), err
		}
	}
	next, guards, err := s.patchedResource(ctx, r, p)
	if err != nil || next.Name == r.Name && slices.Equal(next.Roles, r.Roles) {
		return Nothing(), err
	}
	next.Edits = s.edited(r.Edits, by)
	return updated(next, guards...), nil
}

// patchedResource returns a resource as it is after a change, and what that rests on.
func (s *Service) patchedResource(ctx context.Context, r Resource, p ResourcePatch) (Resource, []Guard, error) {
	var guards []Guard
	var err error
	r.Ending = false
	if p.Name != nil {
		if r.Name, err = CleanName("name", *p.Name); err != nil {
			return r, nil, err
		}
		g, err := s.Free(ctx, resourceNameTerm(r.AccountID+r.GatewayID, r.Name), r.ID, resourceTaken(r.Name))
		if err != nil {
			return r, nil, err
		}
		guards = append(guards, g)
	}
	if p.Roles == nil {
		return r, guards, nil
	}
	if r.Roles, err = cleanRoles(p.Roles); err != nil {
		return r, nil, err
	}
	if r.Ending = p.EndOpenRequests; r.Ending {
		return r, guards, nil
	}
	unused, err := s.unused(ctx, r.ID, func(i Item) bool {
		return i.Role == "" && len(r.Roles) > 0 || i.Role != "" && !slices.Contains(r.Roles, i.Role)
	}, "roles", "a role that goes")
	return r, append(guards, unused...), err
}

// DeleteResource takes a resource out of the catalog. IN_USE while open requests name
// it, unless they are to end as well: then it returns once they have, with what ended. A
// crash in between is made up for by any server: see Schedule.
func (s *Service) DeleteResource(ctx context.Context, by Actor, id string, endOpenRequests bool) (Ended, error) {
	_, err := Update(ctx, s.Subjects, by, id, "resourceId", func(Resource) (Effect, error) {
		if endOpenRequests {
			return deleted(), nil
		}
		guards, err := s.unused(ctx, id, func(Item) bool { return true }, "resourceId", "it")
		return deleted(guards...), err
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
		for docs, err := range store.EachPage(ctx, s.views, term, endingPage) {
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
		return nil, Errorf(CodeInUse, field, "More than %d open requests name %s; end them first, or say that they are to end as well (endOpenRequests).", maxCounted, what)
	case n > 0:
		return nil, Errorf(CodeInUse, field, "%s %s; end them first, or say that they are to end as well (endOpenRequests).", namedBy(n), what)
	}
	return guards, nil
}

func namedBy(n int) string {
	if n == 1 {
		return "1 open request names"
	}
	return phrase.Count(n, "open request") + " name"
}
