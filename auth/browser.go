package auth

import (
	"context"
	"errors"
	"net/http"
	"time"

	"procyon/access"
	"procyon/store"
)

// A browser in which somebody has signed in is known from then on: it keeps a token
// in a cookie of its own, which says "this person has signed in here before". It
// opens nothing, and is no second factor. Its tries to sign in as that person are
// counted apart from those of strangers (see limits), so that nobody can keep the
// person out by guessing at their password. (OWASP calls this a device cookie.)
//
// The token is random, and of it the store keeps the hash, so all servers on the store
// know the browser. It is replaced at each sign-in, and outlasts signing out. It ends
// with a new password, when the person is disabled, and with SignOutAll.

// browserRecord is what is stored of a known browser.
type browserRecord struct {
	UserID    string    `json:"userId"`
	ExpiresAt time.Time `json:"expiresAt"`
	// Epoch is the person's, and Password counts their passwords: see access.User and
	// credential. The browser is known as long as neither has changed.
	Epoch    int    `json:"epoch,omitempty"`
	Password uint64 `json:"password,omitempty"`
}

const (
	browserPrefix = "brw_"
	browserTTL    = 90 * 24 * time.Hour
	// maxBrowsers bounds what one person can fill the store with; the browser that
	// would be forgotten first makes room.
	maxBrowsers = 20
)

func browserTerm(userID string) string { return "auth/browser=" + userID }

// knownBrowser returns the ID of a browser that is known to be of the person with that
// e-mail address, or "". What it does depends on the token alone, so nobody else learns
// whether there is such a person.
func (s *Service) knownBrowser(ctx context.Context, token, email string) (string, error) {
	id, r, err := s.browser(ctx, token)
	if err != nil || id == "" {
		return "", err
	}
	u, err := s.person(ctx, r.UserID)
	if errors.Is(err, ErrUnauthenticated) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	var c credential
	if _, err := s.get(ctx, credentialID(u.ID), &c); err != nil {
		return "", err
	}
	if u.Epoch != r.Epoch || c.Epoch != r.Password || emailKey(u.Email) != emailKey(email) {
		return "", nil
	}
	return id, nil
}

// browser reads what is stored of a browser that was known and is not over. Whether it
// still counts is for knownBrowser to say.
func (s *Service) browser(ctx context.Context, token string) (string, browserRecord, error) {
	var r browserRecord
	if !isSecret(token) {
		return "", r, nil
	}
	id := hashed(browserPrefix, token)
	version, err := s.get(ctx, id, &r)
	if err != nil || version == 0 || !s.now().Before(r.ExpiresAt) {
		return "", r, err
	}
	return id, r, nil
}

// remember makes the browser of somebody who just proved who they are a known one, and
// returns its token. The one that it had before is over.
func (s *Service) remember(ctx context.Context, u access.User, checked credential, before string) (string, error) {
	id, old, err := s.browser(ctx, before)
	if err != nil {
		return "", err
	}
	var over []string
	if id != "" && old.UserID == u.ID { // who stole somebody else's can't end it
		over = append(over, id)
	}
	docs, err := s.docs.List(ctx, store.Query{Term: browserTerm(u.ID), Limit: maxBrowsers})
	if err != nil {
		return "", err
	}
	if len(docs) == maxBrowsers && len(over) == 0 {
		over = append(over, docs[0].ID)
	}
	if err := s.docs.Delete(ctx, over...); err != nil {
		return "", err
	}
	token, err := s.newSecret()
	if err != nil {
		return "", err
	}
	r := browserRecord{UserID: u.ID, ExpiresAt: s.now().Add(browserTTL), Epoch: u.Epoch, Password: checked.Epoch}
	return token, s.put(ctx, hashed(browserPrefix, token), 1, stamp(r.ExpiresAt), []string{browserTerm(u.ID), termExpiry}, r)
}

// BrowserToken returns the token by which r's browser is known, or "" where there is
// none that could be one: for SignIn and SignInPerson.
func (s *Service) BrowserToken(r *http.Request) string { return s.secretCookie(r, browserCookie) }
