package meeting

import (
	"context"

	"bordeaux-metropole.fr/portal/internal/postgres"
)

// itemsSQL is the agenda of meeting $1, points and sub-points in order with their
// numbers. $2: the team reads, who also knows of the meetings that nobody announced
// and of who proposed a point.
const itemsSQL = `
		SELECT i.id, i.meeting_id, coalesce(i.parent_id, 0) AS parent_id, i.position,
		       CASE WHEN p.id IS NULL THEN i.position::text ELSE p.position || '.' || i.position END AS number,
		       i.title, i.text, i.kind, i.minutes, i.rapporteur, i.origin, coalesce(i.origin_id, 0) AS origin_id,
		       coalesce(o.meeting_id, 0) AS origin_meeting_id,
		       CASE WHEN $2 OR om.announced THEN coalesce(` + originWordsSQL + `, a.proposer, '') ELSE '' END AS origin_words,
		       coalesce(i.moved_to_id, 0) AS moved_to_id, coalesce(d.meeting_id, 0) AS moved_to_meeting_id, i.created_at, i.version
		FROM agenda_item i
		LEFT JOIN agenda_item p ON p.id = i.parent_id
		LEFT JOIN agenda_item o ON o.id = i.origin_id
		LEFT JOIN agenda_item op ON op.id = o.parent_id
		LEFT JOIN meeting om ON om.id = o.meeting_id
		LEFT JOIN body ob ON ob.code = om.body
		LEFT JOIN agenda_proposal a ON a.item_id = i.id
		LEFT JOIN agenda_item d ON d.id = i.moved_to_id
		WHERE i.meeting_id = $1
		ORDER BY coalesce(p.position, i.position), p.id IS NOT NULL, i.position, i.id`

// originWordsSQL says which point of which meeting, « GNI du 11 juin 2026, point 3 »,
// of the point o (its point op, if it is a sub-point) of the meeting om of the body ob.
const originWordsSQL = `
		ob.short_name || ' du ' || regexp_replace(to_char(om.starts_at AT TIME ZONE 'Europe/Paris', 'FMDD'), '^1$', '1er')
		|| ' ' || (ARRAY['janvier','février','mars','avril','mai','juin','juillet','août','septembre','octobre','novembre','décembre']
		)[extract(month FROM om.starts_at AT TIME ZONE 'Europe/Paris')::integer]
		|| to_char(om.starts_at AT TIME ZONE 'Europe/Paris', ' YYYY')
		|| ', point ' || coalesce(op.position || '.', '') || o.position`

// AddItems reads the agenda within the batch of a page, with what the sight gives to
// know of it. The caller has checked the right.
func AddItems(b *postgres.Batch, dst *[]Item, id ID, sight Sight) {
	postgres.AddList(b, dst, itemsSQL, id, sight == Backstage)
}

// Items returns the agenda, points and sub-points in order with their numbers, as
// the team knows it. The caller has checked the right.
func (s *Service) Items(ctx context.Context, q postgres.Querier, id ID) ([]Item, error) {
	v, err := postgres.List[Item](ctx, q, itemsSQL, id, true)
	return v, postgres.Wrap(err, "agenda")
}
