// Package seal encrypts the product's secrets at rest: AES-256-GCM under a key
// ring kept in a file. The first key seals; all of them open, so a key is
// rotated by putting a new line on top of the file.
package seal

import (
	"bufio"
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"procyon/internal/keyfile"
)

// Ring is a key ring. It is safe for concurrent use.
type Ring struct {
	active string
	keys   map[string]cipher.AEAD
}

const keySize = 32

// Load reads a key file: one key a line, "ID BASE64" with 32 bytes of key; empty
// lines and those that begin with # are skipped. The file must not be readable
// by others.
func Load(path string) (*Ring, error) { return load(path)(keyfile.Read(path)) }

// LoadOrCreate is Load, but makes the file with a new key where there is none.
func LoadOrCreate(path string) (*Ring, error) {
	return load(path)(keyfile.ReadOrCreate(path, fresh))
}

func load(path string) func([]byte, error) (*Ring, error) {
	return func(data []byte, err error) (*Ring, error) {
		if err != nil {
			return nil, err
		}
		r, err := parse(data)
		if err != nil {
			return nil, fmt.Errorf("key file %s: %w", path, err)
		}
		return r, nil
	}
}

// fresh is the text of a file with a new key.
func fresh() (string, error) {
	key := make([]byte, keySize)
	if _, err := rand.Read(key); err != nil {
		return "", err
	}
	return fmt.Sprintf("# Procyon's secrets are encrypted with the first key. Keep a copy of this file apart from the data.\n%s %s\n",
		strings.ToLower(rand.Text()[:8]), base64.StdEncoding.EncodeToString(key)), nil
}

func parse(data []byte) (*Ring, error) {
	r := &Ring{keys: map[string]cipher.AEAD{}}
	lines := bufio.NewScanner(bytes.NewReader(data))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		id, encoded, ok := strings.Cut(line, " ")
		key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
		if !ok || err != nil || len(key) != keySize || strings.Contains(id, ".") {
			return nil, fmt.Errorf("line %d is not \"ID BASE64\" with a key of %d bytes", n, keySize)
		}
		if r.keys[id] != nil {
			return nil, fmt.Errorf("line %d: the ID %s is there twice", n, id)
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		if r.keys[id], err = cipher.NewGCM(block); err != nil {
			return nil, err
		}
		if r.active == "" {
			r.active = id
		}
	}
	if r.active == "" {
		return nil, errors.New("it holds no key")
	}
	return r, lines.Err()
}

// Seal encrypts a secret. It opens only with the same context, so a sealed
// secret can't be moved to another owner.
func (r *Ring) Seal(plain, context string) (string, error) {
	aead := r.keys[r.active]
	nonce := make([]byte, aead.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return "", fmt.Errorf("seal: %w", err)
	}
	box := aead.Seal(nonce, nonce, []byte(plain), []byte(context))
	return r.active + "." + base64.RawURLEncoding.EncodeToString(box), nil
}

// Open decrypts what Seal made with the same context.
func (r *Ring) Open(sealed, context string) (string, error) {
	id, encoded, ok := strings.Cut(sealed, ".")
	if !ok {
		return "", errors.New("open a secret: it is not one that was sealed here")
	}
	aead := r.keys[id]
	if aead == nil {
		return "", fmt.Errorf("open a secret: the key file has no key %s", id)
	}
	box, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil || len(box) < aead.NonceSize() {
		return "", errors.New("open a secret: it is damaged")
	}
	plain, err := aead.Open(nil, box[:aead.NonceSize()], box[aead.NonceSize():], []byte(context))
	if err != nil {
		return "", errors.New("open a secret: it is damaged, or belongs elsewhere")
	}
	return string(plain), nil
}
