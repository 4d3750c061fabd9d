package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"procyon/internal/seal"
	"procyon/store"
)

const (
	keyCheckID      = "key_check"
	keyCheckText    = "procyon"
	keyCheckContext = "key check"
)

// checkKeys refuses a key file that is not the store's: one that was made by mistake,
// such as by a restore without it, would open none of its secrets and seal new ones
// that nobody else can open. The first start leaves something sealed to tell by; after
// a rotation it is sealed anew, so that old keys can go.
func checkKeys(ctx context.Context, docs store.Documents, keys *seal.Ring, path string) error {
	for range 3 { // several servers may start at once
		found, err := docs.Get(ctx, keyCheckID)
		if err != nil {
			return fmt.Errorf("check the key file: %w", err)
		}
		fresh, err := keys.Seal(keyCheckText, keyCheckContext)
		if err != nil {
			return fmt.Errorf("check the key file: %w", err)
		}
		version := uint64(0)
		if len(found) > 0 {
			var sealed string
			if err := json.Unmarshal(found[0].Data, &sealed); err != nil {
				return fmt.Errorf("document %s: %w", keyCheckID, err)
			}
			if text, err := keys.Open(sealed, keyCheckContext); err != nil || text != keyCheckText {
				return fmt.Errorf("the key file %s is not the one that this store's secrets are sealed with (%w): put that one back, from the backup or from another gateway, or name it with PROCYON_SECRET_KEY_FILE", path, err)
			}
			if keyOf(sealed) == keyOf(fresh) {
				return nil
			}
			version = found[0].Version
		}
		data, err := json.Marshal(fresh)
		if err != nil {
			return fmt.Errorf("check the key file: %w", err)
		}
		err = docs.Put(ctx, store.Document{ID: keyCheckID, Version: version + 1, Data: data})
		if !errors.Is(err, store.ErrVersion) {
			return err
		}
	}
	return nil // somebody else is at it
}

// keyOf is the name of the key that something is sealed with.
func keyOf(sealed string) string {
	name, _, _ := strings.Cut(sealed, ".")
	return name
}
