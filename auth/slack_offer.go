package auth

import (
	"context"
	"errors"
	"time"

	"procyon/access"
	"procyon/store"
)

// SlackOffer is what /procyon login offers: to link a Slack user to whoever signs
// in and agrees. Who holds its token can see it, and use it once.
type SlackOffer struct {
	// WorkspaceID names the installation, SlackUserID the person there.
	WorkspaceID string `json:"workspaceId"`
	SlackUserID string `json:"slackUserId"`
	// SlackName and SlackEmail are as Slack has them.
	SlackName  string `json:"slackName"`
	SlackEmail string `json:"slackEmail"`
	// ExpiresAt is the offer's end.
	ExpiresAt time.Time `json:"expiresAt"`
	// Used: it was taken.
	Used bool `json:"used"`
}

const (
	slackOfferPrefix = "slo_"
	// SlackOfferTTL is how long an offer stands.
	SlackOfferTTL = 10 * time.Minute
)

// ErrOffer is what a token that is unknown, over or used gets; these are not told
// apart.
var ErrOffer = access.Errorf(access.CodeNotFound, "token", "This link is no longer good: it works once, for ten minutes. Run /procyon login in Slack for a new one.")

// OfferSlackLink makes an offer and returns its token, which is not kept. The time
// in the offer is set.
func (s *Service) OfferSlackLink(ctx context.Context, o SlackOffer) (token string, offered SlackOffer, err error) {
	if _, err := s.Sweep(ctx); err != nil {
		return "", o, err
	}
	if token, err = s.newSecret(); err != nil {
		return "", o, err
	}
	o.ExpiresAt, o.Used = s.now().Add(SlackOfferTTL), false
	err = s.put(ctx, hashed(slackOfferPrefix, token), 1, stamp(o.ExpiresAt), []string{termExpiry}, o)
	return token, o, err
}

// SlackOffer returns an offer that still stands, or [ErrOffer]. Looking at it
// changes nothing: programs that preview links may.
func (s *Service) SlackOffer(ctx context.Context, token string) (SlackOffer, error) {
	o, _, err := s.slackOffer(ctx, token)
	return o, err
}

func (s *Service) slackOffer(ctx context.Context, token string) (SlackOffer, uint64, error) {
	var o SlackOffer
	if !isSecret(token) {
		return o, 0, ErrOffer
	}
	version, err := s.get(ctx, hashed(slackOfferPrefix, token), &o)
	if err != nil {
		return o, 0, err
	}
	if version == 0 || o.Used || !s.now().Before(o.ExpiresAt) {
		return SlackOffer{}, 0, ErrOffer
	}
	return o, version, nil
}

// TakeSlackOffer uses an offer up. Of several who try at once, one gets it and the
// others get [ErrOffer].
func (s *Service) TakeSlackOffer(ctx context.Context, token string) (SlackOffer, error) {
	o, version, err := s.slackOffer(ctx, token)
	if err != nil {
		return o, err
	}
	used := o
	used.Used = true
	err = s.put(ctx, hashed(slackOfferPrefix, token), version+1, stamp(o.ExpiresAt), []string{termExpiry}, used)
	if errors.Is(err, store.ErrVersion) {
		return SlackOffer{}, ErrOffer
	}
	return o, err
}
