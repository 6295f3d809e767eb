package governance

import (
	"context"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// What the register of structures (internal/structure) does to the governance, in
// the transaction of its own acts. Each function supposes that the register has
// checked the right of by; none is for a handler.

// RecordStructure makes the organisation of a structure, without a seat: it sits
// nowhere until SeatStructure. Field: nom_organisation.
func (s *Service) RecordStructure(ctx context.Context, tx pgx.Tx, by access.Actor, name, category string) (access.OrganisationID, error) {
	return createOrganisation(ctx, tx, by, LocalStructure, name, category)
}

// RenameStructure changes its name, and the label of the seats that carry it.
func (s *Service) RenameStructure(ctx context.Context, tx pgx.Tx, by access.Actor, id access.OrganisationID, name, category string) error {
	if err := checkOrganisation(name, category); err != nil {
		return err
	}
	old, err := postgres.One[organisationRecord](ctx, tx, `SELECT kind, name, category, version FROM organisation WHERE id = $1 FOR UPDATE`, id)
	switch {
	case err != nil:
		return orNotFound(err, errOrganisationNotFound, "lock structure")
	case old.Name == name && old.Category == category:
		return nil
	}
	return renameOrganisation(ctx, tx, by, id, old, name, category)
}

// renameOrganisation writes the name and the labels of the seats, and journals it.
func renameOrganisation(ctx context.Context, tx pgx.Tx, by access.Actor, id access.OrganisationID, old organisationRecord, name, category string) error {
	if _, err := postgres.Exec(ctx, tx, `
		UPDATE organisation SET name = $2, category = $3, version = version + 1 WHERE id = $1`, id, name, category); err != nil {
		return organisationProblem(err, name, "rename organisation")
	}
	if _, err := postgres.Exec(ctx, tx, `
		UPDATE seat SET label = $2, version = version + 1 WHERE organisation_id = $1 AND label = $3`, id, name, old.Name); err != nil {
		return postgres.Wrap(err, "rename seats of organisation %d", id)
	}
	return audit.Record(ctx, tx, by, audit.Entry{Action: "organisation.correct", Object: "organisation", ID: int64(id),
		Label: name, Before: old, After: organisationRecord{Kind: old.Kind, Name: name, Category: category}})
}

// SeatStructure opens the seat of a structure in the GNI, in its college, vacant.
// The day must not be one on which it has a seat already.
func (s *Service) SeatStructure(ctx context.Context, tx pgx.Tx, by access.Actor, id access.OrganisationID, college College, label string, from day.Day) (SeatID, error) {
	seat, err := openSeat(ctx, tx, by, Structure, id, college, label, from)
	if postgres.Violates(err, "seat_of_organisation_once") {
		return 0, problem.New(problem.Conflict, "Cette structure a déjà un siège à cette date.")
	}
	return seat, err
}

// Appoint starts a mandate as StartMandate does.
func (s *Service) Appoint(ctx context.Context, tx pgx.Tx, by access.Actor, m NewMandate) (Started, error) {
	done, err := s.startMandate(ctx, tx, by, m)
	if err != nil {
		return done, err
	}
	return done, settle(ctx, tx)
}

// Join records who acts for a structure without holding its seat, as AddMembership
// does.
func (s *Service) Join(ctx context.Context, tx pgx.Tx, by access.Actor, n NewMembership) (MembershipID, error) {
	if err := checkMembership(n); err != nil {
		return 0, err
	}
	return s.addMembership(ctx, tx, by, n)
}

// Unjoin ends a membership of the structure as EndMembership does, whatever its
// version; one that began on the day or later is as if it had never been.
func (s *Service) Unjoin(ctx context.Context, tx pgx.Tx, by access.Actor, org access.OrganisationID, id MembershipID, on day.Day) error {
	m, err := lockMembership(ctx, tx, id)
	switch {
	case err != nil:
		return err
	case m.Organisation != org:
		return problem.New(problem.NotFound, "Cette ligne n’existe pas.")
	case on.After(m.From):
		return endMembership(ctx, tx, by, id, m, on)
	}
	if _, err := postgres.Exec(ctx, tx, `DELETE FROM membership WHERE id = $1`, id); err != nil {
		return postgres.Wrap(err, "drop membership %d", id)
	}
	return audit.Record(ctx, tx, by, audit.Entry{Action: "membership.end", Object: "organisation", ID: int64(org),
		Label: m.Name + " : " + m.Person, Before: m.record(m.Until)})
}

// Unseat closes the seat of a structure on a day, and ends its mandates and its
// memberships. A seat opened on that very day cannot close before the next.
func (s *Service) Unseat(ctx context.Context, tx pgx.Tx, by access.Actor, d Departure) error {
	if err := leaveSeat(ctx, tx, by, d); err != nil {
		return err
	}
	return settle(ctx, tx)
}

// leaveSeat closes the seat an organisation has, and ends its mandates and its
// memberships.
func leaveSeat(ctx context.Context, tx pgx.Tx, by access.Actor, d Departure) error {
	seat, err := openSeatOf(ctx, tx, d.Organisation)
	if err != nil {
		return err
	}
	if err := closeSeat(ctx, tx, by, seat, d); err != nil {
		return err
	}
	return endMemberships(ctx, tx, by, d)
}

// ChangeCollege moves a structure to the other college from a day on: its seat
// closes and another opens with who held it, so that the composition of any past
// day stays what it was. A seat that opened on that day is corrected in place.
func (s *Service) ChangeCollege(ctx context.Context, tx pgx.Tx, by access.Actor, id access.OrganisationID, to College, on day.Day) error {
	seat, err := openSeatOf(ctx, tx, id)
	if err != nil {
		return err
	}
	p, err := lockSeat(ctx, tx, seat)
	if err != nil {
		return err
	}
	if !on.After(p.From) {
		if _, err := postgres.Exec(ctx, tx, `UPDATE seat SET college = $2, version = version + 1 WHERE id = $1`, seat, string(to)); err != nil {
			return postgres.Wrap(err, "correct college of seat %d", seat)
		}
		return audit.Record(ctx, tx, by, audit.Entry{Action: "seat.college", Object: "seat", ID: int64(seat), Label: p.Label,
			After: map[string]any{"college": to, "debut": p.From}})
	}
	held, err := tenuresOf(ctx, tx, seat)
	if err != nil {
		return err
	}
	if err := closeSeat(ctx, tx, by, seat, Departure{Organisation: id, On: on, Reason: "changement de collège"}); err != nil {
		return err
	}
	next, err := openSeat(ctx, tx, by, Structure, id, to, p.Label, on)
	if err != nil {
		return err
	}
	for _, kind := range MandateKinds { // titular first: an alternate needs one
		for _, t := range held {
			if t.Kind != kind || !t.Until.IsZero() && !t.Until.After(on) {
				continue
			}
			from := on
			if t.From.After(on) {
				from = t.From
			}
			moved := t
			moved.Seat, moved.From = next, from
			if moved.ID, err = insertMandate(ctx, tx, moved); err != nil {
				return err
			}
			if err := journal(ctx, tx, by, "mandate.start", place{ID: next, Label: p.Label}, moved, nil, moved.record()); err != nil {
				return err
			}
		}
	}
	return settle(ctx, tx)
}

// openSeatOf returns the seat an organisation has today or will have.
func openSeatOf(ctx context.Context, tx pgx.Tx, id access.OrganisationID) (SeatID, error) {
	seat, err := postgres.Value[SeatID](ctx, tx, `
		SELECT id FROM seat WHERE organisation_id = $1 AND (upper_inf(during) OR upper(during) > paris_today())
		ORDER BY lower(during) DESC LIMIT 1`, id)
	return seat, orNotFound(err, problem.New(problem.Conflict, "Cette organisation n’a plus de siège ouvert."), "seat of organisation")
}

// checkMembership checks what does not need the database.
func checkMembership(n NewMembership) error {
	switch {
	case n.From.IsZero():
		return problem.OnField("debut", "Saisissez la date de début.")
	case len([]rune(n.Title)) > 120 || !oneLine(n.Title):
		return problem.OnField("fonction", "Gardez 120 caractères au plus, sur une ligne.")
	}
	return nil
}

// lockedMembership is a membership as the acts on it need it.
type lockedMembership struct {
	Organisation access.OrganisationID `db:"organisation_id"`
	Name         string                `db:"name"`
	Person       string                `db:"person"`
	Title        string                `db:"title"`
	Manager      bool                  `db:"manager"`
	From         day.Day               `db:"from_day"`
	Until        day.Day               `db:"until_day"`
	Version      int                   `db:"version"`
}

func (m lockedMembership) record(until day.Day) membershipRecord {
	return membershipRecord{m.Person, m.Title, m.Manager, m.From, until}
}

func lockMembership(ctx context.Context, tx pgx.Tx, id MembershipID) (lockedMembership, error) {
	m, err := postgres.One[lockedMembership](ctx, tx, `
		SELECT n.organisation_id, o.name, p.first_name || ' ' || p.last_name AS person, n.title, n.manager,
		       lower(n.during) AS from_day, upper(n.during) AS until_day, n.version
		FROM membership n JOIN person p ON p.id = n.person_id JOIN organisation o ON o.id = n.organisation_id
		WHERE n.id = $1 FOR UPDATE OF n`, id)
	return m, orNotFound(err, problem.New(problem.NotFound, "Cette ligne n’existe pas."), "lock membership")
}

// endMembership ends it on a day after its first and journals it.
func endMembership(ctx context.Context, tx pgx.Tx, by access.Actor, id MembershipID, m lockedMembership, on day.Day) error {
	if !m.Until.IsZero() && on.After(m.Until) {
		return problem.OnField("fin", "Cela finit déjà le "+french.Date(m.Until)+".")
	}
	if _, err := postgres.Exec(ctx, tx, `
		UPDATE membership SET during = daterange(lower(during), $2), version = version + 1 WHERE id = $1`, id, on); err != nil {
		return postgres.Wrap(err, "end membership %d", id)
	}
	return audit.Record(ctx, tx, by, audit.Entry{Action: "membership.end", Object: "organisation", ID: int64(m.Organisation),
		Label: m.Name + " : " + m.Person, Before: m.record(m.Until), After: m.record(on)})
}
