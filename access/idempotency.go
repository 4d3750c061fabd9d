package access

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
)

const (
	maxKey   = 80 // characters of an idempotency key
	keptKeys = 20 // of the latest changes of a request
)

// usedKey is an idempotency key as it is kept: digests only, so that the journal
// holds nothing that a client chose.
type usedKey struct {
	Key   string `json:"key"`   // of the key, who used it and for what
	Input string `json:"input"` // of what they gave
}

// remember adds a key to those of the latest changes.
func remember(keys []usedKey, k usedKey) []usedKey {
	keys = append(keys[:len(keys):len(keys)], k)
	return keys[max(0, len(keys)-keptKeys):]
}

// cleanKey checks an idempotency key, and returns "" for none. An empty one is refused:
// whoever gave it believes to be safe against doing it twice.
func cleanKey(key *string) (string, error) {
	if key == nil {
		return "", nil
	}
	return CleanText("idempotencyKey", *key, 1, maxKey, false)
}

// newKey makes of a client's key what is kept of it; nil where there is none. One key
// means one change of one person, of one kind: others may use the same.
func newKey(by Actor, change string, chosen *string, input any) (*usedKey, error) {
	key, err := cleanKey(chosen)
	if err != nil || key == "" {
		return nil, err
	}
	in, err := digest(key, input)
	if err != nil {
		return nil, err
	}
	k, err := digest(change, by.ID, key)
	return &usedKey{Key: k, Input: in}, err
}

// KeyDigests are what may be kept of an idempotency key by those who keep it elsewhere
// than in a subject: of the key, who used it and for what, and of the input. Both are ""
// where there is no key; INVALID where there is one that can't be.
func KeyDigests(by Actor, change string, chosen *string, input any) (key, asked string, err error) {
	k, err := newKey(by, change, chosen, input)
	if k == nil || err != nil {
		return "", "", err
	}
	return k.Key, k.Input, nil
}

// KeyReused is the CONFLICT of an idempotency key that was used with another input.
func KeyReused() error { return keyReused() }

// digest is 128 bits of SHA-256 over the JSON of some values, in hexadecimal. One of
// an input has the key before it, which is kept nowhere: so it gives no input away
// that could be guessed.
func digest(parts ...any) (string, error) {
	raw, err := json.Marshal(parts)
	if err != nil {
		return "", fmt.Errorf("digest: %w", err)
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:16]), nil
}

// used tells whether a change with this key was made already. CONFLICT where the key
// was used with another input.
func (k *usedKey) used(keys []usedKey) (bool, error) {
	if k == nil {
		return false, nil
	}
	i := slices.IndexFunc(keys, func(have usedKey) bool { return have.Key == k.Key })
	switch {
	case i < 0:
		return false, nil
	case keys[i].Input != k.Input:
		return false, keyReused()
	}
	return true, nil
}

func keyReused() error {
	return Errorf(CodeConflict, "idempotencyKey", "This idempotency key was used for something else already; nothing was changed. Use a new key for a new change.")
}

// creation is the making of a subject, which a key makes at most once.
type creation struct {
	id    string // of the new subject; with a key it follows from that
	asked string // the digest of the input; "" without a key
}

// creation begins the making of a subject. input is all that it is made from.
func (s *Subjects) creation(by Actor, kind Kind, chosen *string, input any) (creation, error) {
	key, err := cleanKey(chosen)
	if err != nil {
		return creation{}, err
	}
	if key == "" {
		return creation{id: s.NewID(kind)}, nil
	}
	asked, err := digest(key, input)
	return creation{id: s.keyedID(by, kind, key), asked: asked}, err
}

// keyedID is the ID of what an actor makes of a kind with an idempotency key.
func (s *Subjects) keyedID(by Actor, kind Kind, key string) string {
	name := "created " + string(kind)
	if kind == KindRequest {
		name = "request" // as the first release had it
	}
	return s.DeriveID(kind, name, by.ID, key)
}

// CreatedID is the ID of what the actor's own call to make a subject of a kind with an
// idempotency key has made, or is about to make: whether it is there says if it did.
// INVALID where there can be no such key.
func (s *Subjects) CreatedID(by Actor, kind Kind, key string) (string, error) {
	key, err := cleanKey(&key)
	return s.keyedID(by, kind, key), err
}

// Changed tells whether a change of a request was made by the actor's own call with an
// idempotency key. Only the last 20 keys of a request are known. INVALID where there can
// be no such key.
func (r *Request) Changed(by Actor, key string) (bool, error) {
	for _, name := range changeNames() {
		k, err := newKey(by, string(name), &key, nil)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(r.Keys, func(have usedKey) bool { return have.Key == k.Key }) {
			return true, nil
		}
	}
	return false, nil
}

// keyed is a State that keeps the digest of what it was made from; "" where it was made
// without an idempotency key, or before those were kept.
type keyed interface{ madeFrom() string }

// madeBefore returns what an earlier call with the same key made, nil where there is
// none. CONFLICT where that was made from another input, or has ended since.
func madeBefore[S any, P stateOf[S]](ctx context.Context, s *Subjects, c creation) (*S, error) {
	if c.asked == "" {
		return nil, nil
	}
	state, version, err := lookUp[S, P](ctx, s, c.id)
	if err != nil || version == 0 {
		return nil, err
	}
	if k, ok := any(&state).(keyed); ok && k.madeFrom() != "" && k.madeFrom() != c.asked {
		return &state, keyReused()
	}
	if ended(P(&state)) {
		return &state, Errorf(CodeConflict, "idempotencyKey", "What was made with this idempotency key was deleted since. Use a new key to make another.")
	}
	return &state, nil
}
