package auth

import (
	"context"
	"errors"
	"time"

	"procyon/access"
	"procyon/slackworkspace"
	"procyon/store"
)

// installOffer is what the console gives an administrator who adds a Slack workspace: who
// comes back from Slack with its token began there. Its token is not kept.
type installOffer struct {
	slackworkspace.Consent
	// ExpiresAt is the offer's end.
	ExpiresAt time.Time `json:"expiresAt"`
	// Used: an installation was made with it.
	Used bool `json:"used"`
}

const (
	installOfferPrefix = "sio_"
	// SlackInstallTTL is how long an offer to add a workspace stands.
	SlackInstallTTL = 10 * time.Minute
)

// OfferSlackInstall makes an offer to install the app in a Slack workspace that is
// accepted by it, and returns its token, which works once. Only an administrator who acts
// by themselves can make one (else [access.CodeForbidden]).
func (s *Service) OfferSlackInstall(ctx context.Context, by access.Actor) (token string, expiresAt time.Time, err error) {
	if by.Kind != access.ActorUser || by.ByID != "" || !by.Admin {
		return "", expiresAt, access.Errorf(access.CodeForbidden, "", "Only an administrator who is signed in can add a Slack workspace.")
	}
	if _, err := s.Sweep(ctx); err != nil {
		return "", expiresAt, err
	}
	u, err := s.person(ctx, by.ID)
	if err != nil {
		return "", expiresAt, err
	}
	if token, err = s.newSecret(); err != nil {
		return "", expiresAt, err
	}
	o := installOffer{Consent: slackworkspace.Consent{UserID: u.ID, Epoch: u.Epoch}, ExpiresAt: s.now().Add(SlackInstallTTL)}
	return token, o.ExpiresAt, s.put(ctx, hashed(installOfferPrefix, token), 1, stamp(o.ExpiresAt), []string{termExpiry}, o)
}

// TakeSlackInstall uses an offer up, and returns whose it is; nil where the token is
// unknown, over or used. Of several who try at once, one gets it. Whether its maker still
// is an administrator is checked where it counts: see [slackworkspace.Service.Install].
func (s *Service) TakeSlackInstall(ctx context.Context, token string) (*slackworkspace.Consent, error) {
	if !isSecret(token) {
		return nil, nil
	}
	var o installOffer
	version, err := s.get(ctx, hashed(installOfferPrefix, token), &o)
	if err != nil || version == 0 || o.Used || !s.now().Before(o.ExpiresAt) {
		return nil, err
	}
	o.Used = true
	err = s.put(ctx, hashed(installOfferPrefix, token), version+1, stamp(o.ExpiresAt), []string{termExpiry}, o)
	if errors.Is(err, store.ErrVersion) {
		return nil, nil
	}
	return &o.Consent, err
}
