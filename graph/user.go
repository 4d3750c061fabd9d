package graph

import (
	"context"

	"procyon/access"
)

// allowSelf refuses to take one's own rights away by mistake.
func allowSelf(ctx context.Context, userID string, allowed bool) error {
	if userID != actor(ctx).ID || allowed {
		return nil
	}
	return access.Errorf(access.CodeConflict, "userId", "This is you: you would lose your own rights. Say allowSelf: true if you mean that.")
}

func (r *Resolver) setUserRole(ctx context.Context, in SetUserRoleInput) (access.User, error) {
	if in.Role != RoleAdmin {
		if err := allowSelf(ctx, in.UserID, in.AllowSelf); err != nil {
			return access.User{}, err
		}
	}
	u, err := r.Access.SetAdmin(ctx, actor(ctx), in.UserID, in.Role == RoleAdmin)
	return u, access.Moved("id", "userId", err)
}

// disableUser keeps a person out. What is theirs opens nothing from then on; the payload
// counts what that ended.
func (r *Resolver) disableUser(ctx context.Context, in DisableUserInput) (*DisableUserPayload, error) {
	if err := allowSelf(ctx, in.UserID, in.AllowSelf); err != nil {
		return nil, err
	}
	u, ended, err := r.Access.DisableUser(ctx, actor(ctx), in.UserID)
	if err != nil {
		return nil, access.Moved("id", "userId", err)
	}
	over, err := r.Auth.EndDisabled(ctx, u.ID)
	if err != nil {
		return nil, err
	}
	return &DisableUserPayload{User: toUser(u), EndedRequests: toEnded(ended), EndedSessions: &over.Sessions, EndedTokens: &over.Tokens}, nil
}

// ofPerson refuses to list what is a person's to anybody but themselves and those who may
// list people.
func ofPerson(ctx context.Context, userID string) error {
	if userID == actor(ctx).ID || mayUse(ctx, "Query", "users") {
		return nil
	}
	return access.Errorf(access.CodeForbidden, "", "This is for themselves, and for administrators.")
}

// own lets those find by its ID what is somebody's who may see it in a list of theirs: by
// the rule of the field of User that has it, and ofPerson.
func own[N Node](ctx context.Context, field string, n N, ownerID string, err error) (Node, error) {
	if err == nil && (!mayUse(ctx, "User", field) || ofPerson(ctx, ownerID) != nil) {
		return nil, errNoNode
	}
	return node(n, err)
}
