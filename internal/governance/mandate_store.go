package governance

import (
	"context"

	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// lockSeat loads a seat and holds it: acts on one seat take turns.
func lockSeat(ctx context.Context, q postgres.Querier, id SeatID) (place, error) {
	p, err := postgres.One[place](ctx, q, `
		SELECT id, kind, label, lower(during) AS from_day, upper(during) AS until_day, paris_today() AS today
		FROM seat WHERE id = $1 FOR UPDATE`, id)
	return p, orNotFound(err, errSeatNotFound, "lock seat")
}

// tenuresOf returns every mandate of the seat, the earliest first.
func tenuresOf(ctx context.Context, q postgres.Querier, id SeatID) (history, error) {
	v, err := postgres.List[tenure](ctx, q, `
		SELECT m.id, m.seat_id, m.person_id, p.first_name, p.last_name, m.kind, lower(m.during) AS from_day,
		       upper(m.during) AS until_day, m.term_ends_on, m.designation, m.reference, m.version
		FROM mandate m JOIN person p ON p.id = m.person_id
		WHERE m.seat_id = $1 ORDER BY lower(m.during), m.kind DESC, m.id`, id)
	return v, postgres.Wrap(err, "mandates of seat %d", id)
}

// lockMandate loads a mandate, its seat under lock and its siblings; it refuses
// a version that is not the one the form showed.
func lockMandate(ctx context.Context, q postgres.Querier, id MandateID, version int) (place, history, tenure, error) {
	seat, err := postgres.Value[SeatID](ctx, q, `SELECT seat_id FROM mandate WHERE id = $1`, id)
	if err != nil {
		return place{}, nil, tenure{}, orNotFound(err, errMandateNotFound, "seat of mandate")
	}
	p, err := lockSeat(ctx, q, seat)
	if err != nil {
		return place{}, nil, tenure{}, err
	}
	held, err := tenuresOf(ctx, q, seat)
	if err != nil {
		return place{}, nil, tenure{}, err
	}
	i := held.index(id)
	if i < 0 {
		return place{}, nil, tenure{}, errMandateNotFound
	}
	if held[i].Version != version {
		return place{}, nil, tenure{}, errStale
	}
	return p, held, held[i], nil
}

func insertMandate(ctx context.Context, q postgres.Querier, t tenure) (MandateID, error) {
	id, err := postgres.Value[MandateID](ctx, q, `
		INSERT INTO mandate (seat_id, person_id, kind, during, term_ends_on, designation, reference)
		VALUES ($1, $2, $3, daterange($4, $5), $6, $7, $8) RETURNING id`,
		t.Seat, t.Person, t.Kind, t.From, t.Until, t.TermEndsOn, t.Designation, t.Reference)
	return id, mandateProblem(err, "insert mandate")
}

func updateMandate(ctx context.Context, q postgres.Querier, t tenure) error {
	_, err := postgres.Exec(ctx, q, `
		UPDATE mandate SET during = daterange($2, $3), term_ends_on = $4, designation = $5, reference = $6, version = version + 1
		WHERE id = $1`, t.ID, t.From, t.Until, t.TermEndsOn, t.Designation, t.Reference)
	return mandateProblem(err, "update mandate")
}

func deleteMandate(ctx context.Context, q postgres.Querier, id MandateID) error {
	_, err := postgres.Exec(ctx, q, `DELETE FROM mandate WHERE id = $1`, id)
	return postgres.Wrap(err, "delete mandate %d", id)
}

func mandateProblem(err error, doing string) error {
	switch {
	case postgres.Violates(err, "mandate_no_overlap"):
		return problem.OnField("debut", "Ces dates chevauchent un autre mandat sur ce siège : un siège n’a qu’un titulaire et un suppléant à la fois.")
	case postgres.Violates(err, "mandate_not_both"):
		return problem.OnField("personne", "Cette personne serait à la fois titulaire et suppléante de ce siège.")
	case postgres.Violates(err, "mandate_term_check"):
		return problem.OnField("echeance", "L’échéance doit venir après le début du mandat.")
	case postgres.Violates(err, "mandate_during_check"):
		return problem.OnField("fin", "La fin doit venir après le début.")
	case postgres.Violates(err, "mandate_designation_check"):
		return problem.OnField("designation", "Dites en 200 caractères au plus comment la personne a été désignée.")
	}
	return postgres.Wrap(err, "%s", doing)
}
