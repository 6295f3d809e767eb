package governance

import (
	"context"
	"strings"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// Line is one seat of a body's composition on a day, held or vacant.
type Line struct {
	GroupPosition    int                   `json:"rule_position" db:"rule_position"`
	Group            string                `json:"group_name" db:"group_name"`
	Chairs           bool                  `json:"chairs" db:"chairs"`
	Source           string                `json:"source" db:"source"` // words of the deliberation
	Seat             SeatID                `json:"seat_id" db:"seat_id"`
	Kind             SeatKind              `json:"seat_kind" db:"seat_kind"`
	SeatLabel        string                `json:"seat_label" db:"seat_label"`
	Rank             int                   `json:"seat_rank" db:"seat_rank"`
	College          College               `json:"college" db:"college"` // "" outside the GNI
	Organisation     access.OrganisationID `json:"organisation_id" db:"organisation_id"`
	OrganisationName string                `json:"organisation_name" db:"organisation_name"`
	INSEE            string                `json:"insee" db:"insee"` // "" when not a commune
	Mandate          MandateID             `json:"mandate_id" db:"mandate_id"`
	Person           access.PersonID       `json:"person_id" db:"person_id"` // 0: vacant
	First            string                `json:"first_name" db:"first_name"`
	Last             string                `json:"last_name" db:"last_name"`
	Since            day.Day               `json:"since" db:"since"`
	EndsOn           day.Day               `json:"ends_on" db:"ends_on"`
	TermEndsOn       day.Day               `json:"term_ends_on" db:"term_ends_on"`
	Designation      string                `json:"designation" db:"designation"`
	AlternatePerson  access.PersonID       `json:"alternate_person_id" db:"alternate_person_id"`
	Alternate        string                `json:"alternate_name" db:"alternate_name"`
	// Counted is false on a vacant seat, and on a seat whose holder is already
	// counted on another one of the same body: nobody counts twice.
	Counted bool      `json:"counted" db:"counted"`
	State   SeatState `json:"state" db:"state"`
}

// Name returns the holder's name, "" when the seat is vacant or belongs to a
// structure (see withhold).
func (l Line) Name() string { return strings.TrimSpace(l.First + " " + l.Last) }

// withhold takes away the names of who sits for a structure. The deliberation
// says that structures sit in the GNI, not people: the public is told which
// structures, and the team reads who speaks for them on its own screens (data
// minimisation, GDPR article 5).
func withhold(lines []Line) {
	for i := range lines {
		if l := &lines[i]; l.Kind == Structure {
			l.First, l.Last, l.Alternate = "", "", ""
		}
	}
}

// CompositionRows returns every seat of the body that answers q on its day (today
// if zero), in the order of the rules then of names, for exports: all the pages of
// BodyPage, under the same filters. Before the deliberation there is none.
func (s *Service) CompositionRows(ctx context.Context, code BodyCode, q BodyQuery) ([]Line, error) {
	if !code.known() {
		return nil, errBodyNotFound
	}
	var (
		rows []Line
		b    postgres.Batch
	)
	AddComposition(&b, &rows, code, q)
	err := b.Run(ctx, s.db)
	withhold(rows)
	return rows, postgres.Wrap(err, "composition of %s", code)
}

// AddComposition asks for CompositionRows within the batch of a page. Where the
// body holds structures, the caller must not show who speaks for them.
func AddComposition(b *postgres.Batch, dst *[]Line, code BodyCode, q BodyQuery) {
	postgres.AddList(b, dst, `
		SELECT rule_position, group_name, chairs, source, seat_id, seat_kind, seat_label, seat_rank,
		       coalesce(college, '') AS college, coalesce(organisation_id, 0) AS organisation_id,
		       coalesce(organisation_name, '') AS organisation_name, coalesce(insee, '') AS insee,
		       coalesce(mandate_id, 0) AS mandate_id, coalesce(person_id, 0) AS person_id,
		       coalesce(first_name, '') AS first_name, coalesce(last_name, '') AS last_name,
		       since, ends_on, term_ends_on, coalesce(designation, '') AS designation,
		       coalesce(alternate_person_id, 0) AS alternate_person_id,
		       coalesce(alternate_name, '') AS alternate_name, counted, state
		FROM composition($1, coalesce($2::date, paris_today()))
		WHERE seat_kind <> 'structure'
		   OR (($3 = '' OR college = $3) AND ($4 = '' OR strpos(fold(organisation_name), fold($4)) > 0))
		ORDER BY rule_position, college, seat_rank, fold(coalesce(organisation_name, seat_label)), seat_id`,
		code, q.On, string(q.College), q.Q)
}

// Differences is what changed in a body between two days, seat by seat. Applied
// to the composition of From it gives that of To.
type Differences struct {
	Body     BodyCode
	From, To day.Day
	Entered  []Line   // a holder where there was none, or a new seat with its holder
	Replaced []Change // another holder on the same seat
	Vacated  []Line   // the seat as it was on From; it is vacant on To
	Left     []Line   // the seat as it was on From; it is gone on To
	Opened   []Line   // a new seat, vacant on To
	// Alternates holds the seats kept by the same titular, or vacant on neither
	// day, whose alternate changed.
	Alternates []Change
}

// Change is a seat on the two days.
type Change struct{ Before, After Line }

// Empty tells whether nothing changed.
func (d Differences) Empty() bool {
	return len(d.Entered)+len(d.Replaced)+len(d.Vacated)+len(d.Left)+len(d.Opened)+len(d.Alternates) == 0
}

// compare is the rule of Differences: pure, on two compositions.
func compare(before, after []Line) Differences {
	var d Differences
	was := make(map[SeatID]Line, len(before))
	for _, l := range before {
		was[l.Seat] = l
	}
	for _, now := range after {
		old, existed := was[now.Seat]
		delete(was, now.Seat)
		switch {
		case !existed && now.Person == 0:
			d.Opened = append(d.Opened, now)
		case now.Person != 0 && old.Person == 0:
			d.Entered = append(d.Entered, now)
		case now.Person == 0 && old.Person != 0:
			d.Vacated = append(d.Vacated, old)
		case now.Person != old.Person:
			d.Replaced = append(d.Replaced, Change{old, now})
		case now.AlternatePerson != old.AlternatePerson:
			d.Alternates = append(d.Alternates, Change{old, now})
		}
	}
	for _, l := range before { // in the order of the composition
		if _, gone := was[l.Seat]; gone {
			d.Left = append(d.Left, l)
		}
	}
	return d
}

// Differences returns what changed in the body between two days, zero meaning
// today.
func (s *Service) Differences(ctx context.Context, code BodyCode, from, to day.Day) (Differences, error) {
	if !code.known() {
		return Differences{}, errBodyNotFound
	}
	type both struct {
		From   day.Day `json:"from"`
		To     day.Day `json:"to"`
		Before []Line  `json:"before"`
		After  []Line  `json:"after"`
	}
	v, err := postgres.Value[both](ctx, s.db, `
		WITH d AS (SELECT coalesce($2::date, paris_today()) AS f, coalesce($3::date, paris_today()) AS t)
		SELECT json_build_object('from', d.f, 'to', d.t,
			'before', (SELECT json_agg(c ORDER BY c.rule_position, c.college, c.seat_rank, fold(coalesce(c.organisation_name, c.seat_label)), c.seat_id) FROM composition($1, d.f) c),
			'after', (SELECT json_agg(c ORDER BY c.rule_position, c.college, c.seat_rank, fold(coalesce(c.organisation_name, c.seat_label)), c.seat_id) FROM composition($1, d.t) c))
		FROM d`, code, from, to)
	if err != nil {
		return Differences{}, postgres.Wrap(err, "differences of %s", code)
	}
	withhold(v.Before)
	withhold(v.After)
	d := compare(v.Before, v.After)
	d.Body, d.From, d.To = code, v.From, v.To
	return d, nil
}
