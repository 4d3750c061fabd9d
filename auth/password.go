package auth

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"procyon/access"
	"procyon/store"
)

// How long a password may be. The least is what NIST SP 800-63B-4 would have
// (15 alone, 8 with a second factor) softened by the limits on tries; the most
// keeps a request from feeding megabytes to the hash.
const (
	minPassword = 12   // characters
	maxPassword = 1024 // bytes
)

// cost is what one guess costs.
type cost struct {
	memory  uint32 // KiB
	time    uint32 // passes
	threads uint8
}

// recommended is the second choice of OWASP's password storage cheat sheet for
// argon2id: 19 MiB, 2 passes, 1 thread.
func recommended() cost { return cost{memory: 19 * 1024, time: 2, threads: 1} }

// cheapest is what argon2id costs at least.
func cheapest() cost { return cost{memory: 8, time: 1, threads: 1} }

const (
	saltBytes = 16
	keyBytes  = 32
)

// CheckPassword tells whether a new password is good enough; its error is an
// *access.Error on the field "password".
func (s *Service) CheckPassword(password string) error {
	switch {
	case !utf8.ValidString(password):
		return access.Errorf(access.CodeInvalid, "password", "The password is not valid UTF-8 text.")
	case utf8.RuneCountInString(password) < minPassword:
		return access.Errorf(access.CodeInvalid, "password", "The password is too short: give at least %d characters.", minPassword)
	case len(password) > maxPassword:
		return access.Errorf(access.CodeInvalid, "password", "The password is too long: give at most %d bytes.", maxPassword)
	}
	return nil
}

// credential is what is stored of a password.
type credential struct {
	Hash  string `json:"hash"`  // PHC string format
	Epoch uint64 `json:"epoch"` // counts the passwords; hashing one anew does not change it
	// OneTime says that somebody else has set it: it opens the choice of another, until
	// ExpiresAt, and nothing besides.
	OneTime   bool      `json:"oneTime,omitempty"`
	ExpiresAt time.Time `json:"expiresAt,omitzero"`

	version uint64 // of its document; 0: there is none
	first   bool   // it is under termAdminCredential
}

// over tells whether a one-time password was not used in its time.
func (c credential) over(now time.Time) bool { return c.OneTime && !now.Before(c.ExpiresAt) }

func credentialID(userID string) string { return "crd_" + userID }

// termAdminCredential lists the credentials of those who were administrators when they got
// one, so that a first start can be told from a later one: whoever is no administrator any
// more stays listed.
const termAdminCredential = "auth/credential=admin" //nolint:gosec // the name of a list

// credential reads what is stored of a person's password.
func (s *Service) credential(ctx context.Context, userID string) (credential, error) {
	id := credentialID(userID)
	var c credential
	docs, err := s.docs.Get(ctx, id)
	if err != nil {
		return c, fmt.Errorf("read %s: %w", id, err)
	}
	if len(docs) == 0 {
		return c, nil
	}
	if err := json.Unmarshal(docs[0].Data, &c); err != nil {
		return c, fmt.Errorf("document %s is damaged: %w", id, err)
	}
	c.version, c.first = docs[0].Version, slices.Contains(docs[0].Terms, termAdminCredential)
	return c, nil
}

// SetPassword gives a person a new password and ends all of their sessions; no browser
// is known as theirs any more. It is for the system, which is the operator at the command
// line: administrators see [Service.OneTimePassword], and everybody else
// [Service.ChangePassword].
func (s *Service) SetPassword(ctx context.Context, by access.Actor, userID, password string) error {
	if by.Kind != access.ActorSystem {
		return access.Errorf(access.CodeForbidden, "", "Nobody chooses a password for somebody else.")
	}
	if err := s.CheckPassword(password); err != nil {
		return err
	}
	u, err := s.dir.User(ctx, userID)
	if err != nil {
		return err
	}
	hash, err := s.hash(ctx, password)
	if err != nil {
		return err
	}
	return s.replacePassword(ctx, by, u, credential{Hash: hash})
}

// replacePassword is setPassword, whatever the password was before.
func (s *Service) replacePassword(ctx context.Context, by access.Actor, u access.User, c credential) error {
	for range 10 { // each time, somebody else has set one
		was, err := s.credential(ctx, u.ID)
		if err != nil {
			return err
		}
		err = s.setPassword(ctx, by, u, was, c)
		if !errors.Is(err, store.ErrVersion) {
			return err
		}
	}
	return access.Errorf(access.CodeConflict, "password", "Others are changing this password at the same time; try again.")
}

// setPassword gives a person a new password, unless theirs is another by now than was
// (store.ErrVersion), and ends their sessions and known browsers. It is written into the
// journal before: a crash between the two leaves an entry without its effect, but no
// password without an entry. The sessions end before as well as after: no crash leaves a
// new password with the sessions of the old one, of which nobody would know.
func (s *Service) setPassword(ctx context.Context, by access.Actor, u access.User, was, c credential) error {
	if err := s.dir.RecordPassword(ctx, by, u.ID, c.OneTime); err != nil {
		return err
	}
	through, done := carryThrough(ctx)
	defer done()
	switch now, err := s.credential(through, u.ID); {
	case err != nil:
		return err
	case now.version != was.version:
		return store.ErrVersion // the sessions are those of another new password
	}
	if err := s.SignOutAll(through, u.ID); err != nil {
		return err
	}
	c.Epoch = was.Epoch + 1
	if err := s.putCredential(through, u, was, c); err != nil {
		return err
	}
	// Whoever signs in now with the old password finds another epoch after storing the
	// session; whoever did meanwhile is on the list.
	return s.SignOutAll(through, u.ID)
}

// putCredential stores a credential in the place of another, if that is still there.
func (s *Service) putCredential(ctx context.Context, u access.User, was, c credential) error {
	var terms []string
	if u.Admin || was.first {
		terms = []string{termAdminCredential}
	}
	return s.put(ctx, credentialID(u.ID), was.version+1, u.ID, terms, c)
}

// hash returns a password's hash, salt and cost as one string in the PHC format.
func (s *Service) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltBytes)
	if _, err := io.ReadFull(s.opts.Rand, salt); err != nil {
		return "", fmt.Errorf("read random bytes: %w", err)
	}
	leave, err := s.kept.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	key := argon2.IDKey([]byte(password), salt, s.cost.time, s.cost.memory, s.cost.threads, keyBytes)
	return phc{s.cost, salt, key}.String(), nil
}

// verify tells whether the password is the one that was hashed, in a time that
// does not depend on how much of it is right. It waits for its turn at the gate.
func (s *Service) verify(ctx context.Context, g *gate, h phc, password string) (bool, error) {
	leave, err := g.enter(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	key := argon2.IDKey([]byte(password), h.salt, h.cost.time, h.cost.memory, h.cost.threads, uint32(len(h.key)))
	return subtle.ConstantTimeCompare(key, h.key) == 1, nil
}

// decoy is what a password is compared with where there is none: it costs the
// same and never matches, for its key is all zero.
func (s *Service) decoy() phc {
	return phc{s.cost, make([]byte, saltBytes), make([]byte, keyBytes)}
}

// phc is a password hash: $argon2id$v=19$m=19456,t=2,p=1$salt$key.
type phc struct {
	cost cost
	salt []byte
	key  []byte
}

func (h phc) String() string {
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.cost.memory, h.cost.time, h.cost.threads, b64(h.salt), b64(h.key))
}

// weaker tells whether a guess at h costs less than c.
func (h phc) weaker(c cost) bool {
	return h.cost.memory < c.memory || h.cost.time < c.time || len(h.key) < keyBytes
}

var errHash = errors.New("a password hash is not in the PHC format of argon2id, or costs too much; set the password anew")

// parsePHC reads a stored hash. What would cost more than 256 MiB or 16 passes
// is refused: it was not made here.
func parsePHC(s string) (phc, error) {
	part := strings.Split(s, "$")
	if len(part) != 6 || part[0] != "" || part[1] != "argon2id" || part[2] != "v="+strconv.Itoa(argon2.Version) {
		return phc{}, errHash
	}
	number := strings.Split(part[3], ",")
	if len(number) != 3 {
		return phc{}, errHash
	}
	m, errM := parseCost(number[0], "m=", 256*1024)
	t, errT := parseCost(number[1], "t=", 16)
	p, errP := parseCost(number[2], "p=", 16)
	salt, errS := base64.RawStdEncoding.Strict().DecodeString(part[4])
	key, errK := base64.RawStdEncoding.Strict().DecodeString(part[5])
	if errors.Join(errM, errT, errP, errS, errK) != nil || len(salt) < 8 || len(salt) > 64 || len(key) < 16 || len(key) > 64 {
		return phc{}, errHash
	}
	return phc{cost{uint32(m), uint32(t), uint8(p)}, salt, key}, nil
}

func parseCost(s, prefix string, most uint64) (uint64, error) {
	digits, ok := strings.CutPrefix(s, prefix)
	n, err := strconv.ParseUint(digits, 10, 32)
	if !ok || err != nil || n < 1 || n > most {
		return 0, errHash
	}
	return n, nil
}
