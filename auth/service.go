package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"procyon/access"
	"procyon/store"
)

// Options are the Service's surroundings; the zero value of each means its default.
type Options struct {
	Clock        func() time.Time // time.Now
	Rand         io.Reader        // crypto/rand's; must be safe for concurrent use
	SecureCookie bool             // people come over https: the cookie is only sent there
	SessionTTL   time.Duration    // how long a session lasts unused: 12 h
	SessionMax   time.Duration    // how long it lasts at most: 7 days
	// CheapHashes is for tests in which passwords are not what is tested: hashing one takes
	// no time, and so does guessing it.
	CheapHashes bool
	// PublicURL is where people reach the server. Its origin is trusted like the
	// request's own host, which a proxy may have changed. Optional.
	PublicURL *url.URL
	// MayActFor tells whether services may act for a person at all, such as that
	// they have linked an account of another system. nil: for anybody. An error is
	// a failure of the store.
	MayActFor func(ctx context.Context, userID string) (bool, error)
	// Changed returns a number that is another one once anything changed, by any process,
	// on which it depends who somebody is and what they may do, but for sessions and
	// tokens: people, service accounts, and what MayActFor looks at. A change that was
	// made before it is called is counted. nil: each answer of Valid is read anew after
	// five seconds.
	Changed func(ctx context.Context) (uint64, error)
}

// Service signs people in and tells who is calling. It is safe for concurrent
// use. Errors that a caller can mend are *access.Error, *TooManyError or one of
// the Err… of this package; any other is a failure of the store.
type Service struct {
	docs    store.Documents
	dir     access.Directory
	opts    Options
	cost    cost
	gate    *gate // of browsers that are not known
	kept    *gate // of browsers that are, and of new passwords
	outside *gate // of questions to others: see Vouched
	limits  *limits
	checks  *checks
	origins *http.CrossOriginProtection
	local   sync.Map // of *Principal, by the hash of a token of this process
}

// New makes a Service. It starts nothing.
func New(docs store.Documents, dir access.Directory, opts Options) *Service {
	if opts.Clock == nil {
		opts.Clock = time.Now
	}
	if opts.Rand == nil {
		opts.Rand = rand.Reader
	}
	if opts.SessionTTL <= 0 {
		opts.SessionTTL = 12 * time.Hour
	}
	if opts.SessionMax <= 0 {
		opts.SessionMax = 7 * 24 * time.Hour
	}
	origins := http.NewCrossOriginProtection()
	if u := opts.PublicURL; u != nil {
		// What is no origin is not trusted, and nothing else follows from it.
		_ = origins.AddTrustedOrigin(u.Scheme + "://" + u.Host)
	}
	work := recommended()
	if opts.CheapHashes {
		work = cheapest()
	}
	return &Service{
		docs: docs, dir: dir, opts: opts, cost: work,
		gate: newGate(maxHashing, maxWaiting), kept: newGate(keptHashing, keptWaiting), outside: newGate(maxAsking, maxAskers),
		limits: newLimits(), checks: newChecks(), origins: origins,
	}
}

// now is the service's time in the precision that is stored.
func (s *Service) now() time.Time { return s.opts.Clock().UTC().Truncate(time.Microsecond) }

const secretBytes = 32 // of entropy in each secret

// newSecret returns 43 characters that nobody can guess.
func (s *Service) newSecret() (string, error) {
	var b [secretBytes]byte
	if _, err := io.ReadFull(s.opts.Rand, b[:]); err != nil {
		return "", fmt.Errorf("read random bytes: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b[:]), nil
}

// isSecret tells whether s has the form of what newSecret returns.
func isSecret(s string) bool {
	if len(s) != base64.RawURLEncoding.EncodedLen(secretBytes) {
		return false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	return err == nil && len(b) == secretBytes // the decoder skips line breaks
}

// hashed makes the ID under which what belongs to a secret is stored. One round
// of a fast hash is enough: the secret has 256 random bits.
func hashed(prefix, secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return prefix + hex.EncodeToString(sum[:])
}

// get reads one document into dst. It returns the document's version, 0 where
// there is none.
func (s *Service) get(ctx context.Context, id string, dst any) (uint64, error) {
	docs, err := s.docs.Get(ctx, id)
	if err != nil {
		return 0, fmt.Errorf("read %s: %w", id, err)
	}
	if len(docs) == 0 {
		return 0, nil
	}
	if err := json.Unmarshal(docs[0].Data, dst); err != nil {
		return 0, fmt.Errorf("document %s is damaged: %w", id, err)
	}
	return docs[0].Version, nil
}

// put stores one document; store.ErrVersion is in its error where another
// version is there than version-1.
func (s *Service) put(ctx context.Context, id string, version uint64, sort string, terms []string, v any) error {
	doc, err := document(id, version, sort, terms, v)
	if err != nil {
		return err
	}
	if err := s.docs.Put(ctx, doc); err != nil {
		return fmt.Errorf("store %s: %w", id, err)
	}
	return nil
}

func document(id string, version uint64, sort string, terms []string, v any) (store.Document, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return store.Document{}, fmt.Errorf("encode %s: %w", id, err)
	}
	return store.Document{ID: id, Version: version, Sort: sort, Terms: terms, Data: data}, nil
}

// listed lists the records under a term of which show tells that they are to be shown,
// the last to end first; its documents hold what show makes of them.
func listed[R any](ctx context.Context, from store.Reader, term string, p store.Page, show func(id string, r R) (any, bool)) (store.Listed, error) {
	l, err := store.List(ctx, from, []string{term}, true, p, func(d store.Document) bool {
		r, err := access.Decode[R](d)
		if err != nil {
			return true // it fails below
		}
		_, ok := show(d.ID, r)
		return ok
	})
	if err != nil {
		return l, err
	}
	for i, d := range l.Docs {
		r, err := access.Decode[R](d)
		if err != nil {
			return l, err
		}
		v, _ := show(d.ID, r)
		if l.Docs[i].Data, err = json.Marshal(v); err != nil {
			return l, fmt.Errorf("encode %s: %w", d.ID, err)
		}
	}
	return l, nil
}
