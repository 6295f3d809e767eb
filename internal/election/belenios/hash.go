package belenios

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"math/big"
	"strings"
)

// digest is b64(SHA256(raw)), 43 characters: a fingerprint, a tracker.
func digest(raw []byte) string {
	sum := sha256.Sum256(raw)
	return base64.RawStdEncoding.EncodeToString(sum[:])
}

// challenge is H(prefix; x1,…,xn) = SHA256(prefix ‖ dec(x1) ‖ "," ‖ …) modulo q.
func challenge(prefix string, decimals []string) *big.Int {
	sum := sha256.Sum256([]byte(prefix + strings.Join(decimals, ",")))
	return mod(new(big.Int).SetBytes(sum[:]))
}

// decimal is an element in base 10, as hashes take it.
func (x *element) decimal() string { return x.big().Text(10) }

// big is the value of s.
func (s *scalar) big() *big.Int {
	var buffer [8 * scalarWords]byte
	for i, word := range s {
		binary.BigEndian.PutUint64(buffer[8*(scalarWords-1-i):], word)
	}
	return new(big.Int).SetBytes(buffer[:])
}
