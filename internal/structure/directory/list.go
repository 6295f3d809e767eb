package directory

import (
	"context"
	"math/bits"

	"github.com/jackc/pgx/v5/pgtype"

	"bordeaux-metropole.fr/portal/internal/postgres"
)

// chunkLength is how many structures a chunk of structure_facet holds.
const chunkLength = 8192

// few is how many structures are fetched by their ids and sorted; more are
// met while the list is walked in its order, in either direction.
const few = 400

// memberSet is a set of structures: the bits of structure_facet by chunk.
type memberSet map[int64][]byte

// ids lists the set, in order within a chunk only.
func (m memberSet) ids() []int64 {
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
func (m memberSet) row() (row pgtype.Bits, first, last int64) {
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

// The statement of a page of the directory is linesHead, which of the members
// are meant, an order for them with its limit, and the same order for the lines.
const (
	linesHead = `
		SELECT s.organisation_id, o.name, coalesce(s.insee, '') AS insee, s.college, s.publish_sheet,
		       CASE WHEN s.publish_sheet THEN s.services END AS services, CASE WHEN s.publish_sheet THEN s.programmes END AS programmes,
		       CASE WHEN s.publish_sheet THEN s.aladdin ELSE '' END AS aladdin, CASE WHEN s.publish_sheet THEN s.access_modes END AS access_modes,
		       CASE WHEN s.publish_sheet THEN s.up_to_date_at END AS up_to_date_at,
		       CASE WHEN s.publish_sheet THEN freshness(s.up_to_date_at) ELSE '' END AS freshness
		FROM structure s JOIN organisation o ON o.id = s.organisation_id
		WHERE s.organisation_id IN (SELECT organisation_id FROM structure WHERE state = 'accepted' AND `
	// A case, since get_bit fails past the end of the row.
	whoMet     = `CASE WHEN organisation_id BETWEEN $4 AND $5 THEN get_bit($3::varbit, (organisation_id - $4)::int) = 1 ELSE false END`
	whoFetched = `organisation_id = ANY($3::bigint[])`
	onePage    = ` LIMIT $1 OFFSET $2)`

	orderByName        = ` ORDER BY sort_name, organisation_id`
	orderByNameBack    = ` ORDER BY sort_name DESC, organisation_id DESC`
	orderByCommune     = ` ORDER BY sort_commune, sort_name, organisation_id`
	orderByCommuneBack = ` ORDER BY sort_commune DESC, sort_name DESC, organisation_id DESC`
	orderByFresh       = ` ORDER BY (CASE WHEN publish_sheet THEN up_to_date_at END) DESC NULLS LAST, sort_name, organisation_id`
	orderByFreshBack   = ` ORDER BY (CASE WHEN publish_sheet THEN up_to_date_at END) ASC NULLS FIRST, sort_name DESC, organisation_id DESC`
)

// direction is how a page of the directory is read.
type direction int

const (
	waySort    direction = iota // fetched by their ids and sorted
	wayForward                  // met from the first of the list
	wayBack                     // met from the last
)

// entries returns the lines of a page of the set.
func (m memberSet) entries(ctx context.Context, q postgres.Querier, f Filter, p postgres.Paging) ([]Entry, error) {
	limit, offset, way := postgres.PageLength, postgres.Offset(p.Page), wayForward
	if f.Page == postgres.AllPages {
		limit = p.Total
	}
	limit = min(limit, p.Total-offset)
	if p.Total <= few {
		return linesOf(ctx, q, f.Sort, waySort, limit, offset, m.ids())
	}
	if after := p.Total - offset - limit; after < offset {
		offset, way = after, wayBack
	}
	row, first, last := m.row()
	return linesOf(ctx, q, f.Sort, way, limit, offset, row, first, last)
}

// linesOf runs the statement of an order and of a way.
func linesOf(ctx context.Context, q postgres.Querier, order Sort, way direction, args ...any) ([]Entry, error) {
	type key struct {
		order Sort
		way   direction
	}
	switch (key{order, way}) {
	case key{ByCommune, waySort}:
		return postgres.List[Entry](ctx, q, linesHead+whoFetched+orderByCommune+onePage+orderByCommune, args...)
	case key{ByCommune, wayForward}:
		return postgres.List[Entry](ctx, q, linesHead+whoMet+orderByCommune+onePage+orderByCommune, args...)
	case key{ByCommune, wayBack}:
		return postgres.List[Entry](ctx, q, linesHead+whoMet+orderByCommuneBack+onePage+orderByCommune, args...)
	case key{ByFreshness, waySort}:
		return postgres.List[Entry](ctx, q, linesHead+whoFetched+orderByFresh+onePage+orderByFresh, args...)
	case key{ByFreshness, wayForward}:
		return postgres.List[Entry](ctx, q, linesHead+whoMet+orderByFresh+onePage+orderByFresh, args...)
	case key{ByFreshness, wayBack}:
		return postgres.List[Entry](ctx, q, linesHead+whoMet+orderByFreshBack+onePage+orderByFresh, args...)
	}
	switch way {
	case waySort:
		return postgres.List[Entry](ctx, q, linesHead+whoFetched+orderByName+onePage+orderByName, args...)
	case wayForward:
		return postgres.List[Entry](ctx, q, linesHead+whoMet+orderByName+onePage+orderByName, args...)
	}
	return postgres.List[Entry](ctx, q, linesHead+whoMet+orderByNameBack+onePage+orderByName, args...)
}
