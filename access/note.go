package access

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// ConsumerChange is what an administrator does to somebody else's durable consumer.
type ConsumerChange struct {
	Name    string `json:"name"`
	From    uint64 `json:"from"`         // the number of the last event that it had dealt with
	To      uint64 `json:"to,omitempty"` // the same, of where it was reset to
	Deleted bool   `json:"-"`            // rather than reset; the entry's type says so
}

// Entries for the record only, which change nothing of whose they are.
const (
	typeTokenIssued     = "TOKEN_ISSUED"
	typeTokenRevoked    = "TOKEN_REVOKED"
	typePasswordSet     = "PASSWORD_SET"
	typeSessionsEnded   = "SESSIONS_ENDED"
	typeConsumerReset   = "CONSUMER_RESET"
	typeConsumerDeleted = "CONSUMER_DELETED"
)

// isNote tells whether an entry is for the record only.
func isNote(typ string) bool {
	switch typ {
	case typeTokenIssued, typeTokenRevoked, typePasswordSet, typeSessionsEnded, typeConsumerReset, typeConsumerDeleted:
		return true
	}
	return false
}

// RecordToken implements Directory.
func (s *Service) RecordToken(ctx context.Context, by Actor, ownerID string, t TokenIssued) error {
	return s.note(ctx, by, ownerID, typeTokenIssued, t)
}

// RecordRevocation implements Directory.
func (s *Service) RecordRevocation(ctx context.Context, by Actor, ownerID, tokenID string) error {
	return s.note(ctx, by, ownerID, typeTokenRevoked, struct {
		TokenID string `json:"tokenId"`
	}{tokenID})
}

// RecordPassword implements Directory.
func (s *Service) RecordPassword(ctx context.Context, by Actor, userID string, oneTime bool) error {
	return s.note(ctx, by, userID, typePasswordSet, struct {
		OneTime bool `json:"oneTime,omitempty"`
	}{oneTime})
}

// sessionsEnded are the data of typeSessionsEnded. An earlier release wrote the number alone.
type sessionsEnded struct {
	Count     int    `json:"count"`
	SessionID string `json:"sessionId,omitempty"` // of one
	All       bool   `json:"all,omitempty"`       // all that there were
}

// RecordSessionsEnded implements Directory.
func (s *Service) RecordSessionsEnded(ctx context.Context, by Actor, userID, sessionID string, count int) error {
	return s.note(ctx, by, userID, typeSessionsEnded, sessionsEnded{count, sessionID, sessionID == ""})
}

// Revoked is what an entry says has ended that stands beside the journal, so that a crash can
// leave it: one of these.
type Revoked struct {
	OwnerID string
	By      Actor
	At      time.Time // of the entry

	TokenID     string
	SessionID   string
	AllSessions bool // of the owner, that began until then
}

// RevokedIn tells what a change says has ended beside the journal; ok is false where that is
// nothing.
func RevokedIn(c Change) (r Revoked, ok bool, err error) {
	r = Revoked{OwnerID: c.Subject, By: c.Actor, At: c.At}
	switch c.Type {
	case typeTokenRevoked:
		var data struct {
			TokenID string `json:"tokenId"`
		}
		err = json.Unmarshal(c.Data, &data)
		r.TokenID = data.TokenID
	case typeSessionsEnded:
		var data sessionsEnded
		err = json.Unmarshal(c.Data, &data)
		r.SessionID, r.AllSessions = data.SessionID, data.All
	}
	if err != nil {
		return Revoked{}, false, fmt.Errorf("what %s of %s ends: %w", c.Type, c.Subject, err)
	}
	return r, r.TokenID != "" || r.SessionID != "" || r.AllSessions, nil
}

// RecordConsumer writes into the journal of the service account, or person, that owns a
// durable consumer what somebody else is about to do to it. FORBIDDEN where that is nobody
// who manages by now, whatever they were when their call was authenticated. An owner that
// is no subject of this journal has none.
func (s *Service) RecordConsumer(ctx context.Context, by Actor, ownerID string, c ConsumerChange) error {
	if _, err := s.asAdmin(ctx, by); err != nil {
		return err
	}
	typ := typeConsumerReset
	if c.Deleted {
		typ = typeConsumerDeleted
	}
	err := s.note(ctx, by, ownerID, typ, c)
	if CodeOf(err) == CodeNotFound {
		return nil
	}
	return err
}

// note writes into an identity's journal what does not change it.
func (s *Service) note(ctx context.Context, by Actor, ownerID, typ string, data any) (err error) {
	e := Effect{Type: typ, Data: data}
	if KindOf(ownerID) == KindService {
		_, err = Update(ctx, s.Subjects, by, ownerID, "ownerId", func(ServiceAccount) (Effect, error) { return e, nil })
		return err
	}
	_, err = Update(ctx, s.Subjects, by, ownerID, "ownerId", func(User) (Effect, error) { return e, nil })
	return err
}
