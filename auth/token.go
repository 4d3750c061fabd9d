package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"procyon/access"
	"procyon/store"
)

// TokenInfo describes an API token; it does not hold the secret.
type TokenInfo struct {
	ID        string    `json:"id"`        // tok_…
	Name      string    `json:"name"`      // what it is for
	OwnerID   string    `json:"ownerId"`   // the person (usr_…) or service (svc_…) that it acts as
	Scopes    []string  `json:"scopes"`    // sorted
	CreatedAt time.Time `json:"createdAt"` // UTC
	ExpiresAt time.Time `json:"expiresAt"` // UTC; from then on it opens nothing
	// UsedAt is when it was last used, to an hour; zero: never, or by a release that did not
	// write it down.
	UsedAt time.Time `json:"usedAt,omitzero"`
}

// tokenRecord is what is stored of a token.
type tokenRecord struct {
	Name      string    `json:"name"`
	OwnerID   string    `json:"ownerId"`
	Scopes    []string  `json:"scopes"`
	CreatedAt time.Time `json:"createdAt"`
	ExpiresAt time.Time `json:"expiresAt"`
	// Epoch is the owner's when it was made: see access.User and access.ServiceAccount.
	Epoch int `json:"epoch,omitempty"`
	// MadeWith is the ID of the token with which its own person made it, if any: it ends
	// with that one.
	MadeWith string `json:"madeWith,omitempty"`
	// UsedAt is roughly when it was last used: see useNoted.
	UsedAt time.Time `json:"usedAt,omitzero"`
}

const (
	tokenPrefix  = "tok_" // of the ID
	secretPrefix = "pcn_" // of the secret; tells scanners of code what they have found
	defaultTTL   = 90 * 24 * time.Hour
	maxTTL       = 366 * 24 * time.Hour
	maxTokens    = 1000 // that one owner can have
	maxOwnTokens = 100  // that a person can have
	// useNoted is how long after a use was written down the next one is: few requests pay
	// for a write.
	useNoted = time.Hour
)

func tokenTerm(ownerID string) string { return "auth/token=" + ownerID }

// isToken tells whether s has the form of a token: pcn_ and 43 characters of base64url.
func isToken(s string) bool {
	rest, ok := strings.CutPrefix(s, secretPrefix)
	return ok && isSecret(rest)
}

// MayManage tells whether an actor may manage what is others': people, service accounts,
// their tokens and sessions. That is an administrator whose token, if they came with one,
// does not limit them; and the system.
func MayManage(by access.Actor) bool {
	return by.Kind == access.ActorSystem || by.Admin && unlimited(by)
}

// managing returns an error where an actor may not manage what is others', or may no
// longer: rights are read anew, for a connection that was opened long ago may not know
// yet that they have ended.
func (s *Service) managing(ctx context.Context, by access.Actor, refused error) error {
	if !MayManage(by) {
		return refused
	}
	if by.Kind == access.ActorSystem {
		return nil
	}
	u, err := s.person(ctx, by.ID)
	if errors.Is(err, ErrUnauthenticated) || err == nil && !u.Admin {
		return refused
	}
	return err
}

// ownOrManaging is managing, where it is not about the actor themselves.
func (s *Service) ownOrManaging(ctx context.Context, by access.Actor, ownerID string, refused error) error {
	if by.ID == ownerID {
		return nil
	}
	return s.managing(ctx, by, refused)
}

// unlimited tells whether what the actor came in with does not limit them: a
// limited token must not beget one that may do more, nor may a service, for
// itself or for a person.
func unlimited(by access.Actor) bool { return (&Principal{Actor: by}).full() }

func (r tokenRecord) info(id string) TokenInfo {
	return TokenInfo{ID: id, Name: r.Name, OwnerID: r.OwnerID, Scopes: r.Scopes, CreatedAt: r.CreatedAt, ExpiresAt: r.ExpiresAt, UsedAt: r.UsedAt}
}

func tokenDocument(id string, version uint64, r tokenRecord) (store.Document, error) {
	return document(id, version, stamp(r.ExpiresAt), []string{tokenTerm(r.OwnerID), termExpiry}, r)
}

// Token returns a token that is still good, or a NOT_FOUND *access.Error.
func (s *Service) Token(ctx context.Context, id string) (TokenInfo, error) {
	if !strings.HasPrefix(id, tokenPrefix) {
		return TokenInfo{}, noToken()
	}
	var r tokenRecord
	version, err := s.get(ctx, id, &r)
	if err != nil {
		return TokenInfo{}, err
	}
	epoch, err := s.epoch(ctx, r.OwnerID)
	if err != nil {
		return TokenInfo{}, err
	}
	if version == 0 || !r.good(s.now(), epoch) {
		return TokenInfo{}, noToken()
	}
	return r.info(id), nil
}

func noToken() error {
	return access.Errorf(access.CodeNotFound, "id", "There is no such token.")
}

// good tells whether a token opens what it is for, if its owner is not disabled.
func (r tokenRecord) good(now time.Time, epoch int) bool {
	return now.Before(r.ExpiresAt) && r.Epoch == epoch
}

// epoch is that of a person or service account, disabled or not.
func (s *Service) epoch(ctx context.Context, id string) (int, error) {
	_, epoch, err := s.owner(ctx, id)
	if errors.Is(err, ErrUnauthenticated) {
		err = nil
	}
	return epoch, err
}

// Tokens lists the tokens of a person or service account that are still good, the last to
// end first. Each document holds a TokenInfo.
func (s *Service) Tokens(ctx context.Context, ownerID string, p store.Page) (store.Listed, error) {
	epoch, err := s.epoch(ctx, ownerID)
	if err != nil {
		return store.Listed{}, err
	}
	now := s.now()
	return listed(ctx, s.docs, tokenTerm(ownerID), p, func(id string, r tokenRecord) (any, bool) {
		return r.info(id), r.good(now, epoch)
	})
}

// ListTokens lists the tokens of a person or service that are still good, the
// newest first, at most 1,000.
func (s *Service) ListTokens(ctx context.Context, ownerID string) ([]TokenInfo, error) {
	l, err := s.Tokens(ctx, ownerID, store.Page{First: maxTokens})
	if err != nil {
		return nil, fmt.Errorf("list the tokens of %s: %w", ownerID, err)
	}
	list, err := access.DecodeAll[TokenInfo](l.Docs)
	slices.SortFunc(list, func(a, b TokenInfo) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), strings.Compare(a.ID, b.ID))
	})
	return list, err
}

var errToken = unauthenticated("the token is wrong, has expired or was revoked")

// byToken returns who holds a token's secret, or ErrUnauthenticated.
func (s *Service) byToken(ctx context.Context, secret string) (*Principal, error) {
	if !isToken(secret) {
		return nil, errToken
	}
	if p := s.byLocalToken(secret); p != nil {
		return p, nil
	}
	id := hashed(tokenPrefix, secret)
	var r tokenRecord
	version, err := s.get(ctx, id, &r)
	if err != nil {
		return nil, err
	}
	a, epoch, err := s.owner(ctx, r.OwnerID)
	if err == nil && (version == 0 || !r.good(s.now(), epoch)) {
		err = ErrUnauthenticated
	}
	if errors.Is(err, ErrUnauthenticated) {
		return nil, errToken
	}
	if err != nil {
		return nil, err
	}
	if now := s.now(); now.Sub(r.UsedAt) >= useNoted {
		// It may fail: somebody else writes it down or revokes the token, or the store is
		// busy. This request is good all the same.
		r.UsedAt = now
		if doc, err := tokenDocument(id, version+1, r); err == nil {
			_ = s.docs.Put(ctx, doc)
		}
		s.saw(ctx, r.OwnerID, now)
	}
	// Never nil, which would be all that the person may do.
	a.Scopes = append([]string{}, r.Scopes...)
	a.Via = viaAPI
	return &Principal{Actor: a, TokenID: id, ExpiresAt: r.ExpiresAt}, nil
}

// owner looks up as whom a token acts, and in which epoch of theirs; ErrUnauthenticated
// where they are unknown or disabled.
func (s *Service) owner(ctx context.Context, id string) (access.Actor, int, error) {
	switch access.KindOf(id) {
	case access.KindUser:
		u, err := s.person(ctx, id)
		if err != nil {
			return access.ActorOf(u), u.Epoch, err
		}
		a, err := s.dir.Actor(ctx, u)
		return a, u.Epoch, err
	case access.KindService:
		a, err := s.account(ctx, id)
		return access.Actor{Kind: access.ActorService, ID: a.ID, Name: a.Name}, a.Epoch, err
	default:
		return access.Actor{}, 0, ErrUnauthenticated
	}
}
