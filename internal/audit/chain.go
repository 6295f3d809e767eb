package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
)

// Seal names one link of the chain. Noted elsewhere (a backup, minutes, paper),
// it proves later that nothing up to it was changed or taken away, even by
// somebody who could rewrite the whole chain.
type Seal struct {
	Seq  int64
	Hash [sha256.Size]byte
}

// IsZero tells whether s is the seal of an empty journal.
func (s Seal) IsZero() bool { return s.Seq == 0 }

// Hex returns the hash as it is shown and noted.
func (s Seal) Hex() string { return hex.EncodeToString(s.Hash[:]) }

// sealed is an entry as stored, with what is hashed in the form it is hashed.
type sealed struct {
	id        int64
	at        pgtype.Timestamptz
	accountID *int64
	actor     string
	capacity  string
	action    string
	object    string
	objectID  int64
	label     string
	before    *string // jsonb as text, as Postgres prints it
	after     *string
	requestID string
}

// canonical appends the bytes that are hashed to b: each field by its length in
// bytes, a colon, its text; « -: » for NULL. It is audit_canonical of the
// migration written again, on purpose: what one gets wrong the other shows.
func (e *sealed) canonical(b []byte) []byte {
	b = appendField(b, strconv.FormatInt(e.id, 10))
	b = appendField(b, e.at.Time.UTC().Format("2006-01-02T15:04:05.000000Z"))
	b = appendOptional(b, formatInt(e.accountID))
	for _, v := range [...]string{e.actor, e.capacity, e.action, e.object} {
		b = appendField(b, v)
	}
	b = appendField(b, strconv.FormatInt(e.objectID, 10))
	b = appendField(b, e.label)
	b = appendOptional(b, e.before)
	b = appendOptional(b, e.after)
	return appendField(b, e.requestID)
}

// hash returns the hash of the entry's seal after the seal whose hash is prev.
func (e *sealed) hash(prev []byte) [sha256.Size]byte {
	b := make([]byte, 0, 512)
	return sha256.Sum256(e.canonical(append(b, prev...)))
}

// timeIsPlain tells whether at is a date that can have been hashed.
func (e *sealed) timeIsPlain() bool {
	return e.at.Valid && e.at.InfinityModifier == pgtype.Finite &&
		e.at.Time.Equal(e.at.Time.Truncate(time.Microsecond))
}

func appendField(b []byte, v string) []byte {
	b = strconv.AppendInt(b, int64(len(v)), 10)
	b = append(b, ':')
	return append(b, v...)
}

func appendOptional(b []byte, v *string) []byte {
	if v == nil {
		return append(b, "-:"...)
	}
	return appendField(b, *v)
}

func formatInt(n *int64) *string {
	if n == nil {
		return nil
	}
	s := strconv.FormatInt(*n, 10)
	return &s
}
