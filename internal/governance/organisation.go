package governance

import (
	"context"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// OrganisationFilter narrows the list of organisations; zero fields do not.
type OrganisationFilter struct {
	Kind OrganisationKind
	Q    string // in the name or the category, accents forgiven
}

// OrganisationLine is an organisation in the team's list.
type OrganisationLine struct {
	ID       access.OrganisationID `db:"id"`
	Kind     OrganisationKind      `db:"kind"`
	Name     string                `db:"name"`
	Category string                `db:"category"`
	Seat     SeatID                `db:"seat_id"` // open today; 0 if none
	Holder   string                `db:"holder"`  // "" when vacant or without seat
	People   int                   `db:"people"`  // memberships of today
	Total    int                   `db:"total"`
}

// Organisations returns one page of the organisations, by kind then name; page
// postgres.AllPages returns them all.
func (s *Service) Organisations(ctx context.Context, by access.Actor, f OrganisationFilter, page int) ([]OrganisationLine, postgres.Paging, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return nil, postgres.Paging{}, err
	}
	rows, err := postgres.List[OrganisationLine](ctx, s.db, `
		WITH hit AS MATERIALIZED (
			SELECT o.id, o.kind, o.name, o.category, count(*) OVER ()::int AS total
			FROM organisation o
			-- A structure that has not been accepted is the register's alone.
			WHERE (o.kind <> 'structure' OR EXISTS (SELECT FROM seat t WHERE t.organisation_id = o.id))
			  AND ($1 = '' OR o.kind = $1) AND ($2 = '' OR strpos(fold(o.name || ' ' || o.category), fold($2)) > 0)
			ORDER BY array_position(ARRAY['metropole','commune','state_service','partner','structure'], o.kind), fold(o.name), o.id
			LIMIT $4 OFFSET $3
		)
		SELECT h.id, h.kind, h.name, h.category, coalesce(s.id, 0) AS seat_id,
		       coalesce(p.first_name || ' ' || p.last_name, '') AS holder,
		       (SELECT count(*) FROM membership n WHERE n.organisation_id = h.id AND n.during @> paris_today())::int AS people, h.total
		FROM hit h
		LEFT JOIN seat s ON s.organisation_id = h.id AND s.during @> paris_today()
		LEFT JOIN mandate m ON m.seat_id = s.id AND m.kind = 'titular' AND m.during @> paris_today()
		LEFT JOIN person p ON p.id = m.person_id
		ORDER BY array_position(ARRAY['metropole','commune','state_service','partner','structure'], h.kind), fold(h.name), h.id`,
		string(f.Kind), f.Q, postgres.Offset(page), postgres.Limit(page))
	if err != nil {
		return nil, postgres.Paging{}, postgres.Wrap(err, "list organisations")
	}
	total := 0
	if len(rows) > 0 {
		total = rows[0].Total
	}
	return rows, postgres.PagingOf(page, total), nil
}

// OrganisationSeat is a seat of an organisation, open or closed.
type OrganisationSeat struct {
	ID        SeatID   `json:"id"`
	Kind      SeatKind `json:"kind"`
	Label     string   `json:"label"`
	College   College  `json:"college"`
	From      day.Day  `json:"from"`
	Until     day.Day  `json:"until"` // zero: open
	Version   int      `json:"version"`
	Holder    string   `json:"holder"` // today; "" when vacant
	Alternate string   `json:"alternate"`
}

// Member is somebody acting for an organisation without holding its seat.
type Member struct {
	ID         MembershipID    `json:"id"`
	Person     access.PersonID `json:"person_id"`
	First      string          `json:"first_name"`
	Last       string          `json:"last_name"`
	Email      string          `json:"email"`
	HasAccount bool            `json:"has_account"`
	Title      string          `json:"title"`
	Manager    bool            `json:"manager"`
	From       day.Day         `json:"from"`
	Until      day.Day         `json:"until"` // zero: open
	Version    int             `json:"version"`
	Current    bool            `json:"current"`
}

// Name returns « Camille Exemple ».
func (m Member) Name() string { return m.First + " " + m.Last }

// OrganisationPage is an organisation with its seats, its people and its history.
type OrganisationPage struct {
	ID       access.OrganisationID `json:"id"`
	Kind     OrganisationKind      `json:"kind"`
	Name     string                `json:"name"`
	Category string                `json:"category"`
	INSEE    string                `json:"insee"` // "" when not a commune
	Version  int                   `json:"version"`
	Today    day.Day               `json:"today"`
	Seats    []OrganisationSeat    `json:"seats"`
	Members  []Member              `json:"members"` // those of today first
	History  []HistoryEntry        `json:"history"`
}

// OpenSeat returns the seat open today, nil if none.
func (p OrganisationPage) OpenSeat() *OrganisationSeat {
	for i := range p.Seats {
		if s := &p.Seats[i]; !p.Today.Before(s.From) && (s.Until.IsZero() || p.Today.Before(s.Until)) {
			return s
		}
	}
	return nil
}

// OrganisationPage returns an organisation for the team, in one round trip.
func (s *Service) OrganisationPage(ctx context.Context, by access.Actor, id access.OrganisationID) (OrganisationPage, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return OrganisationPage{}, err
	}
	v, err := postgres.Value[OrganisationPage](ctx, s.db, `
		SELECT json_build_object('id', o.id, 'kind', o.kind, 'name', o.name, 'category', o.category, 'version', o.version,
			'insee', (SELECT insee FROM commune c WHERE c.organisation_id = o.id), 'today', paris_today(),
			'seats', (SELECT json_agg(json_build_object('id', s.id, 'kind', s.kind, 'label', s.label, 'college', s.college,
			                 'from', lower(s.during), 'until', upper(s.during), 'version', s.version,
			                 'holder', (SELECT p.first_name || ' ' || p.last_name FROM mandate m JOIN person p ON p.id = m.person_id
			                            WHERE m.seat_id = s.id AND m.kind = 'titular' AND m.during @> paris_today()),
			                 'alternate', (SELECT p.first_name || ' ' || p.last_name FROM mandate m JOIN person p ON p.id = m.person_id
			                               WHERE m.seat_id = s.id AND m.kind = 'alternate' AND m.during @> paris_today()))
			             ORDER BY lower(s.during) DESC)
			          FROM seat s WHERE s.organisation_id = o.id),
			'members', (SELECT json_agg(json_build_object('id', n.id, 'person_id', p.id, 'first_name', p.first_name, 'last_name', p.last_name,
			                   'email', p.email, 'has_account', EXISTS (SELECT FROM account a WHERE a.person_id = p.id),
			                   'title', n.title, 'manager', n.manager, 'from', lower(n.during), 'until', upper(n.during),
			                   'version', n.version, 'current', n.during @> paris_today())
			               ORDER BY n.during @> paris_today() DESC, fold(p.last_name), fold(p.first_name), n.id)
			            FROM membership n JOIN person p ON p.id = n.person_id WHERE n.organisation_id = o.id),
			'history', (SELECT json_agg(h ORDER BY h.id DESC) FROM (
			                SELECT e.id, e.at, e.actor, e.action, e.label, e.before, e.after FROM audit_entry e
			                WHERE e.object = 'organisation' AND e.object_id = o.id ORDER BY e.id DESC LIMIT 50) h))
		FROM organisation o WHERE o.id = $1`, id)
	return v, orNotFound(err, errOrganisationNotFound, "page of organisation")
}
