package access

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
)

// DeriveID makes an ID from its parts, each preceded by its length, so that
// different parts never make the same ID.
func DeriveID(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		_ = binary.Write(h, binary.BigEndian, uint64(len(p)))
		_, _ = io.WriteString(h, p)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
