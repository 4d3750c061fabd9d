package checkpoint

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"procyon/internal/keyfile"
)

// keyName is what keys are called in signatures. Which of them it was is told by its hash.
const keyName = "procyon"

// privateMark is how the line of a private key begins.
const privateMark = "PRIVATE+KEY+"

// Keys are those that checkpoints are signed and checked with.
type Keys struct {
	signer    note.Signer // nil where there are public keys alone
	verifiers []note.Verifier
	public    string // the signer's
}

// KeyFileError says that a key file can't be used: it is missing, can't be read, or has not
// the key that is needed.
type KeyFileError struct{ Err error }

func (e *KeyFileError) Error() string { return e.Err.Error() }
func (e *KeyFileError) Unwrap() error { return e.Err }

// IsNoKey tells whether something can't be signed, or checked, for want of the right key.
func IsNoKey(err error) bool {
	var file *KeyFileError
	return errors.As(err, &file) || errors.Is(err, ErrUnknownKey)
}

// LoadKeys reads a key file, and makes one with a new key where there is none. It has a key
// a line: the first signs. The others, private or public, are older ones; they only check.
// Errors are *KeyFileError.
func LoadKeys(path string) (*Keys, error) {
	data, err := keyfile.ReadOrCreate(path, newKeyFile)
	return parseKeys(path, data, err)
}

// ReadKeys is LoadKeys, but makes no file.
func ReadKeys(path string) (*Keys, error) {
	data, err := keyfile.Read(path)
	return parseKeys(path, data, err)
}

func newKeyFile() (string, error) {
	private, _, err := note.GenerateKey(rand.Reader, keyName)
	if err != nil {
		return "", err
	}
	return "# Procyon signs checkpoints of its journal with the first key. Keep a copy of this file, apart from the store.\n" + private + "\n", nil
}

func parseKeys(path string, data []byte, err error) (*Keys, error) {
	if err != nil {
		return nil, &KeyFileError{fmt.Errorf("checkpoints: %w", err)}
	}
	k := &Keys{}
	n := 0
	for text := range bytes.Lines(data) {
		n++
		line := strings.TrimSpace(string(text))
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := k.add(line); err != nil { // which never cites the line: it may be a private key
			return nil, &KeyFileError{fmt.Errorf("checkpoints: key file %s: line %d is no key", path, n)}
		}
	}
	if k.signer == nil {
		return nil, &KeyFileError{fmt.Errorf("checkpoints: key file %s has no private key", path)}
	}
	return k, nil
}

// PublicKeys are keys that check, and sign nothing.
func PublicKeys(keys ...string) (*Keys, error) {
	k := &Keys{}
	for _, key := range keys {
		if strings.HasPrefix(key, privateMark) {
			return nil, errors.New("this is a private key: give the public one, as procyon journal checkpoint --public-key prints it")
		}
		if err := k.add(key); err != nil {
			return nil, errors.New("this is no public key: give one as procyon journal checkpoint --public-key prints it")
		}
	}
	return k, nil
}

// add adds a key. The first private one signs.
func (k *Keys) add(line string) error {
	public := line
	if strings.HasPrefix(line, privateMark) {
		signer, err := note.NewSigner(line)
		if err != nil {
			return err
		}
		if public, err = publicOf(line); err != nil {
			return err
		}
		if k.signer == nil {
			k.signer, k.public = signer, public
		}
	}
	v, err := note.NewVerifier(public)
	if err != nil {
		return err
	}
	k.verifiers = append(k.verifiers, v)
	return nil
}

// Public is the public key of the one that signs, in a line of text: its name, its hash and
// the key, in the form of golang.org/x/mod/sumdb/note.
func (k *Keys) Public() string { return k.public }

// name is that of the key that signs, as Checkpoint.Key has it.
func (k *Keys) name() string { return keyOf(k.signer.Name(), k.signer.KeyHash()) }

// has tells whether a key of that name is among them.
func (k *Keys) has(name string) bool {
	return slices.ContainsFunc(k.verifiers, func(v note.Verifier) bool { return keyOf(v.Name(), v.KeyHash()) == name })
}

// publicOf is the public key of a private one.
func publicOf(private string) (string, error) {
	parts := strings.SplitN(strings.TrimPrefix(private, privateMark), "+", 3)
	seed, err := base64.StdEncoding.DecodeString(parts[len(parts)-1])
	if err != nil || len(parts) != 3 || len(seed) != 1+ed25519.SeedSize {
		return "", errors.New("malformed private key")
	}
	key, _ := ed25519.NewKeyFromSeed(seed[1:]).Public().(ed25519.PublicKey)
	return note.NewEd25519VerifierKey(parts[0], key)
}
