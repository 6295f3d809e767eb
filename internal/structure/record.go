package structure

import (
	"context"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/structure/national"
)

// NewRecord is a structure that the team records itself: one that cannot register
// alone, or that was a member before.
type NewRecord struct {
	Sheet  Sheet
	People []Contact
	// From, if set, accepts it at once from that day on; else it waits in the queue.
	From   day.Day
	Invite bool
}

// Record writes it in one act. Fields: those of Sheet.Check, debut, and prenom, nom,
// courriel of who is in charge.
func (s *Service) Record(ctx context.Context, by access.Actor, n NewRecord) (ID, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return 0, err
	}
	if !n.From.IsZero() && n.From.Before(governance.Founded) {
		return 0, problem.OnField("debut", "La gouvernance existe depuis le "+french.Date(governance.Founded)+" : choisissez une date à partir de ce jour.")
	}
	n.Sheet.Origin, n.Sheet.State = FromTeam, Submitted
	for _, section := range SheetSections {
		n.Sheet = n.Sheet.Clean(section)
		if wrong := n.Sheet.Check(section); len(wrong) > 0 {
			return 0, wrong[0]
		}
	}
	var id ID
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) (err error) {
		if id, err = s.create(ctx, tx, by, n.Sheet, n.People); err != nil {
			return err
		}
		if err := step(ctx, tx, by, id, StepRecorded, ""); err != nil {
			return err
		}
		if n.From.IsZero() {
			return nil
		}
		sheet, err := load(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := s.enter(ctx, tx, by, sheet, n.From, n.Invite); err != nil {
			return err
		}
		return step(ctx, tx, by, id, StepAccepted, "")
	})
	return id, err
}

// create writes the organisation, the row of a structure in the state of its sheet,
// its people and its consents, and journals it.
func (s *Service) create(ctx context.Context, tx pgx.Tx, by access.Actor, sheet Sheet, people []Contact) (ID, error) {
	return s.createBy(ctx, tx, by, "record", sheet, people)
}

// createBy is create, under the name in the journal of the act that does it.
func (s *Service) createBy(ctx context.Context, tx pgx.Tx, by access.Actor, action string, sheet Sheet, people []Contact) (ID, error) {
	id, err := s.governance.RecordStructure(ctx, tx, by, sheet.Name, category(sheet))
	if err != nil {
		return 0, err
	}
	sheet.ID = id
	if err := insert(ctx, tx, sheet); err != nil {
		return 0, err
	}
	if err := addContacts(ctx, tx, id, people); err != nil {
		return 0, err
	}
	if err := logConsents(ctx, tx, by, nil, sheet); err != nil {
		return 0, err
	}
	return id, record(ctx, tx, by, action, sheet, nil, sheet)
}

// category is what the lists of organisations say a structure is.
func category(s Sheet) string {
	if len(s.Typology) == 0 {
		return ""
	}
	return national.Typologies.Label(s.Typology[0])
}

// addContacts writes the people of a request.
func addContacts(ctx context.Context, tx pgx.Tx, id ID, people []Contact) error {
	n := len(people)
	if n == 0 {
		return nil
	}
	first, last, email, title := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	charge, manager := make([]bool, n), make([]bool, n)
	for i, p := range people {
		first[i], last[i], email[i], title[i], charge[i], manager[i] = p.First, p.Last, p.Email, p.Title, p.InCharge, p.Manager
	}
	_, err := postgres.Exec(ctx, tx, `
		INSERT INTO structure_contact (structure_id, first_name, last_name, email, title, in_charge, manager)
		SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::boolean[], $7::boolean[])`,
		id, first, last, email, title, charge, manager)
	if postgres.Violates(err, "structure_contact_once") {
		return problem.OnField("courriel", "Deux personnes ont la même adresse électronique : donnez à chacune la sienne.")
	}
	return postgres.Wrap(err, "contacts of structure %d", id)
}
