package directory

import (
	"context"

	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/structure/sets"
)

// The statement of a page of the directory is linesHead, which of the members
// are meant, an order for them with its limit, and the same order for the lines. A
// line is fetched once the page is cut, by its number: OFFSET 0 keeps the planner,
// which does not know how short a page is, from reading whole tables instead.
const (
	linesHead = `
		SELECT s.organisation_id, s.name, coalesce(s.insee, '') AS insee, s.college, s.publish_sheet,
		       CASE WHEN s.publish_sheet THEN s.services END AS services, CASE WHEN s.publish_sheet THEN s.programmes END AS programmes,
		       CASE WHEN s.publish_sheet THEN s.aladdin ELSE '' END AS aladdin, CASE WHEN s.publish_sheet THEN s.access_modes END AS access_modes,
		       CASE WHEN s.publish_sheet THEN s.up_to_date_at END AS up_to_date_at,
		       CASE WHEN s.publish_sheet THEN freshness(s.up_to_date_at) ELSE '' END AS freshness
		FROM (SELECT organisation_id AS id FROM structure WHERE state = 'accepted' AND `
	onePage = ` LIMIT $1 OFFSET $2) AS cut CROSS JOIN LATERAL (
			SELECT t.organisation_id, o.name, t.insee, t.college, t.publish_sheet, t.services, t.programmes, t.aladdin, t.access_modes, t.up_to_date_at,
			       t.sort_name, t.sort_commune
			FROM structure t JOIN organisation o ON o.id = t.organisation_id WHERE t.organisation_id = cut.id OFFSET 0) AS s`

	orderByName        = ` ORDER BY sort_name, organisation_id`
	orderByNameBack    = ` ORDER BY sort_name DESC, organisation_id DESC`
	orderByCommune     = ` ORDER BY sort_commune, sort_name, organisation_id`
	orderByCommuneBack = ` ORDER BY sort_commune DESC, sort_name DESC, organisation_id DESC`
	orderByFresh       = ` ORDER BY (CASE WHEN publish_sheet THEN up_to_date_at END) DESC NULLS LAST, sort_name, organisation_id`
	orderByFreshBack   = ` ORDER BY (CASE WHEN publish_sheet THEN up_to_date_at END) ASC NULLS FIRST, sort_name DESC, organisation_id DESC`
)

// entries returns the lines of a page of the set.
func entries(ctx context.Context, q postgres.Querier, m sets.Set, f Filter, p postgres.Paging) ([]Entry, error) {
	way, args := m.Page(p, f.Page == postgres.AllPages)
	return linesOf(ctx, q, f.Sort, way, args...)
}

// linesOf runs the statement of an order and of a way.
func linesOf(ctx context.Context, q postgres.Querier, order Sort, way sets.Way, args ...any) ([]Entry, error) {
	type key struct {
		order Sort
		way   sets.Way
	}
	switch (key{order, way}) {
	case key{ByCommune, sets.Sort}:
		return postgres.List[Entry](ctx, q, linesHead+sets.Fetched+orderByCommune+onePage+orderByCommune, args...)
	case key{ByCommune, sets.Forward}:
		return postgres.List[Entry](ctx, q, linesHead+sets.Met+orderByCommune+onePage+orderByCommune, args...)
	case key{ByCommune, sets.Back}:
		return postgres.List[Entry](ctx, q, linesHead+sets.Met+orderByCommuneBack+onePage+orderByCommune, args...)
	case key{ByFreshness, sets.Sort}:
		return postgres.List[Entry](ctx, q, linesHead+sets.Fetched+orderByFresh+onePage+orderByFresh, args...)
	case key{ByFreshness, sets.Forward}:
		return postgres.List[Entry](ctx, q, linesHead+sets.Met+orderByFresh+onePage+orderByFresh, args...)
	case key{ByFreshness, sets.Back}:
		return postgres.List[Entry](ctx, q, linesHead+sets.Met+orderByFreshBack+onePage+orderByFresh, args...)
	}
	switch way {
	case sets.Sort:
		return postgres.List[Entry](ctx, q, linesHead+sets.Fetched+orderByName+onePage+orderByName, args...)
	case sets.Forward:
		return postgres.List[Entry](ctx, q, linesHead+sets.Met+orderByName+onePage+orderByName, args...)
	}
	return postgres.List[Entry](ctx, q, linesHead+sets.Met+orderByNameBack+onePage+orderByName, args...)
}
