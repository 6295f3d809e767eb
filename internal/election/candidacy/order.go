package candidacy

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
)

// Drawn is a candidacy and what gave its place.
type Drawn struct {
	ID    ID
	Text  string // what is hashed: the seed, a bar, the number of the candidacy
	Hash  string // its SHA-256, in hexadecimal
	Place int    // from 1
}

// Order draws the order of candidacies: by ascending SHA-256 of « seed|number ». The
// seed is published before the lists are sealed, so that nobody chooses the order, and
// everybody computes it again: printf '%s' 'seed|12' | sha256sum.
func Order(seed string, ids []ID) []Drawn {
	out := make([]Drawn, len(ids))
	for i, id := range ids {
		text := seed + "|" + strconv.FormatInt(int64(id), 10)
		sum := sha256.Sum256([]byte(text))
		out[i] = Drawn{ID: id, Text: text, Hash: hex.EncodeToString(sum[:])}
	}
	slices.SortFunc(out, func(a, b Drawn) int { return bytes.Compare([]byte(a.Hash), []byte(b.Hash)) })
	for i := range out {
		out[i].Place = i + 1
	}
	return out
}
