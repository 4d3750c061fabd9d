package slackworkspace

import (
	"context"
	"fmt"
	"time"

	"procyon/access"
)

// CheckChannel implements access.Workspaces. Whether the channel's ID is one is the
// kind of integration's to check. Whether the app can post there is checked by what Slack
// said lately: see checkSeen.
func (s *Service) CheckChannel(ctx context.Context, c access.Channel) (access.Guard, error) {
	guard := access.Guard{Key: c.WorkspaceID, Since: s.subjects.Head()}
	w, err := s.WorkspaceByID(ctx, c.WorkspaceID)
	switch {
	case access.CodeOf(err) == access.CodeNotFound, err == nil && w.Removed:
		return guard, access.Errorf(access.CodeNotFound, "slackChannel.workspaceId", "There is no such Slack workspace that has the app. Install it there first.")
	case err != nil:
		return guard, err
	case !w.Counts():
		return guard, access.Errorf(access.CodeConflict, "slackChannel.workspaceId", "The workspace %s waits for an administrator to accept it; accept it first.", w.Name)
	}
	return guard, s.checkSeen(ctx, w, c.ChannelID)
}

// Offered implements access.Workspaces.
func (s *Service) Offered(ctx context.Context, workspaceID string, seen *time.Time) (access.Offer, access.Guard, error) {
	guard := access.Guard{Key: workspaceID, Since: s.subjects.Head()}
	w, err := s.WorkspaceByID(ctx, workspaceID)
	switch {
	case access.CodeOf(err) == access.CodeNotFound, err == nil && (w.Removed || w.Webhook == nil):
		err = access.Errorf(access.CodeNotFound, "offeredByWorkspaceId", "This workspace offers no webhook.")
	case err != nil:
	case !w.Counts():
		err = access.Errorf(access.CodeConflict, "offeredByWorkspaceId", "The workspace %s waits for an administrator to accept it; accept it first.", w.Name)
	case seen != nil && !w.InstalledAt.Equal(*seen):
		err = errInstalledAgain("offerInstalledAt", w)
	}
	if err != nil {
		return access.Offer{}, guard, err
	}
	url, err := s.secrets.Open(w.Webhook.SealedURL, w.ID)
	if err != nil {
		return access.Offer{}, guard, fmt.Errorf("open the webhook offered by %s: %w", w.ID, err)
	}
	return access.Offer{ID: w.Webhook.Offer, URL: url}, guard, nil
}
