package governance

import (
	"context"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// CommuneTile is one of the 28 communes with the state of its mayor's seat.
type CommuneTile struct {
	INSEE      string                `json:"insee" db:"insee"`
	Name       string                `json:"name" db:"name"`
	Slug       string                `json:"slug" db:"slug"`
	Abbr       string                `json:"abbr" db:"abbr"`
	Row        int                   `json:"tile_row" db:"tile_row"`
	Col        int                   `json:"tile_col" db:"tile_col"`
	Population int                   `json:"population" db:"population"`
	ID         access.OrganisationID `json:"organisation_id" db:"organisation_id"`
	Mayor      string                `json:"mayor" db:"mayor"` // "" when vacant
	State      SeatState             `json:"state" db:"state"`
}

// Communes returns the 28 communes by name, with their mayor today.
func (s *Service) Communes(ctx context.Context) ([]CommuneTile, error) {
	var v []CommuneTile
	var b postgres.Batch
	addCommunes(&b, &v)
	err := b.Run(ctx, s.db)
	return v, postgres.Wrap(err, "list communes")
}

// AddINSEE asks for the code of a commune, "" for another organisation.
func AddINSEE(b *postgres.Batch, dst *string, id access.OrganisationID) {
	postgres.AddValue(b, dst, `SELECT coalesce((SELECT insee FROM commune WHERE organisation_id = $1), '')`, id)
}

func addCommunes(b *postgres.Batch, dst *[]CommuneTile) {
	postgres.AddList(b, dst, `
		SELECT c.insee, o.name, c.slug, c.abbr, c.tile_row, c.tile_col, c.population, o.id AS organisation_id,
		       coalesce(l.first_name || ' ' || l.last_name, '') AS mayor, coalesce(l.state, 'vacant') AS state
		FROM commune c JOIN organisation o ON o.id = c.organisation_id
		LEFT JOIN composition('communes', paris_today()) l ON l.organisation_id = o.id
		ORDER BY fold(o.name)`)
}

// PastMandate is a mandate that ended, by function and dates: the public page
// names only who is in office.
type PastMandate struct {
	Kind        MandateKind `json:"kind"`
	From        day.Day     `json:"from"`
	Until       day.Day     `json:"until"`
	Designation string      `json:"designation"`
}

// CommunePage is what the page of a commune shows.
type CommunePage struct {
	ID         access.OrganisationID `json:"organisation_id"`
	INSEE      string                `json:"insee"`
	Name       string                `json:"name"`
	Slug       string                `json:"slug"`
	Population int                   `json:"population"`
	SIREN      string                `json:"siren"`
	Mayor      *Line                 `json:"mayor"` // nil only when the seat is closed
	Delegates  int                   `json:"delegates"`
	Past       []PastMandate         `json:"past"`
	Today      day.Day               `json:"today"`
	// Structures are the first members of the GNI in the commune, by name, and
	// StructureCount how many there are.
	Structures     []CommuneStructure `json:"structures"`
	StructureCount int                `json:"structure_count"`
	// Meetings are the announced sessions of the two bodies where the commune sits: the
	// next two, then the last four.
	Meetings []MeetingMark `json:"meetings"`
}

// CommuneStructure is a member of the GNI in a commune.
type CommuneStructure struct {
	ID      access.OrganisationID `json:"organisation_id"`
	Name    string                `json:"name"`
	College College               `json:"college"`
}

// CommunePage returns the page of the commune with the INSEE code, in one round trip
// with what others ask of their areas in it; NotFound when it is not one of the 28.
func (s *Service) CommunePage(ctx context.Context, insee string, also ...func(*postgres.Batch)) (CommunePage, error) {
	var (
		v CommunePage
		b postgres.Batch
	)
	for _, add := range also {
		add(&b)
	}
	postgres.AddValue(&b, &v, `
		SELECT json_build_object('organisation_id', o.id, 'insee', c.insee, 'name', o.name, 'slug', c.slug,
			'population', c.population, 'siren', c.siren, 'today', paris_today(),
			'mayor', (SELECT row_to_json(l) FROM composition('communes', paris_today()) l WHERE l.organisation_id = o.id),
			'delegates', (SELECT count(*) FROM membership n WHERE n.organisation_id = o.id AND n.during @> paris_today()),
			'past', (SELECT json_agg(json_build_object('kind', m.kind, 'from', lower(m.during), 'until', upper(m.during),
			                         'designation', m.designation) ORDER BY lower(m.during) DESC, m.kind DESC)
			         FROM mandate m JOIN seat s ON s.id = m.seat_id
			         WHERE s.organisation_id = o.id AND upper(m.during) <= paris_today()),
			'structures', (SELECT json_agg(json_build_object('organisation_id', t.organisation_id, 'name', n.name, 'college', t.college)
			                               ORDER BY t.sort_name, t.organisation_id)
			               FROM (SELECT organisation_id, college, sort_name FROM structure WHERE insee = c.insee AND state = 'accepted'
			                     ORDER BY sort_name, organisation_id LIMIT 20) t JOIN organisation n ON n.id = t.organisation_id),
			'structure_count', (SELECT coalesce(sum(bit_count(members)), 0) FROM structure_facet WHERE facet = 'commune' AND value = c.insee),
			'meetings', (SELECT json_agg(m ORDER BY m.starts_at > now() DESC, abs(extract(epoch FROM m.starts_at - now())), m.id)
			             FROM ((`+communeMeetings+` AND m.starts_at > now() ORDER BY m.starts_at, m.id LIMIT 2)
			                   UNION ALL (`+communeMeetings+` AND m.starts_at <= now() ORDER BY m.starts_at DESC, m.id LIMIT 4)) m))
		FROM commune c JOIN organisation o ON o.id = c.organisation_id WHERE c.insee = $1`, insee)
	return v, orNotFound(b.Run(ctx, s.db), problem.New(problem.NotFound, "Cette commune n’est pas une des 28 communes de la métropole."), "page of commune "+insee)
}

// communeMeetings are the announced sessions of the bodies where the 28 communes sit.
const communeMeetings = `SELECT m.id, m.body, m.starts_at, m.ends_at, m.state,
	CASE m.state WHEN 'draft' THEN '' ELSE m.place END AS place, CASE m.state WHEN 'draft' THEN '' ELSE m.theme END AS theme
	FROM meeting m WHERE m.announced AND m.kind = 'session' AND m.body IN ('communes', 'cmtin')`
