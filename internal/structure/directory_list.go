package structure

import (
	"context"
	"encoding/binary"
	"math/bits"

	"github.com/jackc/pgx/v5/pgtype"

	"bordeaux-metropole.fr/portal/internal/postgres"
)

// directoryChunk is how many structures a chunk of structure_facet holds.
const directoryChunk = 8192

// directoryFew is how many structures are fetched by their ids and sorted; more are
// met while the list is walked in its order, in either direction.
const directoryFew = 400

// directorySet is a set of structures: the bits of structure_facet by chunk.
type directorySet map[int64][]byte

// ids lists the set, in order within a chunk only.
func (m directorySet) ids() []int64 {
	var out []int64
	for chunk, set := range m {
		for i, b := range set {
			for b != 0 {
				lead := bits.LeadingZeros8(b)
				out = append(out, chunk*directoryChunk+int64(i)*8+int64(lead))
				b &^= 0x80 >> lead
			}
		}
	}
	return out
}

// row returns the set as one row of bits, and the ids of its first and last bits.
func (m directorySet) row() (row pgtype.Bits, first, last int64) {
	low, high := int64(-1), int64(0)
	for chunk := range m {
		if low < 0 || chunk < low {
			low = chunk
		}
		high = max(high, chunk)
	}
	const chunkBytes = directoryChunk / 8
	row.Bytes = make([]byte, (high-low+1)*chunkBytes)
	for chunk, set := range m {
		copy(row.Bytes[(chunk-low)*chunkBytes:], set)
	}
	row.Len, row.Valid = int32(len(row.Bytes)*8), true
	return row, low * directoryChunk, (high+1)*directoryChunk - 1
}

// The statement of a page of the directory is directoryHead, which of the members
// are meant, an order for them with its limit, and the same order for the lines. A
// line is fetched once the page is cut, by its number: OFFSET 0 keeps the planner,
// which does not know how short a page is, from reading whole tables instead.
const (
	directoryHead = `
		SELECT s.organisation_id, s.name, coalesce(s.insee, '') AS insee, s.college, s.publish_sheet,
		       CASE WHEN s.publish_sheet THEN s.services END AS services, CASE WHEN s.publish_sheet THEN s.programmes END AS programmes,
		       CASE WHEN s.publish_sheet THEN s.aladdin ELSE '' END AS aladdin, CASE WHEN s.publish_sheet THEN s.access_modes END AS access_modes,
		       CASE WHEN s.publish_sheet THEN s.up_to_date_at END AS up_to_date_at,
		       CASE WHEN s.publish_sheet THEN freshness(s.up_to_date_at) ELSE '' END AS freshness
		FROM (SELECT organisation_id AS id FROM structure WHERE state = 'accepted' AND `
	// A case, since get_bit fails past the end of the row.
	directoryMet     = `CASE WHEN organisation_id BETWEEN $4 AND $5 THEN get_bit($3::varbit, (organisation_id - $4)::int) = 1 ELSE false END`
	directoryFetched = `organisation_id = ANY($3::bigint[])`
	directoryLimit   = ` LIMIT $1 OFFSET $2) AS cut CROSS JOIN LATERAL (
			SELECT t.organisation_id, o.name, t.insee, t.college, t.publish_sheet, t.services, t.programmes, t.aladdin, t.access_modes, t.up_to_date_at,
			       t.sort_name, t.sort_commune
			FROM structure t JOIN organisation o ON o.id = t.organisation_id WHERE t.organisation_id = cut.id OFFSET 0) AS s`

	directoryByName        = ` ORDER BY sort_name, organisation_id`
	directoryByNameBack    = ` ORDER BY sort_name DESC, organisation_id DESC`
	directoryByCommune     = ` ORDER BY sort_commune, sort_name, organisation_id`
	directoryByCommuneBack = ` ORDER BY sort_commune DESC, sort_name DESC, organisation_id DESC`
	directoryByFresh       = ` ORDER BY (CASE WHEN publish_sheet THEN up_to_date_at END) DESC NULLS LAST, sort_name, organisation_id`
	directoryByFreshBack   = ` ORDER BY (CASE WHEN publish_sheet THEN up_to_date_at END) ASC NULLS FIRST, sort_name DESC, organisation_id DESC`
)

// directoryWay is how a page of the directory is read.
type directoryWay int

const (
	waySort    directoryWay = iota // fetched by their ids and sorted
	wayForward                     // met from the first of the list
	wayBack                        // met from the last
)

// entries returns the lines of a page of the set.
func (m directorySet) entries(ctx context.Context, q postgres.Querier, f Filter, p postgres.Paging) ([]Entry, error) {
	way, args := m.page(p, f.Page == postgres.AllPages)
	return directoryPage(ctx, q, f.Sort, way, args...)
}

// page says how a page of the set is read, and what its statement takes: $1 its length,
// $2 how many lines to pass, $3 the set, $4 and $5 the bounds of its bits.
func (m directorySet) page(p postgres.Paging, all bool) (directoryWay, []any) {
	limit, offset, way := postgres.PageLength, postgres.Offset(p.Page), wayForward
	if all {
		limit = p.Total
	}
	limit = max(min(limit, p.Total-offset), 0)
	if p.Total <= directoryFew {
		return waySort, []any{limit, offset, m.ids()}
	}
	if after := p.Total - offset - limit; limit > 0 && after < offset {
		offset, way = after, wayBack
	}
	row, first, last := m.row()
	return way, []any{limit, offset, row, first, last}
}

// and leaves in the set what is in another too, and count says how many that makes.
func (m directorySet) and(other directorySet) {
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

func (m directorySet) count() (n int) {
	for _, set := range m {
		for _, b := range set {
			n += bits.OnesCount8(b)
		}
	}
	return n
}

// addWord adds 64 structures at once, those from number 64 w on.
func (m directorySet) addWord(w, members int64) {
	const words = directoryChunk / 64
	set := m[w/words]
	if set == nil {
		set = make([]byte, directoryChunk/8)
		m[w/words] = set
	}
	binary.BigEndian.PutUint64(set[w%words*8:], uint64(members))
}

// directoryPage runs the statement of an order and of a way.
func directoryPage(ctx context.Context, q postgres.Querier, order Sort, way directoryWay, args ...any) ([]Entry, error) {
	type key struct {
		order Sort
		way   directoryWay
	}
	switch (key{order, way}) {
	case key{ByCommune, waySort}:
		return postgres.List[Entry](ctx, q, directoryHead+directoryFetched+directoryByCommune+directoryLimit+directoryByCommune, args...)
	case key{ByCommune, wayForward}:
		return postgres.List[Entry](ctx, q, directoryHead+directoryMet+directoryByCommune+directoryLimit+directoryByCommune, args...)
	case key{ByCommune, wayBack}:
		return postgres.List[Entry](ctx, q, directoryHead+directoryMet+directoryByCommuneBack+directoryLimit+directoryByCommune, args...)
	case key{ByFreshness, waySort}:
		return postgres.List[Entry](ctx, q, directoryHead+directoryFetched+directoryByFresh+directoryLimit+directoryByFresh, args...)
	case key{ByFreshness, wayForward}:
		return postgres.List[Entry](ctx, q, directoryHead+directoryMet+directoryByFresh+directoryLimit+directoryByFresh, args...)
	case key{ByFreshness, wayBack}:
		return postgres.List[Entry](ctx, q, directoryHead+directoryMet+directoryByFreshBack+directoryLimit+directoryByFresh, args...)
	}
	switch way {
	case waySort:
		return postgres.List[Entry](ctx, q, directoryHead+directoryFetched+directoryByName+directoryLimit+directoryByName, args...)
	case wayForward:
		return postgres.List[Entry](ctx, q, directoryHead+directoryMet+directoryByName+directoryLimit+directoryByName, args...)
	}
	return postgres.List[Entry](ctx, q, directoryHead+directoryMet+directoryByNameBack+directoryLimit+directoryByName, args...)
}
