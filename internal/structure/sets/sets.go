// Package sets is sets of structures as the database keeps them, one bit a structure
// in chunks (structure_facet and structure_found, 00013_directory.sql), and how a page
// of such a set is read. The directory and the team's register are lists of it.
package sets

import (
	"encoding/binary"
	"math/bits"
	"strings"
	"unicode"

	"github.com/jackc/pgx/v5/pgtype"

	"bordeaux-metropole.fr/portal/internal/postgres"
)

// chunkLength is how many structures a chunk of structure_facet holds.
const chunkLength = 8192

// few is how many structures are fetched by their ids and sorted; more are
// met while the list is walked in its order, in either Way.
const few = 400

// Set is a set of structures: their bits by chunk.
type Set map[int64][]byte

// ids lists the set, in order within a chunk only.
func (m Set) ids() []int64 {
	var out []int64
	for chunk, set := range m {
		for i, b := range set {
			for b != 0 {
				lead := bits.LeadingZeros8(b)
				out = append(out, chunk*chunkLength+int64(i)*8+int64(lead))
				b &^= 0x80 >> lead
			}
		}
	}
	return out
}

// row returns the set as one row of bits, and the ids of its first and last bits.
func (m Set) row() (row pgtype.Bits, first, last int64) {
	low, high := int64(-1), int64(0)
	for chunk := range m {
		if low < 0 || chunk < low {
			low = chunk
		}
		high = max(high, chunk)
	}
	const chunkBytes = chunkLength / 8
	row.Bytes = make([]byte, (high-low+1)*chunkBytes)
	for chunk, set := range m {
		copy(row.Bytes[(chunk-low)*chunkBytes:], set)
	}
	row.Len, row.Valid = int32(len(row.Bytes)*8), true
	return row, low * chunkLength, (high+1)*chunkLength - 1
}

// Row is how many structures answer a value of a facet, or which do, a chunk at a time.
type Row struct {
	Facet   string      `db:"facet"`
	Value   string      `db:"value"`
	Chunk   int64       `db:"chunk"`
	Total   int         `db:"total"`
	Members pgtype.Bits `db:"members"`
}

// Of returns the set of those that answer a value of a facet.
func Of(rows []Row, facet, value string) Set {
	set := Set{}
	for _, r := range rows {
		if r.Facet == facet && r.Value == value {
			set[r.Chunk] = r.Members.Bytes
		}
	}
	return set
}

// Which structures a page of a set means, as its statement says: fetched by their ids,
// or met while the list is walked. Parameters are those of Page.
const (
	Fetched = `organisation_id = ANY($3::bigint[])`
	// A case, since get_bit fails past the end of the row.
	Met = `CASE WHEN organisation_id BETWEEN $4 AND $5 THEN get_bit($3::varbit, (organisation_id - $4)::int) = 1 ELSE false END`
)

// Way is how a page of a list is read.
type Way int

// The closed set of ways.
const (
	Sort    Way = iota // fetched by their ids and sorted
	Forward            // met from the first of the list
	Back               // met from the last
)

// Page says how a page of the set is read, and what its statement takes: $1 its length,
// $2 how many lines to pass, $3 the set, $4 and $5 the bounds of its bits.
func (m Set) Page(p postgres.Paging, all bool) (Way, []any) {
	limit, offset, way := postgres.PageLength, postgres.Offset(p.Page), Forward
	if all {
		limit = p.Total
	}
	limit = max(min(limit, p.Total-offset), 0)
	if p.Total <= few {
		return Sort, []any{limit, offset, m.ids()}
	}
	if after := p.Total - offset - limit; limit > 0 && after < offset {
		offset, way = after, Back
	}
	row, first, last := m.row()
	return way, []any{limit, offset, row, first, last}
}

// And leaves in the set what is in another too.
func (m Set) And(other Set) {
	for chunk, set := range m {
		with, ok := other[chunk]
		if !ok {
			delete(m, chunk)
			continue
		}
		both := make([]byte, len(set))
		for i := range set {
			both[i] = set[i] & with[i]
		}
		m[chunk] = both
	}
}

// Count is how many structures the set has.
func (m Set) Count() (n int) {
	for _, set := range m {
		for _, b := range set {
			n += bits.OnesCount8(b)
		}
	}
	return n
}

// AddWord adds 64 structures at once, those from number 64 w on.
func (m Set) AddWord(w, members int64) {
	const words = chunkLength / 64
	set := m[w/words]
	if set == nil {
		set = make([]byte, chunkLength/8)
		m[w/words] = set
	}
	binary.BigEndian.PutUint64(set[w%words*8:], uint64(members))
}

const (
	maxQuery = 100 // characters looked at
	maxWords = 5   // each costs a search
)

// Words returns the words that are looked for, the longest of what was typed: « à »
// and « l’ » count for nothing beside another word.
func Words(typed string) []string {
	if r := []rune(typed); len(r) > maxQuery {
		typed = string(r[:maxQuery])
	}
	all := strings.FieldsFunc(typed, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
	out := make([]string, 0, maxWords)
	for _, w := range all {
		if len([]rune(w)) > 1 && len(out) < maxWords {
			out = append(out, w)
		}
	}
	if len(out) == 0 && len(all) > 0 {
		out = all[:1]
	}
	return out
}
