package auth

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"procyon/access"
	"procyon/store"
)

// NewToken is a token to be made.
type NewToken struct {
	OwnerID string // the person (usr_…) or service account (svc_…) as whom it is to act
	Name    string // what it is for
	// Scopes are what it may do: at least one of a service's; none of a person's is all
	// that they may.
	Scopes []string
	TTL    time.Duration // how long it is good: 0 for 90 days, at most 366 days
	// IdempotencyKey makes at most one, also where the call is repeated.
	IdempotencyKey *string
}

// Issued is a token that was made.
type Issued struct {
	TokenInfo
	// Secret opens what the token does; it is kept nowhere. "" where an earlier call with
	// the same idempotency key made the token: whoever has lost that answer revokes it and
	// makes another.
	Secret string
}

// CreateToken makes a token. For a service account only an administrator whose own token
// does not limit them, or the system, may do it. People make tokens for themselves alone,
// or an approver could be two; the system, which is the operator at the command line,
// makes them for anybody. What a token makes for its own person is over when it is, by its
// time or by RevokeToken, so that one that was stolen does not renew itself. How many one person makes is limited.
func (s *Service) CreateToken(ctx context.Context, by access.Actor, in NewToken) (Issued, error) {
	r, err := s.newToken(ctx, by, in)
	if err != nil {
		return Issued{}, err
	}
	key, asked, err := access.KeyDigests(by, changeToken, in.IdempotencyKey, []any{in.OwnerID, in.Name, in.Scopes, in.TTL})
	if err != nil {
		return Issued{}, err
	}
	if key != "" {
		if made, known, err := s.issuedBefore(ctx, key, asked); known || err != nil {
			return made, err
		}
	}
	if err := s.mayHaveMore(ctx, by, in.OwnerID); err != nil {
		return Issued{}, err
	}
	return s.issue(ctx, by, r, key, asked)
}

// newToken checks whether a token may be made, and what it is to be.
func (s *Service) newToken(ctx context.Context, by access.Actor, in NewToken) (tokenRecord, error) {
	kind := access.ActorUser
	if access.KindOf(in.OwnerID) == access.KindService {
		kind = access.ActorService
	}
	if err := s.mayIssue(ctx, by, kind, in.OwnerID); err != nil {
		return tokenRecord{}, err
	}
	if len(in.Scopes) == 0 {
		if kind == access.ActorService {
			return tokenRecord{}, access.Errorf(access.CodeInvalid, "scopes", "Give at least one scope: %s.", strings.Join(Scopes(kind), ", "))
		}
		in.Scopes = []string{ScopeSelf}
	}
	r, err := s.tokenRecord(kind, in.Name, in.Scopes, in.TTL)
	if err != nil {
		return r, err
	}
	a, epoch, err := s.owner(ctx, in.OwnerID)
	switch {
	case errors.Is(err, ErrUnauthenticated) && a.ID == "":
		return r, access.Errorf(access.CodeNotFound, "ownerId", "There is nobody of that ID who could have a token.")
	case errors.Is(err, ErrUnauthenticated):
		return r, access.Errorf(access.CodeConflict, "ownerId", "%s is disabled.", a.Name)
	case err != nil:
		return r, err
	}
	r.OwnerID, r.Epoch = in.OwnerID, epoch
	if p := From(ctx); p != nil && p.TokenID != "" && p.Actor.ID == in.OwnerID {
		r.MadeWith = p.TokenID
		if p.ExpiresAt.IsZero() || !r.ExpiresAt.After(p.ExpiresAt) {
			return r, nil
		}
		if in.TTL != 0 {
			return r, access.Errorf(access.CodeInvalid, "ttl", "A token that is made with a token is over when that one is, at %s; sign in to make one that lasts longer.", p.ExpiresAt.Format(time.RFC3339))
		}
		r.ExpiresAt = p.ExpiresAt
	}
	return r, nil
}

func (s *Service) mayIssue(ctx context.Context, by access.Actor, kind access.ActorKind, ownerID string) error {
	if kind == access.ActorService {
		return s.managing(ctx, by, access.Errorf(access.CodeForbidden, "", "Only an administrator can make a token for a service."))
	}
	if !unlimited(by) || by.Kind != access.ActorSystem && by.ID != ownerID {
		return access.Errorf(access.CodeForbidden, "", "You can make personal tokens for yourself only.")
	}
	return nil
}

// mayHaveMore refuses more tokens than one can need: each fills the store, and the journal.
func (s *Service) mayHaveMore(ctx context.Context, by access.Actor, ownerID string) error {
	have, err := s.ListTokens(ctx, ownerID)
	if err != nil {
		return err
	}
	most := maxTokens
	if access.KindOf(ownerID) == access.KindUser {
		most = maxOwnTokens
	}
	if len(have) >= most {
		return access.Errorf(access.CodeLimited, "", "There are %d tokens already, which is the most; revoke those that are not needed.", most)
	}
	if by.ID != ownerID {
		return nil
	}
	if wait := s.limits.begin(s.now(), count{&s.limits.tokens, by.ID}); wait > 0 {
		return access.Errorf(access.CodeLimited, "", "You have made many tokens; make the next in %s.", max(wait.Round(time.Second), time.Second))
	}
	return nil
}

// CreateServiceToken is CreateToken for the service account of that name, which is made
// where it is absent.
func (s *Service) CreateServiceToken(ctx context.Context, by access.Actor, name string, scopes []string, ttl time.Duration) (secret string, info TokenInfo, err error) {
	in := NewToken{OwnerID: string(access.KindService) + "_", Name: name, Scopes: scopes, TTL: ttl}
	if err := s.mayIssue(ctx, by, access.ActorService, ""); err != nil {
		return "", info, err
	}
	if _, err := s.tokenRecord(access.ActorService, name, scopes, ttl); err != nil {
		return "", info, err // before an account is made for it
	}
	if len(scopes) > 0 {
		a, err := s.dir.EnsureServiceAccount(ctx, by, name)
		if err != nil {
			return "", info, err
		}
		in.OwnerID = a.ID
	}
	made, err := s.CreateToken(ctx, by, in)
	return made.Secret, made.TokenInfo, access.Moved("ownerId", "name", err)
}

// CreatePersonalToken is CreateToken for the person with an e-mail address.
func (s *Service) CreatePersonalToken(ctx context.Context, by access.Actor, userEmail, name string, scopes []string, ttl time.Duration) (secret string, info TokenInfo, err error) {
	u, err := s.dir.UserByEmail(ctx, userEmail)
	if err != nil {
		return "", info, err
	}
	made, err := s.CreateToken(ctx, by, NewToken{OwnerID: u.ID, Name: name, Scopes: scopes, TTL: ttl})
	return made.Secret, made.TokenInfo, access.Moved("ownerId", "email", err)
}

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
func (s *Service) issue(ctx context.Context, by access.Actor, r tokenRecord, key, asked string) (Issued, error) {
	if _, err := s.Sweep(ctx); err != nil {
		return Issued{}, err
	}
	secret, err := s.newSecret()
	if err != nil {
		return Issued{}, err
	}
	secret = secretPrefix + secret
	id := hashed(tokenPrefix, secret)
	docs := make([]store.Document, 0, 2)
	ids := []string{id}
	doc, err := tokenDocument(id, 1, r)
	if err != nil {
		return Issued{}, err
	}
	docs = append(docs, doc)
	if key != "" {
		if doc, err = document(keyPrefix+key, 1, stamp(r.ExpiresAt), []string{termExpiry}, tokenKey{TokenID: id, Asked: asked}); err != nil {
			return Issued{}, err
		}
		docs = append(docs, doc)
	}
	if err := s.docs.Put(ctx, docs...); err != nil {
		err = errors.Join(fmt.Errorf("store a token: %w", err), s.unissue(context.WithoutCancel(ctx), id, key))
		if key != "" && errors.Is(err, store.ErrVersion) { // the same call, at the same time
			if made, known, err := s.issuedBefore(ctx, key, asked); known || err != nil {
				return made, err
			}
		}
		return Issued{}, err
	}
	if key != "" {
		ids = append(ids, keyPrefix+key)
	}
	if err = s.stillGood(ctx); err == nil {
		err = s.dir.RecordToken(ctx, by, r.OwnerID, access.TokenIssued{TokenID: id, Name: r.Name, Scopes: r.Scopes, ExpiresAt: r.ExpiresAt})
	}
	if err != nil {
		return Issued{}, errors.Join(err, s.docs.Delete(context.WithoutCancel(ctx), ids...))
	}
	return Issued{r.info(id), secret}, nil
}

// unissue takes away what may be stored of a token that was not made. Its key goes with it,
// where it is this token's and not that of another call: or nobody could make one with it.
func (s *Service) unissue(ctx context.Context, id, key string) error {
	ids := []string{id}
	if key != "" {
		var k tokenKey
		if _, err := s.get(ctx, keyPrefix+key, &k); err != nil {
			return errors.Join(err, s.docs.Delete(ctx, id))
		}
		if k.TokenID == id {
			ids = append(ids, keyPrefix+key)
		}
	}
	return s.docs.Delete(ctx, ids...)
}

// CreatedToken returns the token that the caller's own call with an idempotency key made.
// NOT_FOUND where there is none, or where it is over; INVALID where there can be no such
// key.
func (s *Service) CreatedToken(ctx context.Context, by access.Actor, key string) (TokenInfo, error) {
	digest, _, err := access.KeyDigests(by, changeToken, &key, nil)
	if err != nil {
		return TokenInfo{}, err
	}
	var k tokenKey
	version, err := s.get(ctx, keyPrefix+digest, &k)
	if err != nil {
		return TokenInfo{}, err
	}
	if version == 0 {
		return TokenInfo{}, access.Errorf(access.CodeNotFound, "idempotencyKey", "No token was made with this key.")
	}
	return s.Token(ctx, k.TokenID)
}

// changeToken is what the digests of idempotency keys call the making of a token.
const changeToken = "token"

// tokenKey is what is stored of an idempotency key, until the token that it made would be
// over.
type tokenKey struct {
	TokenID string `json:"tokenId"`
	Asked   string `json:"asked"`
}

const keyPrefix = "tky_"

// issuedBefore returns the token that an earlier call with a key made, without its secret.
// CONFLICT where that was made from another input, or is over.
func (s *Service) issuedBefore(ctx context.Context, key, asked string) (made Issued, known bool, err error) {
	var k tokenKey
	version, err := s.get(ctx, keyPrefix+key, &k)
	if err != nil || version == 0 {
		return made, false, err
	}
	if k.Asked != asked {
		return made, true, access.KeyReused()
	}
	made.TokenInfo, err = s.Token(ctx, k.TokenID)
	if access.CodeOf(err) == access.CodeNotFound {
		err = access.Errorf(access.CodeConflict, "idempotencyKey", "The token that was made with this idempotency key was revoked since, or is over. Use a new key to make another.")
	}
	return made, true, err
}
