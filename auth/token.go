package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"procyon/access"
	"procyon/store"
)

// TokenInfo describes an API token; it does not hold the secret.
type TokenInfo struct {
	ID        string    // tok_…
	Name      string    // what it is for
	OwnerID   string    // the person (usr_…) or service (svc_…) that it acts as
	Scopes    []string  // sorted
	CreatedAt time.Time // UTC
	ExpiresAt time.Time // UTC; from then on it opens nothing
}

// tokenRecord is what is stored of a token.
type tokenRecord struct {
	Name      string    `json:"name"`
	OwnerID   string    `json:"ownerId"`
	Scopes    []string  `json:"scopes"`
	CreatedAt time.Time `json:"createdAt"`
	ExpiresAt time.Time `json:"expiresAt"`
	// Epoch is the owner's when it was made, where that is a person: see access.User.
	Epoch int `json:"epoch,omitempty"`
}

const (
	tokenPrefix  = "tok_" // of the ID
	secretPrefix = "pcn_" // of the secret; tells scanners of code what they have found
	defaultTTL   = 90 * 24 * time.Hour
	maxTTL       = 366 * 24 * time.Hour
	maxTokens    = 1000 // listed of one owner
)

func tokenTerm(ownerID string) string { return "auth/token=" + ownerID }

// isToken tells whether s has the form of a token: pcn_ and 43 characters of base64url.
func isToken(s string) bool {
	rest, ok := strings.CutPrefix(s, secretPrefix)
	return ok && isSecret(rest)
}

// CreateServiceToken makes a token for the service account of that name, which
// is made where it is absent. The token is good for ttl: 0 for 90 days, at most
// 366 days. The secret is returned once and kept nowhere. Only an administrator
// whose own token does not limit them, or the system, may do it.
func (s *Service) CreateServiceToken(ctx context.Context, by access.Actor, name string, scopes []string, ttl time.Duration) (secret string, info TokenInfo, err error) {
	if !unlimited(by) || !by.Admin && by.Kind != access.ActorSystem {
		return "", info, access.Errorf(access.CodeForbidden, "", "Only an administrator can make a token for a service.")
	}
	if len(scopes) == 0 {
		return "", info, access.Errorf(access.CodeInvalid, "scopes", "Give at least one scope: %s.", strings.Join(Scopes(access.ActorService), ", "))
	}
	r, err := s.tokenRecord(access.ActorService, name, scopes, ttl)
	if err != nil {
		return "", info, err
	}
	a, err := s.dir.EnsureServiceAccount(ctx, by, name)
	if err != nil {
		return "", info, err
	}
	if a.Disabled {
		return "", info, access.Errorf(access.CodeConflict, "name", "The service account %s is disabled.", a.Name)
	}
	r.OwnerID = a.ID
	return s.issue(ctx, by, r)
}

// CreatePersonalToken makes a token that acts as one person, with all that they
// may do where no scopes are given; otherwise as CreateServiceToken. People make
// tokens for themselves alone, or an approver could be two; the system, which is
// the operator at the command line, makes them for anybody.
func (s *Service) CreatePersonalToken(ctx context.Context, by access.Actor, userEmail, name string, scopes []string, ttl time.Duration) (secret string, info TokenInfo, err error) {
	u, err := s.dir.UserByEmail(ctx, userEmail)
	if err != nil {
		return "", info, err
	}
	if !unlimited(by) || by.Kind != access.ActorSystem && by.ID != u.ID {
		return "", info, access.Errorf(access.CodeForbidden, "", "You can make personal tokens for yourself only.")
	}
	if u.Disabled {
		return "", info, access.Errorf(access.CodeConflict, "email", "This person is disabled.")
	}
	if len(scopes) == 0 {
		scopes = []string{ScopeSelf}
	}
	r, err := s.tokenRecord(access.ActorUser, name, scopes, ttl)
	if err != nil {
		return "", info, err
	}
	r.OwnerID, r.Epoch = u.ID, u.Epoch
	return s.issue(ctx, by, r)
}

// unlimited tells whether what the actor came in with does not limit them: a
// limited token must not beget one that may do more, nor may a service, for
// itself or for a person.
func unlimited(by access.Actor) bool { return (&Principal{Actor: by}).full() }

// tokenRecord checks what a token is to be.
func (s *Service) tokenRecord(kind access.ActorKind, name string, scopes []string, ttl time.Duration) (tokenRecord, error) {
	name = strings.TrimSpace(name)
	if n := utf8.RuneCountInString(name); n < 1 || n > 80 || !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) {
		return tokenRecord{}, access.Errorf(access.CodeInvalid, "name", "Give a name of 1 to 80 characters, without control characters, that says what the token is for.")
	}
	scopes, err := cleanScopes(kind, scopes)
	if err != nil {
		return tokenRecord{}, err
	}
	if ttl == 0 {
		ttl = defaultTTL
	}
	if ttl < 0 || ttl > maxTTL {
		return tokenRecord{}, access.Errorf(access.CodeInvalid, "ttl", "A token is good for more than no time and at most 366 days.")
	}
	now := s.now()
	return tokenRecord{Name: name, Scopes: scopes, CreatedAt: now, ExpiresAt: now.Add(ttl)}, nil
}

// issue stores the token and then writes it into the journal: a crash between
// the two leaves a token whose secret nobody has.
func (s *Service) issue(ctx context.Context, by access.Actor, r tokenRecord) (string, TokenInfo, error) {
	if _, err := s.Sweep(ctx); err != nil {
		return "", TokenInfo{}, err
	}
	secret, err := s.newSecret()
	if err != nil {
		return "", TokenInfo{}, err
	}
	secret = secretPrefix + secret
	id := hashed(tokenPrefix, secret)
	if err := s.put(ctx, id, 1, stamp(r.ExpiresAt), []string{tokenTerm(r.OwnerID), termExpiry}, r); err != nil {
		return "", TokenInfo{}, err
	}
	err = s.dir.RecordToken(ctx, by, r.OwnerID, access.TokenIssued{TokenID: id, Name: r.Name, Scopes: r.Scopes, ExpiresAt: r.ExpiresAt})
	if err != nil {
		return "", TokenInfo{}, errors.Join(err, s.docs.Delete(context.WithoutCancel(ctx), id))
	}
	return secret, r.info(id), nil
}

func (r tokenRecord) info(id string) TokenInfo {
	return TokenInfo{ID: id, Name: r.Name, OwnerID: r.OwnerID, Scopes: r.Scopes, CreatedAt: r.CreatedAt, ExpiresAt: r.ExpiresAt}
}

// RevokeToken ends a token by its ID, at once in this process and within seconds
// in others. Its owner, an administrator and the system may; for anybody else
// there is no such token.
func (s *Service) RevokeToken(ctx context.Context, by access.Actor, id string) error {
	var r tokenRecord
	absent := access.Errorf(access.CodeNotFound, "id", "There is no such token.")
	if !strings.HasPrefix(id, tokenPrefix) {
		return absent
	}
	version, err := s.get(ctx, id, &r)
	if err != nil {
		return err
	}
	may := by.Kind == access.ActorSystem || by.ID == r.OwnerID || unlimited(by) && by.Admin
	if version == 0 || !may {
		return absent
	}
	err = s.docs.Delete(ctx, id)
	s.checks.forget(id)
	if err != nil {
		return err
	}
	return s.dir.RecordRevocation(ctx, by, r.OwnerID, id)
}

// ListTokens lists the tokens of a person or service that are still good, the
// newest first, at most 1,000.
func (s *Service) ListTokens(ctx context.Context, ownerID string) ([]TokenInfo, error) {
	docs, err := s.docs.List(ctx, store.Query{Term: tokenTerm(ownerID), Desc: true, Limit: maxTokens})
	if err != nil {
		return nil, fmt.Errorf("list the tokens of %s: %w", ownerID, err)
	}
	_, epoch, err := s.owner(ctx, ownerID)
	if err != nil && !errors.Is(err, ErrUnauthenticated) {
		return nil, err
	}
	now := s.now()
	var list []TokenInfo
	for _, d := range docs {
		r, err := access.Decode[tokenRecord](d)
		if err != nil {
			return nil, err
		}
		if now.Before(r.ExpiresAt) && r.Epoch == epoch {
			list = append(list, r.info(d.ID))
		}
	}
	slices.SortFunc(list, func(a, b TokenInfo) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), strings.Compare(a.ID, b.ID))
	})
	return list, nil
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
	if version == 0 || !s.now().Before(r.ExpiresAt) {
		return nil, errToken
	}
	a, epoch, err := s.owner(ctx, r.OwnerID)
	if err == nil && epoch != r.Epoch {
		err = ErrUnauthenticated
	}
	if errors.Is(err, ErrUnauthenticated) {
		return nil, errToken
	}
	if err != nil {
		return nil, err
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
		return access.ActorOf(u), u.Epoch, err
	case access.KindService:
		a, err := s.account(ctx, id)
		return access.Actor{Kind: access.ActorService, ID: a.ID, Name: a.Name}, 0, err
	default:
		return access.Actor{}, 0, ErrUnauthenticated
	}
}
