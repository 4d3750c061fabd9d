package graph

import (
	"context"

	"procyon/access"
	"procyon/auth"
)

func toSession(s auth.SessionInfo) *Session {
	return &Session{ID: s.ID, UserID: s.UserID, CreatedAt: s.CreatedAt, LastSeenAt: s.SeenAt, ExpiresAt: s.ExpiresAt}
}

// endSessions ends the sessions of a person, the caller where none is named.
func (r *Resolver) endSessions(ctx context.Context, in EndSessionsInput) (int, error) {
	userID, but := actor(ctx).ID, ""
	if in.UserID != nil {
		userID = *in.UserID
	}
	if in.ExceptCurrent {
		but = auth.From(ctx).SessionID
	}
	n, err := r.Auth.EndSessions(ctx, actor(ctx), userID, but)
	return n, access.Moved("id", "userId", err)
}
