package auth

import (
	"context"
	"errors"
	"time"
	_ "time/tzdata" // which zones there are follows from the release, not from the machine

	"procyon/access"
	"procyon/store"
)

// preference is what a person has chosen for themselves alone. It is no history: a document
// that each choice replaces, so that nobody fills the journal with theirs.
type preference struct {
	TimeZone string `json:"timeZone,omitempty"`
}

func preferenceID(userID string) string { return "prf_" + userID }

// maxZone is longer than the name of any zone.
const maxZone = 64

// TimeZone is the time zone in which a person sees times, by its name in the IANA database;
// "" where they have chosen none, and see that of their device.
func (s *Service) TimeZone(ctx context.Context, userID string) (string, error) {
	var p preference
	_, err := s.get(ctx, preferenceID(userID), &p)
	return p.TimeZone, err
}

// SetTimeZone chooses the time zone in which a person sees times, such as Europe/Berlin; ""
// is that of their device. Each chooses their own.
func (s *Service) SetTimeZone(ctx context.Context, by access.Actor, zone string) (access.User, error) {
	if by.Kind != access.ActorUser {
		return access.User{}, access.Errorf(access.CodeForbidden, "", "A time zone is chosen by the person whose it is.")
	}
	if zone != "" {
		// "Local" would be the server's.
		if _, err := time.LoadLocation(zone); err != nil || len(zone) > maxZone || zone == "Local" {
			return access.User{}, access.Errorf(access.CodeInvalid, "timeZone", "%.64q is no time zone that is known here; give one such as Europe/Berlin.", zone)
		}
	}
	u, err := s.person(ctx, by.ID)
	if err != nil {
		return u, err
	}
	for range 10 { // each time, another choice of theirs came in between
		var p preference
		version, err := s.get(ctx, preferenceID(u.ID), &p)
		if err != nil || p.TimeZone == zone {
			return u, err
		}
		p.TimeZone = zone
		err = s.put(ctx, preferenceID(u.ID), version+1, "", nil, p)
		if !errors.Is(err, store.ErrVersion) {
			return u, err
		}
	}
	return u, access.Errorf(access.CodeConflict, "timeZone", "Your time zone is being changed elsewhere at the same time; try again.")
}
