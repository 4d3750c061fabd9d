package auth

import (
	"slices"
	"strings"

	"procyon/access"
)

// The roles of people, as the schema has them.
const (
	roleMember = "MEMBER"
	RoleAdmin  = "ADMIN"
)

// Allows is the one rule of who may use a field that asks for a role and lists
// scopes. Its errors are of ErrUnauthenticated or ErrForbidden, and say what is
// needed. In this order:
//
//   - a public field is open to everybody;
//   - nobody else may do anything without saying who they are;
//   - a service needs one of the scopes, and is never let in where there are none;
//   - a service acting for a person needs the scope slack:act, on the field and
//     on its token, and the person needs the role;
//   - a person needs the role: in a session, or with a token that has the scope
//     self or admin; with any other token they need one of the scopes as well.
func Allows(p *Principal, role string, scopes []string, public bool) error {
	switch {
	case public:
		return nil
	case p == nil:
		return ErrUnauthenticated
	case p.acting():
		if !slices.Contains(scopes, ScopeSlackAct) || !p.has(ScopeSlackAct) {
			return forbidden("A service may not do this for a person.")
		}
		return hasRole(p, role)
	case p.Actor.Kind == access.ActorService:
		return hasScope(p, scopes)
	case p.full():
		return hasRole(p, role)
	default:
		if err := hasScope(p, scopes); err != nil {
			return err
		}
		return hasRole(p, role)
	}
}

func hasScope(p *Principal, scopes []string) error {
	if slices.ContainsFunc(scopes, p.has) {
		return nil
	}
	if p.Actor.Kind == access.ActorUser {
		scopes = append(slices.Clip(scopes), ScopeSelf)
	}
	if len(scopes) == 0 {
		return forbidden("Services may not do this.")
	}
	return forbidden("This needs a token with one of these scopes: %s.", strings.Join(scopes, ", "))
}

func hasRole(p *Principal, role string) error {
	switch {
	case role == roleMember, role == RoleAdmin && p.Actor.Admin:
		return nil
	case role == RoleAdmin:
		return forbidden("This needs an administrator.")
	default:
		return forbidden("This needs the role %.20q, which nobody has.", role)
	}
}
